package main

import (
	"context"
	"log/slog"
	"sync"

	"assist/app/customer"
	"assist/app/problem"
	"assist/app/session"
	"assist/media/window"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver"
)

// sight keeps the session bar where the customer sees it, as long as anything of the screen is shared: it says who can do what, and
// Stop is on it. What the engineer started, or left behind, may not take it away. Its methods may be called from any goroutine.
type sight struct {
	own  window.Finder // nil where nobody knows our windows
	lost func(problem.Code)
	log  *slog.Logger

	mu     sync.Mutex
	bar    uintptr // 0 while there is none
	shared bool
	stop   context.CancelFunc // nil while nothing is kept
	wg     sync.WaitGroup
}

// through says which windows of ours others are seen and clicked through.
func (s *sight) through(which func(uintptr) bool) {
	if s.own != nil {
		s.own.Through(which)
	}
}

// barIs takes the window of the bar, nil before that is closed.
func (s *sight) barIs(win fyne.Window) {
	id := uintptr(0)
	if win != nil {
		id = nativeWindow(win)
	}
	s.set(func() { s.bar = id })
}

// take takes what is shared.
func (s *sight) take(e customer.Event) {
	switch e := e.(type) {
	case customer.AccessChanged:
		s.set(func() { s.shared = e.Access >= session.ViewOnly })
	case customer.Started, customer.Ended:
		s.set(func() { s.shared = false })
	}
}

// set changes what is known, and begins or ends keeping the bar.
func (s *sight) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.bar
	change()
	if s.stop != nil && (!s.shared || s.bar != before) {
		s.stop()
		s.stop = nil
	}
	if s.stop != nil || !s.shared || s.bar == 0 || s.own == nil {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	s.stop = cancel
	bar := s.bar
	s.wg.Go(func() {
		defer cancel()
		err := s.own.Keep(ctx, bar, window.Keeping{Lost: s.tell, Log: s.log})
		if err != nil {
			s.log.Warn("session bar not kept in sight", "error", err)
		}
	})
}

// tell says what could not be held.
func (s *sight) tell(l window.Loss) {
	why := map[window.Loss]problem.Code{window.OutOfSight: problem.SignHidden, window.Unmarked: problem.Unmarked}
	s.lost(why[l])
}

func (s *sight) close() {
	s.set(func() { s.bar, s.shared = 0, false })
	s.wg.Wait()
}

// nativeWindow returns the system's number of a window, or 0.
func nativeWindow(win fyne.Window) (id uintptr) {
	native, ok := win.(driver.NativeWindow)
	if !ok {
		return 0
	}
	native.RunNative(func(context any) {
		switch c := context.(type) {
		case driver.X11WindowContext:
			id = c.WindowHandle
		case *driver.X11WindowContext:
			id = c.WindowHandle
		case driver.WindowsWindowContext:
			id = c.HWND
		case *driver.WindowsWindowContext:
			id = c.HWND
		}
	})
	return id
}
