package rate

import "time"

// A link is slow below slowRate, and no longer above fastRate, in bytes a second: a page of text that changes takes
// about a second then. One or the other must hold for a while before it counts.
const (
	slowRate = 32_000
	fastRate = 48_000
	slowTime = 2 * time.Second
	fastTime = 4 * time.Second
)

// pace remembers whether the link is slow.
type pace struct {
	slow  bool
	since time.Time // since when the opposite holds; zero if it does not
}

// look looks at the link's rate now.
func (p *pace) look(c *Controller, now time.Time) bool {
	r, after := c.rate(now), slowTime
	other := r > 0 && r < slowRate && c.link.known >= enough
	if p.slow {
		other, after = r > fastRate, fastTime
	}
	switch {
	case !other:
		p.since = time.Time{}
	case p.since.IsZero():
		p.since = now
	case now.Sub(p.since) >= after:
		p.slow, p.since = !p.slow, time.Time{}
	}
	return p.slow
}
