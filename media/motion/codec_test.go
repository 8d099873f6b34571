//go:build cgo && (linux || av1)

package motion

import (
	"bytes"
	"errors"
	"image"
	"math/rand/v2"
	"testing"

	"assist/media/exact/scenes"
	"assist/media/frame"
)

// Recorded desktops arrive near to what they were, in about the bytes that were reached once. The floors are dB of the brightness
// of the last frame, the ceilings bytes of the first and of all others together.
func TestScenes(t *testing.T) {
	for name, want := range map[string]struct {
		dB          float64
		first, rest int
	}{
		"log": {41, 133_000, 66_000}, "viewer": {45, 53_000, 40_000}, "page": {46, 36_000, 35_000},
		"drag": {46.5, 45_000, 13_000}, "still": {45, 51_000, 2_000}, "switch": {44.5, 65_000, 40_000},
	} {
		t.Run(name, func(t *testing.T) {
			fs := recorded(t, name, 10)
			all := fs[0].Rect
			p := newPair(t, all, all)
			first, rest := len(p.carry(t, fs[0], Options{Quantizer: 30}, all)), 0
			for _, f := range fs[1:] {
				rest += len(p.carry(t, f, Options{Quantizer: 30}, all))
			}
			got := psnr(p.shown, fs[len(fs)-1], all, true)
			if got < want.dB || first > want.first || rest > want.rest {
				t.Errorf("%.1f dB, %d and %d bytes; want at least %.1f dB, at most %d and %d bytes", got, first, rest, want.dB, want.first, want.rest)
			}
		})
	}
	if len(scenes.Names) != 6 {
		t.Errorf("recordings %v: some are not looked at", scenes.Names)
	}
}

// A higher quantiser is fewer bytes and a worse picture, for a key frame as for others, and takes effect at once.
func TestQuantizer(t *testing.T) {
	screen := image.Rect(0, 0, 320, 240)
	v := newFilm(320, 240)
	var bytes []int
	var dB []float64
	for _, q := range []int{-5, 20, 35, 50, 99} {
		p := newPair(t, screen, screen)
		f := blank(screen)
		v.show(f, screen, 0)
		key := len(p.carry(t, f, Options{Quantizer: q}, screen))
		bytes, dB = append(bytes, key), append(dB, psnr(p.shown, f, screen, true))
	}
	for i := range bytes[1:] {
		if bytes[i+1] >= bytes[i] || dB[i+1] >= dB[i] {
			t.Errorf("key frames of %d bytes, %.1f dB", bytes, dB)
			break
		}
	}
	p := newPair(t, screen, screen)
	sizes := map[int]int{}
	for i, q := range []int{50, 20, 50, 20, 50, 20} {
		f := blank(screen)
		v.show(f, screen, 5*i)
		sizes[q] += len(p.carry(t, f, Options{Quantizer: q, Key: i%2 == 0}, screen))
	}
	if sizes[20] < sizes[50] {
		t.Errorf("%v bytes by quantiser: a frame does not have its own", sizes)
	}
}

// What was never active is not in the stream: it could be anything, and the bytes would be the same. That holds to the pixel, for odd
// rectangles, for pixels that share a sample of colour with active ones, and for frames after the first.
func TestNothingLeaks(t *testing.T) {
	screen := image.Rect(0, 0, 300, 200)
	area := image.Rect(7, 3, 288, 194)
	active := [][]image.Rectangle{
		{image.Rect(33, 17, 98, 80)},
		{image.Rect(35, 17, 99, 83), image.Rect(200, 101, 201, 102)},
		{image.Rect(150, 150, 400, 400)},
		nil,
		{image.Rect(33, 17, 98, 80)},
	}
	var first [][]byte
	for run := range 2 {
		e, err := NewEncoder(area, Settings{})
		if err != nil {
			t.Fatal(err)
		}
		for i, rs := range active {
			f := blank(screen)
			noise(f, screen, uint64(100*run+i)) // the same nowhere
			for _, r := range rs {
				if r = r.Intersect(area); !r.Empty() {
					noise(f, r, uint64(i))
				}
			}
			msg, err := e.Encode(nil, f, rs, Options{Quantizer: 30, Key: i == 2})
			if err != nil {
				t.Fatal(err)
			}
			if run == 0 {
				first = append(first, msg)
			} else if !bytes.Equal(first[i], msg) {
				t.Errorf("message %d depends on what is not active", i)
			}
		}
		e.Close()
	}
}

// Outside what is active, a key frame is grey, later frames leave everything as it was, and neither costs much, even when the
// picture outside changes and the quantiser falls.
func TestInactive(t *testing.T) {
	screen := image.Rect(0, 0, 640, 480)
	left, right := image.Rect(32, 32, 288, 448), image.Rect(352, 32, 608, 448)
	p := newPair(t, screen, screen)
	f := blank(screen)
	v := newFilm(640, 480)
	v.show(f, screen, 0)
	p.encode(t, f, Options{Quantizer: 40}, left)
	if err := p.dec.Decode(p.msg, p.shown, []image.Rectangle{screen}); err != nil {
		t.Fatal(err)
	}
	grey := blank(screen)
	grey.Fill(screen, 130, 130, 130)
	if got := psnr(p.shown, grey, right, false); got < 40 {
		t.Errorf("outside, the first frame is not grey: %.1f dB", got)
	}
	if got := psnr(p.shown, f, left, true); got < 30 {
		t.Errorf("active part has %.1f dB", got)
	}
	p.carry(t, f, Options{Quantizer: 40}, left, right)
	before := blank(screen)
	before.CopyRect(p.shown, screen)
	active := 0
	for i, q := range []int{40, 30, 20, 10} {
		v.show(f, screen, 50*i+50)
		active += len(p.encode(t, f, Options{Quantizer: q}, left))
		if err := p.dec.Decode(p.msg, p.shown, []image.Rectangle{screen}); err != nil {
			t.Fatal(err)
		}
	}
	if got := psnr(p.shown, before, right.Inset(16), false); got < 45 {
		t.Errorf("the inactive part moved: %.1f dB", got)
	}
	if n := len(p.carry(t, f, Options{Quantizer: 10})); n > 500 || n > active/20 {
		t.Errorf("a frame with nothing active takes %d bytes; %d for four with something", n, active)
	}
}

// Only the parts asked for are painted, at their place, in frames that begin elsewhere and are wider than their rows.
func TestPlaces(t *testing.T) {
	screen := image.Rect(-100, 50, 101, 181)
	area := image.Rect(-93, 61, 90, 170)
	wide := frame.New(300, 200)
	f := &frame.Frame{Pix: wide.Pix, Stride: wide.Stride, Rect: screen}
	noise(f, screen, 1)
	f.Fill(area, 10, 20, 30)
	spot := image.Rect(-51, 90, -20, 117)
	f.Fill(spot, 20, 60, 200)
	p := newPair(t, area, screen)
	p.carry(t, f, Options{Quantizer: 4}, spot, image.Rect(85, 165, 1000, 1000))
	for _, tt := range []struct {
		name string
		r    image.Rectangle
		want *frame.Frame
	}{
		{"spot", spot, f},
		{"corner", image.Rect(85, 165, 90, 170), f},
		{"right of it", image.Rect(90, 50, 101, 181), blank(screen)},
		{"below it", image.Rect(-100, 170, 101, 181), blank(screen)},
		{"left of the spot", image.Rect(-100, 50, -51, 165), blank(screen)},
		{"right of the spot", image.Rect(-20, 50, 85, 165), blank(screen)},
		{"above the spot", image.Rect(-51, 50, -20, 90), blank(screen)},
	} {
		if got := psnr(p.shown, tt.want, tt.r, false); got < 35 {
			t.Errorf("%s: %.1f dB", tt.name, got)
		}
	}
}

// Every colour comes back as it was, but for a little.
func TestColours(t *testing.T) {
	screen := image.Rect(0, 0, 512, 512)
	f := blank(screen)
	colours := []byte{0, 1, 64, 127, 128, 192, 254, 255}
	for i := range 512 {
		at := image.Pt(i%32*16, i/32*16)
		f.Fill(image.Rectangle{Min: at, Max: at.Add(image.Pt(16, 16))}, colours[i%8], colours[i/8%8], colours[i/64])
	}
	p := newPair(t, screen, screen)
	p.carry(t, f, Options{Quantizer: MinQuantizer}, screen)
	for i := range 512 {
		x, y := i%32*16+8, i/32*16+8
		got, want := p.shown.Row(x, x+1, y), f.Row(x, x+1, y)
		for c := range 3 {
			if d := int(got[c]) - int(want[c]); d < -4 || d > 4 {
				t.Fatalf("colour %v became %v", want[:3], got[:3])
			}
		}
	}
}

// Pictures of every shape, down to a pixel, up to the longest sides, survive.
func TestShapes(t *testing.T) {
	sizes := []image.Point{{1, 1}, {2, 2}, {1, 8192}, {8192, 1}, {8192, 33}, {31, 8191}}
	for n := 3; n < 70; n += 3 {
		sizes = append(sizes, image.Pt(n, 71-n))
	}
	for _, size := range sizes {
		screen := image.Rectangle{Max: size}
		p := newPair(t, screen, screen)
		f := blank(screen)
		for i := range 3 {
			f.Fill(screen, byte(40*i), 128, byte(200-20*i))
			f.Fill(image.Rect(size.X-1, size.Y-1, size.X, size.Y), 60, 60, 60)
			p.carry(t, f, Options{Quantizer: 8}, screen)
			if got := psnr(p.shown, f, screen, true); got < 30 {
				t.Errorf("%v, frame %d: %.1f dB", size, i, got)
			}
		}
		p.enc.Close()
		p.dec.Close()
	}
}

// The largest rectangle that is allowed works.
func TestMostPixels(t *testing.T) {
	screen := image.Rect(0, 0, 4096, 2048)
	p := newPair(t, screen, screen)
	f := blank(screen)
	f.Fill(image.Rect(1000, 1000, 3000, 1500), 200, 100, 50)
	p.carry(t, f, Options{Quantizer: 40}, screen)
	f.Fill(image.Rect(0, 0, 64, 64), 50, 100, 200)
	p.carry(t, f, Options{Quantizer: 40}, image.Rect(0, 0, 64, 64))
	if got := psnr(p.shown, f, screen, true); got < 40 {
		t.Errorf("%.1f dB", got)
	}
}

// A decoder that missed messages shows the right picture after a frame made from the key frame, and from then on.
func TestFromKey(t *testing.T) {
	screen := image.Rect(0, 0, 320, 240)
	v := newFilm(320, 240)
	p := newPair(t, screen, screen)
	other, err := NewDecoder(screen)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	shown, f := blank(screen), blank(screen)
	for i := range 12 {
		v.show(f, screen, i)
		p.carry(t, f, Options{Quantizer: 40, FromKey: i == 8}, screen)
		if i >= 4 && i < 8 {
			continue // lost
		}
		if err := other.Decode(p.msg, shown, []image.Rectangle{screen}); err != nil {
			t.Fatal(err)
		}
		if !frame.Equal(shown, p.shown) {
			t.Errorf("frame %d: the picture is another", i)
		}
	}
}

// A frame or an area that do not fit each other are told.
func TestOutside(t *testing.T) {
	p := newPair(t, image.Rect(0, 0, 64, 64), image.Rect(0, 0, 64, 64))
	small := frame.New(63, 64)
	if _, err := p.enc.Encode(nil, small, nil, Options{}); !errors.Is(err, ErrSize) {
		t.Errorf("Encode: %v", err)
	}
	if err := p.dec.Decode([]byte{1}, small, nil); !errors.Is(err, ErrSize) {
		t.Errorf("Decode: %v", err)
	}
}

// After Close, and while another goroutine closes, methods fail and do no harm.
func TestClose(t *testing.T) {
	screen := image.Rect(0, 0, 320, 240)
	p := newPair(t, screen, screen)
	f := blank(screen)
	noise(f, screen, 1)
	done := make(chan error)
	go func() {
		for i := 0; ; i++ {
			msg, err := p.enc.Encode(nil, f, []image.Rectangle{screen}, Options{Key: true, Quantizer: 20})
			if err == nil {
				err = p.dec.Decode(msg, p.shown, []image.Rectangle{screen})
			}
			if i == 1 || err != nil {
				done <- err
			}
			if err != nil {
				return
			}
		}
	}()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	p.dec.Close()
	p.enc.Close()
	if err := <-done; !errors.Is(err, ErrClosed) {
		t.Errorf("after Close: %v, want %v", err, ErrClosed)
	}
	p.enc.Close()
	if _, err := p.enc.Encode(nil, f, nil, Options{}); !errors.Is(err, ErrClosed) {
		t.Errorf("Encode: %v, want %v", err, ErrClosed)
	}
	if err := p.dec.Decode([]byte{1}, f, nil); !errors.Is(err, ErrClosed) {
		t.Errorf("Decode: %v, want %v", err, ErrClosed)
	}
}

// A quantiser that is nobody's choice, rectangles from anywhere: nothing an app passes by mistake stops the stream, and what is active
// is near to what it was however the frames before went.
func TestOddOptions(t *testing.T) {
	screen := image.Rect(0, 0, 230, 198)
	p := newPair(t, screen, screen)
	v := newFilm(230, 198)
	r := rand.New(rand.NewPCG(1, 1))
	f := blank(screen)
	for i := range 100 {
		v.show(f, screen, 3*i)
		x, y := r.IntN(300)-40, r.IntN(260)-40
		some := image.Rect(x, y, x+1+r.IntN(90), y+1+r.IntN(90))
		o := Options{Quantizer: r.IntN(100) - 50, Key: r.IntN(9) == 0, FromKey: r.IntN(5) == 0}
		p.carry(t, f, o, some, image.Rectangle{}, image.Rectangle{Min: image.Pt(5, 5)})
		if some = some.Intersect(screen); some.Empty() {
			continue
		}
		if got := psnr(p.shown, f, some, true); got < 22 {
			t.Errorf("frame %d, %+v: %v has %.1f dB", i, o, some, got)
		}
	}
}

// TestPhoto tells the encoder that a film is one, from somewhere within the stream on, and back: all of it decodes, and the film
// takes fewer bytes.
func TestPhoto(t *testing.T) {
	area := image.Rect(64, 64, 64+320, 64+192)
	film := newFilm(area.Dx(), area.Dy())
	f := blank(image.Rect(0, 0, 448, 320))
	bytes := map[bool]int{}
	for _, photo := range []bool{false, true} {
		p := newPair(t, area, f.Rect)
		for i := range 24 {
			film.show(f, area, i)
			o := Options{Quantizer: 30, Photo: photo && i > 3}
			bytes[photo] += len(p.carry(t, f, o, area))
			if got := psnr(p.shown, f, area, true); got < 30 {
				t.Errorf("photo %v, frame %d: %.1f dB", photo, i, got)
			}
		}
		film.show(f, area, 24)
		p.carry(t, f, Options{Quantizer: 30}, area)
	}
	if bytes[true] >= bytes[false] {
		t.Errorf("%d bytes, %d when not told", bytes[true], bytes[false])
	}
}
