package exact

import (
	"encoding/binary"
	"errors"
	"image"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"assist/media/frame"
)

// pair is an encoder and the decoder of its messages.
type pair struct {
	enc *Encoder
	dec *Decoder
	msg []byte
}

func newPair(t testing.TB, size image.Point) *pair {
	t.Helper()
	enc, err := NewEncoder(size)
	if err != nil {
		t.Fatal(err)
	}
	return &pair{enc: enc, dec: NewDecoder()}
}

// send carries f over, in as many messages as it takes, and fails t unless it arrives as it is. It returns
// the length of all messages and what the decoder called changed.
func (p *pair) send(t interface {
	Fatal(...any)
	Fatalf(string, ...any)
}, f *frame.Frame, dirty []image.Rectangle) (n int, changed []image.Rectangle) {
	for first := true; first || p.enc.Owed(); first = false {
		was := frame.New(p.dec.Frame().Rect.Dx(), p.dec.Frame().Rect.Dy())
		was.CopyRect(p.dec.Frame(), was.Rect)
		var err error
		if p.msg, err = p.enc.Encode(p.msg[:0], f, dirty); err != nil {
			t.Fatal(err)
		}
		dirty = nil
		if n += len(p.msg); len(p.msg) == 0 {
			break
		}
		size, ch, err := p.dec.Decode(slices.Clone(p.msg))
		if err != nil {
			t.Fatal(err)
		}
		if size != f.Rect.Size() {
			t.Fatalf("size %v, want %v", size, f.Rect.Size())
		}
		if was.Rect == p.dec.Frame().Rect { // what is not called changed must not have
			for _, r := range ch {
				was.CopyRect(p.dec.Frame(), r)
			}
			if !frame.Equal(was, p.dec.Frame()) {
				t.Fatalf("changes outside %v", ch)
			}
		}
		changed = append(changed, ch...)
	}
	if got := p.dec.Frame(); got.Rect.Size() == f.Rect.Size() && !frame.SameIn(got, &frame.Frame{Pix: f.Pix, Stride: f.Stride, Rect: got.Rect}, got.Rect) {
		t.Fatal("pictures differ")
	}
	return n, changed
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := image.Pt(rapid.IntRange(1, 300).Draw(t, "width"), rapid.IntRange(1, 400).Draw(t, "height"))
		enc, err := NewEncoder(size)
		if err != nil {
			t.Fatal(err)
		}
		p := &pair{enc: enc, dec: NewDecoder()}
		s := newScene(size.X, size.Y, rapid.Uint64().Draw(t, "seed"))
		s.touch(s.f.Rect)
		rect := func() image.Rectangle {
			x, y := rapid.IntRange(0, size.X-1).Draw(t, "x"), rapid.IntRange(0, size.Y-1).Draw(t, "y")
			return image.Rect(x, y, rapid.IntRange(x+1, size.X).Draw(t, "x1"), rapid.IntRange(y+1, size.Y).Draw(t, "y1"))
		}
		for range rapid.IntRange(1, 12).Draw(t, "frames") {
			for range rapid.IntRange(0, 3).Draw(t, "steps") {
				r := rect()
				switch rapid.IntRange(0, 6).Draw(t, "step") {
				case 0:
					s.fill(r, rapid.Uint32().Draw(t, "colour"))
				case 1:
					s.page(r)
				case 2:
					s.noise(r.Intersect(image.Rect(r.Min.X, r.Min.Y, r.Min.X+40, r.Min.Y+40)))
				case 3:
					s.photo(r)
				case 4, 5: // scroll up or down, by anything
					by := rapid.IntRange(-r.Min.Y, size.Y-r.Max.Y).Draw(t, "by")
					s.f.Move(r, image.Pt(0, by))
					s.touch(r)
				case 6: // drag
					by := image.Pt(rapid.IntRange(-r.Min.X, size.X-r.Max.X).Draw(t, "dx"), rapid.IntRange(-r.Min.Y, size.Y-r.Max.Y).Draw(t, "dy"))
					s.f.Move(r, by)
					s.touch(r)
				}
			}
			if rapid.IntRange(0, 9).Draw(t, "restart") == 0 {
				if err := p.enc.Restart(); err != nil {
					t.Fatal(err)
				}
				s.touch(s.f.Rect)
			}
			p.send(t, s.f, s.take())
		}
	})
}

// A frame whose origin is elsewhere, in memory wider than itself, is carried as well.
func TestPartOfFrame(t *testing.T) {
	s := newScene(200, 200, 1)
	s.noise(s.f.Rect)
	r := image.Rect(20, 30, 120, 110)
	part := &frame.Frame{Pix: s.f.Pix[30*s.f.Stride+20*4:], Stride: s.f.Stride, Rect: r}
	p := newPair(t, r.Size())
	p.send(t, part, []image.Rectangle{image.Rect(0, 0, 500, 500)})
	part.Fill(image.Rect(100, 100, 101, 101), 1, 2, 3)
	if n, changed := p.send(t, part, []image.Rectangle{image.Rect(100, 100, 101, 101)}); n == 0 || len(changed) != 1 {
		t.Errorf("one pixel: %d bytes, changed %v; want one tile", n, changed)
	}
}

func TestNothingChangedIsNoMessage(t *testing.T) {
	s := newScene(320, 200, 2)
	s.desktop()
	p := newPair(t, s.f.Rect.Size())
	p.send(t, s.f, s.take())
	for i := 3; i < len(s.f.Pix); i += 4 {
		s.f.Pix[i] ^= 0xff
	}
	if n, _ := p.send(t, s.f, []image.Rectangle{s.f.Rect}); n != 0 {
		t.Errorf("%d bytes for an unchanged picture, want 0", n)
	}
}

// The picture outside dirty is left alone, whatever the frame shows there.
func TestOnlyDirtyIsRead(t *testing.T) {
	p := newPair(t, image.Pt(320, 320))
	f := frame.New(320, 320)
	p.send(t, f, nil)
	f.Fill(image.Rect(0, 0, 320, 320), 9, 9, 9)
	msg, err := p.enc.Encode(nil, f, []image.Rectangle{image.Rect(40, 40, 41, 41)})
	if err != nil {
		t.Fatal(err)
	}
	_, changed, err := p.dec.Decode(msg)
	if err != nil {
		t.Fatal(err)
	}
	if want := []image.Rectangle{image.Rect(32, 32, 64, 64)}; !slices.Equal(changed, want) {
		t.Errorf("changed %v, want %v", changed, want)
	}
}

// A decoder with another picture than the encoder believes notices at the next check.
func TestCheckFindsDivergence(t *testing.T) {
	for _, tt := range []struct {
		name string
		rest bool
	}{{"at rest", true}, {"on the way", false}} {
		t.Run(tt.name, func(t *testing.T) {
			s := newScene(320, 200, 5)
			s.desktop()
			p := newPair(t, s.f.Rect.Size())
			p.send(t, s.f, s.take())
			p.dec.Frame().Pix[4*320*100] ^= 1
			for i := 0; i < 2*checkEach; i++ {
				s.fill(image.Rect(i, 0, i+1, 1), 0x123456+uint32(i))
				msg, err := p.enc.Encode(nil, s.f, s.take())
				if err != nil {
					t.Fatal(err)
				}
				if _, _, err = p.dec.Decode(msg); errors.Is(err, ErrCorrupt) {
					return
				}
				if tt.rest {
					if _, _, err := p.dec.Decode(checkOf(t, p.enc)); !errors.Is(err, ErrCorrupt) {
						t.Errorf("check of a wrong picture: %v, want %v", err, ErrCorrupt)
					}
					return
				}
			}
			t.Errorf("not noticed in %d messages", 2*checkEach)
		})
	}
}

// A check is made once, and passes for what was sent.
func TestCheck(t *testing.T) {
	s := newScene(320, 200, 5)
	s.desktop()
	p := newPair(t, s.f.Rect.Size())
	p.send(t, s.f, s.take())
	if msg := checkOf(t, p.enc); len(msg) != 0 {
		t.Errorf("a check of %d bytes right after the one of a new picture", len(msg))
	}
	s.fill(image.Rect(1, 1, 5, 5), 0x778899)
	p.send(t, s.f, s.take())
	msg := checkOf(t, p.enc)
	if len(msg) == 0 || len(msg) > 12 {
		t.Errorf("a check of %d bytes, want a few", len(msg))
	}
	if _, dirty, err := p.dec.Decode(msg); err != nil || len(dirty) != 0 {
		t.Errorf("a right check: %v, changed %v", err, dirty)
	}
	if msg := checkOf(t, p.enc); len(msg) != 0 {
		t.Errorf("a second check of %d bytes", len(msg))
	}
}

func TestNewSizeIsNewPicture(t *testing.T) {
	s := newScene(320, 200, 5)
	s.desktop()
	p := newPair(t, s.f.Rect.Size())
	p.send(t, s.f, s.take())
	s = newScene(200, 320, 6)
	s.desktop()
	_, changed := p.send(t, s.f, s.take())
	if len(changed) == 0 || changed[0] != s.f.Rect {
		t.Errorf("changed %v, want all of %v first", changed, s.f.Rect)
	}
}

func TestSizes(t *testing.T) {
	for _, tt := range []struct {
		size image.Point
		want error
	}{
		{image.Pt(0, 10), ErrSize}, {image.Pt(10, 0), ErrSize}, {image.Pt(-1, 10), ErrSize},
		{image.Pt(8193, 1), ErrSize}, {image.Pt(1, 8193), ErrSize}, {image.Pt(4097, 4096), ErrSize},
		{image.Pt(1, 1), nil}, {image.Pt(8192, 1), nil}, {image.Pt(5120, 2880), nil},
	} {
		if _, err := NewEncoder(tt.size); !errors.Is(err, tt.want) {
			t.Errorf("NewEncoder(%v): %v, want %v", tt.size, err, tt.want)
		}
		if tt.size.X < 0 {
			continue
		}
		msg := binary.BigEndian.AppendUint16([]byte{version | hasSize}, uint16(tt.size.X))
		msg = binary.BigEndian.AppendUint16(msg, uint16(tt.size.Y))
		want := tt.want
		if want == nil {
			want = ErrCorrupt // nothing follows the head
		}
		if _, _, err := NewDecoder().Decode(msg); !errors.Is(err, want) {
			t.Errorf("Decode of a head with %v: %v, want %v", tt.size, err, want)
		}
	}
}

// A picture too large for one message comes in several, the later ones with the newest pixels.
func TestOwed(t *testing.T) {
	s := newScene(2048, 1600, 7) // 9.8 MB raw
	s.noise(s.f.Rect)
	p := newPair(t, s.f.Rect.Size())
	msg, err := p.enc.Encode(nil, s.f, s.take())
	if err != nil {
		t.Fatal(err)
	}
	if len(msg) > MaxMessage {
		t.Errorf("message of %d bytes, want at most %d", len(msg), MaxMessage)
	}
	if !p.enc.Owed() {
		t.Fatal("nothing owed after a picture of 9.8 MB")
	}
	if _, _, err := p.dec.Decode(msg); err != nil {
		t.Fatal(err)
	}
	s.fill(image.Rect(0, 1500, 2048, 1600), 0x123456)
	p.send(t, s.f, s.take())
	if p.enc.Owed() {
		t.Error("still owed after all was sent")
	}
}

func TestManyColoursInOneMessage(t *testing.T) {
	s := newScene(320, 320, 8)
	p := newPair(t, s.f.Rect.Size())
	for round := range 5 { // 100 tiles of up to 32 colours each: the palette is full, and fills anew each round
		for i := range 100 {
			for j := range 10 + s.r.IntN(21) {
				x, y := i%10*32+j%32, i/10*32+j/32
				s.fill(image.Rect(x, y, x+1, y+1), uint32(round*1000000+i*1000+j*7+1))
			}
		}
		s.touch(s.f.Rect)
		p.send(t, s.f, s.take())
	}
}

// TestHold leaves every photo out until it is let go.
func TestHold(t *testing.T) {
	p := newPair(t, image.Pt(200, 100))
	f := frame.New(200, 100)
	p.send(t, f, []image.Rectangle{f.Rect})
	photo := image.Rect(64, 32, 128, 64)
	r := rand.New(rand.NewPCG(1, 2))
	for y := photo.Min.Y; y < photo.Max.Y; y++ {
		row := f.Row(photo.Min.X, photo.Max.X, y)
		for i := range row {
			row[i] = byte(r.Uint32())
		}
	}
	f.Fill(image.Rect(5, 5, 20, 8), 10, 200, 30)
	var held []image.Point
	p.enc.Hold = func(at image.Point, photo bool) bool {
		if photo {
			held = append(held, at.Div(frame.Tile))
		}
		return photo
	}
	msg, err := p.enc.Encode(nil, f, []image.Rectangle{f.Rect})
	if err != nil || p.enc.Owed() {
		t.Fatal(err, p.enc.Owed())
	}
	if _, _, err := p.dec.Decode(msg); err != nil {
		t.Fatal(err)
	}
	if want := []image.Point{{X: 2, Y: 1}, {X: 3, Y: 1}}; !slices.Equal(held, want) {
		t.Fatalf("held %v, want %v", held, want)
	}
	if !frame.SameIn(p.dec.Frame(), f, image.Rect(0, 0, 200, 32)) || frame.SameIn(p.dec.Frame(), f, photo) {
		t.Fatal("the text did not come alone")
	}
	if msg, err = p.enc.Encode(nil, f, []image.Rectangle{photo}); err != nil || len(msg) != 0 {
		t.Fatalf("a held tile alone made %d bytes, %v", len(msg), err)
	}
	p.enc.Hold = nil
	p.send(t, f, []image.Rectangle{photo})
	if !frame.Equal(p.dec.Frame(), f) {
		t.Fatal("the photo did not come when it was let go")
	}
}

// TestRoom sends a page of text through messages with little room: none is much longer, what changes meanwhile goes first, and
// photos wait for text.
func TestRoom(t *testing.T) {
	p := newPair(t, image.Pt(800, 300))
	f := frame.New(800, 300)
	p.send(t, f, []image.Rectangle{f.Rect})
	r := rand.New(rand.NewPCG(1, 2))
	for range 3000 { // marks as small as letters, in two colours
		x, y, c := r.IntN(760), 40+r.IntN(240), byte(200*r.IntN(2))
		f.Fill(image.Rect(x, y, x+1+r.IntN(5), y+1+r.IntN(5)), c, 250, c)
	}
	photo := image.Rect(768, 0, 800, 32)
	for y := photo.Min.Y; y < photo.Max.Y; y++ {
		row := f.Row(photo.Min.X, photo.Max.X, y)
		for i := range row {
			row[i] = byte(r.Uint32())
		}
	}
	const room, piece = 1000, 1200
	p.enc.Room, p.enc.PhotoRoom = room, room
	dirty := []image.Rectangle{f.Rect}
	n, late := 0, image.Rect(4, 4, 30, 20)
	for ; n == 0 || p.enc.Owed(); n++ {
		msg, err := p.enc.Encode(nil, f, dirty)
		if err != nil || len(msg) > room+piece && !frame.SameIn(p.enc.shown, f, photo) {
			t.Fatalf("message %d has %d bytes, %v", n, len(msg), err)
		}
		if _, _, err := p.dec.Decode(msg); err != nil {
			t.Fatal(err)
		}
		if n == 3 && !frame.SameIn(p.dec.Frame(), f, late) {
			t.Fatal("what was named last has to wait")
		}
		if p.enc.Owed() && !p.enc.Owes(photo) {
			t.Fatal("a photo went before text")
		}
		if dirty = nil; n == 2 {
			f.Fill(late, 3, 2, 1)
			dirty = []image.Rectangle{late}
		}
	}
	if !frame.Equal(p.dec.Frame(), f) || n < 5 {
		t.Errorf("the picture is there after %d messages: %v", n, frame.Equal(p.dec.Frame(), f))
	}
}
