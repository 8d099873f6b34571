//go:build (linux && x11) || (windows && win) || (darwin && (mac || cgo))

package input

import "fmt"

// robotNames are robotgo's names of the keys, those that every system of it knows. They are names of characters
// on a US keyboard, not of places.
var robotNames = func() map[Usage]string {
	m := map[Usage]string{
		0x27: "0", 0x28: "enter", 0x29: "esc", 0x2a: "backspace", 0x2b: "tab", 0x2c: "space", 0x2d: "-", 0x2e: "=",
		0x2f: "[", 0x30: "]", 0x31: "\\", 0x33: ";", 0x34: "'", 0x35: "`", 0x36: ",", 0x37: ".", 0x38: "/",
		0x39: "capslock", 0x46: "printscreen", 0x47: "scroll_lock", 0x49: "insert", 0x4a: "home", 0x4b: "pageup",
		0x4c: "delete", 0x4d: "end", 0x4e: "pagedown", 0x4f: "right", 0x50: "left", 0x51: "down", 0x52: "up",
		0x53: "num_lock", 0x54: "num/", 0x55: "num*", 0x56: "num-", 0x57: "num+", 0x58: "num_enter", 0x62: "num0",
		0x63: "num.", 0x65: "menu", 0x7f: "audio_mute", 0x80: "audio_vol_up", 0x81: "audio_vol_down",
		0xe0: "ctrll", 0xe1: "shiftl", 0xe2: "altl", 0xe3: "cmdl", 0xe4: "ctrlr", 0xe5: "shiftr", 0xe6: "altr", 0xe7: "cmdr",
	}
	for i := range Usage(26) {
		m[0x04+i] = string(rune('a' + i))
	}
	for i := range Usage(9) {
		m[0x1e+i] = fmt.Sprint(1 + i)
		m[0x59+i] = fmt.Sprint("num", 1+i)
	}
	for i := range Usage(12) {
		m[0x3a+i] = fmt.Sprint("f", 1+i)
		m[0x68+i] = fmt.Sprint("f", 13+i)
	}
	return m
}()
