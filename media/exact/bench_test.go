package exact

import (
	"image"
	"testing"

	"assist/media/frame"
)

// works are what people do on a 1920x1080 desktop: step paints the next frame.
var works = []struct {
	name  string
	start func(s *scene) (step func(i int))
}{
	{"typing", func(s *scene) func(int) {
		s.desktop()
		return func(i int) { s.glyph(image.Pt(100+i%80*glyphW, 300+i/80%20*glyphH), i*31%96, 0x202020, 0xf8f8f8) }
	}},
	{"log", func(s *scene) func(int) {
		term := s.desktop()
		return func(int) { s.scroll(term, glyphH) }
	}},
	{"page", func(s *scene) func(int) {
		s.page(s.f.Rect)
		return func(int) { s.scroll(s.f.Rect, 3*glyphH) }
	}},
	{"repaint", func(s *scene) func(int) {
		s.desktop()
		return func(int) { s.desktop() }
	}},
	{"photo", func(s *scene) func(int) {
		s.desktop()
		return func(int) { s.photo(image.Rect(300, 200, 940, 560)) }
	}},
	{"noise", func(s *scene) func(int) {
		s.desktop()
		return func(int) { s.noise(image.Rect(300, 200, 940, 560)) }
	}},
}

// frames records n frames of a work, so that painting is not measured.
func frames(s *scene, step func(int), n int) (fs []*frame.Frame, dirty [][]image.Rectangle) {
	for i := range n {
		if i > 0 {
			step(i)
		} else {
			s.touch(s.f.Rect)
		}
		f := frame.New(s.f.Rect.Dx(), s.f.Rect.Dy())
		f.CopyRect(s.f, f.Rect)
		fs, dirty = append(fs, f), append(dirty, s.take())
	}
	return fs, dirty
}

func BenchmarkEncode(b *testing.B) {
	for _, w := range works {
		b.Run(w.name, func(b *testing.B) {
			s := newScene(1920, 1080, 11)
			fs, dirty := frames(s, w.start(s), 13)
			p := newPair(b, s.f.Rect.Size())
			first, _ := p.enc.Encode(nil, fs[0], dirty[0])
			bytes, n, i := 0, 0, 1
			var msg []byte
			for b.Loop() {
				if i == len(fs) {
					b.StopTimer()
					p = newPair(b, s.f.Rect.Size())
					p.enc.Encode(nil, fs[0], dirty[0])
					i = 1
					b.StartTimer()
				}
				var err error
				if msg, err = p.enc.Encode(msg[:0], fs[i], dirty[i]); err != nil {
					b.Fatal(err)
				}
				i++
				n++
				bytes += len(msg)
			}
			b.ReportMetric(float64(len(first)), "B/first")
			b.ReportMetric(float64(bytes)/float64(n), "B/frame")
		})
	}
}

func BenchmarkEncodeFirst(b *testing.B) {
	s := newScene(1920, 1080, 11)
	s.desktop()
	p := newPair(b, s.f.Rect.Size())
	var msg []byte
	for b.Loop() {
		if err := p.enc.Restart(); err != nil {
			b.Fatal(err)
		}
		var err error
		if msg, err = p.enc.Encode(msg[:0], s.f, []image.Rectangle{s.f.Rect}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(msg)), "B/frame")
}

func BenchmarkDecode(b *testing.B) {
	for _, w := range works {
		b.Run(w.name, func(b *testing.B) {
			s := newScene(1920, 1080, 11)
			fs, dirty := frames(s, w.start(s), 13)
			p := newPair(b, s.f.Rect.Size())
			var msgs [][]byte
			for i := range fs {
				msg, err := p.enc.Encode(nil, fs[i], dirty[i])
				if err != nil {
					b.Fatal(err)
				}
				msgs = append(msgs, msg)
			}
			i := len(msgs)
			for b.Loop() {
				if i == len(msgs) {
					b.StopTimer()
					if _, _, err := p.dec.Decode(msgs[0]); err != nil {
						b.Fatal(err)
					}
					i = 1
					b.StartTimer()
				}
				if _, _, err := p.dec.Decode(msgs[i]); err != nil {
					b.Fatal(err)
				}
				i++
			}
		})
	}
}
