package spine

import (
	"image"
	"math/rand/v2"
	"testing"
	"time"

	"assist/app/session"
	"assist/app/wire"
	"assist/media/frame"
	"assist/media/motion"
)

// filmed is where the film of these tests runs.
var filmed = image.Rect(70, 40, 300, 180)

// play paints the next picture of a film: noise over a gradient that moves.
func (d *desktop) film(r *rand.Rand, n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for y := filmed.Min.Y; y < filmed.Max.Y; y++ {
		row := d.pix.Row(filmed.Min.X, filmed.Max.X, y)
		for x := 0; x < len(row); x += frame.BytesPerPixel {
			v := byte(x/8 + 2*n + r.IntN(12))
			row[x], row[x+1], row[x+2] = v, byte(y)+v/2, 255-v
		}
	}
	d.now.Paint(func(f *frame.Frame) []image.Rectangle {
		f.CopyRect(d.pix, filmed)
		return []image.Rectangle{filmed}
	})
}

// near reports whether the engineer's window shows the film about as it is, and whether all around it is exact.
func (s *stage) near() bool {
	s.screen.mu.Lock()
	defer s.screen.mu.Unlock()
	s.desktop.mu.Lock()
	defer s.desktop.mu.Unlock()
	if s.screen.pix == nil {
		return false
	}
	sum := 0
	for y := filmed.Min.Y; y < filmed.Max.Y; y++ {
		a, b := s.screen.pix.Row(filmed.Min.X, filmed.Max.X, y), s.desktop.pix.Row(filmed.Min.X, filmed.Max.X, y)
		for i := range a {
			sum += max(int(a[i])-int(b[i]), int(b[i])-int(a[i]))
		}
	}
	const off = 12 // levels of 256, on average
	around := image.Rect(0, 0, s.desktop.pix.Rect.Dx(), filmed.Min.Y/frame.Tile*frame.Tile)
	return sum < off*filmed.Dx()*filmed.Dy()*3 && frame.SameIn(s.screen.pix, s.desktop.pix, around)
}

// TestFilm plays a film. It travels by motion, near enough, while text goes exactly; at rest all of it is exact, even after frames of
// motion were lost.
func TestFilm(t *testing.T) {
	if !motion.Supported() {
		t.Skip("this program was built without the motion plane")
	}
	play(t, nil, func(s *stage) {
		s.start(session.ViewOnly)
		s.await("the picture", s.shows)
		r := rand.New(rand.NewPCG(3, 4))
		roll := func(pictures int) {
			for n := range pictures {
				s.desktop.film(r, n)
				if n%5 == 0 { // somebody types beside it
					s.desktop.paint(image.Rect(10+n, 10, 14+n, 20), 10, 200, byte(n))
				}
				time.Sleep(time.Second / 24)
			}
		}
		roll(48)
		frames := s.links[0].Track().Stats().Frames
		if frames < 30 {
			s.Errorf("%d frames of motion for 48 pictures", frames)
		}
		s.within(time.Second, "about the film", s.near)
		s.within(5*time.Second, "the film's last picture, exactly", s.shows)
		if got := s.links[0].Track().Stats().Frames; got > frames+2 {
			s.Errorf("%d frames of motion at rest", got-frames)
		}
		lost, dice := 0, rand.New(rand.NewPCG(5, 6))
		s.net.TamperWith(func(msg []byte, on wire.Channel) []byte {
			if on != wire.MotionChannel || dice.IntN(4) > 0 {
				return msg
			}
			lost++
			return nil
		})
		roll(48)
		s.within(time.Second, "about the film, though frames are lost", s.near)
		s.net.TamperWith(nil)
		if lost < 5 {
			s.Errorf("%d frames were lost", lost)
		}
		s.within(5*time.Second, "exactly, though frames were lost", s.shows)
		roll(10)
		s.customer.Pause() // and with it the planes
		s.resume()
		before := s.links[0].Track().Stats().Frames
		roll(24)
		s.within(time.Second, "about the film after a pause", s.near)
		if got := s.links[0].Track().Stats().Frames; got < before+10 {
			s.Errorf("%d frames of motion after a pause", got-before)
		}
		s.within(5*time.Second, "exactly again", s.shows)
	})
}
