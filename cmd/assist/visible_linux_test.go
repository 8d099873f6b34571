package main

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"assist/cmd/internal/play"
	"assist/cmd/internal/stage"
	"assist/ui/trace"
)

// Colours of the frame round the customer's screen.
var (
	frameView    = color.RGBA{0xf0, 0xa0, 0x00, 0xff}
	frameControl = color.RGBA{0xc6, 0x1c, 0x1c, 0xff}
)

// desktop is the customer's whole screen.
var desktop = image.Rect(0, 0, 1280, 800)

// frameTime is how long the frame may take to be right, on a machine that is busy with both ends and the service.
const frameTime = 10 * time.Second

// frameAt are places on the frame: the corners, and the middle of each side.
func frameAt(r image.Rectangle) []image.Point {
	r = r.Inset(2)
	x, y := (r.Min.X+r.Max.X)/2, (r.Min.Y+r.Max.Y)/2
	return []image.Point{
		r.Min, {r.Max.X - 1, r.Min.Y}, {r.Min.X, r.Max.Y - 1}, r.Max.Sub(image.Pt(1, 1)),
		{x, r.Min.Y}, {x, r.Max.Y - 1}, {r.Min.X, y}, {r.Max.X - 1, y},
	}
}

// framed reports whether a frame of the colour is round a whole picture.
func framed(c color.RGBA) func(*image.RGBA) bool {
	return func(img *image.RGBA) bool {
		return !slices.ContainsFunc(frameAt(img.Rect), func(p image.Point) bool { return img.RGBAAt(p.X, p.Y) != c })
	}
}

// bare reports whether there is no frame, not even a part of one.
func bare(img *image.RGBA) bool {
	return !slices.ContainsFunc(frameAt(img.Rect), func(p image.Point) bool {
		c := img.RGBAAt(p.X, p.Y)
		return c == frameView || c == frameControl
	})
}

// signed reports whether there is a frame of the colour round a monitor, with a sign beneath its upper side or without.
func signed(c color.RGBA, monitor image.Rectangle, sign bool) func(*image.RGBA) bool {
	return func(img *image.RGBA) bool {
		x, y := (monitor.Min.X+monitor.Max.X)/2, monitor.Min.Y+7
		return framed(c)(img.SubImage(monitor).(*image.RGBA)) && (img.RGBAAt(x, y) == c) == sign
	}
}

// untilScreen waits until ok holds for the customer's screen.
func untilScreen(ctx context.Context, t *testing.T, s *play.Session, what string, ok func(*image.RGBA) bool) {
	t.Helper()
	for began := time.Now(); ; {
		img, err := s.Customer.Display.Picture()
		must(t, err)
		if ok(img) {
			picture(t, s, what)
			return
		}
		if time.Since(began) > frameTime {
			t.Fatalf("%s: not after %v", what, frameTime)
		}
		must(t, stage.Pause(ctx, 20*time.Millisecond))
	}
}

// picture saves what both see into the folder that ASSIST_PICTURES names, if any.
func picture(t *testing.T, s *play.Session, what string) {
	dir := os.Getenv("ASSIST_PICTURES")
	if dir == "" {
		return
	}
	for role, a := range map[string]*play.Actor{"customer": s.Customer, "engineer": s.Engineer} {
		name := strings.ReplaceAll(t.Name()+"-"+what+"-"+role, " ", "-")
		must(t, a.Display.Save(filepath.Join(dir, name+".png")))
	}
}

// TestFrame follows the frame round the customer's screen through the levels to the end.
func TestFrame(t *testing.T) {
	ctx, s := live(t, "shared-control")
	untilScreen(ctx, t, s, "a red frame", framed(frameControl))
	must(t, s.Level(ctx, "take-back"))
	untilScreen(ctx, t, s, "an amber frame", framed(frameView))
	must(t, s.Level(ctx, "chat-only"))
	untilScreen(ctx, t, s, "no frame", bare)
	must(t, s.Stop(ctx))
	untilScreen(ctx, t, s, "no frame after the end", bare)
}

// TestFrameOfKilledProgram kills the customer's program: the frame is gone with it.
func TestFrameOfKilledProgram(t *testing.T) {
	ctx, s := live(t, "view-only")
	untilScreen(ctx, t, s, "an amber frame", framed(frameView))
	s.Customer.Process.Kill()
	untilScreen(ctx, t, s, "no frame", bare)
}

// TestFrameIsNotCovered lets the engineer drag a window over the edge of the screen, and covers all of it: the frame stays, and
// the session bar comes back. The engineer sees the frame, too.
func TestFrameIsNotCovered(t *testing.T) {
	ctx, s := live(t, "shared-control")
	untilScreen(ctx, t, s, "a red frame", framed(frameControl))
	from, err := s.Customer.Place(ctx, "Work")
	must(t, err)
	title := image.Pt(from.Min.X+100, from.Min.Y-10) // of the window manager's
	to := title.Sub(image.Pt(from.Min.X+90, 0))
	must(t, remoteTo(ctx, s, title), s.Engineer.Do(ctx, "mousedown", "1"))
	for x := title.X; x > to.X; x -= 10 {
		must(t, remoteTo(ctx, s, image.Pt(x, title.Y)))
	}
	must(t, remoteTo(ctx, s, to), s.Engineer.Do(ctx, "mouseup", "1"))
	for at := from; at.Min.X > -20; {
		must(t, stage.Pause(ctx, 100*time.Millisecond))
		at, err = s.Customer.Place(ctx, "Work")
		must(t, err)
	}
	untilScreen(ctx, t, s, "a frame over the window at the edge", framed(frameControl))

	bar := plantAtBar(ctx, t, s)
	cmd := exec.Command("xterm", "-fullscreen", "-title", "Cover", "-e", "sleep", "600")
	cmd.Env = s.Customer.Display.Env()
	cover, err := stage.Start(cmd, filepath.Join(s.Dir, "cover.log"))
	must(t, err)
	defer cover.Kill()
	must(t, s.Customer.Do(ctx, "search", "--sync", "--onlyvisible", "--name", "^Cover$"), s.Customer.Do(ctx, "search", "--name", "^Cover$", "windowraise"))
	untilScreen(ctx, t, s, "a frame over a window that covers all", framed(frameControl))
	bar.until(true, "the bar over a window that covers all")

	line, view, err := s.View(ctx)
	must(t, err)
	window, err := s.Engineer.Place(ctx, line.Window)
	must(t, err)
	corner := window.Min.Add(view.Min).Add(image.Pt(2, 2))
	img, err := s.Engineer.Display.Picture()
	must(t, err)
	if c := img.RGBAAt(corner.X, corner.Y); c != frameControl {
		t.Errorf("the engineer sees %v in the corner", c)
	}
}

// The two monitors that the customer's one is turned into, one above the other.
var upper, lower = image.Rect(0, 0, 1280, 540), image.Rect(0, 540, 1280, 800)

// splitMonitor turns the customer's monitor into two.
func splitMonitor(ctx context.Context, t *testing.T, s *play.Session) {
	t.Helper()
	for _, m := range [][]string{{"upper", "1280/300x540/130+0+0", "screen"}, {"lower", "1280/300x260/60+0+540", "none"}} {
		cmd := exec.CommandContext(ctx, "xrandr", append([]string{"--setmonitor"}, m...)...)
		cmd.Env = s.Customer.Display.Env()
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("xrandr: %v: %s", err, out)
		}
	}
}

// unframed reports whether there is no frame round a monitor. A sign in the middle of its upper side is none.
func unframed(monitor image.Rectangle) func(*image.RGBA) bool {
	monitor.Min.Y += 60
	return func(img *image.RGBA) bool { return bare(img.SubImage(monitor).(*image.RGBA)) }
}

// TestSignOnOtherMonitor turns the customer's monitor into two: the one without the session bar gets a sign, also when
// the bar moves to the other one.
func TestSignOnOtherMonitor(t *testing.T) {
	ctx, s := live(t, "view-only")
	untilScreen(ctx, t, s, "one monitor", signed(frameView, desktop, false))
	splitMonitor(ctx, t, s)
	bar, err := s.Customer.Windows.Screen(ctx, "bar")
	must(t, err)
	at, err := s.Customer.Place(ctx, bar.Window)
	must(t, err)
	if !at.In(upper) {
		t.Fatalf("the session bar is at %v", at)
	}
	must(t, chooseScreen(ctx, s, 2))
	untilScreen(ctx, t, s, "a sign on the monitor without the bar", func(img *image.RGBA) bool {
		return signed(frameView, upper, false)(img) && signed(frameView, lower, true)(img)
	})
	must(t, s.Customer.Do(ctx, "search", "--onlyvisible", "--name", "^"+bar.Window+"$", "windowmove", "100", "560"))
	untilScreen(ctx, t, s, "the bar and the sign have changed places", func(img *image.RGBA) bool {
		return signed(frameView, upper, true)(img) && signed(frameView, lower, false)(img)
	})
}

// chooseScreen lets the engineer choose from the list of screens: two monitors, both, or the one where the pointer is.
func chooseScreen(ctx context.Context, s *play.Session, place int) error {
	several := func(l trace.Line) bool { return l.Elements["display"].Text != "" }
	if _, err := s.Engineer.Windows.Until(ctx, "a choice of screens", several); err != nil {
		return err
	}
	if err := s.Engineer.Click(ctx, "session", "display"); err != nil {
		return err
	}
	keys := append(slices.Repeat([]string{"Down"}, place+1), "Return")
	return s.Engineer.Press(ctx, keys...)
}

// TestFrameFollowsWhatIsShown lets the engineer choose among two monitors: the frame is round what is shown.
func TestFrameFollowsWhatIsShown(t *testing.T) {
	ctx, s := live(t, "view-only")
	must(t, s.Customer.Do(ctx, "mousemove", "640", "200"))
	splitMonitor(ctx, t, s)
	for _, c := range []struct {
		what   string
		place  int
		framed image.Rectangle
		bare   image.Rectangle
	}{
		{"the lower one", 1, lower, upper},
		{"the upper one", 0, upper, lower},
		{"both", 2, upper, image.Rectangle{}},
		{"the one with the pointer", 3, upper, lower},
	} {
		must(t, chooseScreen(ctx, s, c.place))
		untilScreen(ctx, t, s, "a frame round "+c.what, func(img *image.RGBA) bool {
			return framed(frameView)(img.SubImage(c.framed).(*image.RGBA)) && (c.bare.Empty() || unframed(c.bare)(img))
		})
	}
	must(t, s.Customer.Do(ctx, "mousemove", "640", "700"))
	untilScreen(ctx, t, s, "a frame round the one where the pointer is now", func(img *image.RGBA) bool {
		return framed(frameView)(img.SubImage(lower).(*image.RGBA)) && unframed(upper)(img)
	})
	cmd := exec.CommandContext(ctx, "xrandr", "--delmonitor", "lower", "--delmonitor", "upper")
	cmd.Env = s.Customer.Display.Env()
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("xrandr: %v: %s", err, out)
	}
	untilScreen(ctx, t, s, "a frame round the one monitor there is", framed(frameView))
}

// remoteTo moves the engineer's pointer to a place of the customer's desktop.
func remoteTo(ctx context.Context, s *play.Session, at image.Point) error {
	line, view, err := s.View(ctx)
	if err != nil {
		return err
	}
	var size image.Point
	fmt.Sscanf(play.CustomerDesk, "%dx%d", &size.X, &size.Y)
	x, y := view.Min.X+(2*at.X+1)*view.Dx()/(2*size.X), view.Min.Y+(2*at.Y+1)*view.Dy()/(2*size.Y)
	if err := s.Engineer.MoveTo(ctx, line, x, y); err != nil {
		return err
	}
	return stage.Pause(ctx, 30*time.Millisecond)
}
