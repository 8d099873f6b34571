package diag

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
)

// ownAddresses notes what kinds of addresses this computer has.
func (r *run) ownAddresses() {
	began := time.Now()
	list, err := r.cfg.addresses()
	if err != nil {
		r.note(Addresses, "this computer", began, None, clean(err.Error()))
		return
	}
	var v4, v6 int
	for _, a := range list {
		p, err := netip.ParsePrefix(a.String())
		addr := p.Addr().Unmap()
		switch {
		case err != nil, addr.IsLoopback(), addr.IsLinkLocalUnicast():
		case addr.Is4():
			v4++
		default:
			v6++
		}
	}
	fault := None
	if v4+v6 == 0 {
		fault, r.offline = NoNetwork, true
	}
	r.note(Addresses, "this computer", began, fault, fmt.Sprintf("IPv4: %d, IPv6: %d", v4, v6))
}

// lookUp asks for the service's addresses, and tries each family by itself if there are both.
func (r *run) lookUp(ctx context.Context) {
	if _, err := netip.ParseAddr(r.host); err == nil {
		return
	}
	began := time.Now()
	within, cancel := context.WithTimeout(ctx, lookupTime)
	defer cancel()
	list, err := r.cfg.lookup(within, r.host)
	if err != nil {
		r.names = NoResolver
		if dns, ok := errors.AsType[*net.DNSError](err); ok && dns.IsNotFound {
			r.names = NameUnknown
		}
		r.note(Names, clean(r.host), began, r.names, clean(err.Error()))
		return
	}
	var texts []string
	family := map[string]netip.Addr{}
	for _, a := range list {
		a = a.Unmap()
		texts = append(texts, a.String())
		network := "tcp6"
		if a.Is4() {
			network = "tcp4"
		}
		if _, ok := family[network]; !ok {
			family[network] = a
		}
	}
	const most = 8
	r.note(Names, clean(r.host), began, None, strings.Join(texts[:min(len(texts), most)], ", "))
	if len(family) == 2 && !r.offline {
		r.families(ctx, family)
	}
}

// families connects by IPv4 alone and by IPv6 alone. Only where one works and the other does not, that means something.
func (r *run) families(ctx context.Context, addrs map[string]netip.Addr) {
	port := r.port
	if port == "" {
		port = "443"
	}
	type result struct {
		network string
		err     error
		took    time.Duration
	}
	results := make(chan result, len(addrs))
	within, cancel := context.WithTimeout(ctx, connectTime)
	defer cancel()
	for network, a := range addrs {
		go func() {
			began := time.Now()
			c, err := r.cfg.connect(within, network, net.JoinHostPort(a.String(), port))
			if err == nil {
				_ = c.Close()
			}
			results <- result{network, err, time.Since(began)}
		}()
	}
	var list []result
	for range addrs {
		list = append(list, <-results)
	}
	slices.SortFunc(list, func(a, b result) int { return strings.Compare(a.network, b.network) })
	one := (list[0].err == nil) != (list[1].err == nil)
	for _, res := range list {
		what, fault, detail := "IPv4", None, ""
		if res.network == "tcp6" {
			what = "IPv6"
		}
		if res.err != nil {
			detail = clean(res.err.Error())
			if one {
				fault = map[string]Fault{"tcp4": IPv4Broken, "tcp6": IPv6Broken}[res.network]
			}
		}
		r.add(Step{Kind: Family, What: what + ", port " + port, Took: res.took, Fault: fault, Detail: detail})
	}
}

// lookAtPage asks for a page in plain HTTP, which the service never serves: what comes is somebody else's.
func (r *run) lookAtPage(ctx context.Context) {
	began := time.Now()
	within, cancel := context.WithTimeout(ctx, connectTime)
	defer cancel()
	fault, detail := r.whosePage(within)
	r.page = &Step{Kind: Page, What: "plain HTTP, port 80", Took: time.Since(began), Fault: fault, Detail: detail}
}

func (r *run) whosePage(ctx context.Context) (fault Fault, detail string) {
	c, err := r.cfg.connect(ctx, "tcp", net.JoinHostPort(r.host, "80"))
	if err != nil {
		return None, clean(err.Error())
	}
	defer c.Close()
	resp, err := ask(ctx, c, r.host)
	if err != nil {
		return None, "no page: " + clean(err.Error())
	}
	to, err := url.Parse(resp.Header.Get("Location"))
	away := err == nil && to.Hostname() != "" && !strings.EqualFold(to.Hostname(), r.host)
	r.pageAway = resp.StatusCode == http.StatusNetworkAuthenticationRequired || resp.StatusCode/100 == 3 && away
	r.portals = r.pageAway || resp.StatusCode == http.StatusOK
	detail = fmt.Sprintf("status %d", resp.StatusCode)
	if away {
		detail += ", leads to " + clean(to.Hostname())
	}
	if r.pageAway {
		fault = Captive
	}
	return fault, detail
}

// ask asks for a page, of which only the head matters.
func ask(ctx context.Context, c net.Conn, host string) (*http.Response, error) {
	stop := context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if _, err := fmt.Fprintf(c, "GET / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", host); err != nil {
		return nil, err
	}
	const maxHead = 16 << 10
	resp, err := http.ReadResponse(bufio.NewReader(io.LimitReader(c, maxHead)), nil)
	if err != nil {
		return nil, err
	}
	_ = resp.Body.Close()
	return resp, nil
}

const (
	// clockSlack is how far this computer's clock may be off without a word about it.
	clockSlack = 5 * time.Minute
	// slowTime is how long TLS and a question may take on a line that is not slow.
	slowTime = 4 * time.Second
)

// clock compares this computer's clock with the service's, and looks at who vouches for it.
func (r *run) clock(ctx context.Context) {
	r.cfg.Told(Clock)
	began := time.Now()
	within, cancel := context.WithTimeout(ctx, helloTime)
	defer cancel()
	port := r.port
	if port == "" {
		port = "443"
	}
	c, err := r.cfg.Network.DialTLS(within, "tcp", net.JoinHostPort(r.host, port))
	if err != nil {
		r.note(Clock, "clock", began, None, clean(err.Error()))
		return
	}
	defer c.Close()
	r.vouched(c)
	resp, err := ask(within, c, r.host)
	took := time.Since(began)
	if err != nil {
		r.note(Clock, "clock", began, None, clean(err.Error()))
		return
	}
	theirs, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		r.note(Clock, "clock", began, None, "the service does not say what time it is")
		return
	}
	fault := None
	off := r.cfg.now().Sub(theirs)
	if off.Abs() > clockSlack {
		fault = ClockOff
	}
	r.note(Clock, "clock", began, fault, fmt.Sprintf("%v from the service's", off.Round(time.Second)))
	if took > slowTime {
		r.note(Clock, "line", began, Slow, fmt.Sprintf("a connection and an answer took %v", took.Round(100*time.Millisecond)))
	}
}

// scts are the proofs that a certificate is in a public log (RFC 6962 section 3.3). Every public authority's certificate
// has them today, and none that was made up on the way.
var scts = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11129, 2, 4, 2}

// vouched notes who vouches for the service where that is not its own authority.
func (r *run) vouched(c net.Conn) {
	secure, ok := c.(*tls.Conn)
	if !ok || r.cfg.OwnRoots || len(secure.ConnectionState().PeerCertificates) == 0 {
		return
	}
	state := secure.ConnectionState()
	leaf := state.PeerCertificates[0]
	public := len(state.SignedCertificateTimestamps) > 0
	for _, e := range leaf.Extensions {
		public = public || e.Id.Equal(scts)
	}
	if !public {
		r.note(Clock, "certificate", time.Now(), PrivateAuthority, "issued by "+issuer(leaf))
	}
}

// issuer is who has issued a certificate, as they call themselves.
func issuer(c *x509.Certificate) string {
	return fmt.Sprintf("%q", clean(strings.TrimSpace(c.Issuer.CommonName+", "+strings.Join(c.Issuer.Organization, " "))))
}
