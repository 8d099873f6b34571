package exact

import (
	"image"
	"testing"

	"assist/media/frame"
)

// What was covered costs nearly nothing when it comes back, as long as the shelf holds it.
func TestUncovered(t *testing.T) {
	s := newScene(640, 480, 6)
	s.page(s.f.Rect)
	s.touch(s.f.Rect)
	p := newPair(t, s.f.Rect.Size())
	p.send(t, s.f, s.take())
	page := frame.New(640, 480)
	page.CopyRect(s.f, s.f.Rect)
	s.page(image.Rect(96, 64, 544, 416))
	covered, _ := p.send(t, s.f, s.take())
	for i := range 3 { // away and back again, and again
		menu := frame.New(640, 480)
		menu.CopyRect(s.f, s.f.Rect)
		s.f.CopyRect(page, s.f.Rect)
		page = menu
		if n, _ := p.send(t, s.f, []image.Rectangle{s.f.Rect}); n > covered/10 {
			t.Errorf("turn %d: %d bytes, want at most a tenth of the %d for the first one", i, n, covered)
		}
	}
}

// The oldest tile makes room, and only what is worth it takes any.
func TestShelf(t *testing.T) {
	var s shelf
	s.reset()
	tile := image.Rect(32, 32, 64, 64)
	show := func(seed uint64) *frame.Frame {
		sc := newScene(64, 64, seed)
		sc.noise(tile)
		for i := 3; i < len(sc.f.Pix); i += 4 {
			sc.f.Pix[i] = 0
		}
		return sc.f
	}
	for i := range shelfTiles + 1 {
		s.begin()
		s.keep(show(uint64(i)), tile, false)
	}
	if _, ok := s.find(show(0), tile); ok || len(s.hashes) != shelfTiles {
		t.Errorf("the oldest of %d tiles is still there: %v", len(s.hashes), ok)
	}
	for _, seed := range []uint64{1, shelfTiles} {
		i, ok := s.find(show(seed), tile)
		f := frame.New(64, 64)
		if !ok || !s.restore(f, tile, i) || !frame.SameIn(f, show(seed), tile) {
			t.Errorf("tile %d was not restored", seed)
		}
	}
	n := len(s.at)
	for name, keep := range map[string]func(){
		"one colour":        func() { s.keep(frame.New(64, 64), tile, false) },
		"part of a tile":    func() { s.keep(show(9999), tile.Inset(5), false) },
		"a photo for video": func() { s.keep(show(9999), tile, true) },
		"one that is there": func() { s.keep(show(7), tile, false) },
		"one twice":         func() { s.painted[tile.Min] = true; s.keep(show(9999), tile, false) },
	} {
		s.begin()
		before := s.next
		if keep(); s.next != before || len(s.at) != n {
			t.Errorf("%s was kept", name)
		}
	}
	if s.restore(frame.New(64, 64), tile, shelfTiles) {
		t.Error("a tile from behind the end was restored")
	}
}
