//go:build linux || freebsd || netbsd || openbsd

package capturetest

import (
	"bufio"
	"crypto/rand"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Xvfb starts an X server without a screen, with a display number and a key of its own, makes the environment of
// the test point at it, and stops it after the test. Arguments are added to its command line; without any, its screen is 640x480
// pixels of 24 bits. It returns the display's name and the process.
func Xvfb(t testing.TB, args ...string) (display string, server *os.Process) {
	t.Helper()
	path, err := exec.LookPath("Xvfb")
	if err != nil {
		t.Fatal("this test needs the program Xvfb (Debian: apt-get install xvfb)")
	}
	if len(args) == 0 {
		args = []string{"-screen", "0", "640x480x24"}
	}
	return serve(t, path, args)
}

// serve starts an X server as Xvfb says.
func serve(t testing.TB, path string, args []string) (display string, server *os.Process) {
	t.Helper()
	auth := filepath.Join(t.TempDir(), "authority")
	if err := os.WriteFile(auth, authority(), 0o600); err != nil {
		t.Fatal(err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	cmd := exec.Command(path, append([]string{"-displayfd", "3", "-auth", auth, "-nolisten", "tcp", "-noreset"}, args...)...)
	cmd.ExtraFiles = []*os.File{w}
	err = cmd.Start()
	w.Close()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatalf("%s did not start: %v", filepath.Base(path), err)
	}
	display = ":" + strings.TrimSpace(line)
	t.Setenv("DISPLAY", display)
	t.Setenv("XAUTHORITY", auth)
	t.Setenv("XDG_SESSION_TYPE", "x11")
	t.Setenv("WAYLAND_DISPLAY", "")
	return display, cmd.Process
}

// authority returns an authority file with a new key for every display.
func authority() []byte {
	const familyWild = 0xffff
	key := make([]byte, 16)
	rand.Read(key)
	b := binary.BigEndian.AppendUint16(nil, familyWild)
	for _, field := range []string{"", "", "MIT-MAGIC-COOKIE-1", string(key)} {
		b = binary.BigEndian.AppendUint16(b, uint16(len(field)))
		b = append(b, field...)
	}
	return b
}
