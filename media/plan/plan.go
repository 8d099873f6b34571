// Package plan decides how the parts of a changing picture travel: at once and exactly, or first on the motion plane and
// exactly once they have come to rest.
//
//	   changed: text, or the link carries it
//	+--------- exact <------------------------+
//	|            |                            |
//	+----------->+ photo that keeps changing, | at rest, or text again: repaid
//	             | or is too much for now     |
//	             +-------> motion ------------+
//
// A tile of 32x32 pixels is the unit. Text and drawings always go exactly: the exact plane carries them in fewer bytes than any
// lossy one. A photo goes exactly as long as the link takes it in a moment; what goes by motion is owed, and repaid
// when it has not changed for a while, text first, the oldest photo next, no more at once than the link has room for.
//
// The package decides from what it is told: which tiles changed and when, which of them look like photos, and how fast the link
// is. It has no clock, no pixels and no goroutines, and knows neither plane.
package plan

import (
	"cmp"
	"image"
	"slices"
	"time"

	"assist/media/frame"
)

const (
	// moment is how long photos may take on the link before they go by motion instead.
	moment = 100 * time.Millisecond
	// photoBytes is what an exact tile of a photo takes, about.
	photoBytes = 2 << 10
	// textBytes is what any other exact tile takes, about.
	textBytes = 128
	// unknownRate stands for the rate of a link that has not shown any, in bytes a second.
	unknownRate = 256 << 10
	// lively is how many changes within livelyTime make a tile of a film.
	lively     = 3
	livelyTime = 500 * time.Millisecond
	// calm is how many changes in a row look like text before a tile stops being one of a film, unless it has alike neighbours
	// that are: films have flat parts.
	calm  = 3
	alike = 2
	// askEach is how many changes of a tile of a film it is looked at once.
	askEach = 4
	// company is how many neighbours of a tile must have looked like photos lately to make it one of a film: letters and edges that
	// pass by may look so one by one.
	company = 2
	// restFast and restSlow are how long a tile does not change before it is repaid, on links faster and slower than fastRate,
	// in bytes a second.
	restFast = 120 * time.Millisecond
	restSlow = 400 * time.Millisecond
	fastRate = 200 << 10
	// areaTime is how long a stream keeps an area that has become far too large for it.
	areaTime = 2 * time.Second
)

// Link is what the planner has to know of the link.
type Link struct {
	Rate   int  // bytes a second that it carries; 0 for unknown
	Motion bool // both ends have a motion plane
}

func (l Link) rate() int {
	if l.Rate <= 0 {
		return unknownRate
	}
	return l.Rate
}

// room is how many bytes of photos go at once.
func (l Link) room() int { return int(float64(l.rate()) * moment.Seconds()) }

func (l Link) rest() time.Duration {
	if l.rate() >= fastRate {
		return restFast
	}
	return restSlow
}

// Planner plans one picture after the other, all of one size. One goroutine at a time uses it.
type Planner struct {
	cols, rows int
	size       image.Point
	tiles      []tile
	link       Link
	now        time.Time
	room       int   // bytes of photos that the frame at hand may still take
	named      []int // motion tiles that are being repaid, by their place
	area       image.Rectangle
	areaFrom   time.Time // when area was last about right
}

// tile is what is known of one tile.
type tile struct {
	at      [lively]time.Time // of the last changes, the newest first
	motion  bool              // the other end shows the motion plane here
	fresh   bool              // changed since the last motion frame
	photo   bool              // as it was when last looked at
	calm    int               // changes in a row that looked like text
	unasked int               // changes since it was looked at
}

// New returns a planner for pictures of this size in pixels, for an other end that has everything exactly.
func New(size image.Point) *Planner {
	cols, rows := (size.X+frame.Tile-1)/frame.Tile, (size.Y+frame.Tile-1)/frame.Tile
	return &Planner{cols: cols, rows: rows, size: size, tiles: make([]tile, cols*rows)}
}

// Begin takes note of a new picture, in which dirty changed, in pixels, and returns what of it the exact plane is to
// look at: what changed outside motion, and what is repaid. For each tile that is to be sent exactly, the plane
// asks Hold. photo says whether a tile looks like a photo. Without changes, dirty is empty: then only debts are repaid.
func (p *Planner) Begin(now time.Time, link Link, dirty []image.Rectangle, photo func(image.Rectangle) bool) []image.Rectangle {
	p.now, p.link, p.room = now, link, link.room()
	look := make([]bool, len(p.tiles))
	for _, r := range dirty {
		p.each(r, func(i int) {
			if t := &p.tiles[i]; !look[i] && !t.changed(now) && t.motion {
				t.fresh = true
				if t.asks() {
					t.see(photo(p.pixels(i)))
				}
			}
			look[i] = true
		})
	}
	for i := range p.tiles {
		look[i] = look[i] && (!p.tiles[i].motion || slices.Contains(p.named, i))
	}
	for _, i := range p.due() {
		look[i] = true
		p.named = append(p.named, i)
	}
	return p.rects(func(i int) bool { return look[i] }, true)
}

// changed notes a change, and reports whether it was noted already.
func (t *tile) changed(now time.Time) bool {
	if t.at[0].Equal(now) {
		return true
	}
	copy(t.at[1:], t.at[:])
	t.at[0] = now
	return false
}

// asks reports whether it is time to look at a tile in motion again: one of a film seldom becomes text from one picture to the next.
func (t *tile) asks() bool {
	t.unasked++
	return !t.photo || t.unasked >= askEach
}

// see notes what a tile in motion looks like now.
func (t *tile) see(photo bool) {
	t.unasked = 0
	if t.photo = photo; photo {
		t.calm = 0
	} else {
		t.calm++
	}
}

// due returns the tiles to repay now, no more than there is room for.
func (p *Planner) due() []int {
	var list []int
	for i := range p.tiles {
		if p.tiles[i].motion && !slices.Contains(p.named, i) && (!p.link.Motion || p.resting(i) || p.isText(i)) {
			list = append(list, i)
		}
	}
	slices.SortStableFunc(list, func(a, b int) int {
		x, y := &p.tiles[a], &p.tiles[b]
		if x.photo != y.photo {
			return cmp.Compare(asInt(x.photo), asInt(y.photo))
		}
		return x.at[0].Compare(y.at[0])
	})
	room, n := p.room, 0
	for _, i := range list {
		if room -= p.cost(i); room < 0 && n > 0 { // one at least
			break
		}
		n++
	}
	return list[:n]
}

func asInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (p *Planner) cost(i int) int {
	if p.tiles[i].photo {
		return photoBytes
	}
	return textBytes
}

func (p *Planner) resting(i int) bool {
	return p.now.Sub(p.tiles[i].at[0]) >= p.link.rest()
}

// isText reports whether a tile in motion has stopped looking like a part of a film.
func (p *Planner) isText(i int) bool {
	return p.tiles[i].calm >= calm && p.alike(i) < alike
}

// alike counts a tile's neighbours in motion that look like a film's.
func (p *Planner) alike(i int) int {
	return p.beside(i, func(t *tile) bool { return t.motion && t.photo })
}

// photos counts a tile's neighbours that have looked like photos lately.
func (p *Planner) photos(i int) int {
	return p.beside(i, func(t *tile) bool { return t.photo && p.now.Sub(t.at[0]) <= livelyTime })
}

// beside counts a tile's neighbours, of eight, that are so.
func (p *Planner) beside(i int, so func(*tile) bool) int {
	n := 0
	x0, y0 := i%p.cols, i/p.cols
	for y := max(y0-1, 0); y <= min(y0+1, p.rows-1); y++ {
		for x := max(x0-1, 0); x <= min(x0+1, p.cols-1); x++ {
			if j := y*p.cols + x; j != i && so(&p.tiles[j]) {
				n++
			}
		}
	}
	return n
}

// Hold is asked for a tile, by any of its pixels, that the exact plane is about to send, and reports whether it must not:
// then the tile goes by motion, and is owed.
func (p *Planner) Hold(at image.Point, photo bool) bool {
	i := at.Y/frame.Tile*p.cols + at.X/frame.Tile
	if i < 0 || i >= len(p.tiles) || !p.link.Motion {
		return false
	}
	t := &p.tiles[i]
	if slices.Contains(p.named, i) { // a debt; due has seen to the room
		return false
	}
	film := !t.at[lively-1].IsZero() && p.now.Sub(t.at[lively-1]) <= livelyTime
	hold := false
	t.photo = photo
	if photo {
		p.room -= photoBytes
		hold = film && p.photos(i) >= company || p.room < 0
	} else {
		hold = film && p.alike(i) >= alike
	}
	if hold {
		t.motion, t.fresh, t.calm, t.unasked = true, true, 0, 0
	}
	return hold
}

// Repaid asks which of the tiles that Begin named the exact plane still owes, in pixels, and returns those that it does not, as
// rectangles of tiles: the other end is to show them exactly again.
func (p *Planner) Repaid(owes func(image.Rectangle) bool) []image.Rectangle {
	back := map[int]bool{}
	rest := p.named[:0]
	for _, i := range p.named {
		if owes(p.pixels(i)) {
			rest = append(rest, i)
			continue
		}
		back[i] = true
		p.tiles[i] = tile{at: p.tiles[i].at}
	}
	p.named = rest
	return p.rects(func(i int) bool { return back[i] }, false)
}

// Motion returns the tiles that the next motion frame is to paint, as rectangles of tiles, and the area of the stream that it
// belongs to, in pixels. When the area is another than before, a new stream begins, which must paint all tiles in motion: all
// says so. Nothing to paint is no tiles. It takes for granted that the frame is sent.
func (p *Planner) Motion() (tiles []image.Rectangle, area image.Rectangle, all bool) {
	for _, i := range p.named { // the exact plane has them now
		p.tiles[i].fresh = false
	}
	some := false
	for i := range p.tiles {
		some = some || p.tiles[i].motion && p.tiles[i].fresh
	}
	if !some {
		return nil, p.area, false
	}
	before := p.area
	p.fit()
	all = p.area != before
	tiles = p.rects(func(i int) bool { t := &p.tiles[i]; return t.motion && (t.fresh || all) }, false)
	for i := range p.tiles {
		p.tiles[i].fresh = false
	}
	return tiles, p.area, all
}

// Restart makes the next motion frame the first of a new stream, painting everything in motion.
func (p *Planner) Restart() {
	p.area = image.Rectangle{}
	p.Refresh()
}

// Refresh makes the next motion frame paint everything in motion.
func (p *Planner) Refresh() {
	for i := range p.tiles {
		p.tiles[i].fresh = p.tiles[i].motion
	}
}

// fit makes the area hold all tiles in motion, and not be far too large for long.
func (p *Planner) fit() {
	var need image.Rectangle
	for i := range p.tiles {
		if p.tiles[i].motion {
			need = need.Union(p.pixels(i))
		}
	}
	const far = 4
	small := need.Dx()*need.Dy()*far < p.area.Dx()*p.area.Dy()
	if !small {
		p.areaFrom = p.now
	}
	switch {
	case !need.In(p.area) && p.area.Overlaps(need):
		p.area = p.area.Union(need)
		p.areaFrom = p.now
	case !need.In(p.area), small && p.now.Sub(p.areaFrom) > areaTime:
		p.area, p.areaFrom = need, p.now
	}
}

// Wait returns how long after now nothing will have to be done unless the picture changes. It is false if nothing is owed but what the
// exact plane knows of.
func (p *Planner) Wait(now time.Time) (time.Duration, bool) {
	next, some := time.Duration(0), false
	for i := range p.tiles {
		if t := &p.tiles[i]; t.motion && !slices.Contains(p.named, i) {
			left := max(t.at[0].Add(p.link.rest()).Sub(now), 0)
			if !some || left < next {
				next, some = left, true
			}
		}
	}
	return next, some
}

// Photos reports whether most of what is in motion looks like photos.
func (p *Planner) Photos() bool {
	n, photos := 0, 0
	for i := range p.tiles {
		if t := &p.tiles[i]; t.motion {
			n++
			if t.photo {
				photos++
			}
		}
	}
	return photos*4 > n*3
}

// InMotion returns how many tiles the other end shows from the motion plane.
func (p *Planner) InMotion() int {
	n := 0
	for i := range p.tiles {
		if p.tiles[i].motion {
			n++
		}
	}
	return n
}
