//go:build windows

package overlay

import (
	"fmt"
	"image"
	"iter"
	"runtime"
	"slices"
	"sync"
	"time"

	"golang.org/x/sys/windows"
)

func init() { open = openWindows }

// Messages of the overlay's thread to itself.
const (
	wmWanted = wmApp + iota // Show or Hide was called
	wmOrder                 // windows came, went or moved, or monitors did
)

// orderRest is how long the overlay lets be before it puts itself right, in milliseconds: other programs' windows come in
// crowds.
const orderRest = 40

// system keeps the overlay on a Windows desktop. Its windows belong to a thread of their own: the system tells a window's news
// to the thread that made it.
type system struct {
	Options
	fonts  *fonts
	thread uint32
	done   chan struct{}
	once   sync.Once

	mu    sync.Mutex
	want  *Sign // nil for nothing
	rects []image.Rectangle

	// The rest belongs to the thread.
	sign   *Sign
	panes  []*pane
	plates map[image.Point]*plate
	class  uintptr
	timer  uintptr // of the clock
	due    uintptr // timer that puts the overlay right
}

func openWindows(opt Options) (Overlay, error) {
	s := &system{Options: opt, fonts: newFonts(opt.Fonts), done: make(chan struct{})}
	started := make(chan error, 1)
	go s.run(started)
	if err := <-started; err != nil {
		<-s.done
		return nil, err
	}
	return s, nil
}

// Show implements Overlay.
func (s *system) Show(sign Sign) {
	sign.Displays = slices.Clone(sign.Displays)
	s.set(&sign)
}

// Hide implements Overlay.
func (s *system) Hide() { s.set(nil) }

func (s *system) set(sign *Sign) {
	s.mu.Lock()
	s.want = sign
	s.mu.Unlock()
	postThreadMessage.Call(uintptr(s.thread), wmWanted, 0, 0)
}

// Rects implements Overlay.
func (s *system) Rects() []image.Rectangle {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.rects)
}

// Owns implements Overlay.
func (s *system) Owns(w uintptr) bool {
	var pid uint32
	thread, err := windows.GetWindowThreadProcessId(windows.HWND(w), &pid)
	return err == nil && thread == s.thread
}

// Close implements Overlay.
func (s *system) Close() error {
	s.once.Do(func() { postThreadMessage.Call(uintptr(s.thread), wmQuit, 0, 0) })
	<-s.done
	return nil
}

// run belongs to one thread until Close.
func (s *system) run(started chan<- error) {
	runtime.LockOSThread() // and never unlocks it: the thread ends with its hooks and windows
	defer close(s.done)
	s.thread = windows.GetCurrentThreadId()
	var m message
	peekMessage.Call(m.pointer(), 0, wmUser, wmUser, 0) // makes the queue
	if setThreadDpiAwarenessContext.Find() == nil {
		setThreadDpiAwarenessContext.Call(perMonitorAware) // places are pixels
	}
	var err error
	if s.class, err = windowClass(); err != nil {
		started <- fmt.Errorf("%w: %w", ErrUnsupported, err)
		return
	}
	unhook := hook(s.thread)
	defer unhook()
	defer s.place(nil)
	started <- nil
	for {
		if r, _, _ := getMessage.Call(m.pointer(), 0, 0, 0); int32(r) <= 0 { // the end, or an error
			return
		}
		s.take(&m)
	}
}

// take takes one message.
func (s *system) take(m *message) {
	switch {
	case m.window != 0:
		dispatchMessage.Call(m.pointer())
	case m.id == wmWanted:
		s.settle()
	case m.id == wmOrder:
		if s.due == 0 {
			s.due, _, _ = setTimer.Call(0, 0, orderRest, 0)
		}
	case m.id == wmTimer && m.wParam == s.due:
		killTimer.Call(0, s.due)
		s.due = 0
		s.settle()
	case m.id == wmTimer && m.wParam == s.timer:
		s.tick()
	}
}

// settle puts the overlay right.
func (s *system) settle() {
	s.mu.Lock()
	sign := s.want
	s.mu.Unlock()
	if sign == nil {
		s.sign = nil
		s.place(nil)
		s.runClock()
		return
	}
	if s.sign == nil || s.sign.Level != sign.Level || s.sign.Text != sign.Text || !s.sign.Since.Equal(sign.Since) {
		s.plates = map[image.Point]*plate{}
	}
	s.sign = sign
	s.tick()
	s.place(layout(*sign, readMonitors(), uncovered(s.Bars(), s.others()), s.plateFor))
	if s.covered() {
		for _, p := range s.panes {
			p.raise()
		}
	}
	s.runClock()
}

// plateFor returns the sign for a monitor.
func (s *system) plateFor(m image.Rectangle) *plate {
	p := s.plates[m.Size()]
	if p == nil {
		p = drawPlate(*s.sign, m, s.fonts)
		s.plates[m.Size()] = p
	}
	p.tick(time.Now())
	return p
}

// others are the places of other windows that can be seen, the highest first.
func (s *system) others() iter.Seq[image.Rectangle] {
	return func(yield func(image.Rectangle) bool) {
		for w := range stack() {
			if r := place(w); !s.owns(w) && !r.Empty() && !yield(r) {
				return
			}
		}
	}
}

// covered reports whether another window is above one of ours.
func (s *system) covered() bool {
	left := len(s.panes)
	for w := range stack() {
		switch {
		case left == 0:
			return false
		case s.owns(w):
			left--
		case !place(w).Empty():
			return true
		}
	}
	return left > 0
}

func (s *system) owns(w windows.HWND) bool {
	return slices.ContainsFunc(s.panes, func(p *pane) bool { return p.window == w })
}

// place makes the windows of list, and then takes others away.
func (s *system) place(list []piece) {
	var signs []image.Rectangle
	for _, p := range list {
		if p.plate != nil {
			signs = append(signs, p.rect)
		}
	}
	s.mu.Lock()
	s.rects = signs // before they are to be seen
	s.mu.Unlock()
	for _, p := range list {
		if slices.ContainsFunc(s.panes, func(old *pane) bool { return old.piece == p && old.intact() }) {
			continue
		}
		made, err := newPane(s.class, p)
		if err != nil {
			s.Log.Warn("overlay not put right", "error", err)
			continue
		}
		s.panes = append(s.panes, made)
	}
	s.panes = slices.DeleteFunc(s.panes, func(p *pane) bool {
		gone := !slices.Contains(list, p.piece) || !p.intact()
		if gone {
			p.destroy()
		}
		return gone
	})
}

// tick moves the clocks on.
func (s *system) tick() {
	now := time.Now()
	changed := map[*plate]bool{}
	for _, p := range s.panes {
		if p.plate == nil {
			continue
		}
		if _, known := changed[p.plate]; !known {
			changed[p.plate] = p.plate.tick(now)
		}
		if changed[p.plate] {
			p.paint()
		}
	}
}

// runClock starts or stops the timer of the clocks.
func (s *system) runClock() {
	want := s.sign != nil && !s.sign.Since.IsZero() && slices.ContainsFunc(s.panes, func(p *pane) bool { return p.plate != nil })
	switch {
	case want && s.timer == 0:
		s.timer, _, _ = setTimer.Call(0, 0, 1000, 0)
	case !want && s.timer != 0:
		killTimer.Call(0, s.timer)
		s.timer = 0
	}
}
