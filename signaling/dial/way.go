package dial

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"strconv"
	"strings"
)

// Kind is what stands between here and there.
type Kind uint8

// The kinds.
const (
	Direct Kind = iota // nothing
	HTTP               // a proxy that knows CONNECT
	HTTPS              // the same, itself reached by TLS
	SOCKS5
)

func (k Kind) String() string {
	return [...]string{"direct", "http", "https", "socks5"}[min(k, SOCKS5)]
}

// Secret is a password. It hides itself wherever it is printed or logged.
type Secret string

// String hides the secret.
func (Secret) String() string { return "[secret]" }

// GoString hides the secret.
func (Secret) GoString() string { return "[secret]" }

// LogValue hides the secret.
func (Secret) LogValue() slog.Value { return slog.StringValue("[secret]") }

// MarshalText hides the secret.
func (Secret) MarshalText() ([]byte, error) { return []byte("[secret]"), nil }

// Proxy is one proxy, or the lack of one.
type Proxy struct {
	Kind     Kind
	Addr     string // host:port; empty if Direct
	User     string // empty: not known, or not wanted
	Password Secret
}

// String is the proxy as a URL, without the login.
func (p Proxy) String() string {
	if p.Kind == Direct {
		return p.Kind.String()
	}
	return p.Kind.String() + "://" + p.Addr
}

// GoString is String: the login stays hidden.
func (p Proxy) GoString() string { return p.String() }

// LogValue is String: the login stays hidden.
func (p Proxy) LogValue() slog.Value { return slog.StringValue(p.String()) }

// MarshalText is String: the login stays hidden.
func (p Proxy) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

const maxProxyText = 1024 // bytes

// ParseProxy reads [scheme://][user[:password]@]host[:port]. Schemes are http (if there is none), https, socks5,
// socks5h and socks; their ports are 80, 443, 1080 unless named. A path and the like are ignored. The error,
// ErrProxyAddress, does not repeat the text, which may hold a password.
func ParseProxy(s string) (Proxy, error) {
	bad := func(what string) (Proxy, error) { return Proxy{}, fmt.Errorf("%w: %s", ErrProxyAddress, what) }
	s = strings.TrimSpace(s)
	if s == "" || len(s) > maxProxyText {
		return bad(fmt.Sprintf("%d bytes", len(s)))
	}
	if !strings.Contains(s, "://") {
		s = "http://" + s
	}
	u, err := url.Parse(s)
	if err != nil || u.Opaque != "" {
		return bad("not a URL")
	}
	kinds := map[string]struct {
		kind Kind
		port string
	}{"http": {HTTP, "80"}, "https": {HTTPS, "443"}, "socks5": {SOCKS5, "1080"}, "socks5h": {SOCKS5, "1080"}, "socks": {SOCKS5, "1080"}}
	k, ok := kinds[strings.ToLower(u.Scheme)]
	if !ok {
		return bad("unknown scheme")
	}
	port := u.Port()
	if port == "" {
		port = k.port
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return bad("port")
	}
	if !validHost(u.Hostname()) {
		return bad("host")
	}
	p := Proxy{Kind: k.kind, Addr: net.JoinHostPort(u.Hostname(), port), User: u.User.Username()}
	password, _ := u.User.Password()
	p.Password = Secret(password)
	return p, nil
}

// Source says who named a proxy. It is an id: never translated.
type Source string

// The sources.
const (
	None        Source = ""            // nobody: the direct way
	FromUser    Source = "typed"       // the person, as a flag or in a window
	FromFile    Source = "file"        // the proxy file in the home folder
	Environment Source = "environment" // HTTPS_PROXY and the like
	Windows     Source = "windows"     // Windows' settings
	GNOME       Source = "gnome"       // GNOME's settings
	MacOS       Source = "macos"       // macOS's settings
	PAC         Source = "pac"         // a script that one of the settings names
	WPAD        Source = "wpad"        // a script at wpad.DOMAIN, because the settings say to look for one
)

// Found is what one source says.
type Found struct {
	Source Source
	Where  string // path, URL, name of a variable: why this one was found. Without secrets
	// Proxies in the order the source wants. Direct among them is no news: it is tried anyway.
	Proxies []Proxy
	// Err says why a source that ought to have given something has not.
	Err error
}

// Finder finds proxies.
type Finder interface {
	// Find returns what each source says about a host and port, best first. It ends when ctx does.
	Find(ctx context.Context, host string, port uint16) []Found
}

// fixed is the Finder of a proxy that somebody typed.
type fixed Proxy

// String is the proxy without its login.
func (f fixed) String() string { return Proxy(f).String() }

// Typed returns the Finder of a proxy that the person has named, in the form of [ParseProxy]. With it, no way but this
// proxy's is tried.
func Typed(s string) (Finder, error) {
	p, err := ParseProxy(s)
	return fixed(p), err
}

// Find implements Finder.
func (f fixed) Find(context.Context, string, uint16) []Found {
	return []Found{{Source: FromUser, Proxies: []Proxy{Proxy(f)}}}
}

// Carry is what is spoken at the end of a way.
type Carry uint8

// The carries.
const (
	Signaling Carry = iota // TLS with the service itself: HTTPS and its WebSocket
	TURNUDP                // never through a proxy
	TURNTCP
	TURNTLS
	TURNWS // TURN in a WebSocket: for proxies that open TLS and let nothing but HTTP through
)

func (c Carry) String() string {
	return [...]string{"service", "turn/udp", "turn/tcp", "turn/tls", "turn/ws"}[min(c, TURNWS)]
}

// Way is one way to a port.
type Way struct {
	Proxy  Proxy
	Port   uint16 // of what is to be reached at the end
	Source Source // who named the proxy
	Carry  Carry
}

// String says the way in few words, without a login.
func (w Way) String() string {
	s := "port " + strconv.Itoa(int(w.Port)) + ", " + w.Proxy.String()
	if w.Carry != Signaling {
		s = w.Carry.String() + ", " + s
	}
	if w.Source != None {
		s += " (" + string(w.Source) + ")"
	}
	return s
}

// LogValue is String.
func (w Way) LogValue() slog.Value { return slog.StringValue(w.String()) }
