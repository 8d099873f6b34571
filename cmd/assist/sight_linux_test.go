package main

import (
	"context"
	"encoding/binary"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"assist/cmd/internal/play"
	"assist/cmd/internal/stage"
	"assist/ui/trace"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/shape"
	"github.com/jezek/xgb/xproto"
)

const (
	// barTime is how long the bar may be out of reach, on a machine that is busy with both ends and the service.
	barTime = 5 * time.Second
	// calm is how long nothing happens between two attempts: three of them in ten seconds are forgiven.
	calm = 4 * time.Second
)

// planted is a program that the engineer has left on the customer's computer.
type planted struct {
	t    *testing.T
	ctx  context.Context
	s    *play.Session
	conn *xgb.Conn
	root xproto.Window
	bar  xproto.Window // the session bar's, as the program that made it knows it
}

// plantAtBar starts the program once the bar is there.
func plantAtBar(ctx context.Context, t *testing.T, s *play.Session) *planted {
	t.Helper()
	conn, err := s.Customer.Display.Connect()
	must(t, err)
	t.Cleanup(conn.Close)
	must(t, shape.Init(conn))
	p := &planted{t: t, ctx: ctx, s: s, conn: conn, root: xproto.Setup(conn).DefaultScreen(conn).Root}
	line, err := s.Customer.Windows.Screen(ctx, "bar")
	must(t, err)
	list, err := xproto.GetProperty(conn, false, p.root, p.atom("_NET_CLIENT_LIST"), xproto.GetPropertyTypeAny, 0, 1024).Reply()
	must(t, err)
	for b := list.Value; len(b) >= 4; b = b[4:] {
		w := xproto.Window(binary.LittleEndian.Uint32(b))
		name, err := xproto.GetProperty(conn, false, w, xproto.AtomWmName, xproto.GetPropertyTypeAny, 0, 1024).Reply()
		must(t, err)
		if string(name.Value) == line.Window {
			p.bar = w
		}
	}
	if p.bar == 0 {
		t.Fatalf("no window %q", line.Window)
	}
	return p
}

func (p *planted) atom(name string) xproto.Atom {
	p.t.Helper()
	a, err := xproto.InternAtom(p.conn, false, uint16(len(name)), name).Reply()
	must(p.t, err)
	return a.Atom
}

// top returns the child of the root that a window is inside of.
func (p *planted) top(w xproto.Window) xproto.Window {
	p.t.Helper()
	for {
		tree, err := xproto.QueryTree(p.conn, w).Reply()
		must(p.t, err)
		if tree.Parent == p.root || tree.Parent == 0 {
			return w
		}
		w = tree.Parent
	}
}

// reachable reports whether the bar is on the screen, and a click on Stop would reach it.
func (p *planted) reachable() bool {
	p.t.Helper()
	line, ok := p.s.Customer.Windows.Shown("bar")
	if !ok {
		p.t.Fatal("the bar is gone, and the session with it")
	}
	stop := line.Elements["stop"]
	at, err := xproto.TranslateCoordinates(p.conn, p.bar, p.root, 0, 0).Reply()
	must(p.t, err)
	g, err := xproto.GetGeometry(p.conn, xproto.Drawable(p.bar)).Reply()
	must(p.t, err)
	a, err := xproto.GetWindowAttributes(p.conn, p.bar).Reply()
	must(p.t, err)
	place := image.Rect(0, 0, int(g.Width), int(g.Height)).Add(image.Pt(int(at.DstX), int(at.DstY)))
	click := place.Min.Add(image.Pt(stop.X+stop.W/2, stop.Y+stop.H/2))
	if a.MapState != xproto.MapStateViewable || !place.In(desktop) || !click.In(place) {
		return false
	}
	must(p.t, xproto.WarpPointerChecked(p.conn, 0, p.root, 0, 0, 0, 0, int16(click.X), int16(click.Y)).Check())
	for w, inside := p.root, p.top(p.bar); ; {
		q, err := xproto.QueryPointer(p.conn, w).Reply()
		must(p.t, err)
		switch {
		case q.Child == p.bar:
			return true
		case q.Child == 0 || w == p.root && q.Child != inside:
			return false
		}
		w = q.Child
	}
}

// until waits until the bar is reachable, or not.
func (p *planted) until(reachable bool, what string) {
	p.t.Helper()
	began := time.Now()
	for p.reachable() != reachable {
		if time.Since(began) > barTime {
			p.t.Fatalf("%s: reachable %v", what, !reachable)
		}
		must(p.t, stage.Pause(p.ctx, 10*time.Millisecond))
	}
	p.t.Logf("%s: reachable %v after %v", what, reachable, time.Since(began))
}

// cut takes a kind of shape away from the bar.
func (p *planted) cut(kinds ...shape.Kind) {
	for _, k := range kinds {
		must(p.t, shape.RectanglesChecked(p.conn, shape.SoSet, k, xproto.ClipOrderingUnsorted, p.bar, 0, 0, nil).Check())
	}
}

// robot does something to the bar with the commands of xdotool, as one line that an engineer types would.
func (p *planted) robot(command ...string) {
	p.t.Helper()
	line, err := p.s.Customer.Windows.Screen(p.ctx, "bar")
	must(p.t, err, p.s.Customer.Do(p.ctx, append([]string{"search", "--onlyvisible", "--name", "^" + line.Window + "$"}, command...)...))
}

// What state asks for: Extended Window Manager Hints 1.5.
const remove, add = 0, 1

// state asks the window manager for a state of the bar.
func (p *planted) state(action uint32, name string) {
	p.t.Helper()
	const fromPager = 2
	e := xproto.ClientMessageEvent{Format: 32, Window: p.bar, Type: p.atom("_NET_WM_STATE"), Data: xproto.ClientMessageDataUnionData32New(
		[]uint32{action, uint32(p.atom(name)), 0, fromPager, 0})}
	must(p.t, xproto.SendEventChecked(p.conn, false, p.root, xproto.EventMaskSubstructureNotify|xproto.EventMaskSubstructureRedirect,
		string(e.Bytes())).Check())
}

// putBack is how often the customer's program has put the bar back, as its log says.
func (p *planted) putBack() int {
	p.t.Helper()
	log, err := os.ReadFile(filepath.Join(p.s.Dir, "customer-program.log"))
	must(p.t, err)
	return strings.Count(string(log), "own window put back")
}

// controls reports whether the engineer has control.
func controls(l trace.Line) bool { return l.Screen == "bar" && l.Elements["take-back"].Visible }

// TestBarIsNotTakenAway has a program left behind take the session bar away in every way that a program of the desktop has: each time it
// is back, with Stop on it, and the session goes on as it was.
func TestBarIsNotTakenAway(t *testing.T) {
	ctx, s := live(t, "shared-control")
	p := plantAtBar(ctx, t, s)
	cmd := exec.Command("xterm", "-geometry", "200x50+0+0", "-title", "Above", "-e", "sleep", "600")
	cmd.Env = s.Customer.Display.Env()
	cover, err := stage.Start(cmd, filepath.Join(s.Dir, "above.log"))
	must(t, err)
	defer cover.Kill()
	must(t, s.Customer.Do(ctx, "search", "--sync", "--onlyvisible", "--name", "^Above$"))
	p.until(true, "beside a window that came later")

	for _, act := range []struct {
		what string
		do   func()
	}{ // each of them does take the bar away, but for the last
		{"moved away", func() { p.robot("windowmove", "3000", "3000") }},
		{"unmapped", func() { p.robot("windowunmap") }},
		{"minimised", func() { p.robot("windowminimize") }},
		{"lowered", func() {
			p.state(remove, "_NET_WM_STATE_ABOVE")
			must(t, s.Customer.Do(ctx, "search", "--name", "^Above$", "windowraise"))
			must(t, xproto.ConfigureWindowChecked(p.conn, p.bar, xproto.ConfigWindowStackMode, []uint32{xproto.StackModeBelow}).Check())
		}},
		{"made tiny", func() {
			xproto.DeleteProperty(p.conn, p.bar, xproto.AtomWmNormalHints) // which say how small it may become
			p.robot("windowsize", "5", "5")
		}},
		{"taken clicks", func() { p.cut(shape.SkInput) }},
		{"cut out", func() { p.cut(shape.SkBounding, shape.SkInput) }},
		{"rolled up", func() { p.state(add, "_NET_WM_STATE_SHADED") }},
		{"another's name", func() {
			must(t, xproto.ChangePropertyChecked(p.conn, xproto.PropModeReplace, p.bar, p.atom("_NET_WM_PID"), xproto.AtomCardinal, 32, 1,
				[]byte{1, 0, 0, 0}).Check())
		}},
	} {
		before := p.putBack()
		act.do()
		must(t, stage.Pause(ctx, calm))
		p.until(true, act.what)
		if n := p.putBack() - before; n == 0 && act.what != "another's name" {
			t.Errorf("%s: nothing was done to the bar", act.what)
		} else {
			t.Logf("%s: put back %d times", act.what, n)
		}
		if line, ok := s.Customer.Windows.Shown("bar"); !ok || !controls(line) {
			t.Fatalf("%s: the engineer's control has ended: %+v", act.what, line.Elements["trouble"])
		}
	}
	if x, y, err := s.OnScreen(ctx, s.Customer, "bar", "stop"); err != nil {
		t.Error(err)
	} else if must(t, s.ClickRemote(ctx, x, y, 1), stage.Pause(ctx, time.Second)); !p.reachable() {
		t.Error("the engineer pressed Stop")
	}
	must(t, s.Customer.Click(ctx, "bar", "stop"))
	t.Log("the customer reads:", ended(ctx, t, s.Customer, "why"))
}

// TestBarHeldAway has the program take the bar away again and again: control ends, both are told why, and once the program leaves it
// alone the bar is back.
func TestBarHeldAway(t *testing.T) {
	ctx, s := live(t, "shared-control")
	p := plantAtBar(ctx, t, s)
	began := time.Now()
	for line, _ := s.Customer.Windows.Shown("bar"); controls(line); line, _ = s.Customer.Windows.Shown("bar") {
		must(t, xproto.ConfigureWindowChecked(p.conn, p.bar, xproto.ConfigWindowX|xproto.ConfigWindowY, []uint32{3000, 3000}).Check(),
			stage.Pause(ctx, 50*time.Millisecond))
		if time.Since(began) > 20*time.Second {
			t.Fatal("the engineer has control, and the customer no bar")
		}
	}
	t.Log("control ended after", time.Since(began))
	line, err := s.Customer.Windows.Until(ctx, "why", func(l trace.Line) bool { return l.Screen == "bar" && l.Elements["trouble"].Text != "" })
	must(t, err)
	t.Log("the customer reads:", line.Elements["trouble"].Text)
	line, err = s.Engineer.Windows.Until(ctx, "why", func(l trace.Line) bool { return l.Screen == "session" && l.Elements["panel-notice"].Text != "" })
	must(t, err)
	t.Log("the engineer reads:", line.Elements["panel-notice"].Text)
	barAgain := time.Now()
	for !p.reachable() {
		if time.Since(barAgain) > 10*time.Second {
			t.Fatal("the bar does not come back")
		}
		must(t, stage.Pause(ctx, 50*time.Millisecond))
	}
	must(t, s.Customer.Click(ctx, "bar", "stop"))
	t.Log("the customer reads:", ended(ctx, t, s.Customer, "why"))
}
