package input_test

import (
	"errors"
	"image"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"assist/media/input"
	"assist/media/input/inputtest"
)

func TestLocalFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := inputtest.NewRecorder()
		f := input.NewLocalFirst(r, r)
		n := 0
		for _, tt := range []struct {
			name  string
			after time.Duration
			hand  bool
			feed  string
			want  string
		}{
			{"nobody there", 0, false, `+04 @1,1:L "a`, `+04 @1,1:L "a`},
			{"the hand releases", 0, true, "+05", "-04 =:"},
			{"and keeps out", 0, false, `-05 -04 +06 @2,2:L @3,3: "b ^1`, ""},
			{"for two seconds", input.LocalHold - time.Nanosecond, false, "+06 @4,4:L", ""},
			{"then what is down stays up", time.Nanosecond, false, "@5,5:L -06 @6,6: @7,7:L -07 +07", "@5,5: @6,6: @7,7:L +07"},
			{"seen at a move, too", 0, true, "@8,8:L", "-07 =:"},
			{"and at text", time.Hour, true, `"c`, ""},
			{"releases pass", time.Hour, false, "+04 -04", "+04 -04"},
		} {
			time.Sleep(tt.after)
			if tt.hand {
				r.Move()
			}
			t.Log(tt.name)
			feed(t, f, tt.feed)
			n = got(t, r, n, tt.want)
		}
		r.Move()
		feed(t, f, "")
		if f.Tick(); !f.Holding() {
			t.Error("Tick does not see the hand")
		}
		if f.Reset(); f.Holding() {
			t.Error("Reset does not forget it")
		}
	})
}

// brokenHand cannot see.
type brokenHand struct{ broken bool }

func (h *brokenHand) Moved() (bool, error) {
	if h.broken {
		return false, errors.New("blind")
	}
	return false, nil
}

// Without eyes for the hand nothing new passes, and what is held goes up.
func TestLocalFirstBlind(t *testing.T) {
	r := inputtest.NewRecorder()
	h := &brokenHand{}
	f := input.NewLocalFirst(r, h)
	feed(t, f, "+04 @1,1:L")
	h.broken = true
	for _, w := range []string{"+05", "@2,2:L", `"a`} {
		if give(f, parse(w)) == nil {
			t.Errorf("%s: no error", w)
		}
	}
	feed(t, f, "-04")
	got(t, r, 2, "=: -04")
	f = input.NewLocalFirst(r, nil)
	feed(t, f, "+04 -04")
	if err := errors.Join(f.Tick(), f.Reset()); err != nil {
		t.Error(err)
	}
}

// own are windows of a test.
type own struct {
	mu      sync.Mutex
	rects   []image.Rectangle
	focused bool
}

func (o *own) Rects() []image.Rectangle {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.rects
}

func (o *own) Focused() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.focused
}

func (o *own) place(r ...image.Rectangle) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.rects = r
}

func (o *own) focus(on bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.focused = on
}

func TestGuard(t *testing.T) {
	var displays input.Displays
	displays.Set([]image.Rectangle{screen})
	o := &own{rects: []image.Rectangle{image.Rect(40, 40, 60, 60), image.Rect(90, 0, 100, 10)}}
	r := inputtest.NewRecorder()
	g := input.NewGuard(r, o, &displays)
	n := 0
	for _, tt := range []struct {
		name            string
		paused, focused bool
		feed, want      string
	}{
		{"beside our windows", false, false, `@39,50:L @60,50: @99,10: +04 -04 "a`, `@39,50:L @60,50: @99,10: +04 -04 "a`},
		{"over one", false, false, "@40,40: @59,59:L @59,59: @95,5:R", ""},
		{"a press there stays up outside", false, false, "@20,20:R @20,20: @20,20:R @20,20:", "@20,20: @20,20: @20,20:R @20,20:"},
		{"dragged into one", false, false, "@20,20:L @50,50:L @51,51:L @20,21:L @20,21:", "@20,20:L =: @20,21: @20,21:"},
		{"released over one", false, false, "@20,20:L @50,50: @20,20:L @20,20:", "@20,20:L =: @20,20:L @20,20:"},
		{"keys before the focus", false, false, "+e1 +04", "+e1 +04"},
		{"while focused", false, true, `+05 "b -05 -04 -e1`, "-04 -e1"},
		{"the pointer is free then", false, true, "@1,1:L @1,1:", "@1,1:L @1,1:"},
		{"held before a question", false, false, "+04 @1,1:L", "+04 @1,1:L"},
		{"a question", true, false, `+05 @2,2:LR "c ^1 -04 @2,2:`, "-04 =:"},
		{"after it", false, false, "+05 -05 @3,3:", "+05 -05 @3,3:"},
		{"the Pause key", false, false, "+48 -48 +e0 +48 -48 -e0", "+e0 -e0"},
		{"held before another", false, false, "@1,1:L", "@1,1:L"},
		{"a question without an event", true, false, "", "=:"},
		{"a button still down after it stays up", false, false, "@2,2:L @2,2: @2,2:L @2,2:", "@2,2: @2,2: @2,2:L @2,2:"},
		{"in place only up", false, false, "@1,1:L =:LR @1,1:LR =: =:M", "@1,1:L @1,1:LR =:"},
	} {
		t.Log(tt.name)
		o.focus(tt.focused)
		if g.Paused() != tt.paused {
			if err := g.SetPaused(tt.paused); err != nil {
				t.Fatal(err)
			}
		}
		feed(t, g, tt.feed)
		n = got(t, r, n, tt.want)
	}
	p := parse("@1,1:L")
	p.Pointer.Display = 1
	if err := give(g, p); err != nil {
		t.Fatal(err)
	}
	n = got(t, r, n, "") // a display that is not there
	feed(t, g, "+2c")
	o.focus(true)
	if err := g.Tick(); err != nil {
		t.Fatal(err)
	}
	got(t, r, n, "+2c -2c") // it must not repeat into the window
}
