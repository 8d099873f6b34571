package picture

import (
	"errors"
	"image"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"assist/media/frame"
)

// screen is a desktop whose parts a test shoots.
type screen struct {
	f     *frame.Frame // in desktop pixels
	at    image.Point  // of the display
	parts []image.Rectangle
}

func (s *screen) grab(parts []image.Rectangle) ([]*frame.Frame, error) {
	s.parts = slices.Clone(parts)
	var shots []*frame.Frame
	for _, r := range parts {
		shot := frame.New(r.Dx(), r.Dy())
		shot.Rect = r.Add(s.at)
		shot.CopyRect(s.f, shot.Rect)
		shot.Rect = r
		shots = append(shots, shot)
	}
	return shots, nil
}

func TestSizes(t *testing.T) {
	for _, r := range []image.Rectangle{{}, image.Rect(0, 0, 10, 0), image.Rect(0, 0, frame.MaxSide+1, 1)} {
		if _, err := New(r); err == nil {
			t.Errorf("New(%v): no error", r)
		}
	}
}

// Only what was damaged, or is hidden in one of the two pictures only, is shot.
func TestPartsShot(t *testing.T) {
	bounds := image.Rect(100, 50, 400, 250)
	s := &screen{f: frame.New(400, 250), at: bounds.Min}
	p, err := New(bounds)
	if err != nil {
		t.Fatal(err)
	}
	var hide []image.Rectangle
	mask := func() []image.Rectangle { return hide }
	a, b := image.Rect(110, 60, 120, 70), image.Rect(300, 200, 310, 210)
	for _, tt := range []struct {
		name   string
		damage []image.Rectangle
		hide   []image.Rectangle
		want   []image.Rectangle
	}{
		{"the first", nil, nil, []image.Rectangle{image.Rect(0, 0, 300, 200)}},
		{"nothing", nil, nil, nil},
		{"damage elsewhere", []image.Rectangle{image.Rect(0, 0, 100, 250)}, nil, nil},
		{"damage at the edge", []image.Rectangle{image.Rect(90, 40, 110, 60)}, nil, []image.Rectangle{image.Rect(0, 0, 10, 10)}},
		{"hidden", nil, []image.Rectangle{a}, []image.Rectangle{a.Sub(bounds.Min)}},
		{"still hidden", nil, []image.Rectangle{a}, nil},
		{"hidden elsewhere", nil, []image.Rectangle{b}, []image.Rectangle{a.Sub(bounds.Min), b.Sub(bounds.Min)}},
		{"seen again", nil, nil, []image.Rectangle{b.Sub(bounds.Min)}},
	} {
		s.parts, hide = nil, tt.hide
		if _, _, err := p.Refresh(tt.damage, mask, s.grab); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(s.parts, tt.want) {
			t.Errorf("%s: shot %v, want %v", tt.name, s.parts, tt.want)
		}
	}
}

// However damage and mask change, and even between the two questions, the picture ends as the screen with what is hidden painted
// over, and never shows what either answer hides.
func TestRefresh(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bounds := image.Rect(30, 20, 160, 120)
		s := &screen{f: frame.New(200, 150), at: bounds.Min}
		p, err := New(bounds)
		if err != nil {
			t.Fatal(err)
		}
		rect := func(label string) image.Rectangle {
			x, y := rapid.IntRange(0, 180).Draw(t, label), rapid.IntRange(0, 140).Draw(t, label)
			return image.Rect(x, y, x+rapid.IntRange(1, 80).Draw(t, label), y+rapid.IntRange(1, 80).Draw(t, label))
		}
		rects := func(label string) (rs []image.Rectangle) {
			for range rapid.IntRange(0, 2).Draw(t, label) {
				rs = append(rs, rect(label))
			}
			return rs
		}
		kept := frame.New(130, 100)
		refresh := func(damage, before, after []image.Rectangle) bool {
			calls := 0
			mask := func() []image.Rectangle {
				if calls++; calls == 1 {
					return before
				}
				return after
			}
			dirty, again, err := p.Refresh(damage, mask, s.grab)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range dirty {
				kept.CopyRect(p.Frame, r)
			}
			if !frame.Equal(kept, p.Frame) {
				t.Fatalf("changes outside dirty %v", dirty)
			}
			for _, r := range slices.Concat(before, after) {
				if calls > 1 && !grey(p.Frame, r.Intersect(bounds).Sub(bounds.Min)) {
					t.Fatalf("%v is seen", r)
				}
			}
			return again
		}
		var hide []image.Rectangle
		for range rapid.IntRange(1, 6).Draw(t, "rounds") {
			damage := rects("damage")
			for _, r := range damage {
				c := rapid.Byte().Draw(t, "colour")
				s.f.Fill(r, c, c/2, 200)
			}
			before, after := hide, hide
			if rapid.Bool().Draw(t, "moves") {
				after = rects("hide")
			}
			refresh(damage, before, after)
			hide = after
			if refresh(nil, hide, hide) {
				t.Fatal("again, though the mask has not changed")
			}
			want := frame.New(130, 100)
			shots, _ := s.grab([]image.Rectangle{want.Rect})
			want.CopyRect(shots[0], want.Rect)
			for _, r := range hide {
				want.Fill(r.Intersect(bounds).Sub(bounds.Min), Grey, Grey, Grey)
			}
			if !frame.Equal(want, p.Frame) {
				t.Fatal("the picture is not the screen")
			}
		}
	})
}

func grey(f *frame.Frame, r image.Rectangle) bool {
	want := frame.New(r.Dx(), r.Dy())
	want.Rect = r
	want.Fill(r, Grey, Grey, Grey)
	return frame.SameIn(f, want, r)
}

func TestFailedShot(t *testing.T) {
	p, err := New(image.Rect(0, 0, 10, 10))
	if err != nil {
		t.Fatal(err)
	}
	want := errors.New("no shot")
	if _, _, err := p.Refresh(nil, nil, func([]image.Rectangle) ([]*frame.Frame, error) { return nil, want }); err != want {
		t.Errorf("Refresh: %v, want %v", err, want)
	}
	s := &screen{f: frame.New(10, 10)}
	if dirty, _, err := p.Refresh(nil, nil, s.grab); err != nil || len(dirty) != 1 || dirty[0] != p.Frame.Rect {
		t.Errorf("after that: dirty %v, %v; want all of it", dirty, err)
	}
}

func TestMerge(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var rs []image.Rectangle
		for range rapid.IntRange(0, 200).Draw(t, "n") {
			x, y := rapid.IntRange(0, 1900).Draw(t, "x"), rapid.IntRange(0, 1000).Draw(t, "y")
			rs = append(rs, image.Rect(x, y, x+rapid.IntRange(1, 60).Draw(t, "w"), y+rapid.IntRange(1, 60).Draw(t, "h")))
		}
		got := Merge(slices.Clone(rs))
		if len(got) > MaxParts {
			t.Fatalf("%d parts", len(got))
		}
		for _, r := range rs {
			if !slices.ContainsFunc(got, r.In) {
				t.Fatalf("%v is in none of %v", r, got)
			}
		}
		for i := range got {
			for j := range i {
				if got[i].Overlaps(got[j]) {
					t.Fatalf("%v and %v overlap", got[i], got[j])
				}
			}
		}
	})
}

func BenchmarkMerge64(b *testing.B) {
	var rs, tmp []image.Rectangle
	for i := range 64 {
		x, y := i*397%1900, i*211%1000
		rs = append(rs, image.Rect(x, y, x+20, y+16))
	}
	for b.Loop() {
		tmp = append(tmp[:0], rs...)
		Merge(tmp)
	}
}

// What no display shows stays black, whatever is there.
func TestHoles(t *testing.T) {
	bounds := image.Rect(100, 50, 400, 250)
	s := &screen{f: frame.New(400, 250), at: bounds.Min}
	s.f.Fill(s.f.Rect, 1, 2, 3)
	a, b := image.Rect(100, 50, 200, 150), image.Rect(200, 100, 400, 250)
	p, err := New(bounds, a, b)
	if err != nil {
		t.Fatal(err)
	}
	hide := image.Rect(180, 130, 220, 190)
	mask := func() []image.Rectangle { return []image.Rectangle{hide} }
	for _, damage := range [][]image.Rectangle{nil, {bounds}, {image.Rect(190, 60, 210, 240)}} {
		s.f.Fill(image.Rect(190, 60, 210, 240), byte(len(damage)), 2, 3)
		dirty, _, err := p.Refresh(damage, mask, s.grab)
		if err != nil {
			t.Fatal(err)
		}
		if len(damage) > 0 && slices.ContainsFunc(dirty, image.Rect(0, 128, 64, 200).Overlaps) {
			t.Errorf("what no display shows changed: %v", dirty)
		}
		for y := range 200 {
			for x := range 300 {
				at := image.Pt(x, y).Add(bounds.Min)
				want := [3]byte{}
				switch px := s.f.Row(at.X, at.X+1, at.Y); {
				case !at.In(a) && !at.In(b):
				case at.In(hide):
					want = [3]byte{Grey, Grey, Grey}
				default:
					want = [3]byte(px)
				}
				if got := [3]byte(p.Frame.Row(x, x+1, y)); got != want {
					t.Fatalf("pixel %v is %v, want %v", at, got, want)
				}
			}
		}
	}
}

// What is left of a rectangle and what was cut out of it are the rectangle.
func TestWithout(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rect := func(label string) image.Rectangle {
			n := rapid.IntRange(0, 12)
			return image.Rect(n.Draw(t, label), n.Draw(t, label), n.Draw(t, label), n.Draw(t, label))
		}
		r := rect("r")
		others := make([]image.Rectangle, rapid.IntRange(0, 4).Draw(t, "n"))
		for i := range others {
			others[i] = rect("other")
		}
		left := without(r, others)
		for y := range 12 {
			for x := range 12 {
				at := image.Pt(x, y)
				in := func(o image.Rectangle) bool { return at.In(o) }
				n := 0
				for _, l := range left {
					if in(l) {
						n++
					}
				}
				want := 0
				if in(r) && !slices.ContainsFunc(others, in) {
					want = 1
				}
				if n != want {
					t.Fatalf("%v without %v is %v: %v is in %d of them, want %d", r, others, left, at, n, want)
				}
			}
		}
	})
}
