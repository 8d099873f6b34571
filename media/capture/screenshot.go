//go:build linux || windows || darwin || freebsd || netbsd || openbsd

package capture

import (
	"context"
	"errors"
	"fmt"
	"image"
	"slices"
	"sync"
	"time"

	"github.com/kbinani/screenshot"

	"assist/media/capture/internal/choice"
	"assist/media/capture/internal/picture"
	"assist/media/frame"
)

// Times between screenshots, and between looks at the list of displays.
const (
	shotChanging  = 100 * time.Millisecond // while something changes
	shotAtRest    = 250 * time.Millisecond
	restAfterIdle = 2 * time.Second // from the last change
	relist        = time.Second
)

// desk is what the portable source asks the system for besides screenshots.
type desk interface {
	// inPixels runs f so that the system's places are pixels in it, whatever it makes of them elsewhere.
	inPixels(f func())
	// pointer returns where the pointer is, in desktop pixels; false when the system does not say.
	pointer() (image.Point, bool)
	// displays lists the displays, the primary one first; empty when the system does not say more than the screenshot package.
	displays() []Display
	// origin returns the desktop pixel that the screenshot package counts from.
	origin() image.Point
	close()
}

// newDesk is set by screenshot_GOOS.go; without it, the pointer is not seen.
var newDesk func() (desk, error)

// portable takes a screenshot several times a second and compares it with the one before. It is the slow way that works
// nearly everywhere: about 30 ms of CPU a screenshot of 1920x1080, whether or not something changed.
type portable struct {
	mask    func() []image.Rectangle
	numbers *Numbers
	done    chan struct{}
	wake    chan struct{} // holds one token when Select was called

	mu     sync.Mutex
	choice choice.Choice
	fresh  bool // Select was called
	closed bool

	busy    sync.Mutex // held while Next works; what follows belongs to its holder
	desk    desk
	listed  time.Time
	shown   *picture.Picture
	view    choice.View // what shown shows
	told    choice.View // that of the last update
	changed time.Time
	pointAt image.Point
	cursor  bool // the shape was told
}

func init() { openPortable = openScreenshot }

// openScreenshot takes one screenshot to see whether they work.
func openScreenshot(o Options) (Source, error) {
	s := &portable{mask: o.Mask, numbers: o.numbers(), done: make(chan struct{}), wake: make(chan struct{}, 1), desk: nowhere{}}
	if newDesk != nil {
		d, err := newDesk()
		if err != nil {
			return nil, fmt.Errorf("%w: screenshot: %w", ErrUnsupported, err)
		}
		s.desk = d
	}
	var err error
	s.desk.inPixels(func() {
		if err = s.list(); err == nil {
			s.view = s.choice.View()
			_, err = s.shoot(image.Rect(0, 0, 1, 1))
		}
	})
	if err != nil {
		s.desk.close()
		return nil, fmt.Errorf("%w: screenshot: %w", ErrUnsupported, err)
	}
	return s, nil
}

// list reads the displays.
func (s *portable) list() error {
	ds := s.desk.displays()
	if len(ds) == 0 {
		ds = s.counted()
	}
	ds = slices.DeleteFunc(ds, func(d Display) bool { return d.Bounds.Empty() })
	if len(ds) == 0 {
		return errors.New("no displays")
	}
	s.numbers.Give(ds)
	s.listed = time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.choice.Plug(ds)
	return nil
}

// counted lists the displays as the screenshot package counts them.
func (s *portable) counted() (ds []Display) {
	o := s.desk.origin()
	for i := range min(screenshot.NumActiveDisplays(), MaxDisplays) {
		ds = append(ds, Display{
			Name:    fmt.Sprintf("screen %d", i),
			Bounds:  screenshot.GetDisplayBounds(i).Add(o),
			Primary: i == 0,
		})
	}
	return ds
}

// Next implements Source.
func (s *portable) Next(ctx context.Context) (Update, error) {
	for {
		if err := ctx.Err(); err != nil {
			return Update{}, err
		}
		var (
			u           Update
			some, again bool
			err         error
		)
		s.desk.inPixels(func() { u, some, again, err = s.look() })
		if err != nil || some {
			return u, err
		}
		if again {
			continue
		}
		if err := s.wait(ctx); err != nil {
			return Update{}, err
		}
	}
}

// wait waits for the time of the next screenshot.
func (s *portable) wait(ctx context.Context) error {
	d := shotAtRest
	if time.Since(s.changed) < restAfterIdle {
		d = shotChanging
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-s.wake:
	case <-s.done:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// look takes a screenshot and returns what is new.
func (s *portable) look() (u Update, some, again bool, err error) {
	s.busy.Lock()
	defer s.busy.Unlock()
	at, ok := s.desk.pointer()
	dirty, again, err := s.refresh(at, ok)
	if err != nil {
		return u, false, false, err
	}
	if len(dirty) > 0 {
		s.changed = time.Now()
	}
	u = Update{Frame: s.shown.Frame, Dirty: dirty, Pointer: image.Pt(-1, -1)}
	if ok {
		u.Pointer = at.Sub(s.view.Shown.Bounds.Min)
	}
	u.Displays, u.Choice, u.Shown = s.view.News(s.told), s.view.Chosen, s.view.Shown.ID
	s.told = s.view
	if !s.cursor {
		s.cursor, u.Cursor = true, arrow()
	}
	some = len(dirty) > 0 || u.Displays != nil || u.Cursor != nil || u.Pointer != s.pointAt
	s.pointAt = u.Pointer
	return u, some, again, nil
}

// refresh brings the shown picture up to date. The pointer is at pointer, if that is known.
func (s *portable) refresh(pointer image.Point, known bool) (dirty []image.Rectangle, again bool, err error) {
	for range 2 {
		if err := s.aim(pointer, known); err != nil {
			return nil, false, err
		}
		dirty, again, err = s.shown.Refresh(s.view.Seen, s.mask, s.grab)
		if err == nil {
			return dirty, again, nil
		}
		s.listed, s.shown = time.Time{}, nil // perhaps a display went away
	}
	return nil, false, fmt.Errorf("%w: screenshot: %w", ErrLost, err)
}

// aim makes what is to be shown the shown picture, and from time to time reads the list of displays.
func (s *portable) aim(pointer image.Point, known bool) error {
	var failed error
	if time.Since(s.listed) > relist {
		failed = s.list()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	if failed != nil {
		return fmt.Errorf("%w: screenshot: %w", ErrLost, failed)
	}
	if known {
		s.choice.Point(pointer, time.Now())
	}
	before := s.view
	s.view = s.choice.View()
	if s.shown != nil && s.view.SamePicture(before) && !s.fresh {
		return nil
	}
	s.fresh = false
	var err error
	s.shown, err = picture.New(s.view.Shown.Bounds, s.view.Seen...)
	return err
}

// grab implements picture.Grab with one screenshot of everything asked for.
func (s *portable) grab(parts []image.Rectangle) ([]*frame.Frame, error) {
	var all image.Rectangle
	for _, r := range parts {
		all = all.Union(r)
	}
	f, err := s.shoot(all)
	return []*frame.Frame{f}, err
}

// shoot takes a screenshot of a part of what is shown.
func (s *portable) shoot(r image.Rectangle) (*frame.Frame, error) {
	img, err := screenshot.CaptureRect(r.Add(s.view.Shown.Bounds.Min).Sub(s.desk.origin()))
	if err != nil {
		return nil, err
	}
	if img.Rect.Size() != r.Size() {
		return nil, fmt.Errorf("picture of %v, want %v", img.Rect.Size(), r.Size())
	}
	for i := 0; i+4 <= len(img.Pix); i += 4 { // in place: it is ours
		img.Pix[i], img.Pix[i+2] = img.Pix[i+2], img.Pix[i]
	}
	return &frame.Frame{Pix: img.Pix, Stride: img.Stride, Rect: r}, nil
}

// Select implements Source.
func (s *portable) Select(id uint8) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	if err := s.choice.Choose(id); err != nil {
		return err
	}
	s.fresh = true
	select {
	case s.wake <- struct{}{}:
	default:
	}
	return nil
}

// Close implements Source.
func (s *portable) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	s.mu.Unlock()
	close(s.done)
	s.busy.Lock()
	defer s.busy.Unlock()
	s.desk.close()
	return nil
}

// nowhere is the desk of a system that is not asked.
type nowhere struct{}

func (nowhere) inPixels(f func())            { f() }
func (nowhere) pointer() (image.Point, bool) { return image.Point{}, false }
func (nowhere) displays() []Display          { return nil }
func (nowhere) origin() image.Point          { return image.Point{} }
func (nowhere) close()                       {}
