//go:build linux

// Package stage is a theatre for the program: X displays of its own, processes on them, a robot with keys and a
// mouse, and a camera. The demonstration plays on it, and so do the tests that drive real windows.
//
// It knows windows and processes. It does not know what a session is.
package stage

import (
	"bufio"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// startTime is how long an X server may take to be there.
const startTime = 20 * time.Second

// Display is an X server of our own, reachable only with the key in its authority file.
type Display struct {
	Name      string // as in $DISPLAY
	authority string
	proc      *Process
}

// NewDisplay starts a display that nobody sees, of size "1280x800".
func NewDisplay(dir, size string) (*Display, error) {
	return startDisplay(dir, "Xvfb", nil, "-screen", "0", size+"x24", "-nolisten", "tcp", "-noreset")
}

// NewNested starts a display inside a window of the display that the caller sees.
func NewNested(dir, size, title string) (*Display, error) {
	return startDisplay(dir, "Xephyr", os.Environ(), "-screen", size, "-title", title, "-nolisten", "tcp", "-noreset", "-resizeable")
}

func startDisplay(dir, program string, env []string, args ...string) (*Display, error) {
	path, err := exec.LookPath(program)
	if err != nil {
		return nil, fmt.Errorf("stage: %s is not installed: %w", program, err)
	}
	authority, err := writeAuthority(dir)
	if err != nil {
		return nil, err
	}
	number, write, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("stage: pipe: %w", err)
	}
	defer number.Close()
	cmd := exec.Command(path, append([]string{"-displayfd", "3", "-auth", authority}, args...)...)
	cmd.Env = env
	cmd.ExtraFiles = []*os.File{write}
	proc, err := Start(cmd, filepath.Join(dir, strings.ToLower(program)+".log"))
	write.Close()
	if err != nil {
		return nil, err
	}
	name, err := readNumber(number)
	if err != nil {
		proc.Kill()
		return nil, fmt.Errorf("stage: %s: %w", program, err)
	}
	return &Display{Name: ":" + name, authority: authority, proc: proc}, nil
}

// writeAuthority makes an authority file with a fresh key for any display, in the format of Xau(3).
func writeAuthority(dir string) (string, error) {
	key := make([]byte, 16)
	rand.Read(key)
	const method = "MIT-MAGIC-COOKIE-1"
	b := []byte{0xff, 0xff, 0, 0, 0, 0} // any family, no address, no display number
	b = append(b, 0, byte(len(method)))
	b = append(b, method...)
	b = append(b, 0, byte(len(key)))
	b = append(b, key...)
	f, err := os.CreateTemp(dir, "authority-")
	if err != nil {
		return "", fmt.Errorf("stage: authority: %w", err)
	}
	_, err = f.Write(b)
	if err = errors.Join(err, f.Close()); err != nil {
		return "", fmt.Errorf("stage: authority: %w", err)
	}
	return f.Name(), nil
}

// readNumber reads the display number that the server writes when it is ready.
func readNumber(r *os.File) (string, error) {
	if err := r.SetReadDeadline(time.Now().Add(startTime)); err != nil {
		return "", err
	}
	line, err := bufio.NewReader(r).ReadString('\n')
	if errors.Is(err, io.EOF) {
		return "", errors.New("ended before it was ready")
	}
	return strings.TrimSpace(line), err
}

// Env is the environment of a program on the display.
func (d *Display) Env(more ...string) []string {
	env := []string{}
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(v, "=")
		switch name {
		case "DISPLAY", "XAUTHORITY", "WAYLAND_DISPLAY", "XDG_SESSION_TYPE", "FYNE_SCALE", "DBUS_SESSION_BUS_ADDRESS":
		default:
			env = append(env, v)
		}
	}
	env = append(env, "DISPLAY="+d.Name, "XAUTHORITY="+d.authority, "FYNE_SCALE=1", "NO_AT_BRIDGE=1")
	return append(env, more...)
}

// Close ends the display, and with it every program that shows something on it.
func (d *Display) Close() { d.proc.Kill() }
