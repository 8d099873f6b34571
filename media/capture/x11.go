//go:build linux || freebsd || netbsd || openbsd

package capture

import (
	"context"
	"fmt"
	"image"
	"sync"
	"time"

	"github.com/jezek/xgb/damage"
	"github.com/jezek/xgb/randr"
	"github.com/jezek/xgb/xfixes"
	"github.com/jezek/xgb/xproto"

	"assist/media/capture/internal/choice"
	"assist/media/capture/internal/picture"
	"assist/media/internal/xconn"
)

// pointerPause is the shortest time between two looks at the pointer for its own sake. A mouse reports a thousand motions a second;
// the first after a rest is told at once.
const pointerPause = 16 * time.Millisecond

// x11 reads one screen of an X server. The server says what was painted (DAMAGE), that the pointer's shape changed (XFIXES), that
// it moved (XInput 2) and that monitors changed (RANDR); nothing is asked while it says nothing.
//
// The news arrive on the connection's reading goroutine and are only noted there, in news; Next does the work.
type x11 struct {
	conn    *xconn.Conn
	root    xproto.Drawable
	mask    func() []image.Rectangle
	numbers *Numbers
	pointer pointerWatch
	damaged xfixes.Region // scratch: what DAMAGE collected
	damage  damage.Damage
	codes   codes
	wake    chan struct{} // holds one token when there is news

	mu     sync.Mutex
	news   news
	choice choice.Choice
	closed bool

	busy     sync.Mutex // held while Next works; what follows belongs to its holder
	shots    shooter
	shown    *picture.Picture
	view     choice.View // what shown shows
	told     choice.View // that of the last update
	cursorAt image.Point
	looked   time.Time // at the pointer
}

// news is what the server said since the last update.
type news struct {
	damage, cursor, pointer, displays, selected, again bool
}

// codes are the first event numbers of extensions.
type codes struct {
	damage, xfixes, randr byte
	hasRandr              bool
}

func init() { openNative = openX11 }

// openX11 opens the display that the environment names.
func openX11(o Options) (Source, error) {
	s := &x11{mask: o.Mask, numbers: o.numbers(), wake: make(chan struct{}, 1)}
	var err error
	s.conn, err = xconn.Dial("", s.onEvent)
	if err != nil {
		return nil, noDisplay(err)
	}
	if err := s.start(); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// start makes the connection watch the screen.
func (s *x11) start() error {
	if err := checkServer(s.conn); err != nil {
		return err
	}
	s.root = xproto.Drawable(s.conn.Screen.Root)
	if err := s.useExtensions(); err != nil {
		return err
	}
	if s.damaged, s.damage = s.newIDs(); s.damage == 0 {
		return fmt.Errorf("%w: out of resource ids", ErrLost)
	}
	if err := xfixes.CreateRegionChecked(s.conn.Conn, s.damaged, nil).Check(); err != nil {
		return fmt.Errorf("capture: x11: region: %w", err)
	}
	if err := damage.CreateChecked(s.conn.Conn, s.damage, s.root, damage.ReportLevelNonEmpty).Check(); err != nil {
		return fmt.Errorf("capture: x11: damage: %w", err)
	}
	if err := xfixes.SelectCursorInputChecked(s.conn.Conn, xproto.Window(s.root), xfixes.CursorNotifyMaskDisplayCursor).Check(); err != nil {
		return fmt.Errorf("capture: x11: cursor: %w", err)
	}
	if s.codes.hasRandr {
		randr.SelectInput(s.conn.Conn, xproto.Window(s.root),
			randr.NotifyMaskScreenChange|randr.NotifyMaskCrtcChange|randr.NotifyMaskOutputChange)
		// Monitors that are not outputs come and go with a ConfigureNotify of the root window alone.
		xproto.ChangeWindowAttributes(s.conn.Conn, xproto.Window(s.root), xproto.CwEventMask,
			[]uint32{xproto.EventMaskStructureNotify})
	}
	opcode := watchPointer(s.conn)
	s.mu.Lock()
	s.pointer.opcode = opcode
	s.mu.Unlock()
	s.shots.start(s.conn, s.root)
	s.note(news{damage: true, cursor: true, pointer: true, displays: true})
	return s.readDisplays()
}

func (s *x11) newIDs() (xfixes.Region, damage.Damage) {
	r, err1 := s.conn.NewId()
	d, err2 := s.conn.NewId()
	if err1 != nil || err2 != nil {
		return 0, 0
	}
	return xfixes.Region(r), damage.Damage(d)
}

// onEvent notes what the server says. It runs on the connection's goroutine, possibly before openX11 has returned.
func (s *x11) onEvent(e []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch code := e[0] &^ 0x80; {
	case s.codes.damage == 0: // not started
		return
	case code == s.codes.damage+damage.Notify:
		s.news.damage = true
	case code == s.codes.xfixes+xfixes.CursorNotify:
		s.news.cursor = true
	case code == xproto.ConfigureNotify,
		s.codes.hasRandr && (code == s.codes.randr+randr.ScreenChangeNotify || code == s.codes.randr+randr.Notify):
		s.news.displays = true
	case s.pointer.isMotion(e):
		s.news.pointer = true
	default:
		return
	}
	s.signal()
}

func (s *x11) signal() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Next implements Source.
func (s *x11) Next(ctx context.Context) (Update, error) {
	for {
		if err := ctx.Err(); err != nil {
			return Update{}, err
		}
		n, err := s.takeNews()
		if err != nil {
			return Update{}, err
		}
		if n == (news{pointer: true}) {
			if wait := pointerPause - time.Since(s.looked); wait > 0 && !s.pause(ctx, wait) {
				s.note(n)
				continue
			}
		}
		if n != (news{}) {
			u, some, err := s.work(n)
			if err != nil {
				return Update{}, s.failure(err)
			}
			if some {
				return u, nil
			}
		}
		if err := s.wait(ctx); err != nil {
			return Update{}, err
		}
	}
}

// takeNews returns the news and forgets them.
func (s *x11) takeNews() (news, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return news{}, ErrClosed
	}
	n := s.news
	s.news = news{}
	return n, nil
}

// note puts news back that were taken but not worked on.
func (s *x11) note(n news) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.news.damage = s.news.damage || n.damage
	s.news.cursor = s.news.cursor || n.cursor
	s.news.pointer = s.news.pointer || n.pointer
	s.news.displays = s.news.displays || n.displays
	s.news.selected = s.news.selected || n.selected
	s.news.again = s.news.again || n.again
	s.signal()
}

// pause waits for a time; it reports false when other news came, or the end, before.
func (s *x11) pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	for {
		select {
		case <-t.C:
			return true
		case <-s.wake:
			if s.onlyPointer() {
				continue
			}
			return false
		case <-ctx.Done():
			return false
		case <-s.conn.Done():
			return false
		}
	}
}

func (s *x11) onlyPointer() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.news == news{} || s.news == news{pointer: true}
}

// wait waits for news, or until the pointer must be looked at.
func (s *x11) wait(ctx context.Context) error {
	var look <-chan time.Time
	if d, ok := s.lookIn(); ok {
		t := time.NewTimer(d)
		defer t.Stop()
		look = t.C
	}
	select {
	case <-s.wake:
	case <-look:
		s.note(news{pointer: true})
	case <-s.conn.Done():
		return s.failure(nil)
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// lookIn returns in how long the pointer must be looked at; false if that can wait until it is said to have moved.
func (s *x11) lookIn() (time.Duration, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, due := s.choice.Due(time.Now())
	if p, ok := s.pointer.lookIn(); ok && (!due || p < d) {
		d, due = p, true
	}
	return d, due
}

// failure says why the source is of no more use: it was closed, the server is gone, or err.
func (s *x11) failure(err error) error {
	s.mu.Lock()
	closed := s.closed
	s.mu.Unlock()
	if closed {
		return ErrClosed
	}
	select {
	case <-s.conn.Done():
		return fmt.Errorf("%w: the display's server has gone", ErrLost)
	default:
		return fmt.Errorf("%w: x11: %w", ErrLost, err)
	}
}

// Select implements Source.
func (s *x11) Select(id uint8) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	if err := s.choice.Choose(id); err != nil {
		return err
	}
	s.news.selected = true
	s.signal()
	return nil
}

// Close implements Source.
func (s *x11) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	s.mu.Unlock()
	s.conn.Close() // ends what Next waits for
	s.busy.Lock()  // the server's memory must not go while Next reads it
	defer s.busy.Unlock()
	return s.shots.close()
}
