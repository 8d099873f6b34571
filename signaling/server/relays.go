package server

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"assist/signaling"
)

// unanswered is how far away a relay counts that an app did not reach: behind every other, but not out of the question, as a
// measurement may have been lost.
const unanswered = 10 * time.Second

// distances is how far relays are from one app, by their names.
type distances map[string]time.Duration

func distancesOf(list []signaling.RoundTrip) distances {
	d := make(distances, len(list))
	for _, r := range list {
		d[r.Name] = r.Took
		if r.Took == 0 {
			d[r.Name] = unanswered
		}
	}
	return d
}

func (d distances) roundTrips() []signaling.RoundTrip {
	var list []signaling.RoundTrip
	for name, took := range d {
		list = append(list, signaling.RoundTrip{Name: name, Took: took})
	}
	return list
}

// far is how far name is; what was not measured is neither near nor far.
func (d distances) far(name string) time.Duration {
	if took, ok := d[name]; ok {
		return took
	}
	return unanswered / 2
}

// sorted returns names with the smallest sum of both ends' distances first, but what does not answer own, the app that asks, is
// last. Of a nil end nothing is known.
func sorted(names []string, own, other distances) []string {
	sum := func(name string) (s time.Duration) {
		for _, d := range []distances{own, other} {
			if d != nil {
				s += d.far(name)
			}
		}
		if own != nil && own.far(name) >= unanswered {
			s += 2 * unanswered
		}
		return s
	}
	out := slices.Clone(names)
	slices.SortStableFunc(out, func(x, y string) int { return cmp.Compare(sum(x), sum(y)) })
	return out
}

// consoles is how far relays are from the engineers' apps of this node. A customer's app chooses its relay before anybody
// knows which engineer it will meet, so what counts is where they mostly are.
type consoles struct {
	mu  sync.Mutex
	all map[*conn]distances
}

func newConsoles() *consoles { return &consoles{all: map[*conn]distances{}} }

func (l *consoles) set(c *conn, d distances) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all[c] = d
}

func (l *consoles) forget(c *conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.all, c)
}

// mean returns the mean distances, nil if there are none.
func (l *consoles) mean() distances {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.all) == 0 {
		return nil
	}
	sum, count := distances{}, map[string]time.Duration{}
	for _, d := range l.all {
		for name, took := range d {
			sum[name] += took
			count[name]++
		}
	}
	for name := range sum {
		sum[name] /= count[name]
	}
	return sum
}

// relays returns relays with fresh credentials for this app, the nearest first if it has measured.
func (c *conn) relays() []signaling.Relay {
	list := c.s.Relays(c.host, c.credential, CredentialLife)
	if c.far == nil {
		return list
	}
	return signaling.Arrange(list, sorted(namesOf(list), c.far, c.other()))
}

// other is what is expected of the end that is not known yet.
func (c *conn) other() distances {
	if _, engineer := c.role.(*engineer); engineer {
		return nil
	}
	return c.s.consoles.mean()
}

// measured takes note of what an app has measured, and says which relay is to be used first.
func (c *conn) measured(m signaling.Measured) signaling.Order {
	c.far = distancesOf(m.Relays)
	if _, engineer := c.role.(*engineer); engineer {
		c.s.consoles.set(c, c.far)
	}
	var names []string
	for _, r := range m.Relays {
		if !slices.Contains(names, r.Name) {
			names = append(names, r.Name)
		}
	}
	order := sorted(names, c.far, c.other())
	if len(order) > 0 {
		c.first = order[0]
	}
	return signaling.Order{Names: order}
}

// relaysWith returns relays for a link with a customer's app: its own relay first, so that packets take no turn between two,
// unless that is out of this app's reach; then the smallest sum.
func (c *conn) relaysWith(first string, far distances) []signaling.Relay {
	list := c.s.Relays(c.host, c.credential, CredentialLife)
	if len(far) == 0 {
		far = nil
	}
	order := sorted(namesOf(list), c.far, far)
	if i := slices.Index(order, first); i >= 0 && (c.far == nil || c.far.far(first) < unanswered) {
		order = append([]string{first}, slices.Delete(order, i, i+1)...)
	}
	return signaling.Arrange(list, order)
}

func namesOf(list []signaling.Relay) (names []string) {
	for _, r := range list {
		if !slices.Contains(names, r.Name) {
			names = append(names, r.Name)
		}
	}
	return names
}

// endCredential makes the relay credentials of this connection worthless, and the allocations with them. What it is given from
// now on are others.
func (c *conn) endCredential() {
	if c.s.EndCredential != nil {
		c.s.EndCredential(c.credential)
	}
	c.credential = newID()
}
