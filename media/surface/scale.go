package surface

import (
	"image"
	"runtime"
	"sync"
	"unsafe"

	"assist/media/frame"
)

// whole is the sum of the weights of one pixel. Four channels of 8 bits times 256 fit into 64 bits side by side.
const whole = 256

const (
	lanes  = 0x00ff00ff_00ff00ff // the low byte of each channel
	halves = 0x00800080_00800080 // one half of a weighted channel's unit
)

// axis says, for each pixel along a drawn row or column, which pixels of the picture it is made of, and how much of each.
// A row that shrinks is averaged over what each pixel covers, so that no line of a letter is lost; one that
// grows repeats pixels.
type axis struct {
	first   []int32  // first pixel of the picture
	from    []int32  // where its weights begin, one place more at the end
	weights []uint16 // sum whole for each
}

func newAxis(from, to int) axis {
	a := axis{first: make([]int32, to), from: make([]int32, to+1)}
	for i := range to {
		if to >= from {
			a.first[i] = int32((2*i + 1) * from / (2 * to))
			a.weights = append(a.weights, whole)
		} else {
			// In units of 1/to of the picture's pixels, pixel i covers [i*from, (i+1)*from).
			first, last := i*from/to, ((i+1)*from-1)/to
			a.first[i] = int32(first)
			sum := 0
			for k := first; k <= last; k++ {
				upTo := (min((k+1)*to, (i+1)*from) - i*from) * whole / from
				a.weights = append(a.weights, uint16(upTo-sum))
				sum = upTo
			}
		}
		a.from[i+1] = int32(len(a.weights))
	}
	return a
}

// span is what of the picture the drawn pixels from to to are made of.
func (a *axis) span(from, to int) (first, end int) {
	last := to - 1
	return int(a.first[from]), int(a.first[last] + a.from[last+1] - a.from[last])
}

// covered is which drawn pixels the picture's pixels from lo to hi have a part in; size is the picture's.
func (a *axis) covered(lo, hi, size int) (from, to int) {
	n := len(a.first)
	if n >= size { // pixel i shows the one at (2i+1)*size/2n
		return (2*n*lo + size - 1) / (2 * size), (2*n*hi + size - 1) / (2 * size)
	}
	return lo * n / size, (hi*n + size - 1) / size
}

// few is how many pixels side by side make one of a drawing at least half as wide as the picture, at most.
const few = 3

// scaler draws pictures of one size in another one.
type scaler struct {
	size image.Point // of the picture
	to   image.Point // as drawn
	x, y axis
	taps []tap // of x, if few are enough for every pixel
	sums [maxBands][]uint64
}

// A large drawing is made by several goroutines, each of a band of rows.
const (
	maxBands   = 4
	bandPixels = 128 << 10 // at least
)

// tap is the weights of a drawn pixel, and the first pixel of the picture that they are for.
type tap struct {
	first   int32
	weights [few]uint16
}

func newScaler(size, to image.Point) *scaler {
	s := &scaler{size: size, to: to, x: newAxis(size.X, to.X), y: newAxis(size.Y, to.Y)}
	if 2*to.X >= size.X {
		s.taps = make([]tap, to.X)
		for i := range s.taps {
			s.taps[i].first = s.x.first[i]
			copy(s.taps[i].weights[:], s.x.weights[s.x.from[i]:s.x.from[i+1]])
		}
	}
	return s
}

// plain reports whether nothing is scaled, larger whether pixels are repeated only.
func (s *scaler) plain() bool  { return s.size == s.to }
func (s *scaler) larger() bool { return s.to.X >= s.size.X && s.to.Y >= s.size.Y }

// covered is the part of the drawing that shows the part r of the picture.
func (s *scaler) covered(r image.Rectangle) image.Rectangle {
	r = r.Intersect(image.Rectangle{Max: s.size})
	if r.Empty() {
		return image.Rectangle{}
	}
	x0, x1 := s.x.covered(r.Min.X, r.Max.X, s.size.X)
	y0, y1 := s.y.covered(r.Min.Y, r.Max.Y, s.size.Y)
	return image.Rect(x0, y0, x1, y1)
}

// draw draws the part r of the drawing, row after row, into dst. f has the size that the scaler was made for, and r
// is not empty.
func (s *scaler) draw(dst []byte, f *frame.Frame, r image.Rectangle) {
	bands := min(maxBands, runtime.GOMAXPROCS(0), r.Dx()*r.Dy()/bandPixels)
	if bands <= 1 || s.plain() {
		s.drawBand(0, dst, f, r)
		return
	}
	var wg sync.WaitGroup
	for i := range bands {
		part := r
		part.Min.Y, part.Max.Y = r.Min.Y+i*r.Dy()/bands, r.Min.Y+(i+1)*r.Dy()/bands
		wg.Go(func() { s.drawBand(i, dst[(part.Min.Y-r.Min.Y)*r.Dx()*frame.BytesPerPixel:], f, part) })
	}
	wg.Wait()
}

// drawBand is draw on one goroutine, whose number is band.
func (s *scaler) drawBand(band int, dst []byte, f *frame.Frame, r image.Rectangle) {
	stride := r.Dx() * frame.BytesPerPixel
	for y := r.Min.Y; y < r.Max.Y; y++ {
		row := dst[(y-r.Min.Y)*stride:][:stride]
		switch {
		case s.plain():
			copy(row, f.Row(f.Rect.Min.X+r.Min.X, f.Rect.Min.X+r.Max.X, f.Rect.Min.Y+y))
		case !s.larger():
			s.average(band, pixels(row), f, r.Min.X, y)
		case y > r.Min.Y && s.y.first[y] == s.y.first[y-1]:
			copy(row, dst[(y-1-r.Min.Y)*stride:])
		default:
			from := words(f, 0, s.size.X, int(s.y.first[y]))
			for i, at := range s.x.first[r.Min.X:r.Max.X] {
				pixels(row)[i] = from[at]
			}
		}
	}
}

// average draws a row of the drawing from column x on.
func (s *scaler) average(band int, dst []uint32, f *frame.Frame, x, y int) {
	if s.sums[band] == nil {
		s.sums[band] = make([]uint64, s.size.X+few)
	}
	first, end := s.x.span(x, x+len(dst))
	sums := s.sums[band][:end-first+few] // a few more count for nothing
	s.sumRows(sums[:end-first], f, first, end, y)
	clear(sums[end-first:])
	s.sumColumns(dst, sums, first, x)
}

// sumRows puts the rows together that row y is made of, for the columns first to end of the picture.
func (s *scaler) sumRows(sums []uint64, f *frame.Frame, first, end, y int) {
	at := int(s.y.first[y])
	w := s.y.weights[s.y.from[y]:s.y.from[y+1]]
	a := words(f, first, end, at)[:len(sums)]
	switch len(w) {
	case 1:
		for i := range sums {
			sums[i] = spread(a[i])
		}
		return
	case 2:
		b, wa, wb := words(f, first, end, at+1)[:len(sums)], uint64(w[0]), uint64(w[1])
		for i := range sums {
			sums[i] = (spread(a[i])*wa + spread(b[i])*wb + halves) >> 8 & lanes
		}
		return
	case 3:
		b, c := words(f, first, end, at+1)[:len(sums)], words(f, first, end, at+2)[:len(sums)]
		wa, wb, wc := uint64(w[0]), uint64(w[1]), uint64(w[2])
		for i := range sums {
			sums[i] = (spread(a[i])*wa + spread(b[i])*wb + spread(c[i])*wc + halves) >> 8 & lanes
		}
		return
	}
	clear(sums)
	for k, weight := range w {
		for i, p := range words(f, first, end, at+k)[:len(sums)] {
			sums[i] += spread(p) * uint64(weight)
		}
	}
	for i, v := range sums {
		sums[i] = (v + halves) >> 8 & lanes
	}
}

// sumColumns puts the columns together that each pixel from column from on is made of. sums begins with column first of
// the picture.
func (s *scaler) sumColumns(dst []uint32, sums []uint64, first, from int) {
	if s.taps != nil {
		for i, t := range s.taps[from : from+len(dst)] {
			v := sums[int(t.first)-first:][:few]
			sum := v[0]*uint64(t.weights[0]) + v[1]*uint64(t.weights[1]) + v[2]*uint64(t.weights[2])
			dst[i] = gather((sum + halves) >> 8 & lanes)
		}
		return
	}
	for i := range dst {
		x := from + i
		at := int(s.x.first[x]) - first
		var sum uint64
		for k, w := range s.x.weights[s.x.from[x]:s.x.from[x+1]] {
			sum += sums[at+k] * uint64(w)
		}
		dst[i] = gather((sum + halves) >> 8 & lanes)
	}
}

// spread puts the four channels of a pixel 16 bits apart, in whatever order the machine has them; gather is the way back.
func spread(p uint32) uint64 { return uint64(p&0x00ff00ff) | uint64(p&0xff00ff00)<<24 }

func gather(v uint64) uint32 { return uint32(v&0x00ff00ff) | uint32(v>>24)&0xff00ff00 }

// words is the pixels x0 to x1 of row y, counted from the picture's corner.
func words(f *frame.Frame, x0, x1, y int) []uint32 {
	o := f.Rect.Min
	return pixels(f.Row(o.X+x0, o.X+x1, o.Y+y))
}

// pixels sees bytes as pixels. Scaling takes a third of the time with it.
func pixels(b []byte) []uint32 {
	if len(b) < frame.BytesPerPixel {
		return nil
	}
	return unsafe.Slice((*uint32)(unsafe.Pointer(&b[0])), len(b)/frame.BytesPerPixel)
}
