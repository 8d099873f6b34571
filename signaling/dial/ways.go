package dial

import (
	"context"
	"net"
	"time"

	"assist/signaling"
)

// Ways returns every way that is worth a try, in the order in which they are tried: all to the service, then all to the
// relay that is part of it. It looks for proxies, and tries nothing.
func (d *Dialer) Ways(ctx context.Context) []Way {
	list := d.waysTo(ctx, goal{network: "tcp", host: d.host, steps: portSteps(d.ports...), service: true, local: loopback(d.host)})
	return append(list, d.RelayWays(ctx, signaling.Relay{})...)
}

// RelayWays is the same for one relay that the service has named. Of a URL that cannot be read there are none.
func (d *Dialer) RelayWays(ctx context.Context, relay signaling.Relay) []Way {
	t, err := d.targetOf(relay)
	if err != nil {
		return nil
	}
	var list []Way
	if !d.cfg.NoUDP {
		for _, p := range t.packets() {
			list = append(list, Way{Port: p, Carry: TURNUDP})
		}
	}
	if l := t.streams(); len(l) > 0 {
		list = append(list, d.waysTo(ctx, t.goal(l))...)
	}
	return list
}

// waysTo returns what a race would try.
func (d *Dialer) waysTo(ctx context.Context, g goal) []Way {
	r := d.newRace(g, nil)
	if !g.local && d.fixed == nil && d.cfg.Proxies != nil {
		r.addProxies(d.find(ctx, g))
	}
	return r.queue
}

// Try makes one connection to the service along w alone, proves that it is the service, and closes it. The result is
// one of Attempts, too.
func (d *Dialer) Try(ctx context.Context, w Way) Attempt {
	if w.Carry != Signaling {
		return Attempt{Way: w, When: time.Now(), Err: fault(ErrConnect, ErrAddress)}
	}
	g := goal{network: "tcp", host: d.host, steps: portSteps(w.Port), service: true, local: loopback(d.host), only: &w}
	return d.one(ctx, g, d.prove, true)
}

// TryRelay asks a relay for an address along w alone, gives it back and closes the connection. Without a user name it
// only asks whether there is a relay, which may say no. A relay without a URL is the one that is part of the service.
func (d *Dialer) TryRelay(ctx context.Context, w Way, relay signaling.Relay) Attempt {
	t, err := d.targetOf(relay)
	if err != nil || w.Carry == Signaling {
		return Attempt{Way: w, When: time.Now(), Err: fault(ErrConnect, ErrAddress)}
	}
	g := t.goal(steps{{w.Carry, w.Port}})
	g.only = &w
	try := d.relayTry
	if t.username != "" {
		try = func(ctx context.Context, r *race, w Way, alive func(time.Duration)) (net.Conn, error) {
			return d.relayTalk(ctx, r, w, alive, func(c talk) error { return c.allocate(t.username, string(t.password)) })
		}
	}
	return d.one(ctx, g, try, false)
}

// one races the only way there is.
func (d *Dialer) one(ctx context.Context, g goal, try attempt, proof bool) Attempt {
	began := time.Now()
	c, w, err := d.race(ctx, g, try, proof)
	if err == nil {
		a := Attempt{Way: w, When: began, Took: time.Since(began)}
		_ = c.Close()
		return a
	}
	if e, ok := err.(*Error); ok && len(e.Attempts) == 1 {
		return e.Attempts[0]
	}
	return Attempt{Way: *g.only, When: began, Took: time.Since(began), Err: fault(ErrTimeout, err)}
}
