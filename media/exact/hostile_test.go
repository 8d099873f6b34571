package exact

import (
	"image"
	"math/rand/v2"
	"runtime"
	"testing"

	"assist/media/frame"
)

// recording is a short session of all kinds of change, as messages.
func recording(t testing.TB, w, h int) [][]byte {
	t.Helper()
	s := newScene(w, h, 21)
	p := newPair(t, image.Pt(w, h))
	text := image.Rect(10, 10, w-10, h-10)
	var msgs [][]byte
	for i := range 12 {
		switch i {
		case 0:
			s.page(text)
			s.touch(s.f.Rect)
		case 1, 2, 6:
			s.scroll(text, glyphH)
		case 3:
			s.noise(image.Rect(20, 20, 60, 50))
		case 4:
			s.photo(image.Rect(30, 30, w/2, h/2))
		case 5:
			s.fill(text, 0x336699)
			s.page(text.Inset(20))
		case 7: // a window dragged, another scrolled
			s.f.Move(image.Rect(w/2, h/2, w-9, h-7), image.Pt(-13, -11))
			s.scroll(image.Rect(10, 10, w/3, h/2), glyphH)
			s.touch(s.f.Rect)
		case 8, 10:
			msgs = append(msgs, checkOf(t, p.enc))
			s.fill(image.Rect(5, 5, 9, 9), uint32(0x123456+i))
		case 9: // another page over the text, which goes again
			before := frame.New(w, h)
			before.CopyRect(s.f, s.f.Rect)
			s.page(s.f.Rect)
			msgs = append(msgs, encode(t, p.enc, s))
			s.f.CopyRect(before, s.f.Rect)
			s.touch(s.f.Rect)
		case 11:
			if err := p.enc.Restart(); err != nil {
				t.Fatal(err)
			}
			s.touch(s.f.Rect)
		}
		msgs = append(msgs, encode(t, p.enc, s))
	}
	return msgs
}

// encode returns the next message of a scene.
func encode(t testing.TB, e *Encoder, s *scene) []byte {
	t.Helper()
	msg, err := e.Encode(nil, s.f, s.take())
	if err != nil {
		t.Fatal(err)
	}
	return msg
}

// checkOf returns the message that has the decoder compare its picture.
func checkOf(t testing.TB, e *Encoder) []byte {
	t.Helper()
	msg, err := e.Check(nil)
	if err != nil {
		t.Fatal(err)
	}
	return msg
}

// Streams with changed, cut, doubled and lost messages never panic and never hold much memory. Most end in an error; the
// ones that do not are legal messages with other pixels.
func TestMutatedStreams(t *testing.T) {
	msgs := recording(t, 200, 160)
	r := rand.New(rand.NewPCG(5, 5))
	failed := 0
	const streams = 10_000
	d := NewDecoder()
	for range streams {
		d.err = nil // its memory is used again: that saves much of the time
		hit := r.IntN(len(msgs))
		for i, m := range msgs {
			if i == hit {
				m = mutate(r, m, msgs)
			}
			if _, _, err := d.Decode(m); err != nil {
				failed++
				break
			}
		}
		if n := len(d.Frame().Pix); n > 4*MaxPixels {
			t.Fatalf("picture of %d bytes", n)
		}
	}
	if failed < streams/4 {
		t.Errorf("only %d of %d streams failed: are they mutated?", failed, streams)
	}
}

// mutate returns m with a few things wrong.
func mutate(r *rand.Rand, m []byte, others [][]byte) []byte {
	m = append([]byte(nil), m...)
	switch r.IntN(5) {
	case 0:
		return m[:r.IntN(len(m))]
	case 1:
		return others[r.IntN(len(others))]
	case 2:
		at := r.IntN(len(m))
		return append(append(m[:at:at], byte(r.Uint32())), m[at:]...)
	case 3: // in the head and the first block
		m[r.IntN(min(len(m), 24))] = byte(r.Uint32())
		return m
	default:
		for range 1 + r.IntN(4) {
			m[r.IntN(len(m))] ^= 1 << r.IntN(8)
		}
		return m
	}
}

// A stream may ask for the largest picture and fill the whole window, and still the decoder holds no more than the picture,
// the model, the window twice, and little else.
func TestMemoryIsBounded(t *testing.T) {
	size := image.Pt(4096, 4096)
	p := newPair(t, size)
	s := newScene(size.X, 1024, 3)
	var before, after runtime.MemStats
	d := NewDecoder()
	var msgs [][]byte
	for i := range 4 {
		s.noise(s.f.Rect)
		f := p.enc.shown
		next := *f
		next.Pix = append([]byte(nil), f.Pix...)
		for y := range s.f.Rect.Max.Y {
			copy(next.Row(0, size.X, y+i*1024), s.f.Row(0, size.X, y))
		}
		dirty := []image.Rectangle{image.Rect(0, i*1024, size.X, i*1024+1024)}
		for {
			msg, err := p.enc.Encode(nil, &next, dirty)
			if err != nil {
				t.Fatal(err)
			}
			msgs = append(msgs, msg)
			if dirty = nil; !p.enc.Owed() {
				break
			}
		}
	}
	p = nil
	runtime.GC()
	runtime.ReadMemStats(&before)
	for _, m := range msgs {
		if _, _, err := d.Decode(m); err != nil {
			t.Fatal(err)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	const most = 4*MaxPixels + 24<<20
	if held := int64(after.HeapAlloc) - int64(before.HeapAlloc); held > most {
		t.Errorf("decoder holds %d MiB, want at most %d", held>>20, most>>20)
	}
	runtime.KeepAlive(msgs)
	runtime.KeepAlive(d)
}

func FuzzDecode(f *testing.F) {
	for _, v := range vectors(f) {
		ms := v.messages(f)
		if len(ms) == 1 {
			ms = append(ms, nil)
		}
		f.Add(ms[0], ms[1])
	}
	ms := recording(f, 100, 80)
	for i := 1; i < len(ms); i++ {
		f.Add(ms[0], ms[i])
	}
	f.Fuzz(func(t *testing.T, a, b []byte) {
		d := NewDecoder()
		for _, m := range [][]byte{a, b} {
			size, dirty, err := d.Decode(m)
			if err != nil {
				return
			}
			if err := checkSize(size); err != nil || d.Frame().Rect.Size() != size {
				t.Fatalf("size %v, frame %v", size, d.Frame().Rect)
			}
			for _, r := range dirty {
				if r.Empty() || !r.In(d.Frame().Rect) {
					t.Fatalf("dirty %v outside %v", r, d.Frame().Rect)
				}
			}
		}
	})
}
