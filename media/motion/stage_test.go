//go:build cgo && (linux || av1)

package motion

import (
	"errors"
	"image"
	"math"
	"math/rand/v2"
	"testing"

	"assist/media/exact/scenes"
	"assist/media/frame"
)

// pair is an encoder and a decoder of one rectangle, and what the decoder's end shows.
type pair struct {
	enc   *Encoder
	dec   *Decoder
	shown *frame.Frame
	msg   []byte
}

func newPair(t testing.TB, area, screen image.Rectangle) *pair {
	t.Helper()
	e, err := NewEncoder(area, Settings{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	d, err := NewDecoder(area)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return &pair{enc: e, dec: d, shown: blank(screen)}
}

// blank returns a black frame at r.
func blank(r image.Rectangle) *frame.Frame {
	f := frame.New(r.Dx(), r.Dy())
	f.Rect = r
	return f
}

// carry encodes the active parts of f, decodes and paints them, and returns the message.
func (p *pair) carry(t testing.TB, f *frame.Frame, o Options, active ...image.Rectangle) []byte {
	t.Helper()
	p.encode(t, f, o, active...)
	if err := p.dec.Decode(p.msg, p.shown, active); err != nil {
		t.Fatal(err)
	}
	return p.msg
}

// encode makes a message that nobody decodes.
func (p *pair) encode(t testing.TB, f *frame.Frame, o Options, active ...image.Rectangle) []byte {
	t.Helper()
	var err error
	if p.msg, err = p.enc.Encode(p.msg[:0], f, active, o); err != nil {
		t.Fatal(err)
	}
	return p.msg
}

// psnr returns how near b is to a in r, in dB, of all three colours or of the brightness alone.
func psnr(a, b *frame.Frame, r image.Rectangle, brightness bool) float64 {
	sum, n := 0.0, 0.0
	for y := r.Min.Y; y < r.Max.Y; y++ {
		p, q := a.Row(r.Min.X, r.Max.X, y), b.Row(r.Min.X, r.Max.X, y)
		for i := 0; i < len(p); i += frame.BytesPerPixel {
			db, dg, dr := float64(p[i])-float64(q[i]), float64(p[i+1])-float64(q[i+1]), float64(p[i+2])-float64(q[i+2])
			if brightness {
				dy := 0.0722*db + 0.7152*dg + 0.2126*dr
				sum, n = sum+dy*dy, n+1
			} else {
				sum, n = sum+db*db+dg*dg+dr*dr, n+3
			}
		}
	}
	if sum == 0 {
		return math.Inf(1)
	}
	return 10 * math.Log10(255*255*n/sum)
}

// film is a picture such as cameras make: soft shapes of all sizes, a few edges, grain.
type film struct {
	picture *frame.Frame
	grain   *rand.Rand
}

func newFilm(w, h int) *film {
	r := rand.New(rand.NewPCG(3, 4))
	field := func() []float64 { // noise whose strength halves with each size
		out := make([]float64, w*h)
		for side, strength := 256, 56.0; side >= 2; side, strength = side/2, strength/1.35 {
			cols, rows := w/side+2, h/side+2
			knots := make([]float64, cols*rows)
			for i := range knots {
				knots[i] = strength * (2*r.Float64() - 1)
			}
			for y := range h {
				for x := range w {
					k := y/side*cols + x/side
					fx, fy := float64(x%side)/float64(side), float64(y%side)/float64(side)
					out[y*w+x] += (1-fy)*((1-fx)*knots[k]+fx*knots[k+1]) + fy*((1-fx)*knots[k+cols]+fx*knots[k+cols+1])
				}
			}
		}
		return out
	}
	light, warm, green := field(), field(), field()
	p := frame.New(w, h)
	byteOf := func(v float64) byte { return byte(min(max(v, 0), 255)) }
	for i := range light {
		l := 120 + light[i]
		if math.Hypot(float64(i%w-w/2), float64(i/w-h/2)) < float64(h)/3 {
			l += 50
		}
		p.Pix[4*i], p.Pix[4*i+1], p.Pix[4*i+2] = byteOf(l-warm[i]/3), byteOf(l+green[i]/6), byteOf(l+warm[i]/3)
	}
	return &film{p, r}
}

// show paints the film at r of f as it is after so many frames of a slow pan, with a grain of 2 levels.
func (v *film) show(f *frame.Frame, r image.Rectangle, frames int) {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		row := f.Row(r.Min.X, r.Max.X, y)
		from := v.picture.Row(0, v.picture.Rect.Dx(), (y-r.Min.Y+frames)%v.picture.Rect.Dy())
		for i := 0; i < len(row); i += frame.BytesPerPixel {
			o := (i + 4*2*frames) % len(from)
			g := int(v.grain.Uint32()%5) - 2
			for c := range 3 {
				row[i+c] = byte(min(max(int(from[o+c])+g, 0), 255))
			}
		}
	}
}

// noise paints r with pixels that have nothing to do with each other.
func noise(f *frame.Frame, r image.Rectangle, seed uint64) {
	g := rand.New(rand.NewPCG(seed, 1))
	for y := r.Min.Y; y < r.Max.Y; y++ {
		row := f.Row(r.Min.X, r.Max.X, y)
		for i := range row {
			row[i] = byte(g.Uint32())
		}
	}
}

// recorded returns copies of the first n frames of a recording.
func recorded(t testing.TB, name string, n int) []*frame.Frame {
	t.Helper()
	enough := errors.New("enough")
	var fs []*frame.Frame
	err := scenes.Play(name, func(s scenes.Frame) error {
		if len(fs) == n {
			return enough
		}
		f := blank(s.Picture.Rect)
		f.CopyRect(s.Picture, f.Rect)
		fs = append(fs, f)
		return nil
	})
	if err != nil && err != enough {
		t.Fatal(err)
	}
	return fs
}
