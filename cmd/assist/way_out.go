package main

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"sync"

	"assist/app/problem"
	"assist/signaling"
	"assist/signaling/diag"
	"assist/signaling/dial"
	"assist/signaling/dial/system"

	"golang.org/x/net/proxy"
)

// route is how the way out of the network is looked for.
type route struct {
	proxy  string // the one and only; "": see alone
	direct bool   // no proxy at all
}

// asking gets the login for a proxy from the person.
type asking func(ctx context.Context, l dial.ProxyLogin) (user, password string, err error)

// wayOut is the way out of this network to the service and its relays. The person may have it looked for anew, in
// another manner: connections that are there stay.
type wayOut struct {
	service string
	tls     *tls.Config
	log     *slog.Logger
	ask     asking
	noUDP   bool // the person turned it off

	mu    sync.Mutex
	route route
	now   *dial.Dialer
	shut  bool
}

// out returns the way out, nil if no service is named.
func (c *common) out(conf *tls.Config, log *slog.Logger, ask asking) (*wayOut, error) {
	if c.Service == "" {
		return nil, nil
	}
	o := &wayOut{service: c.Service, tls: conf, log: log, ask: ask, noUDP: c.NoUDP, route: route{c.Proxy, c.NoProxyDiscovery && c.Proxy == ""}}
	var err error
	o.now, err = o.dialer(o.route)
	return o, err
}

// dialer makes the dialer for a route.
func (o *wayOut) dialer(r route) (*dial.Dialer, error) {
	var proxies dial.Finder
	switch {
	case r.proxy != "":
		var err error
		if proxies, err = dial.Typed(r.proxy); err != nil {
			return nil, err
		}
	case !r.direct:
		proxies = system.New(system.Options{Run: output, Scripts: runScript, Log: o.log})
	}
	d, err := dial.New(dial.Config{Service: o.service, Proxies: proxies, TLS: o.tls, Log: o.log, Ask: o.ask, NoUDP: o.noUDP})
	if err != nil {
		return nil, problem.New(problem.ServiceAddress, err)
	}
	return d, nil
}

// dialer of this moment.
func (o *wayOut) dial() *dial.Dialer {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.now
}

// take looks for the way out in another manner from now on. The error says that r makes no sense: then all stays.
func (o *wayOut) take(r route) error {
	d, err := o.dialer(r)
	if err != nil {
		return err
	}
	o.mu.Lock()
	was := o.now
	if o.shut {
		was = d
	} else {
		o.route, o.now = r, d
	}
	o.mu.Unlock()
	return was.Close()
}

// DialContext makes a connection to the service.
func (o *wayOut) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	return o.dial().DialContext(ctx, network, addr)
}

// DialTLS makes a connection to the service and checks its certificate.
func (o *wayOut) DialTLS(ctx context.Context, network, addr string) (net.Conn, error) {
	return o.dial().DialTLS(ctx, network, addr)
}

// relays returns the ways to the relays that the service has named, as a link wants them.
func (o *wayOut) relays(list []signaling.Relay) ([]signaling.Relay, proxy.Dialer, error) {
	if o == nil {
		return list, nil, nil
	}
	r, err := o.dial().Relays(list)
	if err != nil {
		return nil, nil, err
	}
	return r.List(), r, nil
}

// Close gives up what still asks for a login, and forgets the logins. A nil wayOut can be closed.
func (o *wayOut) Close() error {
	if o == nil {
		return nil
	}
	o.mu.Lock()
	o.shut = true
	d := o.now
	o.mu.Unlock()
	return d.Close()
}

// examine makes a connection report.
func (o *wayOut) examine(ctx context.Context, told func(diag.Kind)) *diag.Report {
	d := o.dial()
	d.AskAgain()
	return diag.Run(ctx, diag.Config{
		Service: o.service, Network: d, OwnRoots: o.tls != nil && o.tls.RootCAs != nil, Patient: o.ask != nil,
		Program: version, System: systemName(), Told: told,
	})
}
