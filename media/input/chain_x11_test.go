//go:build linux

package input_test

import (
	"image"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"assist/media/input"
	"assist/media/input/inputtest"
)

// The customer's hand, here xdotool's, takes over from an engineer in the middle of a drag.
func TestChainX11Hand(t *testing.T) {
	display := inputtest.Display(t)
	c := connect(t, display)
	changed := left(t, c)
	w := inputtest.NewWindow(t, display)
	var told states
	chain := input.NewChain(openX11(t, display), input.ChainOptions{OnState: told.add})
	defer chain.Close()
	chain.SetDisplays([]image.Rectangle{inputtest.Screen})
	chain.Open()
	press(t, chain, 0xe1, true)
	for i := range 5 {
		if err := chain.Pointer(input.Pointer{X: uint16(1000 * i), Buttons: input.Left}); err != nil {
			t.Fatal(err)
		}
	}
	tool(t, display, "xdotool", "mousemove", "700", "500")
	inputtest.Await(t, "", changed) // without an event of the engineer
	inputtest.Await(t, "local hand", func() string { return chain.State().String() })
	if log := w.Log(); log[len(log)-1] == "@83,0" {
		t.Error("the release pulled the pointer back")
	}
	w.Clear()
	tap(t, chain, 0x04)
	text(t, chain, "no")
	time.Sleep(50 * time.Millisecond)
	if log := w.Log(); len(log) > 0 {
		t.Errorf("while the customer goes first: %v", log)
	}
	inputtest.Await(t, "on", func() string { return chain.State().String() })
	tap(t, chain, 0x04)
	inputtest.Await(t, "+04 -04", func() string { return strings.Join(w.Log(), " ") })
}

// Own windows get nothing, though they are on the screen and under the pointer.
func TestChainX11Own(t *testing.T) {
	display := inputtest.Display(t)
	w := inputtest.NewWindow(t, display)
	o := &own{rects: []image.Rectangle{image.Rect(100, 100, 300, 200)}}
	chain := input.NewChain(openX11(t, display), input.ChainOptions{Own: o})
	defer chain.Close()
	chain.SetDisplays([]image.Rectangle{inputtest.Screen})
	chain.Open()
	for y := 90; y < 210; y++ {
		for _, b := range []input.Buttons{input.Left, 0} {
			p := input.Pointer{X: input.PixelToFraction(200, 1366), Y: input.PixelToFraction(y, 768), Buttons: b}
			if err := chain.Pointer(p); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(2 * time.Millisecond) // below the limit
	}
	inputtest.Await(t, "@200,209 b-1", func() string {
		log := w.Log()
		return strings.Join([]string{log[len(log)-3], log[len(log)-1]}, " ")
	})
	clicks, presses := 0, 0
	for _, e := range w.Log() {
		if strings.HasPrefix(e, "@200,1") {
			clicks++
		}
		if e == "b+1" {
			presses++
		}
	}
	if clicks != 0 || presses != 20 {
		t.Errorf("%d moves over our window and %d presses beside it, want 0 and 20", clicks, presses)
	}
}

// Events at random through the whole chain into a real server leave nothing down, and none of
// them is taken for the customer's hand.
func TestChainX11Random(t *testing.T) {
	display := inputtest.Display(t)
	changed := left(t, connect(t, display))
	var told states
	chain := input.NewChain(openX11(t, display), input.ChainOptions{OnState: told.add})
	chain.SetDisplays([]image.Rectangle{inputtest.Screen})
	w := inputtest.NewWindow(t, display)
	rnd := rand.New(rand.NewPCG(1, 2))
	for i := range 2000 {
		time.Sleep(time.Millisecond) // below the limit
		var err error
		switch rnd.IntN(20) {
		case 0:
			err = chain.Text(string([]rune("aB é日\n€語")[rnd.IntN(8)]))
		case 1, 2, 3, 4, 5, 6, 7, 8, 9:
			u := input.Usage(4 + rnd.IntN(0xe8))
			if u == 0x46 || u >= 0x68 && u <= 0x81 { // print screen and the like mean something to a server
				u = 4
			}
			err = chain.Key(input.Key{Usage: u, Down: rnd.IntN(2) == 0})
		case 10:
			chain.Open()
		case 11:
			if rnd.IntN(20) == 0 {
				if err = chain.Shut(); changed() != "" && !strings.HasSuffix(changed(), "spare keycodes") {
					t.Fatalf("step %d, shut: %s", i, changed())
				}
			}
		default:
			err = chain.Pointer(input.Pointer{X: uint16(rnd.Uint32()), Y: uint16(rnd.Uint32()), Buttons: input.Buttons(rnd.IntN(32))})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := chain.Close(); err != nil {
		t.Fatal(err)
	}
	inputtest.Await(t, "", changed)
	if n := len(w.Log()); n < 1000 {
		t.Errorf("only %d events reached the window", n)
	}
	if slices.Contains(told.take(), input.LocalHand) {
		t.Error("its own input was taken for the customer's")
	}
}
