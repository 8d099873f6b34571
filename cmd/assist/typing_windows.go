package main

import (
	"fmt"
	"os"

	"golang.org/x/sys/windows"
)

// hideTyping makes the terminal f not show what is typed until restore is called.
func hideTyping(f *os.File) (restore func(), err error) {
	h := windows.Handle(f.Fd())
	var old uint32
	if err := windows.GetConsoleMode(h, &old); err != nil {
		return nil, errNoTerminal
	}
	if err := windows.SetConsoleMode(h, old&^windows.ENABLE_ECHO_INPUT|windows.ENABLE_LINE_INPUT|windows.ENABLE_PROCESSED_INPUT); err != nil {
		return nil, fmt.Errorf("assist: terminal: %w", err)
	}
	return func() { _ = windows.SetConsoleMode(h, old) }, nil
}
