package input

// place is a key in the numbering of each system. 0 means the system has no such key.
type place struct {
	usage Usage
	evdev uint8  // Linux input-event-codes.h; the X11 keycode is 8 more
	scan  uint16 // Windows: PC scancode set 1 as window messages give it, 0x100 added for extended keys
}

// x11Offset is the distance from an evdev code to the X11 keycode.
const x11Offset = 8

// places are the keys of USB HID Usage Tables 1.5, page 0x07, that a keyboard can have. The power key is left out
// on purpose. Where two usages share a key, the one that keyboards really send stands first.
var places = []place{
	{0x04, 30, 0x1e}, {0x05, 48, 0x30}, {0x06, 46, 0x2e}, {0x07, 32, 0x20}, // A B C D
	{0x08, 18, 0x12}, {0x09, 33, 0x21}, {0x0a, 34, 0x22}, {0x0b, 35, 0x23}, // E F G H
	{0x0c, 23, 0x17}, {0x0d, 36, 0x24}, {0x0e, 37, 0x25}, {0x0f, 38, 0x26}, // I J K L
	{0x10, 50, 0x32}, {0x11, 49, 0x31}, {0x12, 24, 0x18}, {0x13, 25, 0x19}, // M N O P
	{0x14, 16, 0x10}, {0x15, 19, 0x13}, {0x16, 31, 0x1f}, {0x17, 20, 0x14}, // Q R S T
	{0x18, 22, 0x16}, {0x19, 47, 0x2f}, {0x1a, 17, 0x11}, {0x1b, 45, 0x2d}, // U V W X
	{0x1c, 21, 0x15}, {0x1d, 44, 0x2c}, // Y Z
	{0x1e, 2, 0x02}, {0x1f, 3, 0x03}, {0x20, 4, 0x04}, {0x21, 5, 0x05}, {0x22, 6, 0x06}, // 1 to 5
	{0x23, 7, 0x07}, {0x24, 8, 0x08}, {0x25, 9, 0x09}, {0x26, 10, 0x0a}, {0x27, 11, 0x0b}, // 6 to 0

	{0x28, 28, 0x1c}, // Enter
	{0x29, 1, 0x01},  // Escape
	{0x2a, 14, 0x0e}, // Backspace
	{0x2b, 15, 0x0f}, // Tab
	{0x2c, 57, 0x39}, // Space
	{0x2d, 12, 0x0c}, // -
	{0x2e, 13, 0x0d}, // =
	{0x2f, 26, 0x1a}, // [
	{0x30, 27, 0x1b}, // ]
	{0x31, 43, 0x2b}, // \
	{0x32, 43, 0x2b}, // the same key on keyboards with one key more
	{0x33, 39, 0x27}, // ;
	{0x34, 40, 0x28}, // '
	{0x35, 41, 0x29}, // `, on Japanese keyboards Zenkaku/Hankaku
	{0x36, 51, 0x33}, // ,
	{0x37, 52, 0x34}, // .
	{0x38, 53, 0x35}, // /
	{0x39, 58, 0x3a}, // Caps Lock

	{0x3a, 59, 0x3b}, {0x3b, 60, 0x3c}, {0x3c, 61, 0x3d}, {0x3d, 62, 0x3e}, // F1 to F4
	{0x3e, 63, 0x3f}, {0x3f, 64, 0x40}, {0x40, 65, 0x41}, {0x41, 66, 0x42}, // F5 to F8
	{0x42, 67, 0x43}, {0x43, 68, 0x44}, {0x44, 87, 0x57}, {0x45, 88, 0x58}, // F9 to F12

	{0x46, 99, 0x137},  // Print Screen
	{0x47, 70, 0x46},   // Scroll Lock
	{Pause, 119, 0x45}, // Pause, with Ctrl Break
	{0x49, 110, 0x152}, // Insert
	{0x4a, 102, 0x147}, // Home
	{0x4b, 104, 0x149}, // Page Up
	{0x4c, 111, 0x153}, // Delete
	{0x4d, 107, 0x14f}, // End
	{0x4e, 109, 0x151}, // Page Down
	{0x4f, 106, 0x14d}, // Right
	{0x50, 105, 0x14b}, // Left
	{0x51, 108, 0x150}, // Down
	{0x52, 103, 0x148}, // Up
	{0x53, 69, 0x145},  // Num Lock
	{0x54, 98, 0x135},  // keypad /
	{0x55, 55, 0x37},   // keypad *
	{0x56, 74, 0x4a},   // keypad -
	{0x57, 78, 0x4e},   // keypad +
	{0x58, 96, 0x11c},  // keypad Enter
	{0x59, 79, 0x4f},   // keypad 1
	{0x5a, 80, 0x50},   // keypad 2
	{0x5b, 81, 0x51},   // keypad 3
	{0x5c, 75, 0x4b},   // keypad 4
	{0x5d, 76, 0x4c},   // keypad 5
	{0x5e, 77, 0x4d},   // keypad 6
	{0x5f, 71, 0x47},   // keypad 7
	{0x60, 72, 0x48},   // keypad 8
	{0x61, 73, 0x49},   // keypad 9
	{0x62, 82, 0x52},   // keypad 0
	{0x63, 83, 0x53},   // keypad .
	{0x64, 86, 0x56},   // the key left of Z on keyboards with one key more
	{0x65, 127, 0x15d}, // Menu
	{0x67, 117, 0x59},  // keypad =

	{0x68, 183, 0x64}, {0x69, 184, 0x65}, {0x6a, 185, 0x66}, {0x6b, 186, 0x67}, // F13 to F16
	{0x6c, 187, 0x68}, {0x6d, 188, 0x69}, {0x6e, 189, 0x6a}, {0x6f, 190, 0x6b}, // F17 to F20
	{0x70, 191, 0x6c}, {0x71, 192, 0x6d}, {0x72, 193, 0x6e}, {0x73, 194, 0x76}, // F21 to F24

	{0x74, 134, 0},     // Open
	{0x75, 138, 0},     // Help
	{0x76, 130, 0},     // Properties
	{0x77, 132, 0},     // Front
	{0x78, 128, 0},     // Stop
	{0x79, 129, 0},     // Again
	{0x7a, 131, 0},     // Undo
	{0x7b, 137, 0},     // Cut
	{0x7c, 133, 0},     // Copy
	{0x7d, 135, 0},     // Paste
	{0x7e, 136, 0},     // Find
	{0x7f, 113, 0x120}, // Mute
	{0x80, 115, 0x130}, // louder
	{0x81, 114, 0x12e}, // quieter

	{0x85, 121, 0x7e}, // keypad , of Brazil
	{0x87, 89, 0x73},  // Ro, \ and _ of Japan
	{0x88, 93, 0x70},  // Katakana/Hiragana
	{0x89, 124, 0x7d}, // Yen
	{0x8a, 92, 0x79},  // Henkan
	{0x8b, 94, 0x7b},  // Muhenkan
	{0x8c, 95, 0x5c},  // keypad , of Japan
	{0x90, 122, 0x72}, // Hangul/English
	{0x91, 123, 0x71}, // Hanja
	{0x92, 90, 0x78},  // Katakana
	{0x93, 91, 0x77},  // Hiragana
	{0x94, 85, 0},     // Zenkaku/Hankaku as a key of its own

	{0xe0, 29, 0x1d},   // left Ctrl
	{0xe1, 42, 0x2a},   // left Shift
	{0xe2, 56, 0x38},   // left Alt
	{0xe3, 125, 0x15b}, // left Windows or Command
	{0xe4, 97, 0x11d},  // right Ctrl
	{0xe5, 54, 0x36},   // right Shift
	{0xe6, 100, 0x138}, // right Alt or AltGr
	{0xe7, 126, 0x15c}, // right Windows or Command
}

// scanAliases are the scancodes that Windows gives for a key besides its own.
var scanAliases = map[uint16]Usage{
	0x54:  0x46,  // Print Screen with Alt
	0x146: Pause, // Pause with Ctrl
	0x1e1: Pause, // Pause in the full set, 0xE11D
	0x136: 0xe5,  // right Shift while an input method is on
	0x1f1: 0x91,  // Hanja of some keyboards
	0x1f2: 0x90,  // Hangul of some keyboards
}

// The tables, by what is looked up.
var (
	usageKeycode = func() map[Usage]byte {
		m := make(map[Usage]byte)
		for _, p := range places {
			m[p.usage] = p.evdev + x11Offset
		}
		return m
	}()
	keycodeUsage = func() (t [256]Usage) {
		for _, p := range places {
			if c := p.evdev + x11Offset; t[c] == 0 {
				t[c] = p.usage
			}
		}
		return t
	}()
	scanUsage = func() map[uint16]Usage {
		m := make(map[uint16]Usage)
		for _, p := range places {
			if _, taken := m[p.scan]; p.scan != 0 && !taken {
				m[p.scan] = p.usage
			}
		}
		for s, u := range scanAliases {
			m[s] = u
		}
		return m
	}()
)

// UsageFromX11 returns the key that an X server on Linux numbers keycode.
func UsageFromX11(keycode int) (Usage, bool) {
	if keycode < 0 || keycode > 255 {
		return 0, false
	}
	u := keycodeUsage[keycode]
	return u, u != 0
}

// UsageFromScancode returns the key of a PC scancode of set 1, as Windows gives it with a key message. An extended
// key may be written 0x1nn, as GLFW does, or 0xE0nn; Pause may be 0xE11D.
func UsageFromScancode(sc int) (Usage, bool) {
	switch {
	case sc == 0xe11d:
		sc = 0x1e1
	case sc&^0xff == 0xe000:
		sc = 0x100 | sc&0xff
	case sc < 0 || sc > 0x1ff:
		return 0, false
	}
	u, ok := scanUsage[uint16(sc)]
	return u, ok
}

// usageFromNative is set by keys_GOOS.go.
var usageFromNative func(int) (Usage, bool)

// UsageFromNative returns the key that this system's windows give the number code: an X11 keycode,
// a Windows scancode or a macOS virtual key. It is what desktop.KeyEvent of the window toolkit calls Physical.ScanCode.
func UsageFromNative(code int) (Usage, bool) {
	if usageFromNative == nil {
		return 0, false
	}
	return usageFromNative(code)
}
