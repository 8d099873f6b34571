package scene

import (
	"image"
	"math"
	"math/rand/v2"

	"assist/media/frame"
)

// photoSide is the side of a photo, in pixels; it repeats beyond them. A power of two.
const photoSide = 1024

// photo is a picture with the statistics of one: large shapes, smaller ones on them, and edges.
type photo struct{ pix []byte } // 4 bytes a pixel, as a frame has them

func newPhoto(seed uint64) *photo {
	r := rand.New(rand.NewPCG(seed, 0))
	var layers [3][]float32
	for c := range layers {
		layers[c] = make([]float32, photoSide*photoSide)
		for cells, strength := 4, float32(1); cells <= 256; cells, strength = cells*2, strength*0.55 {
			addNoise(layers[c], r, cells, strength)
		}
	}
	p := &photo{make([]byte, photoSide*photoSide*frame.BytesPerPixel)}
	for i := range photoSide * photoSide {
		// One field is shared, as the light is, and has edges; the others tint it.
		base := layers[0][i]
		edge := float32(math.Tanh(float64(base-0.95) * 6))
		for c := range 3 {
			v := 128 + 60*edge + 50*(base-1) + 40*(layers[c][i]-1)
			p.pix[i*4+c] = byte(max(0, min(255, v)))
		}
	}
	return p
}

// addNoise adds a smooth field, random at the corners of cells x cells squares.
func addNoise(to []float32, r *rand.Rand, cells int, strength float32) {
	corners := make([]float32, cells*cells)
	for i := range corners {
		corners[i] = r.Float32() * strength
	}
	wide := photoSide / cells
	smooth := make([]float32, wide)
	for i := range smooth {
		t := float32(i) / float32(wide)
		smooth[i] = t * t * (3 - 2*t)
	}
	for y := range photoSide {
		cy, ty := y/wide, smooth[y%wide]
		upper, lower := corners[cy*cells:(cy+1)*cells], corners[(cy+1)%cells*cells:]
		for x := range photoSide {
			cx, tx := x/wide, smooth[x%wide]
			nx := (cx + 1) % cells
			a := upper[cx] + (upper[nx]-upper[cx])*tx
			b := lower[cx] + (lower[nx]-lower[cx])*tx
			to[y*photoSide+x] += a + (b-a)*ty
		}
	}
}

// shoot paints what the camera sees at step n into r: it zooms and turns slowly. grain has a power of two values.
func (p *photo) shoot(f *frame.Frame, r image.Rectangle, n int, grain []int8) {
	t := float64(n) / 24
	zoom := 0.8 + 0.3*math.Sin(t*0.7)
	sin, cos := math.Sincos(0.15 * math.Sin(t*0.4))
	const one = 1 << 16
	dx, dy := int(zoom*cos*one), int(zoom*sin*one)
	u0, v0 := int((300+40*t-320*zoom)*one), int((500+20*t-180*zoom)*one)
	shift := n * 40503
	for y := range r.Dy() {
		row := f.Row(r.Min.X, r.Max.X, r.Min.Y+y)
		u, v := u0-y*dy, v0+y*dx
		for x := 0; x < len(row); x += frame.BytesPerPixel {
			o := (v>>16&(photoSide-1)*photoSide + u>>16&(photoSide-1)) * frame.BytesPerPixel
			g := int(grain[(shift+x*7+y*9973)&(len(grain)-1)])
			row[x] = clamp(int(p.pix[o]) + g)
			row[x+1] = clamp(int(p.pix[o+1]) + g)
			row[x+2] = clamp(int(p.pix[o+2]) + g)
			row[x+3] = 0
			u, v = u+dx, v+dy
		}
	}
}

func clamp(v int) byte { return byte(max(0, min(255, v))) }
