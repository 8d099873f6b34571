//go:build cgo && (linux || av1)

package motion

import (
	"bytes"
	"errors"
	"image"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"assist/media/frame"
)

// stream is a short one of all kinds of frames.
func stream(t testing.TB, area image.Rectangle) [][]byte {
	t.Helper()
	p := newPair(t, area, area)
	v := newFilm(area.Dx(), area.Dy())
	text := recorded(t, "page", 1)[0]
	f := blank(area)
	var msgs [][]byte
	for i := range 10 {
		v.show(f, image.Rect(0, 0, area.Max.X, area.Max.Y/2), i)
		for y := area.Max.Y / 2; y < area.Max.Y; y++ {
			copy(f.Row(0, area.Max.X, y), text.Row(100, 100+area.Max.X, 200+y+5*i))
		}
		o := Options{Quantizer: 20 + 5*i, Key: i == 5, FromKey: i == 8}
		msgs = append(msgs, slices.Clone(p.carry(t, f, o, area)))
	}
	return msgs
}

// Streams with changed, cut, doubled and lost messages never crash, never paint where they should not, and never hold more than they
// may. What comes of them is an error or some picture.
func TestMutatedStreams(t *testing.T) {
	area := image.Rect(0, 0, 112, 80)
	msgs := stream(t, area)
	d, err := NewDecoder(area)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	r := rand.New(rand.NewPCG(5, 5))
	shown := blank(area)
	part := image.Rect(32, 32, 64, 64)
	const streams = 10_000
	failed := 0
	for range streams {
		hit := r.IntN(len(msgs))
		bad := false
		for i := hit / 5 * 5; i < min(len(msgs), hit+3); i++ { // from the key frame on
			m := msgs[i]
			if i == hit {
				m = mutate(r, m, msgs)
			}
			err := d.Decode(m, shown, []image.Rectangle{part})
			if err != nil && !errors.Is(err, ErrCorrupt) {
				t.Fatal(err)
			}
			bad = bad || err != nil
		}
		if bad {
			failed++
		}
	}
	if failed < streams/4 {
		t.Errorf("only %d of %d streams failed: are they mutated?", failed, streams)
	}
	shown.Fill(part, 0, 0, 0)
	if !frame.Equal(shown, blank(area)) {
		t.Error("painted outside the part")
	}
	if n := d.codec.pictures(); n > 4 {
		t.Errorf("the decoder held %d pictures", n)
	}
	for i, m := range msgs {
		if err := d.Decode(m, shown, nil); err != nil {
			t.Errorf("message %d after all that: %v", i, err)
		}
	}
}

// mutate returns m with a few things wrong.
func mutate(r *rand.Rand, m []byte, others [][]byte) []byte {
	m = slices.Clone(m)
	switch r.IntN(6) {
	case 0:
		return m[:r.IntN(len(m))]
	case 1:
		return others[r.IntN(len(others))]
	case 2:
		return slices.Insert(m, r.IntN(len(m)), byte(r.Uint32()))
	case 3: // in the headers
		m[r.IntN(min(len(m), 24))] = byte(r.Uint32())
	case 4:
		from := others[r.IntN(len(others))]
		at := r.IntN(min(len(m), len(from)))
		return append(m[:at], from[at:]...)
	default:
		for range 1 + r.IntN(4) {
			m[r.IntN(len(m))] ^= 1 << r.IntN(8)
		}
	}
	return m
}

// Legal AV1 that an Encoder does not make is refused: other sizes, layouts and depths, pictures that are coded narrower than they
// are shown, and messages of more than one picture, hidden or not.
func TestForeignStreams(t *testing.T) {
	small, large := image.Rect(0, 0, 48, 32), image.Rect(0, 0, 128, 128)
	for _, tt := range []struct {
		name string
		area image.Rectangle
		want error
	}{
		{"plain", small, nil},
		{"plain", image.Rect(0, 0, 47, 31), nil}, // is coded as the same
		{"plain", image.Rect(0, 0, 48, 34), ErrCorrupt},
		{"plain", large, ErrCorrupt},
		{"wider", small, ErrCorrupt},
		{"grey", small, ErrCorrupt},
		{"444", small, ErrCorrupt},
		{"10bit", small, ErrCorrupt},
		{"hidden", small, ErrCorrupt},
		{"superres", large, ErrCorrupt},
		{"grain", small, nil}, // without the grain, which costs time
	} {
		t.Run(tt.name+tt.area.Size().String(), func(t *testing.T) {
			msg, err := os.ReadFile(filepath.Join("testdata", "foreign", tt.name+".obu"))
			if err != nil {
				t.Fatal(err)
			}
			d, err := NewDecoder(tt.area)
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			if err := d.Decode(msg, blank(tt.area), []image.Rectangle{tt.area}); !errors.Is(err, tt.want) {
				t.Errorf("Decode: %v, want %v", err, tt.want)
			}
		})
	}
}

// After an error, nothing decodes until a key frame comes. Two messages are not one.
func TestErrorsLast(t *testing.T) {
	area := image.Rect(0, 0, 96, 64)
	msgs := stream(t, area)
	for _, tt := range []struct {
		name string
		bad  []byte
	}{
		{"nothing", nil},
		{"no AV1", bytes.Repeat([]byte{0xff}, 50)},
		{"no picture", msgs[0][:2]},
		{"cut", msgs[1][:len(msgs[1])/2]},
		{"two pictures", slices.Concat(msgs[1], msgs[2])},
		{"too long", make([]byte, MaxMessage+1)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d, err := NewDecoder(area)
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			shown := blank(area)
			for i, m := range [][]byte{msgs[0], tt.bad, msgs[1], msgs[8], msgs[5], msgs[6]} {
				want := error(nil)
				if i > 0 && i < 4 {
					want = ErrCorrupt
				}
				if err := d.Decode(m, shown, []image.Rectangle{area}); !errors.Is(err, want) {
					t.Errorf("message %d: %v, want %v", i, err, want)
				}
			}
		})
	}
}

func FuzzDecode(f *testing.F) {
	area := image.Rect(0, 0, 48, 32)
	msgs := stream(f, area)
	for i, m := range msgs {
		f.Add(m, msgs[(i+1)%len(msgs)])
	}
	files, err := filepath.Glob(filepath.Join("testdata", "foreign", "*.obu"))
	if err != nil || len(files) == 0 {
		f.Fatal(files, err)
	}
	for _, name := range files {
		m, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(m, msgs[1])
	}
	f.Fuzz(func(t *testing.T, a, b []byte) {
		d, err := NewDecoder(area)
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		shown := blank(area)
		for _, m := range [][]byte{msgs[0], a, b} {
			if err := d.Decode(m, shown, []image.Rectangle{area}); err != nil && !errors.Is(err, ErrCorrupt) {
				t.Fatal(err)
			}
		}
		if n := d.codec.pictures(); n > 4 {
			t.Fatalf("the decoder held %d pictures", n)
		}
	})
}
