package main

import (
	"context"
	"errors"
	"image"
	"testing"
	"time"

	"assist/cmd/internal/marker"
	"assist/cmd/internal/play"
	"assist/cmd/internal/stage"
	"assist/media/frame"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

const (
	// tick is what the greedy program counts.
	tick = 10 * time.Millisecond
	// pictureTime is how much of what happens after the Pause key the engineer may see at most.
	pictureTime = 300 * time.Millisecond
)

// greedy is a program on the customer's display that takes keyboard and pointer for itself and lets nothing of them go on, and shows a
// number that counts on.
type greedy struct {
	conn   *xgb.Conn
	window xproto.Window
	gc     xproto.Gcontext
	depth  byte
	began  time.Time
}

// newGreedy shows the number at a place.
func newGreedy(conn *xgb.Conn, at image.Point) (*greedy, error) {
	screen := xproto.Setup(conn).DefaultScreen(conn)
	window, err1 := xproto.NewWindowId(conn)
	gc, err2 := xproto.NewGcontextId(conn)
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	const overrideRedirect = 1
	return &greedy{conn, window, gc, screen.RootDepth, time.Now()}, errors.Join(
		xproto.CreateWindowChecked(conn, screen.RootDepth, window, screen.Root, int16(at.X), int16(at.Y), marker.Width, marker.Height, 0,
			xproto.WindowClassInputOutput, screen.RootVisual, xproto.CwOverrideRedirect, []uint32{overrideRedirect}).Check(),
		xproto.CreateGCChecked(conn, gc, xproto.Drawable(window), 0, nil).Check(),
		xproto.MapWindowChecked(conn, window).Check())
}

// grab takes keyboard and pointer.
func (g *greedy) grab() error {
	const sync = xproto.GrabModeSync
	keys, err := xproto.GrabKeyboard(g.conn, false, g.window, xproto.TimeCurrentTime, sync, sync).Reply()
	if err != nil {
		return err
	}
	pointer, err := xproto.GrabPointer(g.conn, false, g.window, 0, sync, sync, 0, 0, xproto.TimeCurrentTime).Reply()
	if err != nil {
		return err
	}
	if keys.Status != xproto.GrabStatusSuccess || pointer.Status != xproto.GrabStatusSuccess {
		return errors.New("keyboard and pointer are not to be had")
	}
	return nil
}

// number is what is shown at a time.
func (g *greedy) number(at time.Time) uint16 { return uint16(at.Sub(g.began) / tick) }

// count shows the number until ctx ends.
func (g *greedy) count(ctx context.Context) error {
	f := frame.New(marker.Width, marker.Height)
	for {
		marker.Paint(f, image.Point{}, g.number(time.Now()))
		err := xproto.PutImageChecked(g.conn, xproto.ImageFormatZPixmap, xproto.Drawable(g.window), g.gc,
			marker.Width, marker.Height, 0, 0, 0, g.depth, f.Pix).Check()
		if err != nil {
			return err
		}
		if stage.Pause(ctx, tick) != nil {
			return nil
		}
	}
}

// glance reads the number at a place of a display, if there is one.
func glance(conn *xgb.Conn, at image.Point) (n uint16, ok bool, err error) {
	root := xproto.Setup(conn).DefaultScreen(conn).Root
	img, err := xproto.GetImage(conn, xproto.ImageFormatZPixmap, xproto.Drawable(root), int16(at.X), int16(at.Y),
		marker.Width, marker.Height, 0xffffffff).Reply()
	if err != nil {
		return 0, false, err
	}
	f := frame.New(marker.Width, marker.Height)
	f.Pix = img.Data
	n, ok = marker.Read(f, image.Point{})
	return n, ok, nil
}

// TestPanicKeyWhileGrabbed has a program on the customer's display that lets neither keys nor clicks reach anybody, as one that the
// engineer starts could. The Pause key ends the session: what is painted later than that is not seen any more.
func TestPanicKeyWhileGrabbed(t *testing.T) {
	ctx, s := live(t, "shared-control")
	must(t, s.Engineer.Click(ctx, "session", "exact"), stage.Pause(ctx, time.Second))
	here, there, err := sharedPlace(ctx, s)
	must(t, err)
	customers, err := s.Customer.Display.Connect()
	must(t, err)
	defer customers.Close()
	engineers, err := s.Engineer.Display.Connect()
	must(t, err)
	defer engineers.Close()

	g, err := newGreedy(customers, here)
	must(t, err)
	counting, stop := context.WithCancel(ctx)
	counted := make(chan error, 1)
	go func() { counted <- g.count(counting) }()
	defer func() { stop(); must(t, <-counted) }()
	var last uint16
	look := func() (seen bool) {
		n, ok, err := glance(engineers, there)
		must(t, err, stage.Pause(ctx, tick/2))
		if ok {
			last = n
		}
		return ok
	}
	for began := time.Now(); !look() || g.number(time.Now())-last > 100; {
		if time.Since(began) > 20*time.Second {
			t.Fatalf("the engineer sees %d, the customer %d", last, g.number(time.Now()))
		}
	}
	must(t, g.grab(), stage.Pause(ctx, 200*time.Millisecond))

	pressed := time.Now()
	must(t, s.Customer.Do(ctx, "key", "Pause"))
	for {
		look()
		if _, on := s.Engineer.Windows.Shown("session"); !on || time.Since(pressed) > 10*time.Second {
			break
		}
	}
	after := time.Duration(int(last)-int(g.number(pressed))) * tick
	t.Logf("the newest that the engineer saw was painted %v after the key was pressed; the picture was gone after %v", after, time.Since(pressed))
	if after > pictureTime {
		t.Errorf("the engineer still saw what was painted %v after the key was pressed", after)
	}
	t.Log("the engineer reads:", ended(ctx, t, s.Engineer, "what"))
	t.Log("the customer reads:", ended(ctx, t, s.Customer, "why"))
}

// sharedPlace is a place of the customer's display where nothing is, and where on the engineer's display that is shown.
func sharedPlace(ctx context.Context, s *play.Session) (here, there image.Point, err error) {
	line, view, err := s.View(ctx)
	if err != nil {
		return here, there, err
	}
	window, err := s.Engineer.Place(ctx, line.Window)
	pane := line.Elements["pane"]
	visible := view.Intersect(image.Rect(pane.X, pane.Y, pane.X+pane.W, pane.Y+pane.H))
	here = image.Pt(visible.Min.X+visible.Dx()/2, visible.Min.Y+visible.Dy()*3/4).Sub(view.Min)
	return here, window.Min.Add(view.Min).Add(here), err
}
