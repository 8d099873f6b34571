package plan

import (
	"image"
	"testing"
	"time"

	"pgregory.net/rapid"

	"assist/media/frame"
)

var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// screen plays a picture for a planner: kinds says which tiles look like photos.
type screen struct {
	t     testing.TB
	p     *Planner
	now   time.Time
	link  Link
	photo map[image.Point]bool // by tile
}

func newScreen(t testing.TB, link Link) *screen {
	return &screen{t: t, p: New(image.Pt(320, 200)), now: start, link: link, photo: map[image.Point]bool{}}
}

// change plays one picture after a pause. It returns what went exactly, what was released and what went by motion, in tiles.
func (s *screen) change(pause time.Duration, tiles ...image.Point) (exact, back, motion int) {
	s.now = s.now.Add(pause)
	var dirty []image.Rectangle
	for _, t := range tiles {
		dirty = append(dirty, image.Rect(t.X*frame.Tile+3, t.Y*frame.Tile+3, t.X*frame.Tile+9, t.Y*frame.Tile+5))
	}
	look := s.p.Begin(s.now, s.link, dirty, func(r image.Rectangle) bool { return s.photo[r.Min.Div(frame.Tile)] })
	for _, r := range look {
		for y := r.Min.Y / frame.Tile; y*frame.Tile < r.Max.Y; y++ {
			for x := r.Min.X / frame.Tile; x*frame.Tile < r.Max.X; x++ {
				at := image.Pt(x, y)
				if !s.p.Hold(at.Mul(frame.Tile).Add(image.Pt(1, 1)), s.photo[at]) {
					exact++
				}
			}
		}
	}
	back = area(s.p.Repaid(func(image.Rectangle) bool { return false }))
	list, where, _ := s.p.Motion()
	for _, r := range list {
		if px := image.Rect(r.Min.X*frame.Tile, r.Min.Y*frame.Tile, r.Max.X*frame.Tile, r.Max.Y*frame.Tile); !px.Intersect(image.Rectangle{Max: s.p.size}).In(where) {
			s.t.Errorf("motion paints %v outside %v", r, where)
		}
	}
	return exact, back, area(list)
}

func area(list []image.Rectangle) int {
	n := 0
	for _, r := range list {
		n += r.Dx() * r.Dy()
	}
	return n
}

// block names the tiles of a rectangle.
func block(r image.Rectangle) (list []image.Point) {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			list = append(list, image.Pt(x, y))
		}
	}
	return list
}

var (
	lan    = Link{Rate: 12 << 20, Motion: true}
	slow   = Link{Rate: 3600, Motion: true}
	second = 42 * time.Millisecond // of a film's pictures
)

func TestTextGoesExactly(t *testing.T) {
	for _, link := range []Link{lan, slow, {}, {Motion: true}} {
		s := newScreen(t, link)
		for range 100 { // a log that scrolls
			exact, back, motion := s.change(second, block(image.Rect(0, 0, 10, 7))...)
			if exact != 70 || back != 0 || motion != 0 {
				t.Fatalf("on %+v text went exactly %d, back %d, by motion %d", link, exact, back, motion)
			}
		}
		if _, owed := s.p.Wait(s.now); owed {
			t.Error("text is owed")
		}
	}
}

func TestFilm(t *testing.T) {
	s := newScreen(t, lan)
	film := block(image.Rect(2, 1, 7, 5))
	for _, at := range film {
		s.photo[at] = true
	}
	s.photo[image.Pt(4, 3)] = false // a flat part
	for range lively - 1 {
		s.change(second, film...)
	}
	s.change(second, film...)
	for i := range 100 {
		exact, back, motion := s.change(second, film...)
		if exact != 0 || back != 0 || motion != len(film) {
			t.Fatalf("picture %d of a film: exactly %d, back %d, by motion %d", i, exact, back, motion)
		}
	}
	wait, owed := s.p.Wait(s.now)
	if !owed || wait != restFast {
		t.Fatalf("the film is repaid after %v, %v", wait, owed)
	}
	if exact, back, motion := s.change(wait); exact != len(film) || back != len(film) || motion != 0 {
		t.Errorf("at rest: exactly %d, back %d, by motion %d", exact, back, motion)
	}
	if _, owed := s.p.Wait(s.now); owed {
		t.Error("still owed after all was repaid")
	}
}

// TestPhotoOnSlowLine shows a photo once: it comes by motion, and is repaid bit by bit, one tile at least each time.
func TestPhotoOnSlowLine(t *testing.T) {
	s := newScreen(t, slow)
	all := block(image.Rect(0, 0, 10, 7))
	for _, at := range all {
		s.photo[at] = at.X > 2
	}
	exact, back, motion := s.change(0, all...)
	if exact != 21 || back != 0 || motion != 49 {
		t.Fatalf("a first picture: exactly %d, back %d, by motion %d", exact, back, motion)
	}
	s.now = s.now.Add(restSlow)
	for n := 49; n > 0; n-- {
		if exact, back, motion := s.change(0); exact != 1 || back != 1 || motion != 0 {
			t.Fatalf("with %d owed: exactly %d, back %d, by motion %d", n, exact, back, motion)
		}
	}
	if s.p.InMotion() != 0 {
		t.Error("something is left in motion")
	}
}

func TestPhotoOnFastLink(t *testing.T) {
	s := newScreen(t, lan)
	all := block(image.Rect(0, 0, 10, 7))
	for _, at := range all {
		s.photo[at] = true
	}
	if exact, _, motion := s.change(0, all...); exact != 70 || motion != 0 {
		t.Errorf("a photo on a fast link: exactly %d, by motion %d", exact, motion)
	}
}

// TestLonelyPhotos has tiles that look like photos change again and again, far from each other, as letters that scroll past do: they
// are no film. Two beside each other neither; in company they are.
func TestLonelyPhotos(t *testing.T) {
	for _, tt := range []struct {
		name string
		at   []image.Point
		want bool
	}{
		{"one", []image.Point{{X: 4, Y: 3}}, false},
		{"far away", []image.Point{{X: 1, Y: 1}, {X: 4, Y: 3}, {X: 8, Y: 5}}, false},
		{"two", []image.Point{{X: 4, Y: 3}, {X: 5, Y: 3}}, false},
		{"four", []image.Point{{X: 4, Y: 3}, {X: 5, Y: 3}, {X: 4, Y: 4}, {X: 5, Y: 4}}, true},
	} {
		s := newScreen(t, lan)
		for _, at := range tt.at {
			s.photo[at] = true
		}
		for range 20 {
			s.change(second, tt.at...)
		}
		if got := s.p.InMotion() > 0; got != tt.want {
			t.Errorf("%s: in motion: %v, want %v", tt.name, got, tt.want)
		}
		if got := s.p.Photos(); got != tt.want {
			t.Errorf("%s: photos: %v, want %v", tt.name, got, tt.want)
		}
	}
}

// TestFilmIsSeldomLookedAt counts how often a film's tiles are asked for.
func TestFilmIsSeldomLookedAt(t *testing.T) {
	s := newScreen(t, lan)
	film := block(image.Rect(2, 1, 7, 5))
	for _, at := range film {
		s.photo[at] = true
	}
	for range 10 {
		s.change(second, film...)
	}
	asked := 0
	for range 10 * askEach {
		s.now = s.now.Add(second)
		s.p.Begin(s.now, s.link, []image.Rectangle{image.Rect(64, 32, 224, 160)}, func(image.Rectangle) bool { asked++; return true })
	}
	if want := 10 * len(film); asked != want {
		t.Errorf("asked %d times in %d pictures of %d tiles, want %d", asked, 10*askEach, len(film), want)
	}
}

func TestTextReplacesFilm(t *testing.T) {
	s := newScreen(t, lan)
	film := block(image.Rect(2, 1, 7, 5))
	for _, at := range film {
		s.photo[at] = true
	}
	for range 10 {
		s.change(second, film...)
	}
	clear(s.photo) // a terminal that scrolls comes over it
	exactly := 0
	for range 20 {
		exact, _, _ := s.change(second, film...)
		exactly += exact
	}
	if s.p.InMotion() != 0 || exactly < len(film) {
		t.Errorf("%d tiles still in motion, %d went exactly", s.p.InMotion(), exactly)
	}
}

func TestMotionIsTakenAway(t *testing.T) {
	s := newScreen(t, lan)
	film := block(image.Rect(2, 1, 7, 5))
	for _, at := range film {
		s.photo[at] = true
	}
	for range 10 {
		s.change(second, film...)
	}
	s.link.Motion = false
	for range 100 {
		s.change(second, film...)
	}
	if s.p.InMotion() != 0 {
		t.Errorf("%d tiles in motion without a motion plane", s.p.InMotion())
	}
}

func TestRestart(t *testing.T) {
	s := newScreen(t, lan)
	film := block(image.Rect(2, 1, 7, 5))
	for _, at := range film {
		s.photo[at] = true
	}
	for range 10 {
		s.change(second, film...)
	}
	s.p.Restart()
	list, where, all := s.p.Motion()
	if area(list) != len(film) || !all || where != image.Rect(64, 32, 224, 160) {
		t.Errorf("a new stream paints %d tiles in %v, %v", area(list), where, all)
	}
	if list, _, all := s.p.Motion(); len(list) != 0 || all {
		t.Errorf("then again %v, %v", list, all)
	}
}

// TestNothingIsForgotten plays anything: what the other end does not have exactly is always in motion, and at rest all
// of it comes back.
func TestNothingIsForgotten(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := newScreen(t, Link{Rate: rapid.SampledFrom([]int{0, 3600, 1 << 17, 1 << 24}).Draw(rt, "rate"), Motion: true})
		for range rapid.IntRange(1, 60).Draw(rt, "pictures") {
			var changed []image.Point
			for _, n := range rapid.SliceOf(rapid.IntRange(0, 69)).Draw(rt, "tiles") {
				at := image.Pt(n%10, n/10)
				changed = append(changed, at)
				s.photo[at] = rapid.Bool().Draw(rt, "photo")
			}
			s.change(time.Duration(rapid.IntRange(1, 300).Draw(rt, "ms"))*time.Millisecond, changed...)
		}
		for range 200 {
			wait, owed := s.p.Wait(s.now)
			if !owed {
				break
			}
			s.change(wait)
		}
		if n := s.p.InMotion(); n != 0 {
			rt.Fatalf("%d tiles of %d are still owed", n, len(s.p.tiles))
		}
	})
}

func TestRects(t *testing.T) {
	p := New(image.Pt(320, 200))
	for _, tt := range []struct {
		name string
		in   []image.Point
		want int
	}{
		{"nothing", nil, 0},
		{"one", block(image.Rect(3, 3, 4, 4)), 1},
		{"all", block(image.Rect(0, 0, 10, 7)), 1},
		{"two blocks", append(block(image.Rect(0, 0, 2, 7)), block(image.Rect(4, 2, 7, 5))...), 2},
		{"a step", append(block(image.Rect(0, 0, 2, 2)), block(image.Rect(0, 2, 3, 4))...), 2},
	} {
		in := map[int]bool{}
		for _, at := range tt.in {
			in[at.Y*10+at.X] = true
		}
		got := p.rects(func(i int) bool { return in[i] }, false)
		if len(got) != tt.want || area(got) != len(in) {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}

// TestSlowRepayment has the exact plane take its time: a tile is released when it is there, and not before, and what
// changes in it meanwhile is named again.
func TestSlowRepayment(t *testing.T) {
	s := newScreen(t, slow)
	one := image.Pt(2, 2)
	s.photo[one] = true
	s.p.room = 0
	s.change(0, append(block(image.Rect(5, 0, 10, 1)), one)...)
	owed := func(image.Rectangle) bool { return true }
	there := func(image.Rectangle) bool { return false }
	photo := func(image.Rectangle) bool { return true }
	if s.p.InMotion() == 0 {
		s.p.Begin(s.now, s.link, nil, photo)
		s.p.room = 0
		if !s.p.Hold(one.Mul(frame.Tile), true) {
			t.Fatal("not held on a line without room")
		}
	}
	s.now = s.now.Add(restSlow)
	if look := s.p.Begin(s.now, s.link, nil, photo); len(look) != 1 || len(s.p.Repaid(owed)) != 0 {
		t.Fatalf("looked at %v", look)
	}
	if _, more := s.p.Wait(s.now); more {
		t.Error("what the exact plane owes is waited for")
	}
	s.now = s.now.Add(second)
	dirty := []image.Rectangle{{Min: one.Mul(frame.Tile), Max: one.Mul(frame.Tile).Add(image.Pt(3, 3))}}
	if look := s.p.Begin(s.now, s.link, dirty, photo); len(look) != 1 || s.p.Hold(one.Mul(frame.Tile), true) {
		t.Errorf("a change of what is being repaid: %v", look)
	}
	if list, _, _ := s.p.Motion(); len(list) != 0 {
		t.Errorf("goes by motion, too: %v", list)
	}
	if back := s.p.Repaid(there); len(back) != 1 || s.p.InMotion() != 0 {
		t.Errorf("released %v, %d left", back, s.p.InMotion())
	}
}
