//go:build linux || freebsd || netbsd || openbsd

package surface

import (
	"fmt"
	"image"
	"log/slog"
	"slices"
	"sync"

	"github.com/jezek/xgb/xproto"

	"assist/media/frame"
	"assist/media/internal/xconn"
)

func init() { open = openX11 }

// everything is more than any picture or window has.
var everything = image.Rect(0, 0, frame.MaxSide, frame.MaxSide)

// x11 is a window on an X server, with a connection and a goroutine of its own. The server reads the pixels from memory that
// both share, and says when it has: until then the memory is left alone, and what changes meanwhile is put together.
type x11 struct {
	window
	log    *slog.Logger
	read   Read
	listen Listener
	wake   chan struct{}
	quit   chan struct{}
	done   chan struct{}
	once   sync.Once

	clicked bool // outside the window, since the last key; belongs to the connection's reader

	mu    sync.Mutex // held by the connection's reader too: no questions while it is
	news  news
	codes codes

	// What follows belongs to the goroutine.
	is      placement
	scale   *scaler
	pointer sprite
	memory  memory
}

// placement is where the window and the picture are.
type placement struct {
	shown   bool
	window  image.Rectangle // in the surrounding window
	picture image.Rectangle // there, too
	size    image.Point     // of the picture
	holes   []image.Rectangle
}

func (p placement) equal(q placement) bool {
	return p.shown == q.shown && p.window == q.window && p.picture == q.picture && p.size == q.size && slices.Equal(p.holes, q.holes)
}

// news is what the goroutine has to do.
type news struct {
	want    placement
	changed []image.Rectangle // of the picture
	exposed []image.Rectangle // of the window
	shape   *image.RGBA       // of the pointer
	hot, at image.Point
	pointer bool // one of the three is new
	own     bool // the system's own pointer is wanted
	ownNew  bool
	flying  bool // the server still reads the memory
	gone    bool // the window is no more
}

func openX11(parent uintptr, read Read, l Listener, log *slog.Logger) (Surface, error) {
	x := &x11{
		log: log, read: read, listen: l,
		wake: make(chan struct{}, 1), quit: make(chan struct{}), done: make(chan struct{}),
	}
	conn, err := xconn.Dial("", x.onEvent)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnsupported, err)
	}
	if err := x.start(conn, xproto.Window(parent)); err != nil {
		conn.Close()
		x.memory.close(nil)
		return nil, fmt.Errorf("%w: x11: %w", ErrUnsupported, err)
	}
	go x.run()
	return x, nil
}

// start makes the window and tries the way that pixels will take.
func (x *x11) start(conn *xconn.Conn, parent xproto.Window) error {
	x.window = window{conn: conn, parent: parent}
	c, err := x.use()
	if err != nil {
		return err
	}
	if err := x.create(); err != nil {
		return fmt.Errorf("window: %w", err)
	}
	raws, _, _ := conn.SelectRaw(xconn.AllMasters, xconn.RawButtonPress) // with answers, so not under the lock
	x.mu.Lock()
	c.parent, c.window, c.raws = x.parent, x.id, raws
	x.codes = c
	x.news.own = true
	x.mu.Unlock()
	if err := x.memory.try(&x.window); err != nil {
		return fmt.Errorf("shared memory: %w", err)
	}
	return x.hear()
}

// Place implements Surface.
func (x *x11) Place(window, picture image.Rectangle, size image.Point, holes []image.Rectangle) {
	window = window.Intersect(picture)
	if window.Empty() || window.Dx() > frame.MaxSide || window.Dy() > frame.MaxSide ||
		size.X <= 0 || size.Y <= 0 || size.X > frame.MaxSide || size.Y > frame.MaxSide {
		x.Hide()
		return
	}
	want := placement{shown: true, window: window, picture: picture, size: size, holes: slices.Clone(holes)}
	x.tell(func(n *news) bool {
		same := n.want.equal(want)
		n.want = want
		return !same
	})
}

// Hide implements Surface.
func (x *x11) Hide() { x.tell(func(n *news) bool { n.want.shown = false; return true }) }

// Changed implements Surface.
func (x *x11) Changed(parts []image.Rectangle) {
	x.tell(func(n *news) bool {
		n.changed = append(n.changed, parts...)
		if len(n.changed) > 4*maxParts {
			n.changed = join(n.changed)
		}
		return true
	})
}

// Pointer implements Surface.
func (x *x11) Pointer(shape *image.RGBA, hot image.Point) {
	x.tell(func(n *news) bool { n.shape, n.hot, n.pointer = shape, hot, true; return true })
}

// PointerAt implements Surface.
func (x *x11) PointerAt(at image.Point) {
	x.tell(func(n *news) bool { n.at, n.pointer = at, true; return true })
}

// OwnPointer implements Surface.
func (x *x11) OwnPointer(seen bool) {
	x.tell(func(n *news) bool {
		change := n.own != seen
		n.own, n.ownNew = seen, n.ownNew || change
		return change
	})
}

// tell notes something and wakes the goroutine if do reports that there is something to do.
func (x *x11) tell(do func(*news) bool) {
	x.mu.Lock()
	some := do(&x.news)
	x.mu.Unlock()
	if some {
		select {
		case x.wake <- struct{}{}:
		default:
		}
	}
}

// Close implements Surface.
func (x *x11) Close() {
	x.once.Do(func() { close(x.quit) })
	x.conn.Close() // also ends a request that the server does not take
	<-x.done
}

// run draws until the end.
func (x *x11) run() {
	defer close(x.done)
	defer x.memory.close(nil)
	for {
		select {
		case <-x.quit:
			return
		case <-x.conn.Done():
			x.end()
			return
		case <-x.wake:
		}
		n, ready := x.take()
		if n.gone {
			x.conn.Close()
			continue
		}
		if ready {
			x.work(n)
		}
	}
}

// end is called when the display or the window has gone.
func (x *x11) end() {
	select {
	case <-x.quit:
	default:
		x.log.Info("the native picture's window has gone")
		x.listen.Gone()
	}
}

// take returns what is to be done, unless the server still reads what was done last.
func (x *x11) take() (news, bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	n := x.news
	if n.flying || n.gone {
		return n, false
	}
	x.news.changed, x.news.exposed, x.news.pointer, x.news.ownNew = nil, nil, false, false
	return n, true
}

// work brings the window in line.
func (x *x11) work(n news) {
	if n.ownNew {
		x.setCursor(n.own)
	}
	all := x.arrange(n.want)
	before := x.pointer.place
	if n.pointer || all {
		if x.pointer.shape != n.shape {
			x.pointer.pixels = nil
		}
		x.pointer.shape, x.pointer.hot, x.pointer.at = n.shape, n.hot, n.at
		x.pointer.arrange(x.is.size, x.is.picture.Size())
	}
	if !x.is.shown {
		return
	}
	parts := n.exposed
	if all {
		parts = append(parts, everything)
	}
	seen := x.is.window.Sub(x.is.picture.Min) // of the drawing
	for i := range parts {
		parts[i] = parts[i].Add(seen.Min)
	}
	for _, r := range n.changed {
		parts = append(parts, x.scale.covered(r))
	}
	if n.pointer {
		parts = append(parts, before, x.pointer.place)
	}
	for i := range parts {
		parts[i] = parts[i].Intersect(seen)
	}
	if parts = fitting(join(parts), seen.Dx()*seen.Dy()); len(parts) > 0 {
		x.put(parts)
	}
}

// arrange moves, shapes, shows or hides the window, and reports whether all of the picture is to be drawn again. What
// the server wants drawn because the window grew or came up, it says itself.
func (x *x11) arrange(want placement) (all bool) {
	was := x.is
	if want.equal(was) {
		return false
	}
	if !want.shown {
		x.unmap()
		x.is.shown = false
		return false
	}
	x.is = want
	x.place(was, want)
	if x.scale == nil || was.size != want.size || was.picture.Size() != want.picture.Size() {
		x.scale = newScaler(want.size, want.picture.Size())
	}
	return was.size != want.size || was.picture.Sub(was.window.Min) != want.picture.Sub(want.window.Min)
}
