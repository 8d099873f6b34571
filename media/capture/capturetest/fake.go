package capturetest

import (
	"context"
	"errors"
	"fmt"
	"image"
	"sync"

	"assist/media/capture"
	"assist/media/capture/internal/picture"
	"assist/media/frame"
)

// Fake is a [capture.Source] of a desktop in memory that a test paints on. It waits with channels only, so it works
// inside a testing/synctest bubble, and it counts what was asked of it. Its methods may be called from any goroutine.
type Fake struct {
	wake chan struct{} // holds one token when something may be new
	done chan struct{}

	mu       sync.Mutex
	desktop  *frame.Frame
	displays []capture.Display
	selected uint8
	mask     func() []image.Rectangle
	pointer  image.Point // desktop pixels
	cursor   capture.Cursor

	shown       *picture.Picture // nil after Select
	damage      []image.Rectangle
	newPointer  bool
	newCursor   bool
	newDisplays bool

	opened, nexts int
	broken        error
	closed        bool
}

// NewFake returns a source with one black display of this size, an arrow of one pixel, and the pointer at 0,0.
func NewFake(width, height int) *Fake {
	f := &Fake{
		wake:        make(chan struct{}, 1),
		done:        make(chan struct{}),
		desktop:     frame.New(width, height),
		cursor:      capture.Cursor{Serial: 1, Size: image.Pt(1, 1), Pix: []byte{0, 0, 0, 255}},
		newCursor:   true,
		newDisplays: true,
	}
	f.displays = []capture.Display{{Name: "fake", Bounds: f.desktop.Rect, Primary: true}}
	f.wake <- struct{}{}
	return f
}

// Open has the shape of [capture.Open]: it takes over the options and returns f. A test that must show that
// nothing is captured hands it in and looks at [Fake.Opened].
func (f *Fake) Open(o capture.Options) (capture.Source, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.opened++
	f.mask = o.Mask
	f.signal()
	return f, nil
}

// Opened returns how often Open was called.
func (f *Fake) Opened() int { return count(f, &f.opened) }

// Nexts returns how often Next was called.
func (f *Fake) Nexts() int { return count(f, &f.nexts) }

func count(f *Fake, n *int) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return *n
}

// Closed reports whether Close was called.
func (f *Fake) Closed() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.closed
}

// Paint lets paint change the desktop and return what it may have changed, in desktop pixels.
func (f *Fake) Paint(paint func(desktop *frame.Frame) []image.Rectangle) {
	f.change(func() { f.damage = append(f.damage, paint(f.desktop)...) })
}

// MovePointer puts the pointer at a place of the desktop.
func (f *Fake) MovePointer(to image.Point) {
	f.change(func() {
		f.newPointer = f.newPointer || f.pointer != to
		f.pointer = to
	})
}

// SetCursor changes the pointer's shape.
func (f *Fake) SetCursor(c capture.Cursor) {
	f.change(func() { f.cursor, f.newCursor = c, true })
}

// Plug replaces the displays; their IDs are set to their places in the list. The desktop grows to hold them all. The display that
// was selected stays so if its name is still there, otherwise the first is.
func (f *Fake) Plug(displays ...capture.Display) {
	f.change(func() {
		was := f.displays[f.selected].Name
		f.displays, f.selected, f.newDisplays, f.shown = nil, 0, true, nil
		all := f.desktop.Rect
		for i, d := range displays {
			d.ID = uint8(i)
			if d.Name == was {
				f.selected = d.ID
			}
			f.displays = append(f.displays, d)
			all = all.Union(d.Bounds)
		}
		if all != f.desktop.Rect {
			grown := frame.New(all.Dx(), all.Dy())
			grown.Rect = all
			grown.CopyRect(f.desktop, all)
			f.desktop = grown
		}
	})
}

// Break makes Next fail with err from now on, as a lost screen does.
func (f *Fake) Break(err error) {
	f.change(func() { f.broken = err })
}

// change runs do alone and wakes Next.
func (f *Fake) change(do func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	do()
	f.signal()
}

func (f *Fake) signal() {
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// Next implements [capture.Source].
func (f *Fake) Next(ctx context.Context) (capture.Update, error) {
	f.mu.Lock()
	f.nexts++
	f.mu.Unlock()
	for {
		if err := ctx.Err(); err != nil {
			return capture.Update{}, err
		}
		u, some, err := f.take()
		if some || err != nil {
			return u, err
		}
		select {
		case <-f.wake:
		case <-f.done:
		case <-ctx.Done():
		}
	}
}

// take returns what is new, if anything is.
func (f *Fake) take() (u capture.Update, some bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.closed:
		return u, false, capture.ErrClosed
	case f.broken != nil:
		return u, false, f.broken
	}
	bounds := f.displays[f.selected].Bounds
	if f.shown == nil {
		if f.shown, err = picture.New(bounds); err != nil {
			return u, false, fmt.Errorf("capturetest: %w", err)
		}
	}
	dirty, again, err := f.shown.Refresh(f.damage, f.mask, f.grab)
	if err != nil {
		return u, false, err
	}
	f.damage = f.damage[:0]
	if again {
		f.signal()
	}
	u = capture.Update{Frame: f.shown.Frame, Dirty: dirty, Pointer: f.pointer.Sub(bounds.Min)}
	if f.newDisplays {
		u.Displays = append([]capture.Display(nil), f.displays...)
	}
	if f.newCursor {
		c := f.cursor
		u.Cursor = &c
	}
	some = len(dirty) > 0 || f.newDisplays || f.newCursor || f.newPointer
	f.newDisplays, f.newCursor, f.newPointer = false, false, false
	return u, some, nil
}

// grab shoots parts of the selected display.
func (f *Fake) grab(parts []image.Rectangle) ([]*frame.Frame, error) {
	at := f.displays[f.selected].Bounds.Min
	var shots []*frame.Frame
	for _, r := range parts {
		s := frame.New(r.Dx(), r.Dy())
		s.Rect = r.Add(at)
		s.CopyRect(f.desktop, s.Rect)
		s.Rect = r
		shots = append(shots, s)
	}
	return shots, nil
}

// Select implements [capture.Source].
func (f *Fake) Select(id uint8) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return capture.ErrClosed
	}
	if int(id) >= len(f.displays) {
		return errors.New("capturetest: no such display")
	}
	f.selected, f.shown = id, nil
	f.signal()
	return nil
}

// Close implements [capture.Source].
func (f *Fake) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.closed {
		f.closed = true
		close(f.done)
	}
	return nil
}
