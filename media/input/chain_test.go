package input_test

import (
	"errors"
	"image"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"assist/media/input"
	"assist/media/input/inputtest"
)

// states collects what OnState is told.
type states struct {
	mu  sync.Mutex
	all []input.State
}

func (s *states) add(st input.State) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, st)
}

// take returns what came since the last take.
func (s *states) take() []input.State {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.all
	s.all = nil
	return all
}

func TestChain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := inputtest.NewRecorder()
		var told states
		o := &own{rects: []image.Rectangle{image.Rect(50, 50, 60, 60)}}
		c := input.NewChain(r, input.ChainOptions{Own: o, OnState: told.add})
		c.SetDisplays([]image.Rectangle{screen})
		if d := r.Displays(); !slices.Equal(d, []image.Rectangle{screen}) {
			t.Errorf("the injector's displays are %v", d)
		}
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		n := 0
		for _, tt := range []struct {
			name  string
			do    func()
			after time.Duration
			feed  string
			want  string
			state input.State
			told  []input.State
		}{
			{"shut when made", func() {}, 0, `+04 -04 @1,1:L "a`, "", input.Off, nil},
			{"open", func() { r.Move(); c.Open() }, 0, `+04 @1,1: "a`, `+04 @1,1: "a`, input.On, []input.State{input.On}},
			{"open again does nothing", c.Open, 0, "@2,2:", "@2,2:", input.On, nil},
			{"a question", func() { must(c.SetPrompt(true)) }, 0, "+05 @1,1:L -05 -04", "-04", input.Prompt, []input.State{input.Prompt}},
			{"over", func() { must(c.SetPrompt(false)) }, 0, "@1,1:", "@1,1:", input.On, []input.State{input.On}},
			{"the hand, without an event", r.Move, 60 * time.Millisecond, "+05", "", input.LocalHand, []input.State{input.LocalHand}},
			{"a question then", func() { must(c.SetPrompt(true)) }, 0, "", "", input.Prompt, []input.State{input.Prompt}},
			{"answered", func() { must(c.SetPrompt(false)) }, 0, "", "", input.LocalHand, []input.State{input.LocalHand}},
			{"two seconds later", func() {}, input.LocalHold, "-05 +05 @2,2:L", "+05 @2,2:L", input.On, []input.State{input.On}},
			{"over our window", func() {}, 0, "@55,55:L", "=:", input.On, nil},
			{"shut", func() { must(c.Shut()) }, 0, "-05 @3,3: +06", "-05", input.Off, []input.State{input.Off}},
			{"the hand does not matter then", r.Move, time.Second, "", "", input.Off, nil},
			{"and after opening it is forgotten", c.Open, 0, "+06", "+06", input.On, []input.State{input.On}},
			{"keys in our window", func() { o.focus(true) }, 100 * time.Millisecond, "+07", "-06", input.On, nil},
		} {
			t.Log(tt.name)
			tt.do()
			time.Sleep(tt.after)
			feed(t, c, tt.feed)
			synctest.Wait()
			n = got(t, r, n, tt.want)
			if s := c.State(); s != tt.state {
				t.Errorf("state %v, want %v", s, tt.state)
			}
			if got := told.take(); !slices.Equal(got, tt.told) {
				t.Errorf("told %v, want %v", got, tt.told)
			}
		}
		must(c.Close())
		if !r.Closed() {
			t.Error("the injector is open")
		}
		feed(t, c, "+04")
	})
}

// A flood ends with the pointer where it was moved last, by itself.
func TestChainFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := inputtest.NewRecorder()
		c := input.NewChain(r, input.ChainOptions{})
		defer c.Close()
		c.SetDisplays([]image.Rectangle{screen})
		c.Open()
		for i := range 1000 {
			p := input.Pointer{X: uint16(i)}
			if err := c.Pointer(p); err != nil {
				t.Fatal(err)
			}
		}
		if n := len(r.Events()); n != input.Burst {
			t.Errorf("%d moves at once", n)
		}
		time.Sleep(time.Second)
		e := r.Events()
		if last := e[len(e)-1].Pointer; len(e) != input.Burst+1 || last.X != 999 {
			t.Errorf("%d moves, the last to %d", len(e), last.X)
		}
		for i := range 1000 {
			if err := c.Pointer(input.Pointer{X: uint16(i)}); err != nil {
				t.Fatal(err)
			}
		}
		if err := c.Shut(); err != nil {
			t.Fatal(err)
		}
		n := r.Count()
		c.Open()
		time.Sleep(time.Second)
		if r.Count() != n {
			t.Error("a move of before the gate was closed comes after it was opened")
		}
	})
}

// An injector that fails says so to whoever sends, and nothing hangs.
func TestChainFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := inputtest.NewRecorder()
		c := input.NewChain(r, input.ChainOptions{})
		c.SetDisplays([]image.Rectangle{screen})
		c.Open()
		wrong := errors.New("wrong")
		feed(t, c, "+04")
		r.Fail(wrong)
		for _, w := range []string{"+05", "@1,1:", `"a`} {
			if err := give(c, parse(w)); !errors.Is(err, wrong) {
				t.Errorf("%s: %v", w, err)
			}
		}
		if err := c.Close(); !errors.Is(err, wrong) {
			t.Errorf("Close: %v", err)
		}
		if keys, _ := r.Held(); len(keys) > 0 {
			t.Errorf("held: %x", keys)
		}
	})
}

// A panic on the way leaves the chain so that it can be shut, and shutting releases.
func TestChainPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := inputtest.NewRecorder()
		c := input.NewChain(r, input.ChainOptions{})
		c.SetDisplays([]image.Rectangle{screen})
		c.Open()
		feed(t, c, "+e1 @1,1:L")
		r.Before(func() { panic("a filter breaks") })
		for _, w := range []string{"+04", "@2,2:LR", `"a`} {
			func() {
				defer func() { recover() }()
				give(c, parse(w))
				t.Errorf("%s: no panic", w)
			}()
		}
		r.Before(nil)
		if err := c.Shut(); err != nil {
			t.Fatal(err)
		}
		if keys, buttons := r.Held(); len(keys) > 0 || buttons != 0 {
			t.Errorf("held: %x %b", keys, buttons)
		}
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	})
}
