package exact

import (
	"encoding/hex"
	"encoding/json"
	"image"
	"os"
	"testing"
)

// writeVectors writes the golden messages: a change of their bytes is a change of the format.
func writeVectors(t *testing.T) {
	t.Helper()
	all := append(honest(t), forged()...)
	b, err := json.MarshalIndent(all, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(vectorFile, append(b, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

// honest is what an encoder writes.
func honest(t *testing.T) []vector {
	t.Helper()
	var all []vector
	add := func(name string, size image.Point, steps ...func(s *scene)) {
		p, s := newPair(t, size), newScene(size.X, size.Y, 9)
		v := vector{Name: name, Width: size.X, Height: size.Y}
		s.touch(s.f.Rect)
		for _, step := range append([]func(*scene){func(*scene) {}}, steps...) {
			step(s)
			msg, err := p.enc.Encode(nil, s.f, s.take())
			if err != nil {
				t.Fatal(err)
			}
			v.Messages = append(v.Messages, hex.EncodeToString(msg))
		}
		last := checkOf(t, p.enc)
		if len(last) > 0 {
			v.Messages = append(v.Messages, hex.EncodeToString(last))
		}
		v.Picture = picture(p.enc.shown)
		all = append(all, v)
	}
	add("black", image.Pt(3, 2))
	add("one colour", image.Pt(40, 3), func(s *scene) { s.fill(s.f.Rect, 0x102030) })
	add("text", image.Pt(64, 32), func(s *scene) { s.page(s.f.Rect) })
	add("photo", image.Pt(33, 33), func(s *scene) { s.noise(s.f.Rect) }, func(s *scene) { s.noise(image.Rect(32, 0, 33, 33)) })
	add("scroll", image.Pt(96, 96), func(s *scene) { s.page(s.f.Rect) }, func(s *scene) { s.scroll(s.f.Rect, glyphH) })
	add("drag", image.Pt(128, 96), func(s *scene) { s.fill(s.f.Rect, 0x335577); s.page(image.Rect(20, 20, 90, 70)) }, func(s *scene) {
		s.f.Move(image.Rect(27, 9, 97, 59), image.Pt(-7, 11))
		s.touch(s.f.Rect)
	})
	return all
}

// forged is what somebody might write.
func forged() []vector {
	box := func(x, y, w, h int) image.Rectangle { return image.Rect(x, y, x+w, y+h) }
	in := func() *forge {
		return newForge(12, 8).textOnly(box(0, 0, 12, 8), 0xff0000, 0x00ff00, 0x0000ff, 0xffffff, 0x123456)
	}
	return []vector{
		in().next(func() {}).good("a message without steps"),
		withMoves(in(), "a move onto itself, down and right", box(3, 2, 8, 5), image.Pt(1, 1)),
		withMoves(in(), "a move onto itself, up and left", box(0, 1, 8, 5), image.Pt(3, 2)),
		withMoves(in(), "a move onto itself, to the right", box(4, 0, 8, 8), image.Pt(1, 0)),
		badMove(in(), "a move from outside", box(0, 0, 8, 8), image.Pt(5, 0)),
		badMove(in(), "a move to outside", box(8, 0, 8, 8), image.Pt(0, 0)),
		badMove(in(), "a move of nothing", box(8, 0, 0, 8), image.Pt(0, 0)),
		badMove(in(), "more moved than there is", box(0, 0, 12, 8), image.Pt(0, 0), box(0, 0, 1, 1), image.Pt(1, 1)),
		in().tile(restored{0, 0}).bad("a tile from an empty shelf"),
		newForge(64, 64).tile(restored{4, 0}).bad("a tile outside"),
		newForge(64, 64).textOnly(box(0, 0, 64, 64), 1, 2, 3, 4).textOnly(box(32, 32, 32, 32), 7).tile(restored{0, 0}).good("a tile that was covered"),
		newForge(64, 64).textOnly(box(0, 0, 64, 64), 1, 2, 3, 4).textOnly(box(32, 32, 32, 32), 7).tile(restored{0, 1}).bad("a tile from behind the end"),
		newForge(70, 64).textOnly(box(0, 0, 64, 64), 1, 2, 3, 4).textOnly(box(32, 32, 32, 32), 7).tile(restored{2, 0}).bad("a tile that is cut off"),
		in().textOnly(box(4, 4, 9, 2), 1).bad("text outside"),
		in().textOnly(box(4, 4, 0, 2), 1).bad("text of nothing"),
		in().raw("200000000000000000").bad("bytes left"),
		in().textOnly(box(0, 0, 12, 8), 0xabcdef, 0x654321, 0x010101).cut(7).bad("an early end"),
		in().raw("10").bad("another version"),
		in().raw("28").bad("a flag that means nothing"),
		in().raw("").bad("nothing"),
		in().raw("22000000").bad("a short check"),
		in().raw("2200000000").bad("a wrong check"),
		in().raw("21000c").bad("a short size"),
		in().raw("24").bad("photos without a length"),
		in().raw("240100").bad("photos that are not listed"),
		in().raw("24ffffff7f00").bad("too many photos"),
		in().raw("240105").bad("photos cut short"),
		{Name: "no picture", Messages: []string{"20"}, Error: ErrCorrupt.Error()},
		{Name: "no width", Messages: []string{"2100000001"}, Error: ErrSize.Error()},
		{Name: "too large", Messages: []string{"2120002000"}, Error: ErrSize.Error()},
	}
}

// withMoves adds a message of moves, given as places and sources in turn.
func withMoves(g *forge, name string, list ...any) vector {
	moves(g, list)
	return g.good(name)
}

func badMove(g *forge, name string, list ...any) vector {
	moves(g, list)
	return g.bad(name)
}

func moves(g *forge, list []any) {
	g.next(func() {
		for i := 0; i < len(list); i += 2 {
			g.move(list[i].(image.Rectangle), list[i+1].(image.Point))
		}
	})
}
