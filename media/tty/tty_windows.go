package tty

import (
	"os"

	"golang.org/x/sys/windows"
)

// Which window shows a console is not known: a console window may belong to any of several programs.
func init() {
	there = func() bool { return isConsole(os.Stdin) && isConsole(os.Stdout) }
	open = makeConsole
}

func isConsole(f *os.File) bool {
	var mode uint32
	return windows.GetConsoleMode(windows.Handle(f.Fd()), &mode) == nil
}

// makeConsole opens a console window of this program's own, and makes it its input and output.
func makeConsole() bool {
	alloc := windows.NewLazySystemDLL("kernel32.dll").NewProc("AllocConsole")
	if alloc.Find() != nil {
		return false
	}
	if r, _, _ := alloc.Call(); r == 0 {
		return false
	}
	in, err := os.OpenFile("CONIN$", os.O_RDWR, 0)
	if err != nil {
		return false
	}
	out, err := os.OpenFile("CONOUT$", os.O_RDWR, 0)
	if err != nil {
		in.Close()
		return false
	}
	os.Stdin, os.Stdout, os.Stderr = in, out, out
	return there()
}
