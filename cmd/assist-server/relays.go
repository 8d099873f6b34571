package main

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"assist/signaling"
	"assist/signaling/dial"
	"assist/signaling/relay"
)

// probePause is how often other relays are asked whether they are there, and probeTime how long they may take.
const (
	probePause = 20 * time.Second
	probeTime  = 5 * time.Second
)

// standIn is what relayed addresses carry where the service has no IPv4 address (RFC 7600: it is nobody's). They
// are numbers in this process only.
var standIn = netip.MustParseAddr("192.0.0.8")

// openRelay starts the relay that is part of the service, or all there is of a relay alone.
func openRelay(c config, certificate *tls.Config, secret []byte, log *slog.Logger) (*relay.Server, error) {
	public := c.publicIP.Unmap()
	if public.Is6() {
		public = standIn
	}
	return relay.New(relay.Config{
		Addr: c.Listen[0], Also: c.Listen[1:], PublicIP: public, Secret: secret, TLS: certificate,
		Peers: c.peers(), FirstPort: c.first, LastPort: c.last,
		MaxAllocations: c.Limits.Allocations, MaxConns: c.Limits.Connections, MaxPerAddress: c.Limits.PerAddress,
		MaxRate: c.Limits.Rate, MaxSessionRate: c.Limits.SessionRate, Log: log,
	})
}

// relays are the relays that apps are given.
type relays struct {
	own    *relay.Server
	name   string
	public netip.Addr
	others []*otherRelay // in the order in which they are offered
	log    *slog.Logger
}

// otherRelay is one that runs elsewhere.
type otherRelay struct {
	relayEntry
	secret []byte

	mu   sync.Mutex
	dead bool
}

func newRelays(c config, own *relay.Server, log *slog.Logger) (*relays, error) {
	r := &relays{own: own, name: c.RelayName, public: c.publicIP, log: log}
	for _, e := range c.Relays {
		if len(e.URLs) == 0 {
			continue
		}
		secret, err := readSecret(e.SecretFile)
		if err != nil {
			return nil, fmt.Errorf("relay %s: %w", e.Name, err)
		}
		r.others = append(r.others, &otherRelay{relayEntry: e, secret: secret})
	}
	near := func(o *otherRelay) int {
		if o.Region == c.Region {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(r.others, func(a, b *otherRelay) int { return near(a) - near(b) })
	return r, nil
}

// offer returns relays for an app that came under the name host, with credentials for id that end after life. An app that came
// by no plain name is given the public address. Relays that do not answer are left out.
func (r *relays) offer(host, id string, life time.Duration) []signaling.Relay {
	if host == "" {
		host = r.public.String()
	}
	name, password := r.own.Credentials(id, life)
	first := signaling.Relay{URL: r.own.URL(host), Username: name, Credential: password}
	if len(r.others) > 0 {
		first.Name = r.name
	}
	all := []signaling.Relay{first}
	given := 1
	for _, o := range r.others {
		if given == mostOffered {
			break
		}
		if !o.isDead() {
			all = append(all, o.entries(id, life)...)
			given++
		}
	}
	return all[:min(len(all), signaling.MaxRelays)]
}

func (o *otherRelay) entries(id string, life time.Duration) (list []signaling.Relay) {
	name, password := relay.Mint(o.secret, id, life)
	for _, u := range o.URLs {
		list = append(list, signaling.Relay{URL: u, Username: name, Credential: password, Name: o.Name})
	}
	return list
}

func (o *otherRelay) isDead() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.dead
}

// watch asks the others again and again whether they are there, until ctx ends.
func (r *relays) watch(ctx context.Context) {
	var wg sync.WaitGroup
	for _, o := range r.others {
		wg.Go(func() {
			for ctx.Err() == nil {
				r.note(o, o.answers(ctx), ctx)
				select {
				case <-ctx.Done():
				case <-time.After(probePause):
				}
			}
		})
	}
	wg.Wait()
}

func (r *relays) note(o *otherRelay, answers bool, ctx context.Context) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if ctx.Err() != nil || o.dead == !answers {
		return
	}
	o.dead = !answers
	if o.dead {
		r.log.Error("relay does not answer: it is not offered", "relay", o.Name)
	} else {
		r.log.Info("relay answers again", "relay", o.Name)
	}
}

// answers reports whether the relay is there: over one of its ways at least, it takes our credentials.
func (o *otherRelay) answers(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	for _, e := range o.entries("probe-"+rand.Text(), time.Minute) {
		if answers(ctx, e) {
			return true
		}
	}
	return false
}

func answers(ctx context.Context, e signaling.Relay) bool {
	_, at, _ := strings.Cut(e.URL, ":")
	at, _, _ = strings.Cut(at, "?")
	d, err := dial.New(dial.Config{Service: at}) // as if it were a service: wherever the configuration says
	if err != nil {
		return false
	}
	defer d.Close()
	for _, w := range d.RelayWays(ctx, e) {
		if d.TryRelay(ctx, w, e).Err == nil {
			return true
		}
	}
	return false
}
