//go:build linux || freebsd || netbsd || openbsd

package capture

import (
	"errors"
	"image"
	"slices"
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
	if n.displays || n.selected {
		if err := s.choose(n); err != nil {
			return u, false, err
		}
	}
	dirty, again, err := s.refresh(n.damage || n.again)
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
	at, err := s.pointer.at(s.conn)
	if err != nil {
		return u, false, err
	}
	s.looked = time.Now()
	if !slices.Equal(s.told, s.displays) {
		s.told = s.displays
		u.Displays = slices.Clone(s.displays)
	}
	u.Frame, u.Dirty, u.Pointer = s.shown.Frame, dirty, at.Sub(s.at.Bounds.Min)
	some = len(dirty) > 0 || u.Displays != nil || u.Cursor != nil || at != s.cursorAt
	s.cursorAt = at
	return u, some, nil
}

// choose reads the displays again, if there is news of them, and makes the chosen one the shown one.
func (s *x11) choose(n news) error {
	was := s.displays
	if n.displays {
		if err := s.readDisplays(); err != nil {
			return err
		}
	}
	s.mu.Lock()
	if s.shown != nil && !n.selected && !slices.Equal(was, s.displays) { // the monitor may have moved in the list
		s.chosen = findDisplay(s.displays, s.at.Name)
	}
	s.chosen = min(s.chosen, uint8(len(s.displays)-1))
	at := s.displays[s.chosen]
	s.mu.Unlock()
	same := s.shown != nil && at.Bounds == s.at.Bounds && !n.selected
	s.at = at
	if same {
		return nil
	}
	var err error
	s.shown, err = picture.New(at.Bounds)
	return err
}

// refresh brings the shown picture up to date.
func (s *x11) refresh(damaged bool) (dirty []image.Rectangle, again bool, err error) {
	for tries := 0; ; tries++ {
		var rs []image.Rectangle
		if damaged {
			if rs, err = s.takeDamage(); err != nil {
				return nil, false, err
			}
		}
		dirty, again, err = s.shown.Refresh(rs, s.mask, s.grab)
		if err == nil {
			return dirty, again, nil
		}
		var match xproto.MatchError
		if !errors.As(err, &match) || tries == 3 {
			return nil, false, err
		}
		// The screen became smaller, and the news of it are still on their way: all is to be shot again.
		if err := s.choose(news{displays: true}); err != nil {
			return nil, false, err
		}
		if s.shown, err = picture.New(s.at.Bounds); err != nil {
			return nil, false, err
		}
	}
}

// takeDamage returns what was painted since it was last called, in desktop pixels.
func (s *x11) takeDamage() ([]image.Rectangle, error) {
	damage.Subtract(s.conn.Conn, s.damage, 0, s.damaged)
	r, err := xfixes.FetchRegion(s.conn.Conn, s.damaged).Reply()
	if err != nil {
		return nil, err
	}
	rs := make([]image.Rectangle, len(r.Rectangles))
	for i, r := range r.Rectangles {
		rs[i] = image.Rect(0, 0, int(r.Width), int(r.Height)).Add(image.Pt(int(r.X), int(r.Y)))
	}
	return rs, nil
}
