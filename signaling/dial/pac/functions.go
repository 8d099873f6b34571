package pac

import (
	"cmp"
	"context"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/dop251/goja"
)

const (
	maxLookups = 32 // names that one script may look up
	lookupTime = time.Second
)

// system is what scripts see of this computer.
type system struct {
	ctx    context.Context // of the lookups; ends with the script
	now    func() time.Time
	lookup func(ctx context.Context, host string) ([]netip.Addr, error)
	own    func() []netip.Addr // addresses of this computer, the one to the outside first
	known  map[string][]netip.Addr
}

func newSystem() *system {
	return &system{
		now: time.Now, known: make(map[string][]netip.Addr), own: ownAddrs,
		lookup: func(ctx context.Context, host string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		},
	}
}

// ownAddrs asks the system which address it would send from. No packet is sent: to connect a UDP socket is only to
// choose a route. The addresses are of RFC 5737 and RFC 3849: nobody's.
func ownAddrs() (list []netip.Addr) {
	for _, to := range []string{"192.0.2.1:9", "[2001:db8::1]:9"} {
		if c, err := net.Dial("udp", to); err == nil {
			list = append(list, c.LocalAddr().(*net.UDPAddr).AddrPort().Addr().Unmap())
			_ = c.Close()
		}
	}
	return list
}

// functions are those that scripts are promised: Netscape's of 1996 and Microsoft's, whose names end in Ex.
func (s *system) functions() map[string]func(goja.FunctionCall, *goja.Runtime) goja.Value {
	type of = func([]string) any
	list := map[string]of{
		"isPlainHostName":     func(a []string) any { return !strings.Contains(a[0], ".") },
		"dnsDomainIs":         func(a []string) any { return strings.HasSuffix(strings.ToLower(a[0]), strings.ToLower(a[1])) },
		"localHostOrDomainIs": func(a []string) any { return a[0] == a[1] || strings.HasPrefix(a[1], a[0]+".") },
		"isResolvable":        func(a []string) any { return s.first(a[0]).IsValid() },
		"isResolvableEx":      func(a []string) any { return len(s.addrs(a[0])) > 0 },
		"isInNet":             func(a []string) any { return s.isInNet(a[0], a[1], a[2]) },
		"isInNetEx":           func(a []string) any { return s.isInNetEx(a[0], a[1]) },
		"dnsResolve":          func(a []string) any { return orNull(s.first(a[0])) },
		"dnsResolveEx":        func(a []string) any { return join(s.addrs(a[0])) },
		"convert_addr":        func(a []string) any { return convert(a[0]) },
		"myIpAddress":         func([]string) any { return s.myIPAddress() },
		"myIpAddressEx":       func([]string) any { return join(s.own()) },
		"sortIpAddressList":   func(a []string) any { return sortAddrs(a[0]) },
		"dnsDomainLevels":     func(a []string) any { return strings.Count(a[0], ".") },
		"shExpMatch":          func(a []string) any { return match(a[0], a[1]) },
		"weekdayRange":        func(a []string) any { return weekdayRange(s.now(), a) },
		"dateRange":           func(a []string) any { return dateRange(s.now(), a) },
		"timeRange":           func(a []string) any { return timeRange(s.now(), a) },
		"alert":               func([]string) any { return goja.Undefined() },
		"getClientVersion":    func([]string) any { return "1.0" },
	}
	out := make(map[string]func(goja.FunctionCall, *goja.Runtime) goja.Value, len(list))
	for name, f := range list {
		out[name] = func(call goja.FunctionCall, vm *goja.Runtime) goja.Value {
			const most, fewest = 8, 3
			args := make([]string, 0, fewest)
			for _, v := range call.Arguments[:min(len(call.Arguments), most)] {
				args = append(args, v.String())
			}
			given := len(args)
			for len(args) < fewest {
				args = append(args, "")
			}
			if strings.HasSuffix(name, "Range") {
				args = args[:given]
			}
			return vm.ToValue(f(args))
		}
	}
	return out
}

// addrs returns the addresses of a host, which may be one itself.
func (s *system) addrs(host string) []netip.Addr {
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a.Unmap()}
	}
	list, ok := s.known[host]
	if !ok && len(s.known) < maxLookups && host != "" {
		ctx, cancel := context.WithTimeout(s.ctx, lookupTime)
		defer cancel()
		list, _ = s.lookup(ctx, host) // not resolvable is an answer, too
		for i := range list {
			list[i] = list[i].Unmap()
		}
		s.known[host] = list
	}
	return list
}

// first returns the first IPv4 address of a host: the older functions know no others.
func (s *system) first(host string) netip.Addr {
	for _, a := range s.addrs(host) {
		if a.Is4() {
			return a
		}
	}
	return netip.Addr{}
}

func (s *system) myIPAddress() string {
	for _, a := range s.own() {
		if a.Is4() {
			return a.String()
		}
	}
	return "127.0.0.1"
}

func (s *system) isInNet(host, pattern, mask string) bool {
	a, p := s.first(host), convert(pattern)
	_, err := netip.ParseAddr(pattern)
	m := convert(mask)
	return err == nil && a.IsValid() && convert(a.String())&m == p&m
}

func (s *system) isInNetEx(host, prefix string) bool {
	p, err := netip.ParsePrefix(prefix)
	return err == nil && slices.ContainsFunc(s.addrs(host), p.Contains)
}

func orNull(a netip.Addr) any {
	if !a.IsValid() {
		return nil
	}
	return a.String()
}

func join(list []netip.Addr) string {
	var words []string
	for _, a := range list {
		words = append(words, a.String())
	}
	return strings.Join(words, ";")
}

// convert returns an IPv4 address as a number, 0 if it is none.
func convert(s string) uint32 {
	a, err := netip.ParseAddr(strings.TrimSpace(s))
	if err != nil || !a.Is4() {
		return 0
	}
	b := a.As4()
	return uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
}

// sortAddrs sorts a list, IPv6 first. It is false if one of them is no address.
func sortAddrs(s string) any {
	var list []netip.Addr
	for word := range strings.SplitSeq(s, ";") {
		a, err := netip.ParseAddr(strings.TrimSpace(word))
		if err != nil {
			return false
		}
		list = append(list, a)
	}
	slices.SortStableFunc(list, func(a, b netip.Addr) int {
		return cmp.Or(b.BitLen()-a.BitLen(), a.Compare(b))
	})
	return join(list)
}

// match reports whether all of s fits a shell pattern of * and ?. It takes no more than len(s) times len(pattern) steps.
func match(s, pattern string) bool {
	i, j, star, from := 0, 0, -1, 0
	for i < len(s) {
		switch {
		case j < len(pattern) && pattern[j] == '*':
			star, from = j, i
			j++
		case j < len(pattern) && (pattern[j] == '?' || pattern[j] == s[i]):
			i++
			j++
		case star >= 0: // the last star takes one more byte
			from++
			i, j = from, star+1
		default:
			return false
		}
	}
	return strings.Trim(pattern[j:], "*") == ""
}
