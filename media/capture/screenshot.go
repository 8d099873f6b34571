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

	"assist/media/capture/internal/picture"
	"assist/media/frame"
)

// Times between screenshots, and between looks at the list of displays.
const (
	shotChanging  = 100 * time.Millisecond // while something changes
	shotAtRest    = 250 * time.Millisecond
	restAfterIdle = 2 * time.Second // from the last change
	listDisplays  = 2 * time.Second
)

// desk is what the portable source asks the system for besides screenshots.
type desk interface {
	// pointer returns where the pointer is, in desktop pixels; false when the system does not say.
	pointer() (image.Point, bool)
	// origin returns the desktop pixel that the screenshot package counts from.
	origin() image.Point
	close()
}

// newDesk is set by screenshot_GOOS.go; without it, the pointer is not seen.
var newDesk func() (desk, error)

// portable takes a screenshot several times a second and compares it with the one before. It is the slow way that works
// nearly everywhere: about 30 ms of CPU a screenshot of 1920x1080, whether or not something changed.
type portable struct {
	mask func() []image.Rectangle
	done chan struct{}
	wake chan struct{} // holds one token when Select was called

	mu     sync.Mutex
	chosen uint8
	known  int
	fresh  bool // Select was called
	closed bool

	busy     sync.Mutex // held while Next works; what follows belongs to its holder
	desk     desk
	displays []Display
	told     []Display
	listed   time.Time
	shown    *picture.Picture
	at       Display
	changed  time.Time
	pointAt  image.Point
	cursor   bool // the shape was told
	rect     image.Rectangle
}

func init() { openPortable = openScreenshot }

// openScreenshot takes one screenshot to see whether they work.
func openScreenshot(o Options) (Source, error) {
	s := &portable{mask: o.Mask, done: make(chan struct{}), wake: make(chan struct{}, 1), desk: nowhere{}}
	if newDesk != nil {
		d, err := newDesk()
		if err != nil {
			return nil, fmt.Errorf("%w: screenshot: %w", ErrUnsupported, err)
		}
		s.desk = d
	}
	err := s.list()
	if err == nil {
		s.at = s.displays[0]
		_, err = s.shoot(image.Rect(0, 0, 1, 1))
	}
	if err != nil {
		s.desk.close()
		return nil, fmt.Errorf("%w: screenshot: %w", ErrUnsupported, err)
	}
	return s, nil
}

// list reads the displays.
func (s *portable) list() error {
	n := screenshot.NumActiveDisplays()
	if n < 1 {
		return errors.New("no displays")
	}
	var ds []Display
	o := s.desk.origin()
	for i := range min(n, 256) {
		ds = append(ds, Display{
			ID:      uint8(i),
			Name:    fmt.Sprintf("screen %d", i),
			Bounds:  screenshot.GetDisplayBounds(i).Add(o),
			Primary: i == 0,
		})
	}
	s.displays, s.listed = ds, time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known = n
	return nil
}

// Next implements Source.
func (s *portable) Next(ctx context.Context) (Update, error) {
	for {
		if err := ctx.Err(); err != nil {
			return Update{}, err
		}
		u, some, again, err := s.look()
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
	dirty, again, err := s.refresh()
	if err != nil {
		return u, false, false, err
	}
	if len(dirty) > 0 {
		s.changed = time.Now()
	}
	u = Update{Frame: s.shown.Frame, Dirty: dirty, Pointer: image.Pt(-1, -1)}
	at, ok := s.desk.pointer()
	if ok {
		u.Pointer = at.Sub(s.at.Bounds.Min)
	}
	if !slices.Equal(s.told, s.displays) {
		s.told, u.Displays = s.displays, slices.Clone(s.displays)
	}
	if !s.cursor {
		s.cursor, u.Cursor = true, arrow()
	}
	some = len(dirty) > 0 || u.Displays != nil || u.Cursor != nil || u.Pointer != s.pointAt
	s.pointAt = u.Pointer
	return u, some, again, nil
}

// refresh brings the shown picture up to date.
func (s *portable) refresh() (dirty []image.Rectangle, again bool, err error) {
	for range 2 {
		if err := s.choose(); err != nil {
			return nil, false, err
		}
		dirty, again, err = s.shown.Refresh([]image.Rectangle{s.at.Bounds}, s.mask, s.grab)
		if err == nil {
			return dirty, again, nil
		}
		s.listed, s.shown = time.Time{}, nil // perhaps a display went away
	}
	return nil, false, fmt.Errorf("%w: screenshot: %w", ErrLost, err)
}

// choose makes the chosen display the shown one, and from time to time reads the list of displays.
func (s *portable) choose() error {
	var failed error
	if time.Since(s.listed) > listDisplays {
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
	s.chosen = min(s.chosen, uint8(len(s.displays)-1))
	at := s.displays[s.chosen]
	if s.shown != nil && at.Bounds == s.at.Bounds && !s.fresh {
		return nil
	}
	s.fresh, s.at = false, at
	var err error
	s.shown, err = picture.New(at.Bounds)
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

// shoot takes a screenshot of a part of the shown display.
func (s *portable) shoot(r image.Rectangle) (*frame.Frame, error) {
	img, err := screenshot.CaptureRect(r.Add(s.at.Bounds.Min).Sub(s.desk.origin()))
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
	if int(id) >= s.known {
		return fmt.Errorf("capture: no display %d", id)
	}
	s.chosen, s.fresh = id, true
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

func (nowhere) pointer() (image.Point, bool) { return image.Point{}, false }
func (nowhere) origin() image.Point          { return image.Point{} }
func (nowhere) close()                       {}
