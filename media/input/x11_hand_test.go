//go:build linux

package input_test

import (
	"testing"
	"time"

	"github.com/jezek/xgb/xproto"

	"assist/media/input"
	"assist/media/input/inputtest"
)

func TestX11Hand(t *testing.T) {
	display := inputtest.Display(t)
	inj := openX11(t, display)
	inputtest.NewWindow(t, display)
	hand := inj.(input.Hand)
	moved := func(want bool, why string) {
		t.Helper()
		got, err := hand.Moved()
		if err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("%s: moved is %v", why, got)
		}
	}
	p := input.Pointer{X: 30000, Y: 30000}
	moved(false, "first look")
	moved(false, "nothing happened")
	if err := inj.Pointer(p); err != nil {
		t.Fatal(err)
	}
	p.Buttons = input.Left | input.Right
	if err := inj.Pointer(p); err != nil {
		t.Fatal(err)
	}
	press(t, inj, 0x04, true)
	press(t, inj, 0xe1, true)
	moved(false, "own pointer, buttons and keys")
	text(t, inj, "aÄ日")
	moved(false, "own text")
	press(t, inj, 0x04, false)
	press(t, inj, 0xe1, false)
	p.Buttons = 0
	if err := inj.Pointer(p); err != nil {
		t.Fatal(err)
	}
	moved(false, "own release")
	tool(t, display, "xdotool", "mousemove", "100", "100")
	moved(true, "another pointer")
	moved(false, "it stands still")
	tool(t, display, "xdotool", "keydown", "b")
	moved(true, "another key")
	moved(true, "it is still down")
	tool(t, display, "xdotool", "keyup", "b")
	moved(true, "it went up")
	moved(false, "and stays there")
	tool(t, display, "xdotool", "mousedown", "1")
	for end := time.Now().Add(3 * time.Second); ; time.Sleep(10 * time.Millisecond) { // the engineer's may still be shown
		if got, err := hand.Moved(); err != nil || got {
			break
		} else if time.Now().After(end) {
			t.Fatal("another button is not seen")
		}
	}
	tool(t, display, "xdotool", "mouseup", "1")
}

// A window manager that waits for clicks holds the devices back until it has looked at one. What the server then
// reports is late, and no hand.
func TestX11HandWhileHeld(t *testing.T) {
	display := inputtest.Display(t)
	inj := openX11(t, display)
	inputtest.NewWindow(t, display)
	c := connect(t, display)
	screen := xproto.Setup(c).DefaultScreen(c)
	err := xproto.GrabButtonChecked(c, false, screen.Root, xproto.EventMaskButtonPress, xproto.GrabModeSync,
		xproto.GrabModeSync, 0, 0, xproto.ButtonIndex1, xproto.ModMaskAny).Check()
	if err != nil {
		t.Fatal(err)
	}
	hand := inj.(input.Hand)
	still := func(why string) {
		t.Helper()
		if got, err := hand.Moved(); err != nil || got {
			t.Errorf("%s: moved is %v, %v", why, got, err)
		}
	}
	point := func(x, y uint16, b input.Buttons) {
		t.Helper()
		if err := inj.Pointer(input.Pointer{X: x, Y: y, Buttons: b}); err != nil {
			t.Fatal(err)
		}
	}
	still("first look")
	for range 3 {
		point(10000, 10000, 0)
		press(t, inj, 0x05, true)
		point(10000, 10000, input.Left)
		still("a click on its way")
		point(10000, 10000, 0)
		still("a click that is not over for everybody")
		press(t, inj, 0x05, false)
		still("a key that is not up for everybody")
		for i := range uint16(40) {
			point(20000+500*i, 20000+300*i, 0)
			still("a pointer on its way")
		}
		tap(t, inj, 0x04)
		still("a key that is not down for everybody")
		if err := xproto.AllowEventsChecked(c, xproto.AllowReplayPointer, 0).Check(); err != nil {
			t.Fatal(err)
		}
		xproto.AllowEvents(c, xproto.AllowAsyncKeyboard, 0)
		for range 10 {
			still("it goes on")
		}
	}
	tool(t, display, "xdotool", "mousemove", "100", "100")
	if got, err := hand.Moved(); err != nil || !got {
		t.Errorf("another pointer: moved is %v, %v", got, err)
	}
}
