package exact_test

import (
	"testing"
	"time"

	"assist/media/exact"
	"assist/media/exact/scenes"
	"assist/media/frame"
)

// run is an encoder and a decoder on a recording, and what they took.
type run struct {
	frames, first, rest int // messages; bytes of the first one and of all others
	ticks               int
	encode, decode      time.Duration // for all but the first
	firstTook           time.Duration
	enc                 *exact.Encoder
	dec                 *exact.Decoder
	msg                 []byte
}

// take carries a frame over.
func (r *run) take(t testing.TB, f scenes.Frame) {
	if r.enc == nil {
		var err error
		if r.enc, err = exact.NewEncoder(f.Picture.Rect.Size()); err != nil {
			t.Fatal(err)
		}
		r.dec = exact.NewDecoder()
	}
	start := time.Now()
	var err error
	if r.msg, err = r.enc.Encode(r.msg[:0], f.Picture, f.Dirty); err != nil {
		t.Fatal(err)
	}
	encoded := time.Now()
	if len(r.msg) == 0 {
		return
	}
	if _, _, err := r.dec.Decode(r.msg); err != nil {
		t.Fatal(err)
	}
	r.ticks = f.Tick
	if r.frames++; r.frames == 1 {
		r.first, r.firstTook = len(r.msg), encoded.Sub(start)
		return
	}
	r.rest += len(r.msg)
	r.encode += encoded.Sub(start)
	r.decode += time.Since(encoded)
}

// Recorded desktops arrive as they were, frame by frame, and within the bytes that were reached once: a few per cent more is a
// step back. The limits are bytes of the whole recording.
func TestScenes(t *testing.T) {
	most := map[string]int{"log": 52_300, "viewer": 29_000, "page": 42_900, "drag": 26_200, "still": 27_700, "switch": 39_000}
	for _, name := range scenes.Names {
		t.Run(name, func(t *testing.T) {
			var r run
			err := scenes.Play(name, func(f scenes.Frame) error {
				r.take(t, f)
				if !frame.Equal(r.dec.Frame(), f.Picture) {
					t.Fatalf("pictures differ at tick %d", f.Tick)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if n := r.first + r.rest; n > most[name] {
				t.Errorf("%d bytes, want at most %d", n, most[name])
			}
		})
	}
}

// BenchmarkScenes plays recordings. An operation is a whole recording; the figures beside it are the ones to look at.
func BenchmarkScenes(b *testing.B) {
	for _, name := range scenes.Names {
		b.Run(name, func(b *testing.B) {
			var all run
			for b.Loop() {
				var r run
				if err := scenes.Play(name, func(f scenes.Frame) error { r.take(b, f); return nil }); err != nil {
					b.Fatal(err)
				}
				all.encode += r.encode
				all.decode += r.decode
				all.firstTook += r.firstTook
				all.frames += r.frames
				all.first, all.rest, all.ticks = r.first, r.rest, r.ticks
			}
			n := float64(all.frames - b.N)
			ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
			b.ReportMetric(float64(all.first), "B/first")
			b.ReportMetric(float64(all.rest)*float64(b.N)/n, "B/frame")
			b.ReportMetric(float64(all.rest)/1000*scenes.Rate/float64(all.ticks), "kB/s")
			b.ReportMetric(ms(all.firstTook)/float64(b.N), "ms/first")
			b.ReportMetric(ms(all.encode)/n, "ms/encode")
			b.ReportMetric(ms(all.decode)/n, "ms/decode")
		})
	}
}
