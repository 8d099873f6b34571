package dial

import (
	"context"
	"errors"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	// maxProxies is how many proxies are tried, whoever names more.
	maxProxies = 8
	// findTime is how long a Finder may take.
	findTime = 8 * time.Second
	// findLife is how long its findings are believed.
	findLife = time.Minute
)

// findings are what the Finder said, and when.
type findings struct {
	list []Found
	at   time.Time
}

// attempt makes a connection along a way. It calls alive when the first hop has answered, with the time that took.
type attempt func(ctx context.Context, r *race, w Way, alive func(time.Duration)) (net.Conn, error)

// race tries the ways to one goal.
type race struct {
	d     *Dialer
	goal  goal
	try   attempt
	proof bool   // who answers is the service
	id    uint64 // later races have larger ones
	queue []Way  // not begun
	pins  int    // ways at the head of the queue that are first whatever is found
	known bool   // one has worked before
	seen  []Way
	live  int           // begun and not ended
	usual time.Duration // what the way to the service took, 0 if that is not known

	ended chan outcome
	alive chan time.Duration
	wg    sync.WaitGroup

	mu    sync.Mutex
	tried []Attempt // and not won
}

// errOver ends the attempts of a race that is over.
var errOver = errors.New("race is over")

// outcome is how an attempt ended.
type outcome struct {
	Attempt
	conn net.Conn
}

// race returns the first connection to g that try makes. When it returns, every other attempt has ended.
func (d *Dialer) race(ctx context.Context, g goal, try attempt, proof bool) (net.Conn, Way, error) {
	r := d.newRace(g, try)
	r.proof = proof
	ctx, stop := context.WithCancelCause(ctx)
	won := r.run(ctx, r.look(ctx))
	stop(errOver)
	r.wg.Wait()
	if won.conn == nil {
		return nil, Way{}, &Error{Attempts: r.tried, ended: context.Cause(ctx)}
	}
	d.logins.unneeded()
	return won.conn, won.Way, nil
}

// newRace queues the ways that are known at once.
func (d *Dialer) newRace(g goal, try attempt) *race {
	d.mu.Lock()
	d.races++
	r := &race{d: d, goal: g, try: try, id: d.races, ended: make(chan outcome), alive: make(chan time.Duration)}
	pinned := d.pinned(g)
	if d.best != nil {
		r.usual = d.bestTook
	}
	d.mu.Unlock()
	if g.only != nil {
		r.add(*g.only)
		return r
	}
	for _, w := range pinned {
		if !g.local || w.Proxy.Kind == Direct || d.fixed != nil {
			r.add(w)
		}
	}
	r.pins = len(r.queue)
	r.known = r.pins > 0
	if d.fixed != nil {
		r.addProxies([]Found{{Source: FromUser, Proxies: []Proxy{Proxy(*d.fixed)}}})
	} else {
		r.addProxies([]Found{{Proxies: []Proxy{{}}}})
	}
	return r
}

// pinned returns the ways to begin with: what worked before. d.mu is locked.
func (d *Dialer) pinned(g goal) (list []Way) {
	if w, ok := d.carried[g.relay]; ok && g.relay != "" {
		list = append(list, w)
	}
	if d.best == nil {
		return list
	}
	// The proxy of the way to the service is the one to begin with, to whatever goal, and so is its port where there is
	// such a one. A relay's ways there come all before others: what is let through elsewhere is not known.
	seen := make(map[Carry]bool)
	for _, s := range g.steps {
		w := Way{Proxy: d.best.Proxy, Port: s.port, Source: d.best.Source, Carry: s.carry}
		if g.steps.has(step{s.carry, d.best.Port}) {
			w.Port = d.best.Port
		}
		if !seen[s.carry] {
			list = append(list, w)
		}
		seen[s.carry] = true
	}
	return list
}

// look asks the Finder, if there is sense in that. The way of the last time gets its head start first.
func (r *race) look(ctx context.Context) <-chan []Found {
	if r.goal.only != nil || r.goal.local || r.d.fixed != nil || r.d.cfg.Proxies == nil {
		return nil
	}
	found := make(chan []Found, 1)
	r.wg.Go(func() {
		if r.known {
			select {
			case <-ctx.Done():
			case <-time.After(headStart):
			}
		}
		found <- r.d.find(ctx, r.goal)
	})
	return found
}

// foundKey is what findings are kept by.
func foundKey(host string, port uint16) string {
	return net.JoinHostPort(strings.ToLower(host), strconv.Itoa(int(port)))
}

// find returns what the Finder says, now or not long ago.
func (d *Dialer) find(ctx context.Context, g goal) []Found {
	key := foundKey(g.host, g.steps[0].port)
	d.mu.Lock()
	known, ok := d.found[key]
	d.mu.Unlock()
	if ok && time.Since(known.at) < findLife {
		return known.list
	}
	within, cancel := context.WithTimeout(ctx, findTime)
	defer cancel()
	list := d.cfg.Proxies.Find(within, g.host, g.steps[0].port)
	for _, f := range list {
		d.cfg.Log.Info("proxy settings", "source", f.Source, "where", f.Where, "proxies", f.Proxies, "error", f.Err)
	}
	if ctx.Err() == nil {
		const most = 16 // goals: the service and its relays
		d.mu.Lock()
		defer d.mu.Unlock()
		if len(d.found) >= most {
			clear(d.found)
		}
		d.found[key] = findings{list, time.Now()}
	}
	return list
}

// add queues a way, once.
func (r *race) add(w Way) {
	same := func(o Way) bool {
		return o.Carry == w.Carry && o.Port == w.Port && o.Proxy.Kind == w.Proxy.Kind && o.Proxy.Addr == w.Proxy.Addr
	}
	if !slices.ContainsFunc(r.seen, same) {
		r.seen = append(r.seen, w)
		r.queue = append(r.queue, w)
	}
}

// addProxies queues the ways through proxies that were found: all proxies to the first port, then all to the next.
func (r *race) addProxies(list []Found) {
	for _, s := range r.goal.steps {
		count := 0
		for _, f := range list {
			for _, p := range f.Proxies {
				if count++; count <= maxProxies {
					r.add(Way{Proxy: p, Port: s.port, Source: f.Source, Carry: s.carry})
				}
			}
		}
	}
	// What was queued before stays before, port by port.
	rank := func(w Way) int { return slices.Index(r.goal.steps, step{w.Carry, w.Port}) }
	slices.SortStableFunc(r.queue[r.pins:], func(a, b Way) int { return rank(a) - rank(b) })
}

// run starts ways until one works, none is left or ctx ends. It returns nothing if none worked.
func (r *race) run(ctx context.Context, found <-chan []Found) outcome {
	due := time.Now() // when the next way may begin
	next := time.NewTimer(0)
	defer next.Stop()
	for r.live > 0 || len(r.queue) > 0 || found != nil {
		select {
		case <-ctx.Done():
			return outcome{}
		case list := <-found:
			found = nil
			r.addProxies(list)
		case <-next.C:
			if len(r.queue) == 0 {
				continue
			}
			r.start(ctx, r.queue[0])
			r.queue = r.queue[1:]
			due = time.Now().Add(r.lead(headStart))
		case took := <-r.alive: // worth waiting for
			due = time.Now().Add(r.lead(8 * took))
		case o := <-r.ended:
			r.live--
			if o.Err == nil {
				r.d.note(r, o.Attempt)
				return o
			}
			due = time.Now()
		}
		next.Reset(time.Until(due))
	}
	return outcome{}
}

// lead is how long a way goes alone that is thought to need so long. Where the way to the service was slow, others are: a second
// conversation beside the first would only hold it up.
func (r *race) lead(guess time.Duration) time.Duration {
	if r.usual > slowLine {
		guess = max(guess, r.usual*3/2)
	}
	return min(max(guess, headStart), maxStart)
}

// start begins an attempt. It ends by itself when ctx does.
func (r *race) start(ctx context.Context, w Way) {
	r.live++
	r.pins = max(r.pins-1, 0)
	r.wg.Go(func() {
		o := outcome{Attempt: Attempt{Way: w, When: time.Now()}}
		o.conn, o.Err = r.try(ctx, r, w, func(took time.Duration) {
			select {
			case r.alive <- took:
			case <-ctx.Done():
			}
		})
		o.Took = time.Since(o.When)
		if o.Err != nil {
			r.lost(ctx, o.Attempt)
		}
		select {
		case r.ended <- o:
		case <-ctx.Done():
			if o.Err == nil {
				_ = o.conn.Close()
				r.lost(ctx, o.Attempt)
			}
		}
	})
}

// lost notes an attempt that has failed, or has come too late.
func (r *race) lost(ctx context.Context, a Attempt) {
	switch why := context.Cause(ctx); {
	case why == nil:
	case errors.Is(why, context.DeadlineExceeded):
		a.Err = fault(ErrTimeout, why)
	default:
		a.Err = fault(ErrOvertaken, why)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tried = append(r.tried, a)
	r.d.note(r, a)
}
