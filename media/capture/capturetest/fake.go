package capturetest

import (
	"context"
	"fmt"
	"image"
	"slices"
	"sync"
	"time"

	"assist/media/capture"
	"assist/media/capture/internal/choice"
	"assist/media/capture/internal/picture"
	"assist/media/frame"
)

// Fake is a [capture.Source] of a desktop in memory that a test paints on. It waits with channels only, so it works
// inside a testing/synctest bubble, and it counts what was asked of it. Its methods may be called from any goroutine.
type Fake struct {
	wake chan struct{} // holds one token when something may be new
	done chan struct{}

	mu      sync.Mutex
	desktop *frame.Frame
	choice  choice.Choice
	numbers *capture.Numbers
	mask    func() []image.Rectangle
	pointer image.Point // desktop pixels
	cursor  capture.Cursor

	shown      *picture.Picture // nil after Select
	view       choice.View      // what shown shows
	told       choice.View      // that of the last update
	damage     []image.Rectangle
	newPointer bool
	newCursor  bool

	opened, nexts int
	broken        error
	closed        bool
}

// told is what was last said of the displays.
type told struct {
	list          []capture.Display
	chosen, shown uint8
}

// NewFake returns a source with one black display of this size, an arrow of one pixel, and the pointer at 0,0.
func NewFake(width, height int) *Fake {
	f := &Fake{
		wake:      make(chan struct{}, 1),
		done:      make(chan struct{}),
		desktop:   frame.New(width, height),
		numbers:   &capture.Numbers{},
		cursor:    capture.Cursor{Serial: 1, Size: image.Pt(1, 1), Pix: []byte{0, 0, 0, 255}},
		newCursor: true,
	}
	f.plug([]capture.Display{{Name: "fake", Bounds: f.desktop.Rect, Primary: true}})
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
	if o.Numbers != nil {
		f.numbers = o.Numbers
		f.plug(f.choice.Displays())
	}
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

// Plug replaces the displays; their IDs are set as [capture.Numbers] give them. The desktop grows to hold them all.
func (f *Fake) Plug(displays ...capture.Display) {
	f.change(func() { f.plug(displays) })
}

func (f *Fake) plug(displays []capture.Display) {
	list := slices.Clone(displays)
	f.numbers.Give(list)
	f.choice.Plug(list)
	if all := f.desktop.Rect.Union(choice.Union(list)); all != f.desktop.Rect {
		grown := frame.New(all.Dx(), all.Dy())
		grown.Rect = all
		grown.CopyRect(f.desktop, all)
		f.desktop = grown
	}
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
		if err := f.wait(ctx); err != nil {
			return capture.Update{}, err
		}
	}
}

// wait waits until something may be new.
func (f *Fake) wait(ctx context.Context) error {
	var due <-chan time.Time
	f.mu.Lock()
	if d, ok := f.choice.Due(time.Now()); ok {
		t := time.NewTimer(d)
		defer t.Stop()
		due = t.C
	}
	f.mu.Unlock()
	select {
	case <-f.wake:
	case <-due:
	case <-f.done:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
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
	if err := f.aim(); err != nil {
		return u, false, err
	}
	dirty, again, err := f.shown.Refresh(f.damage, f.mask, f.grab)
	if err != nil {
		return u, false, err
	}
	f.damage = f.damage[:0]
	if again {
		f.signal()
	}
	u = capture.Update{
		Frame: f.shown.Frame, Dirty: dirty, Pointer: f.pointer.Sub(f.view.Shown.Bounds.Min),
		Displays: f.view.News(f.told), Choice: f.view.Chosen, Shown: f.view.Shown.ID,
	}
	f.told = f.view
	if f.newCursor {
		c := f.cursor
		u.Cursor = &c
	}
	some = len(dirty) > 0 || u.Displays != nil || f.newCursor || f.newPointer
	f.newCursor, f.newPointer = false, false
	return u, some, nil
}

// aim makes what is to be shown the shown picture.
func (f *Fake) aim() (err error) {
	f.choice.Point(f.pointer, time.Now())
	before := f.view
	f.view = f.choice.View()
	if f.shown != nil && f.view.SamePicture(before) {
		return nil
	}
	if f.shown, err = picture.New(f.view.Shown.Bounds, f.view.Seen...); err != nil {
		return fmt.Errorf("capturetest: %w", err)
	}
	return nil
}

// grab shoots parts of what is shown.
func (f *Fake) grab(parts []image.Rectangle) ([]*frame.Frame, error) {
	at := f.view.Shown.Bounds.Min
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
	if err := f.choice.Choose(id); err != nil {
		return err
	}
	f.shown = nil
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
