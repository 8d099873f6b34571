package dial

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	// lookTime is how long it may take to find out more about a failure.
	lookTime = 5 * time.Second
	// clockSlack is how far this computer's clock may be off without certificates being the worse for it.
	clockSlack = 5 * time.Minute
)

// prove makes a TLS connection along a way: who answers has the service's certificate.
func (d *Dialer) prove(ctx context.Context, r *race, w Way, alive func(time.Duration)) (net.Conn, error) {
	c, err := d.reach(ctx, r, w, alive)
	if err != nil {
		return nil, err
	}
	conf := d.tlsConfig(r.goal.host)
	if w.Carry == TURNTLS && (d.cfg.TLS == nil || len(d.cfg.TLS.NextProtos) == 0) {
		conf.NextProtos = nil // it is not HTTP, and a foreign relay need not know the name
	}
	if w.Carry != Signaling { // what goes over it is sealed already, and each kilobyte is a third of a second on a slow line
		conf.CurvePreferences = []tls.CurveID{tls.X25519, tls.CurveP256}
	}
	below := &hold{Conn: c}
	secure := tls.Client(below, conf)
	within, cancel := context.WithTimeout(ctx, replyTime)
	defer cancel()
	if err := secure.HandshakeContext(within); err != nil {
		_ = below.Close()
		return nil, d.explain(ctx, r, w, err)
	}
	below.done()
	if w.Carry == Signaling && w.Proxy.Kind == Direct {
		d.located(c)
	}
	return secure, nil
}

func (d *Dialer) tlsConfig(host string) *tls.Config {
	conf := &tls.Config{MinVersion: tls.VersionTLS13}
	if d.cfg.TLS != nil {
		conf = d.cfg.TLS.Clone()
	}
	if conf.ClientSessionCache == nil {
		conf.ClientSessionCache = d.sessions
	}
	if conf.ServerName == "" || !sameHost(host, d.host) {
		conf.ServerName = host // the one that is configured is the service's
	}
	if len(conf.NextProtos) == 0 {
		conf.NextProtos = []string{"http/1.1"} // WebSocket wants it
	}
	return conf
}

// explain names the cause of a TLS handshake that failed.
func (d *Dialer) explain(ctx context.Context, r *race, w Way, err error) error {
	if ctx.Err() != nil {
		return connectFault(ctx.Err())
	}
	record, notTLS := errors.AsType[tls.RecordHeaderError](err)
	bad, unverified := errors.AsType[*tls.CertificateVerificationError](err)
	_, alert := errors.AsType[tls.AlertError](err)
	switch {
	case notTLS && string(record.RecordHeader[:]) == "HTTP/":
		return d.orCaptive(ctx, r, w, w.Port, fault(ErrNotTLS, errors.New("it speaks HTTP")))
	case notTLS:
		return fault(ErrNotTLS, fmt.Errorf("it says %q", plainText(string(record.RecordHeader[:]))))
	case unverified && len(bad.UnverifiedCertificates) > 0:
		return d.explainCertificate(ctx, r, w, bad)
	case alert, strings.Contains(err.Error(), "tls: "): // the library has no type for most
		return fault(ErrTLS, err)
	}
	return connectFault(err)
}

// explainCertificate names the cause of a certificate that was not taken.
func (d *Dialer) explainCertificate(ctx context.Context, r *race, w Way, bad *tls.CertificateVerificationError) error {
	leaf := bad.UnverifiedCertificates[0]
	issuer := fmt.Errorf("issued by %q: %w", plainText(leaf.Issuer.CommonName+", "+strings.Join(leaf.Issuer.Organization, " ")), bad)
	invalid, ok := errors.AsType[x509.CertificateInvalidError](bad)
	if ok && invalid.Reason == x509.Expired {
		return d.explainTime(ctx, r, w, bad)
	}
	if _, ok := errors.AsType[x509.HostnameError](bad); ok {
		return d.orCaptive(ctx, r, w, http80, fault(ErrTLSName, issuer))
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](bad); !ok {
		return fault(ErrTLSUntrusted, issuer)
	}
	// Somebody else than the service's authority vouches for the service's name. If we know that authority, or this
	// is not just a certificate that vouches for itself, it is made up on the way.
	own := d.cfg.TLS != nil && d.cfg.TLS.RootCAs != nil
	alone := bytes.Equal(leaf.RawIssuer, leaf.RawSubject)
	if leaf.VerifyHostname(r.goal.host) == nil && (own || !alone) {
		return fault(ErrTLSInspected, issuer)
	}
	return d.orCaptive(ctx, r, w, http80, fault(ErrTLSUntrusted, issuer))
}

// explainTime finds out whether a certificate or this computer's clock is out of date. The service itself is asked,
// with its certificate checked as of a time at which it was good: so only who has its key can say what time it is.
func (d *Dialer) explainTime(ctx context.Context, r *race, w Way, bad *tls.CertificateVerificationError) error {
	from, until := validity(bad.UnverifiedCertificates)
	conf := d.tlsConfig(r.goal.host)
	now := time.Now
	if conf.Time != nil {
		now = conf.Time
	}
	expired := fault(ErrTLSExpired, bad)
	if now().Before(from) {
		expired = fault(ErrClock, bad) // nobody uses a certificate of tomorrow
	}
	if !from.Before(until) {
		return expired
	}
	conf.Time = func() time.Time { return from.Add(until.Sub(from) / 2) }
	conf.ClientSessionCache = nil // nothing is to come of this connection
	within, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	c, err := d.reach(within, r, w, func(time.Duration) {})
	if err != nil {
		return expired
	}
	defer c.Close()
	secure := tls.Client(c, conf)
	if err := secure.HandshakeContext(within); err != nil {
		if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
			return fault(ErrTLSUntrusted, bad)
		}
		return expired
	}
	resp, err := look(within, secure, r.goal.host)
	if err != nil {
		return expired
	}
	theirs, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return expired
	}
	if off := now().Sub(theirs); off.Abs() > clockSlack {
		return fault(ErrClock, fmt.Errorf("%v from the service's: %w", off.Round(time.Minute), bad))
	}
	return fault(ErrTLSExpired, bad)
}

// validity is when all of a chain is valid.
func validity(chain []*x509.Certificate) (from, until time.Time) {
	from, until = chain[0].NotBefore, chain[0].NotAfter
	for _, c := range chain[1:] {
		if c.NotBefore.After(from) {
			from = c.NotBefore
		}
		if c.NotAfter.Before(until) {
			until = c.NotAfter
		}
	}
	return from, until
}

const http80 = 80

// orCaptive returns ErrCaptive if the network answers a page with the way to another one, as a guest network does for
// those who have not been to its own, and err if it does not.
func (d *Dialer) orCaptive(ctx context.Context, r *race, w Way, port uint16, err error) error {
	if w.Proxy.Kind != Direct {
		return err
	}
	within, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	c, dialErr := d.tcp(within, r.goal.network, net.JoinHostPort(r.goal.host, strconv.Itoa(int(port))))
	if dialErr != nil {
		return err
	}
	defer c.Close()
	resp, lookErr := look(within, c, r.goal.host)
	if lookErr != nil {
		return err
	}
	to, parseErr := url.Parse(resp.Header.Get("Location"))
	away := parseErr == nil && to.Hostname() != "" && !strings.EqualFold(to.Hostname(), r.goal.host)
	if resp.StatusCode == http.StatusNetworkAuthenticationRequired || resp.StatusCode/100 == 3 && away {
		return fault(ErrCaptive, fmt.Errorf("%d from %q: %w", resp.StatusCode, plainText(to.Hostname()), err))
	}
	return err
}

// look asks for a page, of which only the head matters. Nothing is said but the host's name.
func look(ctx context.Context, c net.Conn, host string) (resp *http.Response, err error) {
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	err = during(ctx, c, func() error {
		if _, err := fmt.Fprintf(c, "GET / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", host); err != nil {
			return err
		}
		head, err := readHead(c)
		if err != nil {
			return err
		}
		if resp, err = http.ReadResponse(bufio.NewReader(io.MultiReader(bytes.NewReader(head))), nil); err == nil {
			_ = resp.Body.Close()
		}
		return err
	})
	return resp, err
}
