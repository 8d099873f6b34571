//go:build linux || freebsd || netbsd || openbsd

package capture

import (
	"errors"
	"image"
	"time"

	"github.com/jezek/xgb/damage"
	"github.com/jezek/xgb/xfixes"
	"github.com/jezek/xgb/xproto"

	"assist/media/capture/internal/picture"
)

// work brings everything up to date that there is news of. It reports whether the caller has
// something to be told.
func (s *x11) work(n news) (u Update, some bool, err error) {
	s.busy.Lock()
	defer s.busy.Unlock()
	if n.displays {
		if err := s.readDisplays(); err != nil {
			return u, false, err
		}
	}
	damaged, at, err := s.ask(n.damage || n.again)
	if err != nil {
		return u, false, err
	}
	s.looked = time.Now()
	if err := s.aim(at, n.selected); err != nil {
		return u, false, err
	}
	dirty, again, err := s.refresh(damaged)
	if err != nil {
		return u, false, err
	}
	if again {
		s.note(news{again: true})
	}
	if n.cursor {
		if u.Cursor, err = s.cursor(); err != nil {
			return u, false, err
		}
	}
	u.Frame, u.Dirty, u.Pointer = s.shown.Frame, dirty, at.Sub(s.view.Shown.Bounds.Min)
	u.Displays, u.Choice, u.Shown = s.view.News(s.told), s.view.Chosen, s.view.Shown.ID
	s.told = s.view
	some = len(dirty) > 0 || u.Displays != nil || u.Cursor != nil || at != s.cursorAt
	s.cursorAt = at
	return u, some, nil
}

// readDisplays asks where the displays are.
func (s *x11) readDisplays() error {
	ds, err := listDisplays(s.conn, s.codes.hasRandr)
	if err != nil {
		return err
	}
	s.numbers.Give(ds)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.choice.Plug(ds)
	return nil
}

// ask asks in one go where the pointer is and, if there is damage, what was painted since it was last asked, both in desktop pixels.
func (s *x11) ask(damaged bool) (painted []image.Rectangle, at image.Point, err error) {
	pointer := xproto.QueryPointer(s.conn.Conn, s.conn.Screen.Root)
	if damaged {
		damage.Subtract(s.conn.Conn, s.damage, 0, s.damaged)
		r, err := xfixes.FetchRegion(s.conn.Conn, s.damaged).Reply()
		if err != nil {
			return nil, at, err
		}
		painted = make([]image.Rectangle, len(r.Rectangles))
		for i, r := range r.Rectangles {
			painted[i] = bounds(r.X, r.Y, r.Width, r.Height)
		}
	}
	at, err = s.pointer.take(pointer)
	return painted, at, err
}

// aim makes what is to be shown the shown picture: a new one, if it is to be shot anew.
func (s *x11) aim(pointer image.Point, anew bool) error {
	before := s.view
	s.mu.Lock()
	s.choice.Point(pointer, s.looked)
	s.view = s.choice.View()
	s.mu.Unlock()
	if s.shown != nil && s.view.SamePicture(before) && !anew {
		return nil
	}
	var err error
	s.shown, err = picture.New(s.view.Shown.Bounds, s.view.Seen...)
	return err
}

// refresh brings the shown picture up to date.
func (s *x11) refresh(painted []image.Rectangle) (dirty []image.Rectangle, again bool, err error) {
	for tries := 0; ; tries++ {
		dirty, again, err = s.shown.Refresh(painted, s.mask, s.grab)
		if err == nil {
			return dirty, again, nil
		}
		var match xproto.MatchError
		if !errors.As(err, &match) || tries == 3 {
			return nil, false, err
		}
		// The screen became smaller, and the news of it are still on their way: all is to be shot again.
		if err := s.readDisplays(); err != nil {
			return nil, false, err
		}
		if err := s.aim(s.pointer.last, true); err != nil {
			return nil, false, err
		}
	}
}
