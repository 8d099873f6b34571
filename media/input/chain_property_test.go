package input_test

import (
	"fmt"
	"image"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"assist/media/input"
	"assist/media/input/inputtest"
)

// world is a chain, what is around it, and what must hold of its events at any time.
type world struct {
	*inputtest.Recorder
	chain  *input.Chain
	own    own
	shut   bool        // Shut has returned
	prompt bool        // SetPrompt(true) has returned
	wrong  atomic.Bool // something was injected that must not be
	what   string
}

func (w *world) fault(format string, args ...any) {
	if w.wrong.CompareAndSwap(false, true) {
		w.what = fmt.Sprintf(format, args...)
	}
}

// Key checks what must hold of a key.
func (w *world) Key(k input.Key) error {
	held, _ := w.Held()
	switch {
	case w.shut:
		w.fault("key %+v while shut", k)
	case k.Down == slices.Contains(held, k.Usage):
		w.fault("key %+v while %x are down", k, held)
	case k.Usage == input.Pause:
		w.fault("the Pause key")
	case k.Down && w.prompt:
		w.fault("key %+v during a question", k)
	case k.Down && w.own.Focused():
		w.fault("key %+v into our window", k)
	}
	return w.Recorder.Key(k)
}

// Pointer checks what must hold of the pointer.
func (w *world) Pointer(p input.Pointer) error {
	var d input.Displays
	d.Set([]image.Rectangle{screen})
	at, ok := d.Place(p)
	_, held := w.Held()
	switch {
	case w.shut:
		w.fault("pointer %+v while shut", p)
	case p.Stay && p.Buttons&^held == 0 && p.WheelX == 0 && p.WheelY == 0: // a release, always right
	case w.prompt:
		w.fault("pointer %+v during a question", p)
	case !ok:
		w.fault("pointer %+v nowhere", p)
	case at.In(w.own.Rects()[0]):
		w.fault("pointer %+v over our window", p)
	}
	return w.Recorder.Pointer(p)
}

// Text checks what must hold of text.
func (w *world) Text(s string) error {
	if w.shut || w.prompt || w.own.Focused() {
		w.fault("text while shut %v, question %v, focus %v", w.shut, w.prompt, w.own.Focused())
	}
	return w.Recorder.Text(s)
}

// usagesOfTest are few, so that presses and releases meet.
var usagesOfTest = []input.Usage{0x04, 0x05, 0x2c, input.Pause, 0xe0, 0xe1, 0xe6, 0xff}

// step does something at random, mostly what an engineer does.
func (w *world) step(t *rapid.T) {
	var err error
	switch n := rapid.IntRange(0, 99).Draw(t, "step"); {
	case n < 40:
		err = w.chain.Key(input.Key{Usage: rapid.SampledFrom(usagesOfTest).Draw(t, "usage"), Down: rapid.Bool().Draw(t, "down")})
	case n < 75:
		err = w.chain.Pointer(pointerOf(t))
	case n < 80:
		err = w.chain.Text(rapid.String().Draw(t, "text"))
	default:
		err = w.around(t, n)
	}
	synctest.Wait()
	if err != nil {
		t.Fatal(err)
	}
	if w.wrong.Load() {
		t.Fatal(w.what)
	}
}

// pointerOf returns any pointer event, likely ones more often.
func pointerOf(t *rapid.T) input.Pointer {
	return input.Pointer{
		Display: rapid.SampledFrom([]uint8{0, 0, 0, 0, 1}).Draw(t, "display"),
		X:       rapid.Uint16().Draw(t, "x"), Y: rapid.Uint16().Draw(t, "y"),
		Buttons: input.Buttons(rapid.SampledFrom([]int{0, 0, 0, 1, 1, 2, 3, 31}).Draw(t, "buttons")),
		WheelY:  rapid.SampledFrom([]int8{0, 0, 0, 0, 1, -1, -128, 127}).Draw(t, "wheel"),
		Stay:    rapid.IntRange(0, 9).Draw(t, "stay") == 9,
	}
}

// around does what others do than the engineer.
func (w *world) around(t *rapid.T, n int) (err error) {
	switch {
	case n < 86:
		w.shut = false
		w.chain.Open()
	case n < 87:
		err = w.chain.Shut()
		w.shut = true
		w.nothingHeld(t)
	case n < 90:
		on := n == 87
		w.prompt = w.prompt && on
		err = w.chain.SetPrompt(on)
		if w.prompt = on; on {
			w.nothingHeld(t)
		}
	case n < 91:
		w.Move()
		if time.Sleep(100 * time.Millisecond); !w.shut {
			w.nothingHeld(t)
		}
	case n < 94:
		w.own.focus(n == 91)
	case n < 96:
		x := rapid.IntRange(0, 80).Draw(t, "window")
		w.own.place(image.Rect(x, x, x+30, x+20))
	default:
		time.Sleep(time.Duration(rapid.IntRange(0, 3000).Draw(t, "ms")) * time.Millisecond)
	}
	return err
}

func (w *world) nothingHeld(t *rapid.T) {
	if keys, buttons := w.Held(); len(keys) > 0 || buttons != 0 {
		t.Fatalf("held: %x %b", keys, buttons)
	}
}

// Whatever happens in whatever order: nothing passes that must not, and in the end nothing is held.
func TestChainProperty(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		passed := 0
		tb := struct{ testing.TB }{t} // rapid would ask for a deadline, which a bubble does not tell
		rapid.Check(tb, func(t *rapid.T) {
			w := &world{Recorder: inputtest.NewRecorder(), shut: true}
			w.own.place(image.Rect(10, 10, 40, 30))
			w.chain = input.NewChain(w, input.ChainOptions{Own: &w.own})
			defer w.chain.Close()
			w.chain.SetDisplays([]image.Rectangle{screen})
			for range rapid.IntRange(100, 300).Draw(t, "steps") {
				w.step(t)
			}
			passed += len(w.Events())
			if err := w.chain.Shut(); err != nil {
				t.Fatal(err)
			}
			w.nothingHeld(t)
		})
		if passed < 2000 {
			t.Errorf("only %d events passed: the test tests nothing", passed)
		}
	})
}
