package dial

import (
	"context"
	"net"
	"strconv"
	"sync"
	"time"

	"assist/signaling"
	"assist/signaling/dial/stun"
)

const (
	// measureTime is how long relays are waited for.
	measureTime = time.Second
	// measureLife is how long a measurement is believed.
	measureLife = 5 * time.Minute
)

// measured is how far a relay was, and when.
type measured struct {
	took time.Duration // 0: it did not answer
	at   time.Time
}

// Measure returns how far away each relay is, for the service to choose by: 0 if it does not answer within a second. It
// sends about 100 bytes to each, and nothing to those that were measured within five minutes. Nil: there is nothing to
// choose, or the line is so slow that it is not worth the bytes.
func (d *Dialer) Measure(ctx context.Context, list []signaling.Relay) []signaling.RoundTrip {
	targets, err := relayTargets(list)
	d.mu.Lock()
	slow := d.bestTook > slowLine
	d.mu.Unlock()
	if err != nil || len(targets) < 2 || slow {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, measureTime)
	defer cancel()
	out := make([]signaling.RoundTrip, len(targets))
	var wg sync.WaitGroup
	for i, t := range targets {
		out[i].Name = t.name
		wg.Go(func() { out[i].Took = d.distance(ctx, t) })
	}
	wg.Wait()
	return out
}

// distance measures one relay, unless that was done not long ago.
func (d *Dialer) distance(ctx context.Context, t target) time.Duration {
	d.mu.Lock()
	known, ok := d.far[t.key]
	d.mu.Unlock()
	if ok && time.Since(known.at) < measureLife {
		return known.took
	}
	took := d.packetDistance(ctx, t)
	if took == 0 {
		took = d.streamDistance(ctx, t)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	const most = 64
	if len(d.far) >= most {
		clear(d.far)
	}
	d.far[t.key] = measured{took, time.Now()}
	return took
}

// packetDistance asks over UDP, half of the time there is.
func (d *Dialer) packetDistance(ctx context.Context, t target) time.Duration {
	ports := t.packets()
	if len(ports) == 0 || d.cfg.NoUDP {
		return 0
	}
	c, err := d.openPackets(ctx, t.host, ports)
	if err != nil {
		return 0
	}
	defer c.Close()
	stop := context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	end := time.Now().Add(measureTime / 2)
	for time.Now().Before(end) {
		id, asked := stun.NewID(), time.Now() // a new one each time: a late answer is not taken for a quick one
		if _, err := c.Write(stun.Allocate(id, nil)); err != nil {
			return 0
		}
		if c.SetReadDeadline(asked.Add(resend)) != nil {
			return 0
		}
		if _, err := (talk{c, true}).read(id); err == nil {
			return max(time.Since(asked), 1)
		}
	}
	return 0
}

// streamDistance makes a TCP connection, where that goes to the relay and not to a proxy.
func (d *Dialer) streamDistance(ctx context.Context, t target) time.Duration {
	l := t.streams()
	best := d.winner()
	if len(l) == 0 || d.fixed != nil || best != nil && best.Proxy.Kind != Direct {
		return 0
	}
	port := l[0].port
	if best != nil && l.has(step{l[0].carry, best.Port}) {
		port = best.Port
	}
	began := time.Now()
	c, err := d.tcp(ctx, "tcp", net.JoinHostPort(t.host, strconv.Itoa(int(port))))
	if err != nil {
		return 0
	}
	_ = c.Close()
	return max(time.Since(began), 1)
}
