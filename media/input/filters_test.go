package input_test

import (
	"errors"
	"fmt"
	"image"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"assist/media/input"
	"assist/media/input/inputtest"
)

// The tests write events in words:
//
//	+04 -04        a key goes down or up, by usage in hex
//	@10,20:LR      the pointer is at a pixel of a display of 100 x 100 and buttons L R M are down
//	=:L            buttons without a move
//	^3             three notches down, where the pointer was
//	"abc           text
var screen = image.Rect(0, 0, 100, 100)

// parse returns the event that word stands for.
func parse(word string) (e inputtest.Event) {
	switch word[0] {
	case '+', '-':
		k := input.Key{Down: word[0] == '+'}
		fmt.Sscanf(word[1:], "%x", &k.Usage)
		e.Key = &k
	case '"':
		e.Text = word[1:]
	case '^':
		p := input.Pointer{}
		fmt.Sscanf(word[1:], "%d", &p.WheelY)
		e.Pointer = &p
	default:
		place, buttons, _ := strings.Cut(word, ":")
		p := input.Pointer{Stay: place == "="}
		var x, y int
		fmt.Sscanf(place, "@%d,%d", &x, &y)
		p.X, p.Y = input.PixelToFraction(x, screen.Dx()), input.PixelToFraction(y, screen.Dy())
		for i, c := range "LRM" {
			if strings.ContainsRune(buttons, c) {
				p.Buttons |= 1 << i
			}
		}
		e.Pointer = &p
	}
	return e
}

// words is the reverse of parse.
func words(events []inputtest.Event) string {
	var s []string
	for _, e := range events {
		switch {
		case e.Key != nil && e.Key.Down:
			s = append(s, fmt.Sprintf("+%02x", e.Key.Usage))
		case e.Key != nil:
			s = append(s, fmt.Sprintf("-%02x", e.Key.Usage))
		case e.Pointer == nil:
			s = append(s, `"`+e.Text)
		default:
			s = append(s, pointerWord(*e.Pointer))
		}
	}
	return strings.Join(s, " ")
}

func pointerWord(p input.Pointer) string {
	if p.WheelY != 0 {
		return fmt.Sprintf("^%d", p.WheelY)
	}
	w := "="
	if !p.Stay {
		w = fmt.Sprintf("@%d,%d", input.FractionToPixel(p.X, screen.Dx()), input.FractionToPixel(p.Y, screen.Dy()))
	}
	w += ":"
	for i, c := range "LRM" {
		if p.Buttons&(1<<i) != 0 {
			w += string(c)
		}
	}
	return w
}

// feed gives s the events in words.
func feed(t *testing.T, s input.Sink, what string) {
	t.Helper()
	for _, word := range strings.Fields(what) {
		if err := give(s, parse(word)); err != nil {
			t.Fatalf("%s: %v", word, err)
		}
	}
}

func give(s input.Sink, e inputtest.Event) error {
	switch {
	case e.Key != nil:
		return s.Key(*e.Key)
	case e.Pointer != nil:
		return s.Pointer(*e.Pointer)
	}
	return s.Text(e.Text)
}

// got compares what r was given since it had from events, and returns how many it has now.
func got(t *testing.T, r *inputtest.Recorder, from int, want string) int {
	t.Helper()
	e := r.Events()
	if w := words(e[from:]); w != want {
		t.Errorf("got  %s\nwant %s", w, want)
	}
	return len(e)
}

func TestGate(t *testing.T) {
	r := inputtest.NewRecorder()
	g := input.NewGate(input.NewTracker(r))
	n := 0
	for _, tt := range []struct {
		name string
		do   func() error
		feed string
		want string
	}{
		{"closed when made", nil, `+04 -04 @1,1:L "a`, ""},
		{"what was down before does not count", func() error { g.Open(); return nil }, "@2,2:L @3,3:LR @3,3: @3,3:L", "@2,2: @3,3:R @3,3: @3,3:L"},
		{"open", nil, `+e1 +04 "ab`, `+e1 +04 "ab`},
		{"closing releases", g.Close, `-04 @5,5: "c ^1`, "-04 -e1 =:"},
		{"closing again does nothing", g.Close, "", ""},
		{"open again, all is up", func() error { g.Open(); return nil }, "-04 -e1 @6,6:", "@6,6:"},
		{"text in pieces", nil, `"0123456789`, `"01 "23 "45 "67 "89`},
		{"too long", nil, `"` + strings.Repeat("x", input.MaxText+1), ""},
		{"not UTF-8", nil, "\"a\xff", ""},
	} {
		if tt.do != nil {
			if err := tt.do(); err != nil {
				t.Fatal(err)
			}
		}
		t.Log(tt.name)
		feed(t, g, tt.feed)
		n = got(t, r, n, tt.want)
	}
	feed(t, g, `"`+strings.Repeat("é", input.MaxText))
	if n := len([]rune(r.Typed())) - len("ab0123456789"); n != input.MaxText {
		t.Errorf("%d characters of the longest text, want %d", n, input.MaxText)
	}
}

// When Close has returned, not one event more comes out, whoever is in the middle of what.
func TestGateClosesAtOnce(t *testing.T) {
	r := inputtest.NewRecorder()
	g := input.NewGate(input.NewTracker(r))
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				for _, w := range []string{"+04", "-04", fmt.Sprintf("@%d,1:L", i), "@1,2:", `"` + strings.Repeat("long ", 20)} {
					give(g, parse(w))
				}
			}
		})
	}
	for range 100 {
		g.Open()
		time.Sleep(20 * time.Microsecond)
		if err := g.Close(); err != nil {
			t.Error(err)
		}
		n := r.Count()
		if keys, buttons := r.Held(); len(keys) > 0 || buttons != 0 {
			t.Fatalf("held after Close: %x %b", keys, buttons)
		}
		time.Sleep(20 * time.Microsecond)
		if late := r.Count() - n; late > 0 {
			t.Fatalf("after Close: %s", words(r.Events()[n:]))
		}
	}
	close(stop)
	wg.Wait()
	if r.Count() == 0 {
		t.Error("nothing passed at all")
	}
}

// Closing does not wait for the rest of a long text.
func TestGateCutsText(t *testing.T) {
	r := inputtest.NewRecorder()
	g := input.NewGate(r)
	g.Open()
	inside, closing, done := make(chan struct{}), make(chan struct{}), make(chan error)
	var once sync.Once
	r.Before(func() {
		once.Do(func() {
			close(inside)
			<-closing
			time.Sleep(5 * time.Millisecond) // Close has come to wait
		})
	})
	go func() { done <- g.Text(strings.Repeat("x", 1000)) }()
	<-inside
	close(closing)
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
	n := len(r.Typed())
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if len(r.Typed()) != n || n > 8 {
		t.Errorf("%d characters at Close, %d in the end", n, len(r.Typed()))
	}
}

func TestTracker(t *testing.T) {
	var many, ups string
	for u := range 40 {
		many += fmt.Sprintf("+%02x ", 4+u)
	}
	for u := 31; u >= 0; u-- {
		ups += fmt.Sprintf("-%02x ", 4+u)
	}
	for _, tt := range []struct{ name, feed, want, release string }{
		{"twice down", "+04 +04", "+04", "-04"},
		{"up without down", "-04 +05 -04 -05", "+05 -05", ""},
		{"last first", "+e1 +e0 +04 -e0", "+e1 +e0 +04 -e0", "-04 -e1"},
		{"buttons", "@1,1:L @2,2:LR @3,3:R", "@1,1:L @2,2:LR @3,3:R", "=:"},
		{"released buttons", "@1,1:L @2,2:", "@1,1:L @2,2:", ""},
		{"text", `"a`, `"a`, ""},
		{"a cap", many, many[:32*4-1], ups[:32*4-1]},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := inputtest.NewRecorder()
			tr := input.NewTracker(r)
			feed(t, tr, tt.feed)
			n := got(t, r, 0, tt.want)
			if err := tr.ReleaseAll(); err != nil {
				t.Fatal(err)
			}
			n = got(t, r, n, tt.release)
			if err := tr.ReleaseAll(); err != nil {
				t.Fatal(err)
			}
			got(t, r, n, "")
		})
	}
}

// A release that fails does not keep the others from being released.
func TestTrackerReleasesOn(t *testing.T) {
	r := inputtest.NewRecorder()
	tr := input.NewTracker(r)
	feed(t, tr, "+04 +05 @1,1:L")
	wrong := errors.New("wrong")
	r.Fail(wrong)
	if err := tr.ReleaseAll(); !errors.Is(err, wrong) || strings.Count(err.Error(), "wrong") != 3 {
		t.Errorf("three releases fail: %v", err)
	}
}

func TestLimiter(t *testing.T) {
	moves := func(n int) (s string) {
		for i := range n {
			s += fmt.Sprintf("@%d,%d: ", i%100, i/100)
		}
		return strings.TrimSpace(s)
	}
	burst := moves(input.Burst)
	taps := strings.Repeat("+04 -04 ", input.Burst)
	for _, tt := range []struct{ name, feed, want, later string }{
		{"below", "@1,1: +04 -04", "@1,1: +04 -04", ""},
		{"the last move comes", moves(input.Burst) + " @7,7: @8,8: @9,9:", burst, "@9,9:"},
		{"it comes before the release", burst + " @9,9: -04", burst, "@9,9:"},
		{"a drag ends where it should", "@1,1:L " + moves(0) + strings.Repeat("@2,2:L ", input.Burst-1) + "@9,9:L @9,9:",
			"@1,1:L " + strings.Repeat("@2,2:L ", input.Burst-1) + "@9,9:", ""},
		{"presses are dropped with their releases", taps + "+05 -05", taps[:len(taps)-1], ""},
		{"what waits has the buttons of later", "@1,1:L " + strings.Repeat("@2,2:L ", input.Burst-1) + "@9,9:L =:",
			"@1,1:L " + strings.Repeat("@2,2:L ", input.Burst-1) + "@9,9: =:", ""},
		{"releases are free", "+05 +06 " + strings.Repeat("@1,1: ", input.Burst-2) + "-05 @9,9: -06", "+05 +06 " +
			strings.Repeat("@1,1: ", input.Burst-2) + "-05 @9,9: -06", ""},
		{"a press dropped stays up", burst + " @5,5:L @6,6:L", burst, "@6,6:"},
		{"notches cost", strings.Repeat("^20 ", 12), strings.TrimSpace(strings.Repeat("^20 ", 10)), "@0,0:"},
		{"notches have a limit", "^100", "^20", ""},
		{"text costs by length", strings.Repeat(`"`+strings.Repeat("x", 800)+" ", 3),
			strings.TrimSpace(strings.Repeat(`"`+strings.Repeat("x", 800)+" ", 2)), ""},
		{"too much text", `"` + strings.Repeat("x", input.MaxText+1), "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := inputtest.NewRecorder()
				l := input.NewLimiter(r)
				feed(t, l, tt.feed)
				n := got(t, r, 0, tt.want)
				if err := l.Tick(); err != nil { // no time has passed
					t.Fatal(err)
				}
				n = got(t, r, n, "")
				time.Sleep(20 * time.Millisecond)
				for range 2 {
					if err := l.Tick(); err != nil {
						t.Fatal(err)
					}
				}
				got(t, r, n, tt.later)
			})
		})
	}
}

func TestLimiterRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := inputtest.NewRecorder()
		l := input.NewLimiter(r)
		for range 10_000 { // a second of ten thousand taps
			feed(t, l, "+04 -04")
			time.Sleep(100 * time.Microsecond)
		}
		if n := len(r.Events()) / 2; n < input.Rate+input.Burst-2 || n > input.Rate+input.Burst {
			t.Errorf("%d taps in a second, want %d", n, input.Rate+input.Burst)
		}
	})
}
