package overlay

import (
	"image"
	"image/color"
	"image/draw"
	"strings"
	"time"
	"unicode"

	"golang.org/x/image/font"
	"golang.org/x/image/math/fixed"
)

// A sign has at most so many lines, and so many characters are looked at; what does not fit ends in an ellipsis.
const (
	maxLines = 3
	maxText  = 1000
)

const ellipsis = '…'

// plate is a drawn sign.
type plate struct {
	image *image.RGBA
	since time.Time
	clock image.Rectangle // where the time is, in the image; empty without a clock
	signs map[rune]*image.RGBA
	shown string // what the clock shows
}

// clockSigns are what a clock is made of.
const clockSigns = "0123456789:"

// widest is the widest time that a sign has room for.
const widest = "00:00:00"

// drawPlate draws the sign s for a monitor.
func drawPlate(s Sign, m image.Rectangle, fonts *fonts) *plate {
	size := grown(textSize, m)
	text := fonts.face(size, s.Text+clockSigns+string(ellipsis))
	defer text.Close()
	c := s.Level.colours()
	p := &plate{since: s.Since, signs: map[rune]*image.RGBA{}}
	clock := image.Point{}
	if !s.Since.IsZero() {
		clock = p.drawSigns(text, size, c)
	}
	gap := size * 3 / 4
	room := m.Dx()*9/10 - clock.X - 3*gap
	lines := wrap(s.Text, room, func(t string) int { return font.MeasureString(text, t).Ceil() })
	width := 0
	for _, l := range lines {
		width = max(width, font.MeasureString(text, l).Ceil())
	}
	step := size * 3 / 2
	height := step*len(lines) + size/2
	full := image.Rect(0, 0, gap+width+gap, height)
	if clock.X > 0 {
		p.clock = image.Rectangle{Max: clock}.Add(image.Pt(full.Max.X, (height-clock.Y)/2))
		full.Max.X += clock.X + gap
	}
	p.image = image.NewRGBA(full)
	fill(p.image, full, c.ground)
	d := font.Drawer{Dst: p.image, Src: image.NewUniform(c.words), Face: text}
	for i, l := range lines {
		d.Dot = fixed.P(gap, size/4+i*step+baseline(size))
		d.DrawString(l)
	}
	return p
}

// baseline is how far the line that letters stand on is beneath the top of their line.
func baseline(size int) int { return size * 11 / 10 }

// drawSigns draws what clocks are made of and returns the size of the widest time.
func (p *plate) drawSigns(face font.Face, size int, c colours) image.Point {
	step := size * 3 / 2
	total := 0
	wide := 0
	for _, r := range clockSigns {
		w := font.MeasureString(face, string(r)).Ceil()
		if r != ':' {
			wide = max(wide, w)
		}
		img := image.NewRGBA(image.Rect(0, 0, w, step))
		fill(img, img.Rect, c.ground)
		d := font.Drawer{Dst: img, Src: image.NewUniform(c.words), Face: face, Dot: fixed.P(0, baseline(size))}
		d.DrawString(string(r))
		p.signs[r] = img
	}
	for _, r := range widest {
		if r == ':' {
			total += p.signs[r].Rect.Dx()
		} else {
			total += wide
		}
	}
	return image.Pt(total, step)
}

// tick draws the time into the clock, and reports whether it is another than before.
func (p *plate) tick(now time.Time) bool {
	if p.clock.Empty() {
		return false
	}
	text := clockText(now.Sub(p.since))
	if text == p.shown {
		return false
	}
	p.shown = text
	fill(p.image, p.clock, p.image.RGBAAt(0, 0))
	width := 0
	for _, r := range text {
		width += p.signs[r].Rect.Dx()
	}
	x := p.clock.Max.X - width
	for _, r := range text {
		s := p.signs[r]
		to := s.Rect.Add(image.Pt(x, p.clock.Min.Y)).Intersect(p.clock)
		draw.Draw(p.image, to, s, to.Min.Sub(image.Pt(x, p.clock.Min.Y)), draw.Src)
		x += s.Rect.Dx()
	}
	return true
}

// clockText is a time gone by in whole seconds: "04:59", from an hour on "1:04:59".
func clockText(d time.Duration) string {
	s := max(0, int64(d/time.Second))
	digits := func(n int64) string { return string([]byte{byte('0' + n/10%10), byte('0' + n%10)}) }
	text := digits(s/60%60) + ":" + digits(s%60)
	if h := min(s/3600, 99); h > 0 {
		text = strings.TrimPrefix(digits(h), "0") + ":" + text
	}
	return text
}

// wrap breaks text into lines that fit into room: between words where there are some, else anywhere.
func wrap(text string, room int, measure func(string) int) []string {
	rest := []rune(text)
	if len(rest) > maxText {
		rest = append(rest[:maxText], ellipsis)
	}
	var lines []string
	for len(rest) > 0 {
		n := len(rest)
		for n > 1 && measure(string(rest[:n])) > room {
			n--
		}
		if n == len(rest) {
			return append(lines, string(rest))
		}
		if len(lines) == maxLines-1 {
			for n > 1 && measure(string(rest[:n])+string(ellipsis)) > room {
				n--
			}
			return append(lines, string(rest[:n])+string(ellipsis))
		}
		if at := lastSpace(rest[:n+1]); 3*at > n {
			n = at
		}
		lines = append(lines, strings.TrimRightFunc(string(rest[:n]), unicode.IsSpace))
		for n < len(rest) && unicode.IsSpace(rest[n]) {
			n++
		}
		rest = rest[n:]
	}
	return lines
}

// lastSpace returns where the last space is, or 0.
func lastSpace(s []rune) int {
	for i := len(s) - 1; i > 0; i-- {
		if unicode.IsSpace(s[i]) {
			return i
		}
	}
	return 0
}

func fill(img *image.RGBA, r image.Rectangle, c color.RGBA) {
	draw.Draw(img, r, image.NewUniform(c), image.Point{}, draw.Src)
}
