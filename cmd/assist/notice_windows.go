package main

import (
	"golang.org/x/sys/windows"

	"assist/ui/text"
)

// notice shows a sentence in the system's own box: there is no window of ours, and no terminal.
func notice(sentence string) {
	body, err1 := windows.UTF16PtrFromString(sentence)
	title, err2 := windows.UTF16PtrFromString(text.L("app.title"))
	if err1 == nil && err2 == nil {
		windows.MessageBox(0, body, title, windows.MB_OK|windows.MB_ICONINFORMATION|windows.MB_SETFOREGROUND)
	}
}
