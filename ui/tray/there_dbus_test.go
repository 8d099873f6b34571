//go:build linux || freebsd || netbsd || openbsd

package tray

import (
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"assist/app/session"
	"assist/ui/uitest"
)

// Without a session bus there is no tray, and a tray that is not there can be used all the same.
func TestNoTray(t *testing.T) {
	dir, before := t.TempDir(), userDirs
	defer func() { userDirs = before }()
	user := filepath.Join(dir, strconv.Itoa(os.Getuid()))
	if err := os.Mkdir(user, 0o700); err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(user, "bus")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, tt := range []struct {
		name, address, dir string
		want               bool
	}{
		{"nothing", "", filepath.Join(dir, "none"), false},
		{"no socket", "", t.TempDir(), false},
		{"a socket", "", dir, true},
		{"an address", "unix:path=" + socket + ",guid=0123", "", true},
		{"an address that leads nowhere", "unix:path=/dev/null", dir, false},
		{"the second of two", "unix:path=/dev/null;unix:abstract=/tmp/bus", "", true},
		{"over the network", "tcp:host=localhost,port=1", "", true},
		{"disabled", "disabled:", dir, false},
		{"to be started", "autolaunch:", "", false},
	} {
		t.Setenv("DBUS_SESSION_BUS_ADDRESS", tt.address)
		userDirs = tt.dir
		if got := there(); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+socket)
	tray := New(uitest.App(t, "en"), Presses{})
	if tray != nil {
		t.Error("a tray in an app in memory")
	}
	tray.Show(live(session.SharedControl))
	tray.Close()
}
