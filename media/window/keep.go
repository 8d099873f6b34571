package window

import (
	"cmp"
	"context"
	"errors"
	"image"
	"log/slog"
	"slices"
	"time"
)

// ErrGone says that a window is no more.
var ErrGone = errors.New("window: it is gone")

// Loss is what could not be held.
type Loss uint8

// The losses.
const (
	OutOfSight Loss = iota // people do not see the window
	Unmarked               // nobody tells any more where our windows are, so that they cannot be left out of the picture
)

func (l Loss) String() string {
	if l == Unmarked {
		return "own windows unknown"
	}
	return "out of sight"
}

// Keeping says how a window is kept.
type Keeping struct {
	// Lost is told when the window does not come back, or is taken away again and again. It may be told more than once, and must not
	// wait.
	Lost func(Loss)
	Log  *slog.Logger // nil for none
}

// When a window that is not in sight is put back, and when that counts as lost.
const (
	backTime    = time.Second            // it must be seen again that long after it was first put back
	mendRest    = 500 * time.Millisecond // between two attempts: the window manager must not be fought
	lostRest    = 5 * time.Second        // between two attempts once it is lost
	memory      = 10 * time.Second       // how long it counts that the window was taken away
	mostOfOne   = 3                      // times within memory, by the same window that covers it or in any other way
	mostOfAll   = 12                     // times within memory
	coverGrace  = 500 * time.Millisecond // menus and tips come and go
	placeGrace  = 700 * time.Millisecond // a hand may be moving it
	dragGrace   = 3 * time.Second        // a hand is moving it
	newsRest    = 100 * time.Millisecond // between two looks
	unknownWait = time.Second            // for a system that does not answer
)

// How much of a window may be missing, in pixels: rounded corners, or an edge that is a little off the screen.
const slack = 24

// A window is too small when it is not half as wide as at first, or as low as this, which is less than a line of text with its
// buttons.
const leastHeight = 64

// kind is a kind of fault.
type kind uint8

// The faults.
const (
	none        kind = iota
	hidden           // unmapped, minimised, or inside something that is
	small            // too small to be read and pressed
	cut              // a part of it lies outside what it is in
	holed            // a part of it shows nothing, or takes no clicks
	transparent      // a composite manager is to show what is behind it
	away             // off the monitors
	covered          // beneath a window of somebody else
)

func (k kind) String() string {
	return [...]string{"none", "hidden", "too small", "cut off", "cut out", "transparent", "off the screen", "covered"}[k]
}

// fault is what keeps a window from being seen. The zero fault is none.
type fault struct {
	what  kind
	grace time.Duration // how long that may go on
	by    uint64        // the window that is in the way, 0 for none
}

// grip decides what to do about faults. It does no I/O; times are the caller's.
type grip struct {
	since   time.Time // when the present fault began; zero while there is none
	first   time.Time // when the window was first put back because of it; zero before
	last    time.Time // when it was put back last, ever
	lost    bool
	history []episode
}

// episode is that the window was not to be seen for a while.
type episode struct {
	at time.Time
	by uint64
}

// order is what a grip wants done.
type order struct {
	mend  bool
	again bool          // not the first attempt: what was tried did not help
	lost  bool          // to be told
	look  time.Duration // when to look again, if nothing happens before; 0 for never
}

// take takes what is the matter at a time.
func (g *grip) take(f fault, now time.Time) order {
	if f.what == none {
		g.since, g.first, g.lost = time.Time{}, time.Time{}, false
		return order{}
	}
	if g.since.IsZero() {
		g.since = now
	}
	rest := mendRest
	if g.lost {
		rest = lostRest
	}
	if wait := max(g.since.Add(f.grace).Sub(now), g.last.Add(rest).Sub(now)); wait > 0 {
		return g.waiting(wait, now)
	}
	o := order{mend: true, again: !g.first.IsZero()}
	if g.first.IsZero() {
		g.first = now
		g.note(episode{now, f.by})
	}
	g.last = now
	if g.tooMany(f.by) || now.Sub(g.first) >= backTime {
		g.lost, o.lost = true, true
	}
	o.look = mendRest
	return o
}

// waiting is the order while nothing may be tried.
func (g *grip) waiting(wait time.Duration, now time.Time) order {
	if !g.lost && !g.first.IsZero() {
		if now.Sub(g.first) >= backTime {
			g.lost = true
			return order{lost: true, look: wait}
		}
		wait = min(wait, g.first.Add(backTime).Sub(now))
	}
	return order{look: wait}
}

// note remembers an episode and forgets old ones.
func (g *grip) note(a episode) {
	kept := g.history[:0]
	for _, old := range g.history {
		if a.at.Sub(old.at) < memory {
			kept = append(kept, old)
		}
	}
	g.history = append(kept, a)
}

// tooMany reports whether the window is taken away again and again.
func (g *grip) tooMany(by uint64) bool {
	same := 0
	for _, a := range g.history {
		if a.by == by {
			same++
		}
	}
	return same > mostOfOne || len(g.history) > mostOfAll
}

// keeper sees a window on one system, and puts it back there.
type keeper interface {
	// look returns what keeps the window from being seen. ErrGone ends the keeping; other errors are tried again.
	look() (fault, error)
	// mend puts the window back. What was tried before did not help if again is set.
	mend(f fault, again bool) error
}

// hold keeps a window in sight until ctx ends or the window is gone. news says that something has happened on the desktop.
func hold(ctx context.Context, k keeper, news <-chan struct{}, how Keeping) error {
	var g grip
	log := how.Log
	clock := time.NewTimer(0)
	defer clock.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-clock.C:
		case <-news:
		}
		f, err := k.look()
		if err != nil {
			return err
		}
		o := g.take(f, time.Now())
		if o.mend {
			log.Warn("own window put back", "why", f.what, "again", o.again)
			if err := k.mend(f, o.again); err != nil {
				return err
			}
		}
		if o.lost {
			log.Warn("own window not kept", "why", f.what)
			how.Lost(OutOfSight)
		}
		if clock.Stop(); o.look > 0 {
			clock.Reset(o.look)
		}
		if !pause(ctx, newsRest) {
			return nil
		}
	}
}

// pause waits, and reports whether to go on.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// inside returns where r has to be moved to be on the monitor on which most of it is, or on the first. Of what does not fit, the left
// and upper part is there.
func inside(r image.Rectangle, monitors []image.Rectangle) image.Point {
	if len(monitors) == 0 {
		return r.Min
	}
	on := slices.MaxFunc(monitors, func(a, b image.Rectangle) int { return cmp.Compare(area(a.Intersect(r)), area(b.Intersect(r))) })
	return image.Pt(
		max(on.Min.X, min(r.Min.X, on.Max.X-r.Dx())),
		max(on.Min.Y, min(r.Min.Y, on.Max.Y-r.Dy())))
}

func area(r image.Rectangle) int { return r.Dx() * r.Dy() }

// mostParts is into how many pieces a window may be cut before it does not matter any more what covers them.
const mostParts = 256

// missing returns the parts of r that none of the others covers.
func missing(r image.Rectangle, others []image.Rectangle) []image.Rectangle {
	left := []image.Rectangle{r}
	for _, o := range others {
		var rest []image.Rectangle
		for _, l := range left {
			rest = append(rest, without(l, o)...)
		}
		if left = rest; len(left) == 0 || len(left) > mostParts {
			break
		}
	}
	return left
}

// without returns what is left of r outside o.
func without(r, o image.Rectangle) []image.Rectangle {
	in := r.Intersect(o)
	if in.Empty() {
		return []image.Rectangle{r}
	}
	all := []image.Rectangle{
		{Min: r.Min, Max: image.Pt(r.Max.X, in.Min.Y)}, {Min: image.Pt(r.Min.X, in.Max.Y), Max: r.Max},
		{Min: image.Pt(r.Min.X, in.Min.Y), Max: image.Pt(in.Min.X, in.Max.Y)},
		{Min: image.Pt(in.Max.X, in.Min.Y), Max: image.Pt(r.Max.X, in.Max.Y)},
	}
	return slices.DeleteFunc(all, image.Rectangle.Empty)
}
