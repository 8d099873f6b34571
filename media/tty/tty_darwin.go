package tty

import (
	"os"

	"golang.org/x/sys/unix"
)

func init() {
	there = func() bool { return isTerminal(os.Stdin) && isTerminal(os.Stdout) }
}

func isTerminal(f *os.File) bool {
	_, err := unix.IoctlGetTermios(int(f.Fd()), unix.TIOCGETA)
	return err == nil
}
