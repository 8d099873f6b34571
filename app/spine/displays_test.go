package spine

import (
	"image"
	"slices"
	"testing"
	"time"

	"assist/app/customer"
	"assist/app/engineer"
	"assist/app/session"
	"assist/media/capture"
	"assist/media/frame"
	"assist/media/input"
)

// The customer's monitors: of different size and origin, or of the same size. The right one is the primary.
var (
	leftAt   = image.Rect(0, 20, 200, 180)
	rightAt  = image.Rect(200, 0, 520, 240)
	bothAt   = image.Rect(0, 0, 520, 240)
	leftMon  = capture.Display{Name: "left", Bounds: leftAt}
	rightMon = capture.Display{Name: "right", Bounds: rightAt, Primary: true}
)

// screens is a stage whose customer has several monitors.
type screens struct{ *stage }

// playScreens runs a live session with monitors at the customer's.
func playScreens(t *testing.T, monitors []capture.Display, test func(screens)) {
	t.Helper()
	play(t, func(s *stage, c *customer.Config) {
		s.desktop = newDesktop(520, 240)
		c.OpenScreen = func(o capture.Options) (capture.Source, error) {
			src, err := s.desktop.open(o)
			if err == nil {
				s.desktop.now.Plug(monitors...)
			}
			return src, err
		}
	}, func(s *stage) {
		s.desktop.paint(bothAt, 5, 5, 5)
		for i, m := range monitors {
			s.desktop.paint(m.Bounds, byte(i+1), byte(50*i), 100)
			s.desktop.paint(image.Rectangle{Min: m.Bounds.Min, Max: m.Bounds.Min.Add(image.Pt(3, 2))}, byte(i+1), 200, 200)
		}
		s.start(session.SharedControl)
		screens{s}.shownIs(rightAt)
		test(screens{s})
	})
}

// told is what the engineer was told last.
func (s screens) told() engineer.DisplaysChanged {
	ev, _ := last[engineer.DisplaysChanged](&s.toE)
	return ev
}

// id is the ID of a monitor.
func (s screens) id(name string) uint8 {
	s.Helper()
	i := slices.IndexFunc(s.told().Displays, func(d engineer.Display) bool { return d.Name == name })
	if i < 0 {
		s.Fatalf("no monitor %q in %+v", name, s.told())
	}
	return s.told().Displays[i].ID
}

// shownIs waits until the engineer sees a part of the desktop, as it is, and the customer knows.
func (s screens) shownIs(part image.Rectangle) {
	s.Helper()
	s.await("the picture of "+part.String(), func() bool {
		s.screen.mu.Lock()
		defer s.screen.mu.Unlock()
		places := capture.Places(s.told().Displays)
		if s.screen.pix == nil || int(s.screen.display) >= len(places) || places[s.screen.display] != part || s.told().Shown != s.screen.display {
			return false
		}
		s.desktop.mu.Lock()
		defer s.desktop.mu.Unlock()
		want := frame.New(part.Dx(), part.Dy())
		for _, d := range s.told().Displays {
			seen := d.Bounds.Intersect(part)
			cut := frame.New(seen.Dx(), seen.Dy())
			cut.Rect = seen
			cut.CopyRect(s.desktop.pix, seen)
			cut.Rect = seen.Sub(part.Min)
			want.CopyRect(cut, cut.Rect)
		}
		return frame.Equal(s.screen.pix, want)
	})
	var places []image.Rectangle
	for _, d := range s.told().Displays {
		if s.told().Shown == capture.All || s.told().Shown == d.ID {
			places = append(places, d.Bounds)
		}
	}
	s.await("the customer is told", func() bool {
		ev, _ := last[customer.Sharing](&s.toC)
		return slices.Equal(ev.Places, places)
	})
}

// click clicks on a pixel of what a display shows, as the engineer's window does, and returns where that came to be.
func (s screens) click(display uint8, p, size image.Point) image.Point {
	s.Helper()
	at := engineer.Pointer{Display: display, X: engineer.PixelToFraction(p.X, size.X), Y: engineer.PixelToFraction(p.Y, size.Y)}
	before := s.keyboard.Count()
	down := at
	down.Buttons = input.Left
	s.engineer.Pointer(down)
	s.engineer.Pointer(at)
	s.await("a click", func() bool { return s.keyboard.Count() >= before+2 })
	var places input.Displays
	places.Set(s.keyboard.Displays())
	for _, e := range s.keyboard.Events()[before:] {
		if e.Pointer != nil && e.Pointer.Buttons == input.Left {
			to, ok := places.Place(*e.Pointer)
			if !ok {
				s.Fatalf("a click on display %d is nowhere in %v", display, s.keyboard.Displays())
			}
			return to
		}
	}
	s.Fatal("no button went down")
	return image.Point{}
}

// exact clicks at the edges and the middle of what is shown.
func (s screens) exact(part image.Rectangle) {
	s.Helper()
	s.screen.mu.Lock()
	display := s.screen.display
	s.screen.mu.Unlock()
	size := part.Size()
	for _, x := range []int{0, 1, size.X / 2, size.X - 1} {
		for _, y := range []int{0, size.Y / 3, size.Y - 1} {
			if got, want := s.click(display, image.Pt(x, y), size), part.Min.Add(image.Pt(x, y)); got != want {
				s.Errorf("a click on pixel %d,%d of %v lands on %v, want %v", x, y, part, got, want)
			}
		}
	}
}

// TestScreens lets the engineer see each monitor, all of them, and follow the pointer. Every click lands on the pixel that was seen.
func TestScreens(t *testing.T) {
	playScreens(t, []capture.Display{leftMon, rightMon}, func(s screens) {
		if ev := s.told(); len(ev.Displays) != 2 || ev.Choice != s.id("right") {
			s.Fatalf("told %+v", ev)
		}
		s.exact(rightAt)
		for _, c := range []struct {
			choice uint8
			part   image.Rectangle
		}{{s.id("left"), leftAt}, {engineer.AllDisplays, bothAt}, {engineer.FollowPointer, leftAt}, {s.id("right"), rightAt}} {
			s.desktop.now.MovePointer(image.Pt(3, 30))
			s.engineer.ShowDisplay(c.choice)
			s.shownIs(c.part)
			if got := s.told().Choice; got != c.choice {
				s.Errorf("chosen %d, want %d", got, c.choice)
			}
			s.exact(c.part)
			s.desktop.paint(leftAt.Inset(50), c.choice, 1, 2)
			s.desktop.paint(rightAt.Inset(50), c.choice, 3, 4)
			s.shownIs(c.part)
		}
	})
}

// TestFollowThePointer moves the customer's pointer to the other monitor: the picture follows when it has rested there.
func TestFollowThePointer(t *testing.T) {
	playScreens(t, []capture.Display{leftMon, rightMon}, func(s screens) {
		s.desktop.now.MovePointer(image.Pt(300, 100))
		s.engineer.ShowDisplay(engineer.FollowPointer)
		s.shownIs(rightAt)
		s.desktop.now.MovePointer(image.Pt(100, 100))
		time.Sleep(450 * time.Millisecond)
		s.shownIs(rightAt)
		s.desktop.now.MovePointer(image.Pt(250, 100)) // back too soon
		time.Sleep(time.Second)
		s.shownIs(rightAt)
		s.desktop.now.MovePointer(image.Pt(100, 100))
		time.Sleep(510 * time.Millisecond)
		s.shownIs(leftAt)
		if at := s.screen.at; at != image.Pt(100, 80) {
			s.Errorf("the pointer is at %v of the picture", at)
		}
	})
}

// TestClickOnThePictureBefore sends a click that was meant for a picture that has just been replaced: it lands where it was meant.
func TestClickOnThePictureBefore(t *testing.T) {
	playScreens(t, []capture.Display{leftMon, rightMon}, func(s screens) {
		s.engineer.ShowDisplay(s.id("left"))
		s.shownIs(leftAt)
		if got, want := s.click(s.id("right"), image.Pt(7, 9), rightAt.Size()), image.Pt(207, 9); got != want {
			s.Errorf("the click lands on %v, want %v", got, want)
		}
		gone := s.id("right")
		s.desktop.now.Plug(leftMon)
		s.await("one monitor less", func() bool { return len(s.told().Displays) == 1 })
		before := s.keyboard.Count()
		s.engineer.Pointer(engineer.Pointer{Display: gone, Buttons: input.Left})
		time.Sleep(time.Second)
		if n := s.keyboard.Count() - before; n != 0 {
			s.Errorf("a click on a monitor that has gone came to %d events", n)
		}
	})
}

// TestUnplug takes the chosen monitor away, and brings it back.
func TestUnplug(t *testing.T) {
	playScreens(t, []capture.Display{leftMon, rightMon}, func(s screens) {
		left, right := s.id("left"), s.id("right")
		s.engineer.ShowDisplay(left)
		s.shownIs(leftAt)
		s.desktop.now.Plug(rightMon)
		s.shownIs(rightAt)
		if got := s.told().Choice; got != right {
			s.Errorf("chosen %d, want the primary %d", got, right)
		}
		s.engineer.ShowDisplay(left) // too late
		time.Sleep(time.Second)
		s.shownIs(rightAt)
		turned := capture.Display{Name: "left", Bounds: image.Rect(40, 20, 200, 220)}
		s.desktop.now.Plug(turned, rightMon)
		s.await("it is back", func() bool { return len(s.told().Displays) == 2 })
		if got := s.id("left"); got != left {
			s.Errorf("the monitor that is back has ID %d, had %d", got, left)
		}
		s.engineer.ShowDisplay(left)
		s.shownIs(turned.Bounds)
		s.exact(turned.Bounds)
	})
}

// TestChoiceOutlivesAPause pauses the picture: it comes back as it was chosen.
func TestChoiceOutlivesAPause(t *testing.T) {
	playScreens(t, []capture.Display{leftMon, rightMon}, func(s screens) {
		for _, c := range []struct {
			choice uint8
			part   image.Rectangle
		}{{s.id("left"), leftAt}, {engineer.AllDisplays, bothAt}} {
			s.engineer.ShowDisplay(c.choice)
			s.shownIs(c.part)
			opened, paints := s.desktop.opens(), len(s.screen.seen)
			s.customer.Pause()
			s.await("the pause", func() bool { ev, _ := last[engineer.PictureChanged](&s.toE); return ev.Paused })
			s.resume()
			s.await("the picture again", func() bool { return s.desktop.opens() == opened+1 && len(s.screen.seen) > paints })
			s.shownIs(c.part)
			for _, g := range s.screen.seen[paints:] {
				if g.display != s.told().Shown {
					s.Errorf("display %d was shown after the pause, chosen was %d", g.display, c.choice)
				}
			}
		}
	})
}

// TestPictureNamesItsDisplay switches between monitors of the same size: whatever is painted is of the display that clicks
// would name, all the time.
func TestPictureNamesItsDisplay(t *testing.T) {
	a := capture.Display{Name: "a", Bounds: image.Rect(0, 0, 100, 90)}
	b := capture.Display{Name: "b", Bounds: image.Rect(100, 40, 200, 130)}
	playScreens(t, []capture.Display{a, b, rightMon}, func(s screens) {
		colour := map[uint8]byte{s.id("a"): 1, s.id("b"): 2, s.id("right"): 3}
		for i := range 12 {
			m := []capture.Display{a, b}[i%2]
			s.engineer.ShowDisplay(s.id(m.Name))
			s.shownIs(m.Bounds)
		}
		for i, g := range s.screen.seen {
			if colour[g.display] != g.corner {
				t.Errorf("picture %d has colour %d in its corner while display %d is named", i, g.corner, g.display)
			}
		}
		if len(s.screen.seen) < 12 {
			t.Errorf("%d pictures of twelve", len(s.screen.seen))
		}
		for _, m := range []capture.Display{a, b} {
			s.desktop.paint(m.Bounds, 8, 8, 8)
		}
		s.shownIs(b.Bounds)
		began := time.Now()
		s.engineer.ShowDisplay(s.id("a")) // which looks the same
		s.shownIs(a.Bounds)
		if d := time.Since(began); d > 100*time.Millisecond {
			t.Errorf("clicks named the display before for %v", d)
		}
		s.exact(a.Bounds)
	})
}
