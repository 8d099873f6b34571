package inputtest

import (
	"errors"
	"fmt"
	"image"
	"slices"
	"strings"
	"testing"
	"time"

	"assist/media/input"
)

// Observer sees what an injector does, in the system if it is a real one. An entry of the log is
//
//	+04 -04      a key goes down or up, by usage in hex
//	b+1 b-1      an X11 button: 1 left, 2 middle, 3 right, 4 to 7 the wheel up, down, left, right, 8 back, 9 forward
//	@12,34       the pointer moved there
type Observer interface {
	Log() []string
	Typed() string // the characters that came of it
	Clear()
}

// Traits say what an injector cannot do.
type Traits struct {
	NoPlaces bool // it knows keys by name: no Japanese keys, and the keypad comes with modifiers
	NoBack   bool // it has no buttons back and forward
}

// Screen is the display that the suite injects into: an X server of Display's has it.
var Screen = image.Rect(0, 0, 1366, 768)

// suite is one injector under test.
type suite struct {
	*testing.T
	input.Injector
	seen Observer
}

// Run tests the injectors that open returns, each with an observer of it.
func Run(t *testing.T, traits Traits, open func(*testing.T) (input.Injector, Observer)) {
	run := func(name string, f func(*suite)) {
		t.Run(name, func(t *testing.T) {
			inj, seen := open(t)
			defer func() {
				if err := inj.Close(); err != nil {
					t.Errorf("Close: %v", err)
				}
			}()
			inj.SetDisplays([]image.Rectangle{Screen})
			f(&suite{t, inj, seen})
		})
	}
	run("keys", func(s *suite) { s.keys(traits) })
	run("modifiers", (*suite).modifiers)
	run("twice", (*suite).twice)
	run("text", (*suite).text)
	run("places", (*suite).places)
	run("buttons", func(s *suite) { s.buttons(traits) })
	run("wheel", (*suite).wheel)
	run("drag", (*suite).drag)
	run("stay", (*suite).stay)
	run("nowhere", (*suite).nowhere)
	run("close", (*suite).close)
}

// must fails the test for an error of an event.
func (s *suite) must(errs ...error) {
	s.Helper()
	if err := errors.Join(errs...); err != nil {
		s.Fatal(err)
	}
}

// want waits until the log is want, in words.
func (s *suite) want(want string) {
	s.Helper()
	Await(s.T, want, func() string { return strings.Join(s.seen.Log(), " ") })
	s.seen.Clear()
}

// Await waits until got returns want, for at most five seconds.
func Await(t testing.TB, want string, got func() string) {
	t.Helper()
	end := time.Now().Add(5 * time.Second)
	for got() != want && time.Now().Before(end) {
		time.Sleep(2 * time.Millisecond)
	}
	if g := got(); g != want {
		t.Errorf("got  %q\nwant %q", g, want)
	}
}

// tap presses and releases a key.
func (s *suite) tap(u input.Usage) {
	s.Helper()
	s.must(s.Key(input.Key{Usage: u, Down: true}), s.Key(input.Key{Usage: u}))
}

// at returns a pointer at a pixel of Screen.
func at(x, y int, b input.Buttons) input.Pointer {
	return input.Pointer{
		X: input.PixelToFraction(x, Screen.Dx()), Y: input.PixelToFraction(y, Screen.Dy()), Buttons: b,
	}
}

func (s *suite) keys(traits Traits) {
	for name, usages := range map[string][]input.Usage{
		"letters":  span(0x04, 0x1d),
		"digits":   span(0x1e, 0x27),
		"function": span(0x3a, 0x45),
		"editing":  append(span(0x28, 0x2c), span(0x49, 0x52)...),
		"keypad":   span(0x54, 0x63),
		"Japanese": append(span(0x87, 0x8b), 0x92, 0x93, 0x94),
		"one more": {0x64, 0x65},
	} {
		if traits.NoPlaces && (name == "keypad" || name == "Japanese" || name == "one more") {
			continue
		}
		var want []string
		for _, u := range usages {
			s.tap(u)
			want = append(want, fmt.Sprintf("+%02x -%02x", u, u))
		}
		s.want(strings.Join(want, " "))
	}
	s.tap(0xff) // no key at all
	s.tap(0x04)
	s.want("+04 -04")
}

func span(from, to input.Usage) (u []input.Usage) {
	for ; from <= to; from++ {
		u = append(u, from)
	}
	return u
}

func (s *suite) modifiers() {
	for _, m := range span(0xe0, 0xe7) {
		if m == 0xe6 { // its meaning depends on the layout, which may not name it
			continue
		}
		s.must(s.Key(input.Key{Usage: m, Down: true}))
		s.tap(0x14)
		s.must(s.Key(input.Key{Usage: m}))
		s.want(fmt.Sprintf("+%02x +14 -14 -%02x", m, m))
	}
}

// twice: what is down does not go down again, and what is up does not come up.
func (s *suite) twice() {
	s.must(s.Key(input.Key{Usage: 0x05}), s.Key(input.Key{Usage: 0x04, Down: true}),
		s.Key(input.Key{Usage: 0x04, Down: true}), s.Key(input.Key{Usage: 0x04}), s.Key(input.Key{Usage: 0x04}))
	s.must(s.Pointer(at(1, 1, input.Left)), s.Pointer(at(1, 1, input.Left)), s.Pointer(at(2, 2, 0)), s.Pointer(at(2, 2, 0)))
	Await(s.T, "+04 -04 b+1 b-1", func() string {
		return strings.Join(slices.DeleteFunc(s.seen.Log(), func(e string) bool { return e[0] == '@' }), " ")
	})
}

func (s *suite) text() {
	const text = "Grüße, World! {[@]} ~5€ «日本語テスト» 🙂\tx\nÅÄ aaA"
	s.must(s.Text(text), s.Text("\x1b\x07.")) // control characters type nothing
	Await(s.T, text+".", s.seen.Typed)
}

func (s *suite) places() {
	for _, p := range []image.Point{{700, 1}, {0, 0}, {1365, 767}, {0, 767}, {1365, 0}, {683, 384}, {1, 766}} {
		s.must(s.Pointer(at(p.X, p.Y, 0)))
		s.want(fmt.Sprintf("@%d,%d", p.X, p.Y))
	}
}

func (s *suite) buttons(traits Traits) {
	s.must(s.Pointer(at(100, 100, 0)))
	s.want("@100,100")
	for b, n := range map[input.Buttons]int{input.Left: 1, input.Middle: 2, input.Right: 3, input.Back: 8, input.Forward: 9} {
		if traits.NoBack && n >= 8 {
			continue
		}
		s.must(s.Pointer(at(100, 100, b)), s.Pointer(at(100, 100, 0)))
		s.want(fmt.Sprintf("b+%d b-%d", n, n))
	}
	s.must(s.Pointer(at(100, 100, input.Left)), s.Pointer(at(100, 100, input.Left|input.Right)),
		s.Pointer(at(100, 100, input.Right)), s.Pointer(at(100, 100, 0)))
	s.want("b+1 b+3 b-1 b-3")
}

func (s *suite) wheel() {
	s.must(s.Pointer(at(100, 100, 0)))
	s.want("@100,100")
	p := at(100, 100, 0)
	for _, tt := range []struct {
		x, y int8
		want string
	}{
		{0, 2, "b+5 b-5 b+5 b-5"}, {0, -1, "b+4 b-4"}, {1, 0, "b+7 b-7"}, {-1, 0, "b+6 b-6"},
	} {
		p.WheelX, p.WheelY = tt.x, tt.y
		s.must(s.Pointer(p))
		s.want(tt.want)
	}
}

func (s *suite) drag() {
	s.must(s.Pointer(at(10, 10, 0)), s.Pointer(at(10, 10, input.Left)),
		s.Pointer(at(20, 15, input.Left)), s.Pointer(at(30, 30, 0)))
	s.want("@10,10 b+1 @20,15 @30,30 b-1")
}

// stay: buttons go up where the pointer is.
func (s *suite) stay() {
	s.must(s.Pointer(at(50, 60, input.Left|input.Right)))
	s.want("@50,60 b+1 b+3")
	s.must(s.Pointer(input.Pointer{Stay: true, Display: 9, Buttons: input.Right}), s.Pointer(input.Pointer{Stay: true}))
	s.want("b-1 b-3")
}

// nowhere: a display that is not there gets no move and no press, but releases.
func (s *suite) nowhere() {
	s.must(s.Pointer(at(50, 60, input.Left)))
	s.want("@50,60 b+1")
	p := at(1, 1, input.Left|input.Right)
	p.Display, p.WheelY = 1, 1
	s.must(s.Pointer(p))
	p.Buttons = 0
	s.must(s.Pointer(p), s.Pointer(at(51, 60, 0)))
	s.want("b-1 @51,60")
}

func (s *suite) close() {
	s.must(s.Pointer(at(50, 60, input.Left|input.Middle)), s.Key(input.Key{Usage: 0xe1, Down: true}),
		s.Key(input.Key{Usage: 0x04, Down: true}))
	s.want("@50,60 b+1 b+2 +e1 +04")
	s.must(s.Close(), s.Close())
	s.want("-04 -e1 b-1 b-2")
	for name, err := range map[string]error{
		"Key": s.Key(input.Key{Usage: 0x04, Down: true}), "Pointer": s.Pointer(at(1, 1, input.Left)), "Text": s.Text("a"),
	} {
		if !errors.Is(err, input.ErrClosed) {
			s.Errorf("%s after Close: %v, want %v", name, err, input.ErrClosed)
		}
	}
}
