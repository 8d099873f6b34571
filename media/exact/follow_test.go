package exact

import (
	"image"
	"testing"

	"assist/media/frame"
)

// TestFollow scrolls a page as before, and otherwise: only the former is followed, and explains what the shift makes right.
func TestFollow(t *testing.T) {
	before := image.Pt(0, 2*glyphH)
	for _, tt := range []struct {
		name string
		by   int
		want bool
	}{{"as before", 2 * glyphH, true}, {"further", 3 * glyphH, false}, {"back", -2 * glyphH, false}} {
		t.Run(tt.name, func(t *testing.T) {
			s := newScene(640, 480, 5)
			s.page(s.f.Rect)
			was := frame.New(640, 480)
			was.CopyRect(s.f, s.f.Rect)
			to := s.f.Rect
			if tt.by > 0 {
				to.Max.Y -= tt.by
			} else {
				to.Min.Y -= tt.by
			}
			s.f.Move(to, image.Pt(0, tt.by))
			g := newGrid(s.f.Rect.Size())
			tiles := make([]state, g.cols*g.rows)
			changes := 0
			for i := range tiles {
				if tile := g.tile(i%g.cols, i/g.cols); !frame.SameIn(was, s.f, tile) {
					tiles[i] = changed
					changes++
				}
			}
			d := finder{recent: []image.Point{{X: 3, Y: 0}, before}}
			d.begin(g)
			by, ok := d.follow(g, tiles, was, s.f)
			if ok != tt.want || ok && by != before {
				t.Fatalf("follow: %v, %v", by, ok)
			}
			if ok && d.followed < changes*3 { // of four cells a tile
				t.Errorf("%d cells followed in %d changed tiles", d.followed, changes)
			}
		})
	}
}

// A followed shift is never trusted further than what it makes right: here half of the page stops scrolling.
func TestFollowStops(t *testing.T) {
	s := newScene(1280, 720, 6)
	s.page(s.f.Rect)
	p := newPair(t, s.f.Rect.Size())
	p.send(t, s.f, s.take())
	for range 3 {
		s.scroll(s.f.Rect, 2*glyphH)
		p.send(t, s.f, s.take())
	}
	s.scroll(image.Rect(0, 0, 320, 720), 2*glyphH)
	s.scroll(image.Rect(320, 0, 1280, 720), 5*glyphH)
	if n, _ := p.send(t, s.f, s.take()); n > 2000 {
		t.Errorf("%d bytes, want at most 2000", n)
	}
}

func TestWiden(t *testing.T) {
	const shift = 7
	was, now := frame.New(200, 100), frame.New(200, 100)
	for y := range 100 {
		for x := range 200 {
			was.Fill(image.Rect(x, y, x+1, y+1), byte(x*7+y*3), byte(x*y), byte(y*5))
		}
	}
	now.Fill(now.Rect, 1, 2, 255) // like nothing
	now.CopyRect(was, now.Rect)
	to := image.Rect(60, 30, 131, 77)
	now.Fill(to.Inset(-3), 1, 2, 255)
	for y := to.Min.Y; y < to.Max.Y; y++ {
		copy(now.Row(to.Min.X, to.Max.X, y), was.Row(to.Min.X, to.Max.X, y+shift))
	}
	for _, from := range []image.Rectangle{image.Rect(64, 32, 128, 64), image.Rect(61, 31, 130, 76), to} {
		want := from.Inset(1 - cell).Intersect(to)
		if got := widen(from, image.Pt(0, shift), was, now); got != want {
			t.Errorf("%v widened to %v, want %v", from, got, want)
		}
	}
}
