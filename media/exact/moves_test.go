package exact

import (
	"image"
	"math/rand/v2"
	"slices"
	"testing"

	"assist/media/frame"
)

func TestScrollIsMoves(t *testing.T) {
	for _, tt := range []struct {
		name string
		by   int
	}{{"a line up", glyphH}, {"half a page up", 250}, {"three pixels up", 3}, {"a line down", -glyphH}} {
		t.Run(tt.name, func(t *testing.T) {
			s := newScene(1280, 720, 3)
			term := s.desktop()
			p := newPair(t, s.f.Rect.Size())
			all, _ := p.send(t, s.f, s.take())
			to := term
			if tt.by > 0 {
				to.Max.Y -= tt.by
			} else {
				to.Min.Y -= tt.by
			}
			s.f.Move(to, image.Pt(0, tt.by))
			s.touch(term)
			n, changed := p.send(t, s.f, s.take())
			moved := 0
			for _, r := range changed {
				moved += r.Dx() * r.Dy()
			}
			if n > 1000 || n > all/20 {
				t.Errorf("%d bytes, want at most 1000 (the whole picture took %d)", n, all)
			}
			if len(changed) > 24 {
				t.Errorf("%d parts changed, want at most 24: %v", len(changed), changed)
			}
		})
	}
}

// TestLogScrollIsAMove scrolls lines that are alike but for a number each.
func TestLogScrollIsAMove(t *testing.T) {
	const lines, height, letter = 50, 14, 7
	f := frame.New(1280, 720)
	r := rand.New(rand.NewPCG(9, 9))
	glyph := func(x, y, v int) { // one of 16 letters
		f.Fill(image.Rect(x, y, x+letter, y+height), 20, 20, 20)
		for bit := range 4 {
			if v>>bit&1 == 1 {
				f.Fill(image.Rect(x+1+bit%2*3, y+2+bit/2*5, x+3+bit%2*3, y+6+bit/2*5), 200, 210, 220)
			}
		}
	}
	line := func(y int) {
		for i := range 120 {
			v := i * 7 % 16 // the same in each line
			if i%20 < 4 {
				v = r.IntN(16)
			}
			glyph(40+i*letter, y, v)
		}
	}
	for i := range lines {
		line(10 + i*height)
	}
	p := newPair(t, f.Rect.Size())
	all, _ := p.send(t, f, []image.Rectangle{f.Rect})
	text := image.Rect(40, 10, 40+120*letter, 10+lines*height)
	for range 3 {
		to := text
		to.Max.Y -= height
		f.Move(to, image.Pt(0, height))
		line(to.Max.Y)
		f.Fill(image.Rect(1000, 3, 1000+r.IntN(50), 5), 1, 250, 2)
		if n, _ := p.send(t, f, []image.Rectangle{f.Rect}); n > all/10 {
			t.Errorf("%d bytes for a line more, the whole picture took %d", n, all)
		}
	}
}

func TestTwoWindowsScrollDifferently(t *testing.T) {
	s := newScene(1280, 720, 4)
	left, right := image.Rect(40, 40, 600, 700), image.Rect(640, 40, 1240, 700)
	s.page(left)
	s.page(right)
	p := newPair(t, s.f.Rect.Size())
	s.touch(s.f.Rect)
	p.send(t, s.f, s.take())
	s.scroll(left, 16)
	s.scroll(right, 48)
	moves := 0
	msg, err := p.enc.Encode(nil, s.f, s.take())
	if err != nil {
		t.Fatal(err)
	}
	_, changed, err := p.dec.Decode(msg)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range changed {
		if r.Dy() > 500 {
			moves++
		}
	}
	if moves < 2 || len(msg) > 3000 {
		t.Errorf("%d tall parts in %d bytes, want two moves in at most 3000", moves, len(msg))
	}
}

// A window dragged over others is a move, whatever the direction.
func TestDragIsMoves(t *testing.T) {
	for _, by := range []image.Point{{40, 0}, {-33, 0}, {7, 5}, {-1, 1}, {120, -90}, {-250, 180}} {
		t.Run(by.String(), func(t *testing.T) {
			s := newScene(1280, 720, 3)
			s.desktop()
			under := frame.New(1280, 720)
			under.CopyRect(s.f, s.f.Rect)
			window := image.Rect(400, 250, 800, 500)
			s.page(window)
			p := newPair(t, s.f.Rect.Size())
			all, _ := p.send(t, s.f, s.take())
			s.f.Move(window.Add(by), image.Pt(-by.X, -by.Y))
			for y := window.Min.Y; y < window.Max.Y; y++ {
				for x := window.Min.X; x < window.Max.X; x++ {
					if at := image.Pt(x, y); !at.In(window.Add(by)) {
						s.f.CopyRect(under, image.Rect(x, y, x+1, y+1))
					}
				}
			}
			s.touch(window)
			s.touch(window.Add(by))
			n, _ := p.send(t, s.f, s.take())
			want := image.Pt(-by.X, -by.Y)
			if !slices.ContainsFunc(p.enc.moves, func(m move) bool { return m.by == want && area(m.to) > area(window)/2 }) {
				t.Errorf("moves %v, want most of the window by %v", p.enc.moves, want)
			}
			if n > all/5 {
				t.Errorf("%d bytes, want at most a fifth of the %d for the whole picture", n, all)
			}
		})
	}
}

// Two windows are dragged and a third is scrolled, all in one frame, over each other's old places.
func TestSeveralMovesAtOnce(t *testing.T) {
	s := newScene(1280, 720, 4)
	parts := []struct {
		at image.Rectangle
		by image.Point
	}{
		{image.Rect(40, 40, 400, 300), image.Pt(64, 31)}, {image.Rect(420, 40, 800, 300), image.Pt(-20, 45)}, {image.Rect(820, 40, 1240, 700), image.Pt(0, -48)},
	}
	for _, w := range parts {
		s.page(w.at)
	}
	s.touch(s.f.Rect)
	p := newPair(t, s.f.Rect.Size())
	all, _ := p.send(t, s.f, s.take())
	old := frame.New(1280, 720)
	old.CopyRect(s.f, s.f.Rect)
	s.f.Fill(s.f.Rect, 0, 0, 0)
	for _, w := range parts {
		for y := w.at.Min.Y; y < w.at.Max.Y; y++ {
			if to := y + w.by.Y; to >= 0 && to < 720 {
				copy(s.f.Row(w.at.Min.X+w.by.X, w.at.Max.X+w.by.X, to), old.Row(w.at.Min.X, w.at.Max.X, y))
			}
		}
	}
	s.touch(s.f.Rect)
	n, _ := p.send(t, s.f, s.take())
	if n > all/8 {
		t.Errorf("%d bytes with moves %v, want at most an eighth of the %d for the whole picture", n, p.enc.moves, all)
	}
	for _, w := range parts {
		if !slices.ContainsFunc(p.enc.moves, func(m move) bool { return m.by == image.Pt(-w.by.X, -w.by.Y) }) {
			t.Errorf("no move by %v: %v", w.by, p.enc.moves)
		}
	}
}

// Of moves that paint over each other's sources, the order saves what it can.
func TestOrder(t *testing.T) {
	a := move{image.Rect(0, 0, 10, 10), image.Pt(20, 0)} // copies from 20,0
	b := move{image.Rect(20, 0, 30, 10), image.Pt(20, 0)}
	c := move{image.Rect(40, 0, 50, 10), image.Pt(20, 0)}
	for _, in := range [][]move{{a, b, c}, {c, b, a}, {b, a, c}, {c, a, b}} {
		if got := order(slices.Clone(in)); !slices.Equal(got, []move{a, b, c}) {
			t.Errorf("order(%v) = %v", in, got)
		}
	}
	ring := []move{a, {image.Rect(20, 0, 30, 10), image.Pt(-20, 0)}}
	if got := order(slices.Clone(ring)); len(got) != 2 {
		t.Errorf("a ring became %v, want both moves", got)
	}
}
