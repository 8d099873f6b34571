//go:build linux || freebsd || netbsd || openbsd

package overlay

import (
	"fmt"
	"image"
	"iter"
	"slices"
	"time"

	"github.com/jezek/xgb/randr"
	"github.com/jezek/xgb/shape"
	"github.com/jezek/xgb/xproto"

	"assist/media/internal/xconn"
)

// screen is the overlay on one connection.
type screen struct {
	o     *x11
	conn  *xconn.Conn
	root  xproto.Window
	atoms map[string]xproto.Atom

	monitors []image.Rectangle
	sign     *Sign
	panes    []*pane
	plates   map[image.Point]*plate // drawn for sign, by the size of the monitor
}

// start looks whether the server can do what is needed.
func (s *screen) start() (codes, error) {
	s.root = s.conn.Screen.Root
	mask := xproto.Setup(s.conn.Conn).ResourceIdMask
	c := codes{root: s.root, mask: ^mask, base: xproto.Setup(s.conn.Conn).ResourceIdBase}
	if !s.trueColour() {
		return c, fmt.Errorf("%w: the screen's pixels are not 32 bits of blue, green and red", ErrUnsupported)
	}
	if _, found, err := s.conn.Use("XWAYLAND"); err != nil || found {
		return c, fmt.Errorf("%w: the X server belongs to Wayland, which lets nothing lie over its windows", ErrUnsupported)
	}
	ext, found, err := s.conn.Use("SHAPE")
	if err != nil || !found {
		return c, fmt.Errorf("%w: no SHAPE extension: clicks could not pass through", ErrUnsupported)
	}
	v, err := shape.QueryVersion(s.conn.Conn).Reply()
	if err != nil || v.MajorVersion == 1 && v.MinorVersion < 1 {
		return c, fmt.Errorf("%w: a SHAPE extension without input shapes", ErrUnsupported)
	}
	c.shape = ext.FirstEvent
	if rr, found, err := s.conn.Use("RANDR"); err == nil && found {
		if v, err := randr.QueryVersion(s.conn.Conn, 1, 5).Reply(); err == nil && (v.MajorVersion > 1 || v.MinorVersion >= 5) {
			c.randr, c.hasRandr = rr.FirstEvent, true
		}
	}
	return c, nil
}

// trueColour reports whether the screen's pixels are blue, green, red and a byte unused.
func (s *screen) trueColour() bool {
	setup := xproto.Setup(s.conn.Conn)
	if setup.ImageByteOrder != xproto.ImageOrderLSBFirst {
		return false
	}
	for _, f := range setup.PixmapFormats {
		if f.Depth == s.conn.Screen.RootDepth && (f.BitsPerPixel != 32 || f.ScanlinePad != 32) {
			return false
		}
	}
	for _, d := range s.conn.Screen.AllowedDepths {
		for _, v := range d.Visuals {
			if v.VisualId == s.conn.Screen.RootVisual {
				return v.Class == xproto.VisualClassTrueColor &&
					v.RedMask == 0xff0000 && v.GreenMask == 0xff00 && v.BlueMask == 0xff
			}
		}
	}
	return false
}

// listen asks for news of windows and monitors.
func (s *screen) listen(c codes) error {
	s.atoms = map[string]xproto.Atom{}
	for _, name := range []string{pidName, typeName, notificationName, opacityName, utf8Name, titleName} {
		r, err := xproto.InternAtom(s.conn.Conn, false, uint16(len(name)), name).Reply()
		if err != nil {
			return err
		}
		s.atoms[name] = r.Atom
	}
	if c.hasRandr {
		randr.SelectInput(s.conn.Conn, s.root,
			randr.NotifyMaskScreenChange|randr.NotifyMaskCrtcChange|randr.NotifyMaskOutputChange)
	}
	return xproto.ChangeWindowAttributesChecked(s.conn.Conn, s.root, xproto.CwEventMask,
		[]uint32{xproto.EventMaskSubstructureNotify | xproto.EventMaskStructureNotify}).Check()
}

func (s *screen) close() {
	s.conn.Close() // its windows go with it
	s.panes = nil
}

func (s *screen) ended() bool {
	select {
	case <-s.conn.Done():
		return true
	default:
		return false
	}
}

// readMonitors asks where the monitors are. Without RANDR 1.5 the whole screen is one.
func (s *screen) readMonitors() error {
	g, err := xproto.GetGeometry(s.conn.Conn, xproto.Drawable(s.root)).Reply()
	if err != nil {
		return err
	}
	all := image.Rect(0, 0, int(g.Width), int(g.Height))
	s.monitors = s.monitors[:0]
	s.o.mu.Lock()
	hasRandr := s.o.codes.hasRandr
	s.o.mu.Unlock()
	if hasRandr {
		r, err := randr.GetMonitors(s.conn.Conn, s.root, true).Reply()
		if err != nil {
			return err
		}
		for _, m := range r.Monitors {
			at := image.Pt(int(m.X), int(m.Y))
			b := image.Rectangle{Min: at, Max: at.Add(image.Pt(int(m.Width), int(m.Height)))}.Intersect(all)
			if !b.Empty() && len(s.monitors) < 64 {
				s.monitors = append(s.monitors, b)
			}
		}
	}
	if len(s.monitors) == 0 {
		s.monitors = append(s.monitors, all)
	}
	return nil
}

// settle puts the overlay right after n. It reports whether others had covered or changed it.
func (s *screen) settle(n news, sign *Sign) (disturbed bool, err error) {
	if n&monitors != 0 {
		if err := s.readMonitors(); err != nil {
			return disturbed, err
		}
	}
	if sign == nil {
		s.sign = nil
		return false, s.place(nil)
	}
	if s.sign == nil || s.sign.Level != sign.Level || s.sign.Text != sign.Text || !s.sign.Since.Equal(sign.Since) {
		s.plates = map[image.Point]*plate{}
	}
	s.sign = sign
	s.tick()
	tree, err := xproto.QueryTree(s.conn.Conn, s.root).Reply()
	if err != nil {
		return disturbed, err
	}
	if n&damaged != 0 {
		before := len(s.panes)
		s.drop(func(p *pane) bool { return !slices.Contains(tree.Children, p.window) || !s.intact(p) })
		disturbed = len(s.panes) < before
	}
	bars := uncovered(s.o.Bars(), s.others(tree.Children, &err))
	if err != nil {
		return disturbed, err
	}
	if err := s.place(layout(*sign, s.monitors, bars, s.plateFor)); err != nil {
		return disturbed, err
	}
	return s.raise(tree.Children) || disturbed, nil
}

// plateFor returns the sign for a monitor.
func (s *screen) plateFor(m image.Rectangle) *plate {
	p := s.plates[m.Size()]
	if p == nil {
		p = drawPlate(*s.sign, m, s.o.fonts)
		s.plates[m.Size()] = p
	}
	p.tick(time.Now())
	return p
}

// place makes the windows of list, and then takes others away.
func (s *screen) place(list []piece) error {
	var signs []image.Rectangle
	for _, p := range list {
		if p.plate != nil {
			signs = append(signs, p.rect)
		}
	}
	s.o.setRects(signs) // before they are to be seen
	var failed error
	for _, p := range list {
		if slices.ContainsFunc(s.panes, func(old *pane) bool { return old.piece == p }) {
			continue
		}
		made, err := s.make(p)
		if err != nil {
			failed = fmt.Errorf("make window: %w", err)
			break
		}
		s.panes = append(s.panes, made)
	}
	s.drop(func(p *pane) bool { return !slices.Contains(list, p.piece) })
	return failed
}

// drop takes windows away.
func (s *screen) drop(which func(*pane) bool) {
	s.panes = slices.DeleteFunc(s.panes, func(p *pane) bool {
		gone := which(p)
		if gone {
			s.destroy(p)
		}
		return gone
	})
}

// raise puts the windows on top of those in tree, lowest first, and reports whether there was one above.
func (s *screen) raise(tree []xproto.Window) bool {
	lowest := slices.IndexFunc(tree, s.owns)
	if lowest < 0 || !slices.ContainsFunc(tree[lowest:], func(w xproto.Window) bool { return !s.owns(w) }) {
		return false
	}
	for _, p := range s.panes {
		xproto.ConfigureWindow(s.conn.Conn, p.window, xproto.ConfigWindowStackMode, []uint32{xproto.StackModeAbove})
	}
	return true
}

func (s *screen) owns(w xproto.Window) bool {
	return slices.ContainsFunc(s.panes, func(p *pane) bool { return p.window == w })
}

// others are the places of other windows that can be seen, the highest first. It ends early when the server does not answer.
func (s *screen) others(tree []xproto.Window, failed *error) iter.Seq[image.Rectangle] {
	return func(yield func(image.Rectangle) bool) {
		for _, w := range slices.Backward(tree) {
			if s.owns(w) {
				continue
			}
			r, err := s.visible(w)
			if *failed = err; err != nil || !r.Empty() && !yield(r) {
				return
			}
		}
	}
}

// visible returns the place of a window with its border, or nothing if it is not to be seen.
func (s *screen) visible(w xproto.Window) (image.Rectangle, error) {
	attributes, geometry := xproto.GetWindowAttributes(s.conn.Conn, w), xproto.GetGeometry(s.conn.Conn, xproto.Drawable(w))
	a, errA := attributes.Reply()
	g, errG := geometry.Reply()
	if errA != nil || errG != nil { // it has gone, or everything has
		_, err := xproto.GetInputFocus(s.conn.Conn).Reply()
		return image.Rectangle{}, err
	}
	if a.MapState != xproto.MapStateViewable || a.Class == xproto.WindowClassInputOnly {
		return image.Rectangle{}, nil
	}
	b := 2 * int(g.BorderWidth)
	return image.Rect(0, 0, int(g.Width)+b, int(g.Height)+b).Add(image.Pt(int(g.X), int(g.Y))), nil
}

// tick moves the clocks on.
func (s *screen) tick() {
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
			s.repaint(p, p.plate.clock)
		}
	}
}

// runClock sets the timer to the next full second of a clock that is to be seen.
func (s *screen) runClock(t *time.Timer) {
	t.Stop()
	if s.sign == nil || s.sign.Since.IsZero() {
		return
	}
	if slices.ContainsFunc(s.panes, func(p *pane) bool { return p.plate != nil }) {
		gone := time.Since(s.sign.Since)
		t.Reset(gone.Truncate(time.Second) + time.Second + 2*time.Millisecond - gone)
	}
}
