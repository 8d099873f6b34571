//go:build cgo && (linux || av1)

package motion

import (
	"fmt"
	"image"
	"testing"
	"time"

	"assist/media/frame"
)

var (
	wholeScreen = image.Rect(0, 0, 1920, 1080)
	window      = image.Rect(640, 352, 1280, 712) // 640x360, where a film plays
	cropped     = image.Rect(640, 352, 1280, 720)
)

// shots are what people see that the motion plane carries, on a 1920x1080 screen: frames that follow each other, and what is active
// in them.
func shots(b *testing.B) map[string]func(n int) ([]*frame.Frame, image.Rectangle) {
	text := func(name string) func(int) ([]*frame.Frame, image.Rectangle) {
		return func(n int) ([]*frame.Frame, image.Rectangle) { return recorded(b, name, n), wholeScreen }
	}
	films := func(r image.Rectangle) func(int) ([]*frame.Frame, image.Rectangle) {
		return func(n int) ([]*frame.Frame, image.Rectangle) {
			v := newFilm(r.Dx(), r.Dy())
			desktop := recorded(b, "still", 1)[0]
			var fs []*frame.Frame
			for i := range n {
				f := blank(wholeScreen)
				f.CopyRect(desktop, f.Rect)
				v.show(f, r, i)
				fs = append(fs, f)
			}
			return fs, r
		}
	}
	return map[string]func(int) ([]*frame.Frame, image.Rectangle){
		"log": text("log"), "page": text("page"), "drag": text("drag"), "film": films(window), "bigfilm": films(wholeScreen),
	}
}

// BenchmarkCarry encodes and decodes. The area is that of the stream; what is active in it depends on the shot. An operation is one
// frame, but the figures beside it are those to look at; those of the first frame are a key frame's.
func BenchmarkCarry(b *testing.B) {
	all := shots(b)
	for _, run := range []struct {
		shot string
		area image.Rectangle
	}{
		{"log", wholeScreen}, {"page", wholeScreen}, {"drag", wholeScreen}, {"bigfilm", wholeScreen}, {"film", wholeScreen}, {"film", cropped},
	} {
		b.Run(fmt.Sprintf("%s/%dx%d", run.shot, run.area.Dx(), run.area.Dy()), func(b *testing.B) {
			fs, active := all[run.shot](13)
			p := newPair(b, run.area, wholeScreen)
			var encode, decode, first time.Duration
			bytes, firstBytes, n, i := 0, 0, 0, len(fs)
			for b.Loop() {
				if i == len(fs) {
					start := time.Now()
					firstBytes = len(p.carry(b, fs[0], Options{Key: true, Quantizer: 40}, active))
					first, i = time.Since(start), 1
				}
				start := time.Now()
				p.encode(b, fs[i], Options{Quantizer: 40}, active)
				encoded := time.Now()
				if err := p.dec.Decode(p.msg, p.shown, []image.Rectangle{active}); err != nil {
					b.Fatal(err)
				}
				encode, decode = encode+encoded.Sub(start), decode+time.Since(encoded)
				bytes, n, i = bytes+len(p.msg), n+1, i+1
			}
			b.ReportMetric(ms(encode)/float64(n), "ms/encode")
			b.ReportMetric(ms(decode)/float64(n), "ms/decode")
			b.ReportMetric(float64(bytes)/float64(n), "B/frame")
			b.ReportMetric(float64(firstBytes), "B/first")
			b.ReportMetric(ms(first), "ms/first")
		})
	}
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// BenchmarkQuantizer shows what a quantiser is worth: bytes and PSNR (of the brightness) of a key frame and of the 12th after it.
func BenchmarkQuantizer(b *testing.B) {
	all := shots(b)
	for _, shot := range []string{"page", "log", "film"} {
		fs, active := all[shot](13)
		area := active
		for _, q := range []int{8, 16, 24, 32, 40, 48, 56, 63} {
			b.Run(fmt.Sprintf("%s/q%d", shot, q), func(b *testing.B) {
				p := newPair(b, area, wholeScreen)
				for b.Loop() {
					first := len(p.carry(b, fs[0], Options{Key: true, Quantizer: q}, active))
					b.ReportMetric(psnr(p.shown, fs[0], active, true), "dB/first")
					bytes := 0
					for _, f := range fs[1:] {
						bytes += len(p.carry(b, f, Options{Quantizer: q}, active))
					}
					b.ReportMetric(float64(first), "B/first")
					b.ReportMetric(float64(bytes/(len(fs)-1)), "B/frame")
					b.ReportMetric(psnr(p.shown, fs[len(fs)-1], active, true), "dB/last")
				}
			})
		}
	}
}

// BenchmarkOpen opens and closes an encoder for a whole screen and makes no frame.
func BenchmarkOpen(b *testing.B) {
	for b.Loop() {
		e, err := NewEncoder(wholeScreen, Settings{})
		if err != nil {
			b.Fatal(err)
		}
		e.Close()
	}
}
