package exact

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"image"
	"os"
	"testing"

	"assist/media/frame"
)

var update = flag.Bool("update", false, "write testdata/vectors.json again")

const vectorFile = "testdata/vectors.json"

// vector is messages, and the check of the picture after the last, or the error that the last meets.
type vector struct {
	Name          string
	Messages      []string
	Width, Height int    `json:",omitempty"`
	Picture       string `json:",omitempty"`
	Error         string `json:",omitempty"`
}

func vectors(t testing.TB) []vector {
	t.Helper()
	b, err := os.ReadFile(vectorFile)
	if err != nil {
		t.Fatal(err)
	}
	var vs []vector
	if err := json.Unmarshal(b, &vs); err != nil {
		t.Fatal(err)
	}
	return vs
}

func (v vector) messages(t testing.TB) [][]byte {
	t.Helper()
	var ms [][]byte
	for _, s := range v.Messages {
		m, err := hex.DecodeString(s)
		if err != nil {
			t.Fatal(err)
		}
		ms = append(ms, m)
	}
	return ms
}

func TestVectors(t *testing.T) {
	if *update {
		writeVectors(t)
	}
	for _, v := range vectors(t) {
		t.Run(v.Name, func(t *testing.T) {
			d := NewDecoder()
			ms := v.messages(t)
			for _, m := range ms[:len(ms)-1] {
				if _, _, err := d.Decode(m); err != nil {
					t.Fatal(err)
				}
			}
			size, _, err := d.Decode(ms[len(ms)-1])
			if v.Error != "" {
				wantDead(t, d, err, v.Error)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if want := image.Pt(v.Width, v.Height); size != want {
				t.Errorf("size %v, want %v", size, want)
			}
			if got := picture(d.Frame()); got != v.Picture {
				t.Errorf("picture %s, want %s", got, v.Picture)
			}
		})
	}
}

// picture returns what tells the colours of f from others.
func picture(f *frame.Frame) string { return fmt.Sprintf("%08x", check(f)) }

// wantDead checks that err is the sentinel with this text, and that the decoder takes nothing any more.
func wantDead(t *testing.T, d *Decoder, err error, want string) {
	t.Helper()
	sentinel := ErrCorrupt
	if want == ErrSize.Error() {
		sentinel = ErrSize
	}
	if !errors.Is(err, sentinel) || sentinel.Error() != want {
		t.Fatalf("error %v, want %q", err, want)
	}
	good := newPair(t, image.Pt(1, 1))
	msg, _ := good.enc.Encode(nil, good.enc.shown, nil)
	if _, _, again := d.Decode(msg); again != err {
		t.Errorf("after %q a good message gives %v, want the same error", err, again)
	}
}

// forge is a writer of messages by hand: what an encoder would not write.
type forge struct {
	m        *model
	f        *frame.Frame // the picture after the messages so far
	shelf    shelf
	messages []string
}

func newForge(w, h int) *forge {
	g := &forge{m: newModel(image.Pt(w, h)), f: frame.New(w, h)}
	g.shelf.reset()
	g.message([]byte{version | hasSize, byte(w >> 8), byte(w), byte(h >> 8), byte(h)}, func() {})
	return g
}

// message adds a message with this head; body writes its steps, until those that end the lists.
func (g *forge) message(head []byte, body func()) {
	g.m.write(head)
	body()
	for step := range 4 {
		g.m.again(step, false)
	}
	g.messages = append(g.messages, hex.EncodeToString(g.m.finish()))
}

// next adds a message that goes on with the picture.
func (g *forge) next(body func()) *forge {
	g.message([]byte{version}, body)
	return g
}

// move writes a move, and makes it.
func (g *forge) move(to image.Rectangle, from image.Point) {
	g.m.again(stepMove, true)
	g.m.place(stepMove, to)
	g.m.source(from)
	if r := to.Sub(to.Min).Add(from); r.In(g.f.Rect) && to.In(g.f.Rect) {
		g.f.Move(to, from.Sub(to.Min))
	}
}

// text writes r as text, as far as it lies in the picture. Colours make a pattern that no move explains.
func (g *forge) text(r image.Rectangle, colours ...uint32) {
	src := frame.New(g.f.Rect.Dx(), g.f.Rect.Dy())
	for y := range src.Rect.Max.Y {
		for x := range src.Rect.Max.X {
			c := colours[(x*x+3*y)%len(colours)]
			src.Fill(image.Rect(x, y, x+1, y+1), byte(c), byte(c>>8), byte(c>>16))
		}
	}
	g.m.again(stepMove, false)
	g.m.again(stepTile, false)
	g.m.again(stepPhoto, false)
	g.m.again(stepText, true)
	g.m.place(stepText, r)
	if r.In(g.f.Rect) && !r.Empty() {
		g.shelf.begin()
		g.shelf.keep(g.f, r, false)
		g.m.rect(g.f, src, r)
	}
	g.m.again(stepText, false)
}

// bad returns a vector whose last message is refused.
func (g *forge) bad(name string) vector {
	return vector{Name: name, Messages: g.messages, Error: ErrCorrupt.Error()}
}

// good returns a vector that ends in a picture.
func (g *forge) good(name string) vector {
	return vector{Name: name, Messages: g.messages, Width: g.f.Rect.Dx(), Height: g.f.Rect.Dy(), Picture: picture(g.f)}
}

// textOnly adds a message whose only step is one text.
func (g *forge) textOnly(r image.Rectangle, colours ...uint32) *forge {
	g.m.write([]byte{version})
	g.text(r, colours...)
	g.messages = append(g.messages, hex.EncodeToString(g.m.finish()))
	return g
}

// tile adds a message whose only step is one tile from the shelf.
func (g *forge) tile(r restored) *forge {
	g.m.write([]byte{version})
	g.m.again(stepMove, false)
	g.m.again(stepTile, true)
	g.m.tile(restored{-1, -1}, r)
	for _, step := range []int{stepTile, stepPhoto, stepText} {
		g.m.again(step, false)
	}
	g.messages = append(g.messages, hex.EncodeToString(g.m.finish()))
	cols := (g.f.Rect.Dx() + frame.Tile - 1) / frame.Tile
	to := image.Rect(0, 0, frame.Tile, frame.Tile).Add(image.Pt(r.tile%cols*frame.Tile, r.tile/cols*frame.Tile))
	if to.In(g.f.Rect) {
		g.shelf.restore(g.f, to, r.from)
	}
	return g
}

// cut shortens the last message by n bytes.
func (g *forge) cut(n int) *forge {
	last := &g.messages[len(g.messages)-1]
	*last = (*last)[:len(*last)-2*n]
	return g
}

// raw adds a message as it is.
func (g *forge) raw(hex string) *forge {
	g.messages = append(g.messages, hex)
	return g
}
