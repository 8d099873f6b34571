package diag

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"assist/signaling"
	"assist/signaling/dial"
	"assist/signaling/dial/system"
)

// run is the making of one report.
type run struct {
	cfg     Config
	host    string
	port    string // "": the usual ones
	report  *Report
	secrets []string // that must not be in the report

	got      atomic.Bool // a way leads to the service
	found    []dial.Found
	ways     []tried // to the service
	relays   []tried
	packets  []tried // ways by UDP, where nothing else answers
	greeted  bool
	helloed  Fault
	names    Fault
	offline  bool
	page     *Step
	portals  bool // a page that is not ours was served
	pageAway bool // and it leads somewhere else

	mu sync.Mutex // of the report's steps
}

// tried is a way, and the relay it leads to if it does, and how it ended.
type tried struct {
	dial.Attempt
	relay *signaling.Relay
	fault Fault
}

// split takes a service apart.
func split(service string) (host, port string) {
	if h, p, err := net.SplitHostPort(service); err == nil {
		return h, p
	}
	return strings.Trim(service, "[]"), ""
}

// all takes every step. Names are asked for while ways are tried, and where those hang, so is what else may say why.
func (r *run) all(ctx context.Context) {
	r.cfg.Told(Settings)
	within, cancel := context.WithTimeout(ctx, lookupTime)
	ways := r.cfg.Network.Ways(within) // looks for proxies
	cancel()
	r.settings()
	r.ownAddresses()
	var aside sync.WaitGroup
	tried := make(chan struct{})
	aside.Go(func() { r.lookUp(ctx) })
	aside.Go(func() { r.otherwise(ctx, ways, tried) })
	r.toService(ctx, ways)
	close(tried)
	aside.Wait()
	if r.got.Load() {
		r.clock(ctx)
		relays, bye := r.hello(ctx)
		defer bye()
		r.toRelays(ctx, ways, relays)
		return
	}
	if r.page != nil {
		r.add(*r.page)
	}
	r.relays = r.packets
	r.noteTries(ToRelay, r.relays)
}

// otherwise looks at what may say why no way leads to the service, once that is likely: who answers in plain HTTP, and
// where the ways hang, whether UDP gets through.
func (r *run) otherwise(ctx context.Context, ways []dial.Way, tried <-chan struct{}) {
	var both sync.WaitGroup
	defer both.Wait()
	select {
	case <-tried:
	case <-time.After(hangTime):
		both.Go(func() { r.byPackets(ctx, ways) })
	}
	if !r.got.Load() {
		r.lookAtPage(ctx)
	}
}

// byPackets asks the service's own relay over UDP.
func (r *run) byPackets(ctx context.Context, ways []dial.Way) {
	for _, w := range ways {
		if w.Carry == dial.TURNUDP {
			r.packets = append(r.packets, tried{Attempt: dial.Attempt{Way: w}, relay: &signaling.Relay{}})
		}
	}
	r.try(ctx, r.packets)
}

// note adds a step that began then and ends now.
func (r *run) note(k Kind, what string, began time.Time, f Fault, detail string) {
	r.add(Step{Kind: k, What: what, Took: time.Since(began), Fault: f, Detail: detail})
}

func (r *run) add(s Step) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.report.Steps = append(r.report.Steps, s)
}

// settings notes who names a proxy.
func (r *run) settings() {
	began := time.Now()
	r.found = r.cfg.Network.Found()
	for _, f := range r.found {
		what := string(f.Source)
		if where := place(f.Where); where != "" {
			what += " (" + where + ")"
		}
		var list []string
		for _, p := range f.Proxies {
			list = append(list, p.String())
			r.secrets = append(r.secrets, p.User, string(p.Password))
		}
		detail, fault := strings.Join(list, ", "), settingFault(f)
		if f.Err != nil {
			detail = clean(f.Err.Error())
		}
		r.note(Settings, what, began, fault, detail)
	}
	if len(r.found) == 0 {
		r.note(Settings, "no proxy is named", began, None, "")
	}
}

// settingFault is what is wrong with what one source says.
func settingFault(f dial.Found) Fault {
	switch {
	case f.Err == nil, errors.Is(f.Err, system.ErrUnneeded):
		return None
	case errors.Is(f.Err, system.ErrFetch), errors.Is(f.Err, system.ErrScriptAddress):
		if f.Source == dial.WPAD {
			return None // nobody has said that there is one
		}
		return ScriptMissing
	case f.Source == dial.PAC, f.Source == dial.WPAD:
		return ScriptBroken
	}
	return ProxySetting
}

// place is where a setting was found, without what a person would not want to pass on: of addresses the host, of files
// the name.
func place(where string) string {
	if scheme, rest, ok := strings.Cut(where, "://"); ok {
		host, _, _ := strings.Cut(rest, "/")
		if i := strings.LastIndexByte(host, '@'); i >= 0 {
			host = host[i+1:]
		}
		return clean(scheme + "://" + host)
	}
	return clean(path.Base(filepath.ToSlash(where)))
}

// toService tries every way to the service.
func (r *run) toService(ctx context.Context, ways []dial.Way) {
	r.cfg.Told(ToService)
	var list []tried
	for _, w := range ways {
		if w.Carry == dial.Signaling && len(list) < maxWays {
			list = append(list, tried{Attempt: dial.Attempt{Way: w}})
		}
	}
	r.try(ctx, list)
	r.ways = list
	r.noteTries(ToService, list)
}

// toRelays tries every way to every relay. Where the service has named none, its own is asked whether it is there.
func (r *run) toRelays(ctx context.Context, ways []dial.Way, relays []signaling.Relay) {
	r.cfg.Told(ToRelay)
	var list []tried
	add := func(w dial.Way, relay *signaling.Relay) {
		if w.Carry != dial.Signaling && len(list) < maxWays {
			list = append(list, tried{Attempt: dial.Attempt{Way: w}, relay: relay})
		}
	}
	for i := range relays[:min(len(relays), maxRelays)] {
		r.secrets = append(r.secrets, relays[i].Username, relays[i].Credential)
		for _, w := range r.cfg.Network.RelayWays(ctx, relays[i]) {
			add(w, &relays[i])
		}
	}
	if len(relays) == 0 {
		for _, w := range ways {
			add(w, &signaling.Relay{})
		}
	}
	r.try(ctx, list)
	r.relays = list
	r.noteTries(ToRelay, list)
}

// noteTries adds the steps of ways.
func (r *run) noteTries(k Kind, list []tried) {
	for _, t := range list {
		relay := ""
		if t.relay != nil {
			relay = relayName(*t.relay)
		}
		r.noteTry(k, t, relay)
	}
}

// relayName is what a relay is called in a report.
func relayName(relay signaling.Relay) string {
	_, address, ok := strings.Cut(relay.URL, ":")
	if !ok {
		return ""
	}
	address, _, _ = strings.Cut(address, "?")
	host, _ := split(address)
	return clean(host)
}

// noteTry adds the step of a way.
func (r *run) noteTry(k Kind, t tried, relay string) {
	what := t.Way.String()
	if k == ToRelay && !strings.Contains(what, t.Way.Carry.String()) {
		what = t.Way.Carry.String() + ", " + what
	}
	if relay != "" {
		what = relay + ": " + what
	}
	detail := ""
	if t.Err != nil {
		detail = clean(t.Err.Error())
	}
	r.add(Step{Kind: k, What: clean(what), Took: t.Took, Fault: t.fault, Detail: detail})
}

// try tries ways, a few at the same time.
func (r *run) try(ctx context.Context, list []tried) {
	var wg sync.WaitGroup
	places := make(chan struct{}, atOnce)
	for i := range list {
		places <- struct{}{}
		wg.Go(func() {
			defer func() { <-places }()
			way := list[i].Way
			within, cancel := context.WithTimeout(ctx, r.limit(way))
			defer cancel()
			if list[i].relay != nil {
				list[i].Attempt = r.cfg.Network.TryRelay(within, way, *list[i].relay)
			} else {
				list[i].Attempt = r.cfg.Network.Try(within, way)
				if list[i].Err == nil {
					r.got.Store(true)
				}
			}
			list[i].Way = way
			list[i].fault = Of(list[i].Attempt)
			if list[i].Err != nil && list[i].fault == None { // given up with the report
				list[i].fault = Of(dial.Attempt{Way: way, Err: dial.ErrTimeout})
			}
		})
	}
	wg.Wait()
}

// limit is how long a way may take.
func (r *run) limit(w dial.Way) time.Duration {
	switch {
	case w.Proxy.Kind != dial.Direct && r.cfg.Patient:
		return askTime
	case w.Carry == dial.TURNUDP:
		return udpTime
	}
	blocked := func(t tried) bool {
		return t.fault == PortsBlocked && t.Way.Port == w.Port && t.Way.Proxy.Kind == dial.Direct && w.Proxy.Kind == dial.Direct
	}
	if slices.ContainsFunc(r.ways, blocked) { // it will not be another story for the relay
		return againTime
	}
	return tryTime
}

// reached reports whether a way leads to the service.
func (r *run) reached() bool {
	return slices.ContainsFunc(r.ways, func(t tried) bool { return t.Err == nil })
}

// hello asks the service itself, for its relays too.
func (r *run) hello(ctx context.Context) (relays []signaling.Relay, bye func()) {
	r.cfg.Told(Hello)
	began := time.Now()
	within, cancel := context.WithTimeout(ctx, helloTime)
	defer cancel()
	relays, bye, err := r.cfg.greet(within)
	r.helloed, r.greeted = ofHello(err), err == nil
	detail := ""
	if err != nil {
		detail = clean(err.Error())
	} else {
		detail = fmt.Sprintf("%d relay addresses", len(relays))
	}
	r.note(Hello, "service", began, r.helloed, detail)
	return relays, bye
}
