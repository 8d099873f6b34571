package diag

import (
	"errors"
	"slices"
	"strings"

	"assist/signaling/client"
	"assist/signaling/dial"
)

// Fault is one known thing that can be wrong. It is an id: never translated, never reused, and that of the problem with
// the same text in app/problem.
type Fault string

// The faults, by where they are.
const (
	None Fault = ""

	// This computer and its network.
	NoNetwork   Fault = "no-network"   // it has no address
	NoResolver  Fault = "no-resolver"  // nobody answers for names
	NameUnknown Fault = "name-unknown" // the service's name is not known here
	ClockWrong  Fault = "clock-wrong"  // so that certificates seem out of date
	ClockOff    Fault = "clock-off"    // not enough to matter

	// On the way.
	PortsBlocked Fault = "ports-blocked" // no port answers
	PortsRefused Fault = "ports-refused" // every port says no
	PortsPartly  Fault = "ports-partly"  // some do not answer
	NoRoute      Fault = "no-route"      // the network says that it does not go there
	Cut          Fault = "connection-cut"
	Captive      Fault = "captive-portal"
	OtherAnswers Fault = "other-answers" // at the service's address, and not in TLS
	IPv4Broken   Fault = "ipv4-broken"
	IPv6Broken   Fault = "ipv6-broken"
	Slow         Fault = "network-slow"

	// TLS.
	Inspected        Fault = "tls-inspected"     // somebody forges certificates
	PrivateAuthority Fault = "private-authority" // no public one vouches for the service: perhaps the same
	Expired          Fault = "service-expired"   // its certificate
	Untrusted        Fault = "service-untrusted"
	WrongHost        Fault = "wrong-host" // a certificate for another name
	TLSBroken        Fault = "tls-broken"

	// The proxy.
	ProxyName       Fault = "proxy-name"   // is unknown
	ProxyClosed     Fault = "proxy-closed" // refuses the connection
	ProxySilent     Fault = "proxy-silent"
	ProxyNoRoute    Fault = "proxy-no-route"
	ProxyCut        Fault = "proxy-cut"
	ProxyForbids    Fault = "proxy-forbids"
	ProxyCannot     Fault = "proxy-cannot" // reach the service
	ProxyLogin      Fault = "proxy-login"  // wants one, and has none
	ProxyLoginWrong Fault = "proxy-login-wrong"
	ProxyTicket     Fault = "proxy-ticket"
	ProxyNonsense   Fault = "proxy-nonsense"
	ProxySetting    Fault = "proxy-setting" // cannot be read
	ScriptMissing   Fault = "script-missing"
	ScriptBroken    Fault = "script-broken"

	// The service.
	Unreachable      Fault = "service-unreachable" // for any other reason
	Full             Fault = "service-full"
	Version          Fault = "service-version"
	Broken           Fault = "service-fault"
	WebSocketBlocked Fault = "websocket-blocked"

	// Its relays.
	RelayUnreachable Fault = "relay-unreachable" // none answers
	RelayPartly      Fault = "relay-partly"      // one does not
	RelayLogin       Fault = "relay-login"
	RelayFull        Fault = "relay-full"
	RelayNonsense    Fault = "relay-nonsense"
	UDPBlocked       Fault = "udp-blocked"
)

// Faults lists all of them but None.
func Faults() []Fault {
	return []Fault{
		NoNetwork, NoResolver, NameUnknown, ClockWrong, ClockOff,
		PortsBlocked, PortsRefused, PortsPartly, NoRoute, Cut, Captive, OtherAnswers, IPv4Broken, IPv6Broken, Slow,
		Inspected, PrivateAuthority, Expired, Untrusted, WrongHost, TLSBroken,
		ProxyName, ProxyClosed, ProxySilent, ProxyNoRoute, ProxyCut, ProxyForbids, ProxyCannot, ProxyLogin, ProxyLoginWrong,
		ProxyTicket, ProxyNonsense, ProxySetting, ScriptMissing, ScriptBroken,
		Unreachable, Full, Version, Broken, WebSocketBlocked,
		RelayUnreachable, RelayPartly, RelayLogin, RelayFull, RelayNonsense, UDPBlocked,
	}
}

// causes says which fault a cause is: on the way to the service, and on the way to a proxy.
var causes = []struct {
	err            error
	direct, behind Fault
}{
	{dial.ErrProxyTicket, ProxyTicket, ProxyTicket},
	{dial.ErrProxyRefused, ProxyForbids, ProxyForbids},
	{dial.ErrProxyTarget, ProxyCannot, ProxyCannot},
	{dial.ErrProxyReply, ProxyNonsense, ProxyNonsense},
	{dial.ErrClock, ClockWrong, ClockWrong},
	{dial.ErrTLSInspected, Inspected, Inspected},
	{dial.ErrTLSExpired, Expired, Expired},
	{dial.ErrTLSName, WrongHost, WrongHost},
	{dial.ErrTLSUntrusted, Untrusted, Untrusted},
	{dial.ErrCaptive, Captive, Captive},
	{dial.ErrNotTLS, OtherAnswers, OtherAnswers},
	{dial.ErrTLS, TLSBroken, TLSBroken},
	{dial.ErrRelayLogin, RelayLogin, RelayLogin},
	{dial.ErrRelayFull, RelayFull, RelayFull},
	{dial.ErrRelayReply, RelayNonsense, RelayNonsense},
	{dial.ErrDNS, NameUnknown, ProxyName},
	{dial.ErrRefused, PortsRefused, ProxyClosed},
	{dial.ErrTimeout, PortsBlocked, ProxySilent},
	{dial.ErrUnreachable, NoRoute, ProxyNoRoute},
	{dial.ErrCut, Cut, ProxyCut},
	{dial.ErrConnect, Unreachable, ProxyNoRoute},
}

// Of returns the fault of an attempt that failed, None for one that did not, or was given up because another was quicker.
func Of(a dial.Attempt) Fault {
	switch {
	case a.Err == nil, errors.Is(a.Err, dial.ErrOvertaken):
		return None
	case errors.Is(a.Err, dial.ErrProxyLogin):
		// The error says whether there was a login to refuse.
		if strings.Contains(a.Err.Error(), "refused") {
			return ProxyLoginWrong
		}
		return ProxyLogin
	}
	for _, c := range causes {
		if errors.Is(a.Err, c.err) {
			if a.Way.Proxy.Kind != dial.Direct {
				return c.behind
			}
			return c.direct
		}
	}
	return Unreachable
}

// OfError returns the fault that says most about why a connection was not made. It is None if err does not come from
// package dial.
func OfError(err error) Fault {
	failed, ok := errors.AsType[*dial.Error](err)
	if !ok {
		return None
	}
	cause := failed.Cause()
	i := slices.IndexFunc(failed.Attempts, func(a dial.Attempt) bool { return errors.Is(a.Err, cause) })
	if i < 0 {
		return Of(dial.Attempt{Err: cause})
	}
	return Of(failed.Attempts[i])
}

// ofHello is the fault of a service that does not say what it should.
func ofHello(err error) Fault {
	if f := OfError(err); f != None {
		return f
	}
	switch {
	case err == nil:
		return None
	case errors.Is(err, client.ErrFull):
		return Full
	case errors.Is(err, client.ErrVersion):
		return Version
	case errors.Is(err, client.ErrService):
		return Broken
	case errors.Is(err, client.ErrProtocol), errors.Is(err, client.ErrLost):
		return WebSocketBlocked
	}
	return Unreachable
}
