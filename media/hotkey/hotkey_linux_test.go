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

// once presses the key and wants it to count once.
func (d *desktop) once(fired <-chan struct{}, when string) {
	d.Helper()
	d.tap(input.Pause)
	wants(d.T, fired, true, when)
	select {
	case <-fired:
		d.Errorf("%s: fired again", when)
	case <-time.After(50 * time.Millisecond): // the server tells all of one press at once
	}
}

// other is another program.
func (d *desktop) other() (*xgb.Conn, xproto.Window) {
	d.Helper()
	c, err := xgb.NewConnDisplay(d.display)
	if err != nil {
		d.Fatal(err)
	}
	d.Cleanup(c.Close)
	return c, xproto.Setup(c).DefaultScreen(c).Root
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
	d.once(fired, "Pause")
	d.key(usageCtrl, true)
	d.once(fired, "Break")
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
	const ctrls = 1 + 3 // that came up
	var log string
	for end := time.Now().Add(5 * time.Second); strings.Count(log, "-e0") < ctrls && time.Now().Before(end); {
		time.Sleep(5 * time.Millisecond)
		log = strings.Join(d.window.Log(), " ")
	}
	if strings.Contains(log, "+48") || !strings.Contains(log, "+04 -04 +e1 -e1") || strings.Count(log, "-e0") != ctrls {
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
	d.tap(0x68)
	wants(t, fired, true, "on another key, at once")
	wants(t, fired, false, "on another key, again")
	d.once(fired, "on its old key, of which a program may have taken the meaning")
	d.tap(usageA)
	wants(t, fired, false, "another key")
}

// A keyboard without the key is refused.
func TestGrabNoKey(t *testing.T) {
	d := newDesktop(t)
	d.tool("xmodmap", "-e", "keycode 127 = NoSymbol")
	if _, err := hotkey.Grab(t.Context(), hotkey.Pause, func() {}); !errors.Is(err, hotkey.ErrUnsupported) {
		t.Errorf("without the key: %v", err)
	}
}

// What another program has grabbed stays with it, and works all the same.
func TestGrabTaken(t *testing.T) {
	d := newDesktop(t)
	c, root := d.other()
	for _, tt := range []struct {
		name string
		mods uint16
	}{
		{"Pause", 0}, {"Pause with Num Lock", xproto.ModMask2}, {"any Pause", xproto.ModMaskAny},
		{"Break only", xproto.ModMaskControl}, {"with Super, as desktops do", xproto.ModMask4},
	} {
		err := xproto.GrabKeyChecked(c, false, root, tt.mods, 127, xproto.GrabModeAsync, xproto.GrabModeAsync).Check()
		if err != nil {
			t.Fatal(err)
		}
		stop, fired := grab(t)
		d.once(fired, tt.name+" taken")
		d.key(usageCtrl, true)
		d.once(fired, tt.name+" taken, with Ctrl")
		d.key(usageCtrl, false)
		stop()
		if err := xproto.UngrabKeyChecked(c, 127, root, xproto.ModMaskAny).Check(); err != nil {
			t.Fatal(err)
		}
	}
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
