package diag

import (
	"slices"
	"strings"

	"assist/signaling/dial"
)

// order is that of the steps in a report.
var order = []Kind{Settings, Addresses, Names, Family, ToService, Page, Clock, Hello, ToRelay}

// judge says what it all comes to.
func (r *run) judge() {
	slices.SortStableFunc(r.report.Steps, func(a, b Step) int { return slices.Index(order, a.Kind) - slices.Index(order, b.Kind) })
	if i := slices.IndexFunc(r.ways, func(t tried) bool { return t.Err == nil }); i >= 0 {
		r.report.Way = clean(r.ways[i].Way.String())
	}
	relayed := slices.ContainsFunc(r.relays, func(t tried) bool { return t.Err == nil })
	switch {
	case !r.got.Load():
		r.report.Fault = r.unreached()
	case !r.greeted:
		r.report.Fault = r.helloed
	case !relayed:
		r.report.Fault = r.unrelayed()
	default:
		r.report.Works = true
	}
	r.report.Notes = r.notes()
	for _, s := range r.report.Steps {
		if s.Fault == r.report.Fault && s.Fault != None && s.Detail != "" {
			r.report.Detail = s.Detail
			break
		}
	}
}

// unreached is why no way leads to the service.
func (r *run) unreached() Fault {
	var failed dial.Error
	for _, t := range r.ways {
		failed.Attempts = append(failed.Attempts, t.Attempt)
	}
	fault := OfError(&failed)
	if r.offline {
		return NoNetwork
	}
	switch fault {
	case NameUnknown, PortsBlocked, NoRoute, Unreachable:
		if r.names != None { // a resolver that says nothing looks like a network that does
			return r.names
		}
	case WrongHost, Untrusted, OtherAnswers, TLSBroken:
		if r.portals { // a guest network's own page, shown for every name
			return Captive
		}
	case Inspected, PortsRefused, Cut:
		if r.pageAway {
			return Captive
		}
	}
	if fault == PortsBlocked && r.pageAway {
		return Captive
	}
	return fault
}

// unrelayed is why no relay can be used.
func (r *run) unrelayed() Fault {
	for _, f := range []Fault{RelayLogin, RelayFull, RelayNonsense} {
		if slices.ContainsFunc(r.relays, func(t tried) bool { return t.fault == f }) {
			return f
		}
	}
	return RelayUnreachable
}

// notes are what else is wrong.
func (r *run) notes() []Fault {
	var list []Fault
	add := func(f Fault) {
		if f != None && f != r.report.Fault && !slices.Contains(list, f) {
			list = append(list, f)
		}
	}
	for _, s := range r.report.Steps {
		switch s.Kind {
		case ToService, ToRelay, Page: // summed up below
		case Names:
			if !r.got.Load() { // behind a proxy, names need not be known here
				add(s.Fault)
			}
		default:
			add(s.Fault)
		}
	}
	for _, t := range r.ways {
		if t.Way.Proxy.Kind != dial.Direct || r.got.Load() && tells(t.fault) {
			add(t.fault)
		}
	}
	if r.got.Load() && r.direct() && r.partly() {
		add(PortsPartly)
	}
	r.relayNotes(add)
	return list
}

// tells reports whether a fault of the direct way says something even where another way works.
func tells(f Fault) bool {
	switch f {
	case Inspected, Captive, WrongHost, Untrusted, OtherAnswers, Expired, ClockWrong, TLSBroken:
		return true
	}
	return false
}

// direct reports whether a way without a proxy leads to the service. Where none does, that no port answers is what the
// proxy is there for.
func (r *run) direct() bool {
	return slices.ContainsFunc(r.ways, func(t tried) bool { return t.Err == nil && t.Way.Proxy.Kind == dial.Direct })
}

func (r *run) partly() bool {
	return slices.ContainsFunc(r.ways, func(t tried) bool {
		return t.Way.Proxy.Kind == dial.Direct && slices.Contains([]Fault{PortsBlocked, PortsRefused, NoRoute, Cut}, t.fault)
	})
}

// relayNotes adds what is wrong with some of the relays, or some of the ways to them.
func (r *run) relayNotes(add func(Fault)) {
	type state struct{ udp, udpWorks, works bool }
	relays := map[string]*state{}
	for _, t := range r.relays {
		name := relayName(*t.relay)
		s := relays[name]
		if s == nil {
			s = &state{}
			relays[name] = s
		}
		udp := t.Way.Carry == dial.TURNUDP
		s.udp = s.udp || udp
		s.works = s.works || t.Err == nil
		s.udpWorks = s.udpWorks || udp && t.Err == nil
	}
	any, udp, udpWorks, dead := false, false, false, false
	for _, s := range relays {
		any, udp, udpWorks, dead = any || s.works, udp || s.udp, udpWorks || s.udpWorks, dead || !s.works
	}
	if any && udp && !udpWorks && r.direct() { // no proxy passes UDP on
		add(UDPBlocked)
	}
	if any && dead {
		add(RelayPartly)
	}
}

// scrub takes out of the report what must not be in it, should an error have repeated it.
func (r *run) scrub() {
	const shortest = 4 // shorter ones would take apart words that have nothing to do with them
	for _, secret := range r.secrets {
		if len(secret) < shortest {
			continue
		}
		for i := range r.report.Steps {
			s := &r.report.Steps[i]
			s.What, s.Detail = strings.ReplaceAll(s.What, secret, "[…]"), strings.ReplaceAll(s.Detail, secret, "[…]")
		}
		r.report.Detail = strings.ReplaceAll(r.report.Detail, secret, "[…]")
	}
}

// maxText is the longest text in a report that somebody else may have written, in bytes.
const maxText = 300

// clean makes text fit for a report: printable, in one line, not long, and without the login of an address in it.
func clean(s string) string {
	s = strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f || c >= 0x80 && c < 0xa0 || c == 0x2028 || c == 0x2029 || c >= 0x202a && c <= 0x202e || c >= 0x2066 && c <= 0x2069 {
			return ' '
		}
		return c
	}, strings.ToValidUTF8(s, "?"))
	for from := 0; ; {
		i := strings.Index(s[from:], "://")
		if i < 0 {
			break
		}
		from += i + len("://")
		end := len(s)
		if j := strings.IndexAny(s[from:], "/ \"'"); j >= 0 {
			end = from + j
		}
		if at := strings.LastIndexByte(s[from:end], '@'); at >= 0 {
			s = s[:from] + s[from+at+1:]
		}
	}
	if len(s) > maxText {
		s = strings.ToValidUTF8(s[:maxText], "") + "…"
	}
	return s
}
