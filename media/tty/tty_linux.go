package tty

import (
	"bytes"
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

func init() {
	there = func() bool { return isTerminal(os.Stdin) && isTerminal(os.Stdout) }
	emulator = func() (int, error) {
		if !isTerminal(os.Stdin) {
			return 0, fmt.Errorf("%w: input comes from somewhere else", ErrHidden)
		}
		return find(readStat, os.Getpid())
	}
}

func isTerminal(f *os.File) bool {
	_, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	return err == nil
}

// stat is what proc(5) says of a process.
type stat struct{ parent, session, terminal int }

// Numbers of the fields in /proc/PID/stat, counted from the one behind the name.
const (
	parentAt   = 1
	sessionAt  = 3
	terminalAt = 4
)

// readStat reads /proc/PID/stat. The name, in brackets, may hold anything.
func readStat(pid int) (stat, error) {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return stat{}, err
	}
	return parseStat(b)
}

func parseStat(b []byte) (s stat, err error) {
	fields := bytes.Fields(b[bytes.LastIndexByte(b, ')')+1:])
	if len(fields) <= terminalAt {
		return s, fmt.Errorf("stat has %d fields", len(fields))
	}
	for i, to := range map[int]*int{parentAt: &s.parent, sessionAt: &s.session, terminalAt: &s.terminal} {
		if *to, err = strconv.Atoi(string(fields[i])); err != nil {
			return s, err
		}
	}
	return s, nil
}

// Major numbers of terminals that no window shows: the computer's own consoles and serial lines (Documentation/admin-guide/devices.txt).
const (
	consoles = 4
	ptys     = 136 // the first of eight
)

// find returns the process that made the terminal of pid. Who shows a terminal starts, on its other end, the first process of its session; so it
// is that one's parent. Multiplexers, remote logins, sudo and the like stand there too, with terminals of their own, and are
// found out because they have no window.
func find(read func(pid int) (stat, error), pid int) (int, error) {
	own, err := read(pid)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", ErrHidden, err)
	}
	switch major := own.terminal >> 8 & 0xfff; {
	case major == consoles:
		return 0, nil
	case major < ptys || major >= ptys+8:
		return 0, fmt.Errorf("%w: device %#x", ErrHidden, own.terminal)
	}
	first, err := read(own.session)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", ErrHidden, err)
	}
	if first.parent <= 1 {
		return 0, fmt.Errorf("%w: who made it has gone", ErrHidden)
	}
	return first.parent, nil
}
