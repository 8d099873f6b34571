//go:build linux || freebsd || netbsd || openbsd

package overlay

import (
	"encoding/binary"
	"fmt"
	"image"
	"slices"
	"sync"
	"time"

	"github.com/jezek/xgb/randr"
	"github.com/jezek/xgb/xproto"

	"assist/media/internal/xconn"
)

func init() { open = openX11 }

// How often the overlay puts itself right. Another program that always wants to be on top as well must not keep both busy.
const (
	shortRest = 40 * time.Millisecond  // after anything happened
	longRest  = 120 * time.Millisecond // while others come on top again and again
	truce     = time.Second            // when that does not end
	patience  = 50                     // raises one after the other, before that
	redial    = 100 * time.Millisecond // after the connection was lost, twice as long each time
	maxRedial = 5 * time.Second
)

// news is what has happened since the overlay was last put right.
type news uint8

const (
	order    news = 1 << iota // windows came, went or moved
	damaged                   // something was done to a window of ours
	monitors                  // monitors came, went or changed
	wanted                    // Show or Hide was called
)

// x11 keeps the overlay on an X server. Its windows belong to a connection of their own and a goroutine of its own.
type x11 struct {
	Options
	fonts *fonts
	wake  chan struct{}
	quit  chan struct{}
	done  chan struct{}
	once  sync.Once

	mu    sync.Mutex // held by the connection's reader too: no questions while it is
	want  *Sign      // nil for nothing
	news  news
	rects []image.Rectangle
	codes codes
	conn  *xconn.Conn // the last one
}

// codes tell the server's events apart.
type codes struct {
	root         xproto.Window
	mask, base   uint32 // the bits of a window's number that name a connection, and ours
	shape, randr byte
	hasRandr     bool
}

func (c codes) own(w xproto.Window) bool { return uint32(w)&c.mask == c.base }

func openX11(opt Options) (Overlay, error) {
	o := &x11{
		Options: opt, fonts: newFonts(opt.Fonts),
		wake: make(chan struct{}, 1), quit: make(chan struct{}), done: make(chan struct{}),
	}
	s, err := o.dial()
	if err != nil {
		return nil, err
	}
	go o.run(s)
	return o, nil
}

// Show implements Overlay.
func (o *x11) Show(s Sign) {
	s.Displays = slices.Clone(s.Displays)
	o.set(&s)
}

// Hide implements Overlay.
func (o *x11) Hide() { o.set(nil) }

func (o *x11) set(s *Sign) {
	o.mu.Lock()
	o.want = s
	o.mu.Unlock()
	o.tell(wanted)
}

// tell notes that something happened.
func (o *x11) tell(n news) {
	o.mu.Lock()
	o.news |= n
	o.mu.Unlock()
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// take returns what happened since it was last called, and what is to be shown.
func (o *x11) take() (news, *Sign) {
	o.mu.Lock()
	defer o.mu.Unlock()
	n := o.news
	o.news = 0
	return n, o.want
}

// Rects implements Overlay.
func (o *x11) Rects() []image.Rectangle {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.rects)
}

// Owns implements Overlay. No other program can make a window with a number of our connection's.
func (o *x11) Owns(w uintptr) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.codes.own(xproto.Window(w))
}

// Close implements Overlay.
func (o *x11) Close() error {
	o.once.Do(func() { close(o.quit) })
	o.mu.Lock()
	conn := o.conn
	o.mu.Unlock()
	conn.Close() // also ends a question that the server does not answer
	<-o.done
	return nil
}

// run keeps the overlay until Close, through connections that others close.
func (o *x11) run(s *screen) {
	defer close(o.done)
	pause := redial
	for {
		began := time.Now()
		if s != nil {
			o.serve(s)
			s.close()
			o.setRects(nil)
		}
		if time.Since(began) > maxRedial {
			pause = redial
		}
		select {
		case <-o.quit:
			return
		case <-time.After(pause):
			pause = min(2*pause, maxRedial)
		}
		var err error
		if s, err = o.dial(); err != nil {
			o.Log.Warn("overlay lost", "error", err)
			s = nil
			if pause == maxRedial {
				o.Lost()
			}
		}
	}
}

func (o *x11) setRects(rs []image.Rectangle) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.rects = rs
}

// serve keeps the overlay on one connection, until that or the overlay ends.
func (o *x11) serve(s *screen) {
	clock := time.NewTimer(0)
	defer clock.Stop()
	o.tell(wanted | monitors | order)
	contested := 0
	for {
		select {
		case <-o.quit:
			return
		case <-s.conn.Done():
			return
		case <-clock.C:
			s.tick()
			s.runClock(clock)
			continue
		case <-o.wake:
		}
		n, sign := o.take()
		disturbed, err := s.settle(n, sign)
		if err != nil && !s.ended() {
			o.Log.Warn("overlay not put right", "error", err)
		}
		s.runClock(clock)
		if contested++; !disturbed {
			contested = 0
		}
		if contested == patience {
			o.Log.Warn("another program keeps hiding the overlay")
			o.Lost()
		}
		if !o.rest(s, restAfter(contested)) {
			return
		}
	}
}

// restAfter is how long to let be, after others were on top so many times one after the other.
func restAfter(contested int) time.Duration {
	switch {
	case contested >= patience:
		return truce
	case contested > 1:
		return longRest
	}
	return shortRest
}

// rest waits, and reports whether to go on.
func (o *x11) rest(s *screen, d time.Duration) bool {
	select {
	case <-o.quit:
		return false
	case <-s.conn.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// dial connects to the display.
func (o *x11) dial() (*screen, error) {
	s := &screen{o: o}
	var err error
	if s.conn, err = xconn.Dial("", o.onEvent); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnsupported, err)
	}
	c, err := s.start()
	if err != nil {
		s.conn.Close()
		return nil, err
	}
	o.mu.Lock()
	o.codes, o.conn = c, s.conn
	o.mu.Unlock()
	if err := s.listen(c); err != nil {
		s.conn.Close()
		return nil, fmt.Errorf("overlay: x11: %w", err)
	}
	return s, nil
}

// onEvent notes what an event says. It runs on the connection's reading goroutine. Layouts of events: X11 protocol,
// appendix B.
func (o *x11) onEvent(e []byte) {
	o.mu.Lock()
	c := o.codes
	o.mu.Unlock()
	at := xproto.Window(binary.LittleEndian.Uint32(e[4:])) // whose event it is
	switch code := e[0] &^ 0x80; code {
	case xproto.VisibilityNotify:
		if e[8] != xproto.VisibilityUnobscured {
			o.tell(order)
		}
	case xproto.PropertyNotify:
		if e[16] == xproto.PropertyNewValue && c.own(at) {
			o.tell(damaged)
		}
	case xproto.DestroyNotify, xproto.UnmapNotify, xproto.MapNotify, xproto.ReparentNotify, xproto.ConfigureNotify,
		xproto.GravityNotify, xproto.CirculateNotify:
		switch w := xproto.Window(binary.LittleEndian.Uint32(e[8:])); {
		case c.own(w):
			o.tell(order | damaged)
		case w == c.root:
			o.tell(monitors)
		default:
			o.tell(order)
		}
	case c.shape:
		o.tell(damaged)
	default:
		if c.hasRandr && (code == c.randr+randr.ScreenChangeNotify || code == c.randr+randr.Notify) {
			o.tell(monitors)
		}
	}
}
