package crowd

import (
	"container/heap"
	"container/list"
	"net/netip"
	"sync"
)

// Limits say how many places there are.
type Limits struct {
	// Most is how many there are in all. When they are taken, the site that has most of those that can be taken away loses the
	// oldest of its line that has most.
	Most int
	// PerLine is how many a line may have; a site may have twice as many. Beyond that a newcomer is refused, or, with Yield, the
	// oldest from the same line or site makes room.
	PerLine int
	Yield   bool
	// Reserve is how many of Most only those have who are known ([Crowd.Keep]).
	Reserve int
}

// Crowd is those who have a place. Its methods may be called from any goroutine.
type Crowd[T any] struct {
	limits Limits

	mu    sync.Mutex
	all   int
	open  int // of them: places that can be taken away
	count uint64
	sites map[netip.Prefix]*site[T]
	order bySize[T] // the sites with open places
}

// Place is one place. It is the crowd's; who holds it only names it.
type Place[T any] struct {
	Value T
	line  *line[T]
	at    *list.Element // in line.open; nil: it cannot be taken away
	since uint64
	out   bool
}

// site is those from one site; it is there while it has a place.
type site[T any] struct {
	prefix netip.Prefix
	all    int
	open   int
	lines  map[netip.Prefix]*line[T]
	index  int // in order, -1: not there
}

type line[T any] struct {
	site   *site[T]
	prefix netip.Prefix
	all    int
	open   *list.List // of *Place[T], the oldest first
}

// New returns an empty crowd.
func New[T any](l Limits) *Crowd[T] {
	return &Crowd[T]{limits: l, sites: map[netip.Prefix]*site[T]{}}
}

// Enter gives v, who comes from f, a place. Somebody may have lost his for it, out, who then is not in the crowd any more:
// the caller sends him away. p is nil if there is no place.
func (c *Crowd[T]) Enter(v T, f From) (p, out *Place[T]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p = c.add(v, f)
	l := p.line
	switch m := c.limits; {
	case l.all > m.PerLine && m.Yield:
		out = l.oldest()
	case l.site.all > siteTimes*m.PerLine && m.Yield:
		out = l.site.largest().oldest()
	case l.all > m.PerLine, l.site.all > siteTimes*m.PerLine:
		out = p
	case c.all > m.Most, c.open > m.Most-m.Reserve:
		out = c.order[0].largest().oldest() // there is one: p at least
	}
	if out == nil {
		return p, nil
	}
	c.remove(out)
	if out == p {
		return nil, nil
	}
	return p, out
}

// Keep makes p a place that nobody can take away any more. A p that was taken away stays so.
func (c *Crowd[T]) Keep(p *Place[T]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !p.out {
		c.close(p)
	}
}

// Leave gives a place back. It is idempotent.
func (c *Crowd[T]) Leave(p *Place[T]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !p.out {
		c.remove(p)
	}
}

// Len returns how many have a place.
func (c *Crowd[T]) Len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.all
}

func (c *Crowd[T]) add(v T, f From) *Place[T] {
	s := c.sites[f.Site]
	if s == nil {
		s = &site[T]{prefix: f.Site, lines: map[netip.Prefix]*line[T]{}, index: -1}
		c.sites[f.Site] = s
	}
	l := s.lines[f.Line]
	if l == nil {
		l = &line[T]{site: s, prefix: f.Line, open: list.New()}
		s.lines[f.Line] = l
	}
	c.count++
	p := &Place[T]{Value: v, line: l, since: c.count}
	p.at = l.open.PushBack(p)
	l.all, s.all, c.all = l.all+1, s.all+1, c.all+1
	s.open, c.open = s.open+1, c.open+1
	if s.index < 0 {
		heap.Push(&c.order, s)
	} else {
		heap.Fix(&c.order, s.index)
	}
	return p
}

// remove takes p out of everything.
func (c *Crowd[T]) remove(p *Place[T]) {
	c.close(p)
	p.out = true
	l, s := p.line, p.line.site
	l.all, s.all, c.all = l.all-1, s.all-1, c.all-1
	if l.all == 0 {
		delete(s.lines, l.prefix)
	}
	if s.all == 0 {
		delete(c.sites, s.prefix)
	}
}

// close takes p out of those that can be taken away.
func (c *Crowd[T]) close(p *Place[T]) {
	if p.at == nil {
		return
	}
	l, s := p.line, p.line.site
	l.open.Remove(p.at)
	p.at = nil
	s.open, c.open = s.open-1, c.open-1
	if s.open == 0 {
		heap.Remove(&c.order, s.index)
	} else {
		heap.Fix(&c.order, s.index)
	}
}

// oldest returns the oldest open place. There is one.
func (l *line[T]) oldest() *Place[T] { return l.open.Front().Value.(*Place[T]) }

// largest returns the line with most open places, of those with as many the one with the oldest. There is one.
func (s *site[T]) largest() (most *line[T]) {
	for _, l := range s.lines {
		if l.open.Len() == 0 {
			continue
		}
		if most == nil || l.open.Len() > most.open.Len() || l.open.Len() == most.open.Len() && l.oldest().since < most.oldest().since {
			most = l
		}
	}
	return most
}

// bySize has the site with most open places on top.
type bySize[T any] []*site[T]

func (b bySize[T]) Len() int { return len(b) }

// Less implements sort.Interface. Of sites with as many the one whose place is older comes first, as long as each has one: then
// that is what counts, and it is found at once.
func (b bySize[T]) Less(i, j int) bool {
	if b[i].open == 1 && b[j].open == 1 {
		return b[i].largest().oldest().since < b[j].largest().oldest().since
	}
	return b[i].open > b[j].open
}

func (b bySize[T]) Swap(i, j int) {
	b[i], b[j] = b[j], b[i]
	b[i].index, b[j].index = i, j
}

// Push implements heap.Interface.
func (b *bySize[T]) Push(x any) {
	s := x.(*site[T])
	s.index = len(*b)
	*b = append(*b, s)
}

// Pop implements heap.Interface.
func (b *bySize[T]) Pop() any {
	old := *b
	s := old[len(old)-1]
	old[len(old)-1] = nil
	s.index = -1
	*b = old[:len(old)-1]
	return s
}
