// Package tty knows the terminal that this program was started in: whether there is one, and which other program shows it in a
// window, so that the engineer can be kept out of that window as out of our own.
//
// It reads and writes nothing there.
package tty

import "errors"

// ErrHidden says that nobody can tell which window, if any, shows the terminal: it belongs to a multiplexer, a remote login or the like.
var ErrHidden = errors.New("tty: nobody knows who shows this terminal")

// Set by the file of a system.
var (
	there    = func() bool { return false }
	emulator = func() (int, error) { return 0, ErrHidden }
	open     = func() bool { return false }
)

// There reports whether a person can read what this program writes and answer it.
func There() bool { return there() }

// Open is There, but first tries to make a terminal where there is none and the system knows how to: on Windows, where a
// double-click starts programs without.
func Open() bool { return there() || open() }

// Emulator returns the process whose windows show the terminal, or 0 if no window does: a console of the computer itself, or a serial line.
// Only a terminal that this process was started in directly is known; the error is ErrHidden for every other.
func Emulator() (pid int, err error) { return emulator() }
