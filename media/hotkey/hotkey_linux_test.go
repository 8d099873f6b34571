package hotkey_test

import (
	"context"
	"errors"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
	"go.uber.org/goleak"

	"assist/media/hotkey"
	"assist/media/input"
	"assist/media/input/inputtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// desktop is a display with somebody who presses its keys and a window that has the focus.
type desktop struct {
	*testing.T
	display string
	keys    input.Injector
	window  *inputtest.Window
}

func newDesktop(t *testing.T) *desktop {
	display := inputtest.Display(t)
	t.Setenv("DISPLAY", display)
	keys, err := input.NewInjector()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { keys.Close() })
	return &desktop{t, display, keys, inputtest.NewWindow(t, display)}
}

func (d *desktop) key(u input.Usage, down bool) {
	d.Helper()
	if err := d.keys.Key(input.Key{Usage: u, Down: down}); err != nil {
		d.Fatal(err)
	}
}

func (d *desktop) tap(u input.Usage) {
	d.Helper()
	d.key(u, true)
	d.key(u, false)
}

func (d *desktop) tool(name string, args ...string) {
	d.Helper()
	if _, err := exec.LookPath(name); err != nil {
		d.Skip(name + " is not installed")
	}
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		d.Fatalf("%s: %v: %s", name, err, out)
	}
}

// Keys by usage.
const (
	usageA          = 0x04
	usageCapsLock   = 0x39
	usageScrollLock = 0x47
	usageNumLock    = 0x53
	usageCtrl       = 0xe0
	usageShift      = 0xe1
)

func wants(t *testing.T, fired <-chan struct{}, want bool, when string) {
	t.Helper()
	wait := 5 * time.Second
	if !want {
		wait = 200 * time.Millisecond
	}
	select {
	case <-fired:
		if !want {
			t.Errorf("%s: fired", when)
		}
	case <-time.After(wait):
		if want {
			t.Errorf("%s: did not fire", when)
		}
	}
}

func grab(t *testing.T) (stop func() error, fired <-chan struct{}) {
	t.Helper()
	ch := make(chan struct{}, 100)
	g, err := hotkey.Grab(t.Context(), hotkey.Pause, func() { ch <- struct{}{} })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Close() })
	return g.Close, ch
}

func TestGrab(t *testing.T) {
	d := newDesktop(t)
	stop, fired := grab(t)
	d.tap(input.Pause)
	wants(t, fired, true, "Pause")
	d.key(usageCtrl, true)
	d.tap(input.Pause)
	wants(t, fired, true, "Break")
	d.key(usageCtrl, false)
	d.tap(usageA)
	wants(t, fired, false, "another key")
	d.key(usageShift, true) // held from afar, for instance
	d.tap(input.Pause)
	d.key(usageShift, false)
	wants(t, fired, true, "Pause with Shift down")
	for _, lock := range []input.Usage{usageNumLock, usageCapsLock, usageScrollLock} {
		d.tap(lock)
		d.tap(input.Pause)
		wants(t, fired, true, "with one lock more on")
		d.key(usageCtrl, true)
		d.tap(input.Pause)
		d.key(usageCtrl, false)
		wants(t, fired, true, "Break with one lock more on")
	}
	if log := strings.Join(d.window.Log(), " "); strings.Contains(log, "+48") || !strings.Contains(log, "+04 -04 +e1 -e1") {
		t.Errorf("the window with the focus saw %s, want no Pause", log)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	d.tap(input.Pause)
	wants(t, fired, false, "after Close")
}

// The keyboard may be changed while the key is grabbed.
func TestGrabFollowsKeymap(t *testing.T) {
	d := newDesktop(t)
	_, fired := grab(t)
	d.tool("setxkbmap", "de")
	d.tap(input.Pause)
	wants(t, fired, true, "another layout")
	d.tool("xmodmap", "-e", "keycode 127 = NoSymbol", "-e", "keycode 191 = Pause") // to F13
	end := time.Now().Add(5 * time.Second)
	for moved := false; !moved && time.Now().Before(end); {
		d.tap(0x68)
		select {
		case <-fired:
			moved = true
		case <-time.After(20 * time.Millisecond):
		}
	}
	d.tap(0x68)
	wants(t, fired, true, "on another key")
	d.tap(input.Pause)
	wants(t, fired, false, "on its old key")
}

func TestGrabTaken(t *testing.T) {
	d := newDesktop(t)
	c, err := xgb.NewConnDisplay(d.display)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	root := xproto.Setup(c).DefaultScreen(c).Root
	take := func(mods uint16) {
		t.Helper()
		err := xproto.GrabKeyChecked(c, false, root, mods, 127, xproto.GrabModeAsync, xproto.GrabModeAsync).Check()
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		name string
		mods uint16
		want error
	}{
		{"Pause", 0, hotkey.ErrTaken},
		{"Pause with Num Lock", xproto.ModMask2, hotkey.ErrTaken},
		{"any Pause", xproto.ModMaskAny, hotkey.ErrTaken},
		{"Break only", xproto.ModMaskControl, nil},
		{"with Super, as desktops do", xproto.ModMask4, nil},
	} {
		take(tt.mods)
		g, err := hotkey.Grab(t.Context(), hotkey.Pause, func() {})
		if !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) {
			t.Errorf("%s taken: %v", tt.name, err)
		}
		if err == nil {
			g.Close()
		}
		if err := xproto.UngrabKeyChecked(c, 127, root, xproto.ModMaskAny).Check(); err != nil {
			t.Fatal(err)
		}
	}
	_, fired := grab(t) // what failed before holds nothing back
	d.tap(input.Pause)
	wants(t, fired, true, "after the others")
}

// The grab ends with its context, and survives the server's end.
func TestGrabEnds(t *testing.T) {
	newDesktop(t)
	ctx, cancel := context.WithCancel(t.Context())
	g, err := hotkey.Grab(ctx, hotkey.Pause, func() {})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := errors.Join(g.Close(), g.Close()); err != nil {
		t.Error(err)
	}

	display, server := inputtest.StartDisplay(t)
	t.Setenv("DISPLAY", display)
	g, err = hotkey.Grab(t.Context(), hotkey.Pause, func() {})
	if err != nil {
		t.Fatal(err)
	}
	server.Kill()
	if err := g.Close(); err != nil {
		t.Error(err)
	}
	if _, err := hotkey.Grab(t.Context(), hotkey.Pause, func() {}); err == nil {
		t.Error("a grab without a server")
	}
}

func TestGrabUnsupported(t *testing.T) {
	t.Setenv("DISPLAY", "")
	if _, err := hotkey.Grab(t.Context(), hotkey.Pause, func() {}); !errors.Is(err, hotkey.ErrUnsupported) {
		t.Errorf("without a display: %v", err)
	}
	if _, err := hotkey.Grab(t.Context(), hotkey.Key(9), func() {}); !errors.Is(err, hotkey.ErrUnsupported) {
		t.Errorf("another key: %v", err)
	}
	if a, b := hotkey.Pause.String(), hotkey.Key(9).String(); a != "Pause" || b != "Key(9)" {
		t.Errorf("names %q and %q", a, b)
	}
}
