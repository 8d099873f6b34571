package viewer

import "assist/app/engineer"

// Keys this package needs by name: usages of the USB HID Keyboard page (HID Usage Tables 1.5, section 10).
const (
	keyTab         engineer.Usage = 0x2B
	keySpace       engineer.Usage = 0x2C
	keyF4          engineer.Usage = 0x3D
	keyF11         engineer.Usage = 0x44
	keyPrint       engineer.Usage = 0x46
	keyPause       engineer.Usage = 0x48
	keyDelete      engineer.Usage = 0x4C
	keyLeftCtrl    engineer.Usage = 0xE0
	keyLeftShift   engineer.Usage = 0xE1
	keyLeftAlt     engineer.Usage = 0xE2
	keyLeftSuper   engineer.Usage = 0xE3
	keyRightCtrl   engineer.Usage = 0xE4
	keyRightShift  engineer.Usage = 0xE5
	keyRightSuper  engineer.Usage = 0xE7
	firstModifier                 = keyLeftCtrl
	lastModifier                  = keyRightSuper
	firstPrinting  engineer.Usage = 0x04 // A
	lastPrinting   engineer.Usage = 0x27 // 0
	firstSign      engineer.Usage = 0x2D // -
	lastSign       engineer.Usage = 0x38 // /
	firstKeypad    engineer.Usage = 0x54 // keypad /
	lastKeypad     engineer.Usage = 0x63 // keypad .
	keyKeypadEnter engineer.Usage = 0x58
	keyNonUS       engineer.Usage = 0x64
	keyKeypadEqual engineer.Usage = 0x67
	keyRo          engineer.Usage = 0x87 // International1
	keyYen         engineer.Usage = 0x89 // International3
)

// modifier reports whether u is Ctrl, Shift, Alt or the system key, left or right.
func modifier(u engineer.Usage) bool { return u >= firstModifier && u <= lastModifier }

// printing reports whether u is a key that makes a character on most layouts.
func printing(u engineer.Usage) bool {
	switch u {
	case keySpace, keyNonUS, keyKeypadEqual, keyRo, keyYen:
		return true
	case keyKeypadEnter:
		return false
	}
	return u >= firstPrinting && u <= lastPrinting || u >= firstSign && u <= lastSign ||
		u >= firstKeypad && u <= lastKeypad
}

// special are the key presses that the engineer's own system would take for itself, in the order of the menu.
var special = []struct {
	text string // key of the catalogue
	keys []engineer.Usage
}{
	{"viewer.keys.secure", []engineer.Usage{keyLeftCtrl, keyLeftAlt, keyDelete}},
	{"viewer.keys.super", []engineer.Usage{keyLeftSuper}},
	{"viewer.keys.switch", []engineer.Usage{keyLeftAlt, keyTab}},
	{"viewer.keys.close", []engineer.Usage{keyLeftAlt, keyF4}},
	{"viewer.keys.print", []engineer.Usage{keyPrint}},
	{"viewer.keys.f11", []engineer.Usage{keyF11}},
}
