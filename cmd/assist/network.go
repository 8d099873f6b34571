package main

import (
	"bytes"
	"context"
	"strconv"
	"strings"
	"sync"

	"assist/app/code"
	"assist/app/customer"
	"assist/app/engineer"
	"assist/app/problem"
	"assist/signaling/diag"
	"assist/signaling/dial"
	"assist/ui/network"
	"assist/ui/terminal"
	"assist/ui/text"
)

// Settings implements network.Way.
func (o *wayOut) Settings() network.Settings {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.route.proxy != "":
		p, err := dial.ParseProxy(o.route.proxy)
		if err != nil {
			return network.Settings{Mode: network.ThisProxy}
		}
		return network.Settings{Mode: network.ThisProxy, Proxy: strings.TrimPrefix(p.String(), "http://")} // without its login
	case o.route.direct:
		return network.Settings{Mode: network.NoProxy}
	}
	return network.Settings{}
}

// Use implements network.Way.
func (o *wayOut) Use(s network.Settings) error {
	r := route{direct: s.Mode == network.NoProxy}
	if s.Mode == network.ThisProxy {
		if _, err := dial.ParseProxy(s.Proxy); err != nil {
			return err
		}
		r.proxy = s.Proxy
	}
	return o.take(r)
}

// Used implements network.Way.
func (o *wayOut) Used() string {
	d := o.dial()
	w, ok := d.Best()
	if !ok {
		return ""
	}
	port := strconv.Itoa(int(w.Port))
	if w.Proxy.Kind == dial.Direct {
		return text.F("network.used.direct", map[string]any{"port": port})
	}
	used := text.F("network.used.proxy", map[string]any{"proxy": text.Plain(w.Proxy.String()), "port": port})
	where := ""
	for _, f := range d.Found() {
		if f.Source == w.Source {
			where = f.Where
		}
	}
	return text.Join(used, text.F("network.source."+string(w.Source), map[string]any{"where": text.Plain(where)}))
}

// Test implements network.Way.
func (o *wayOut) Test(ctx context.Context, told func(string)) network.Report {
	r := o.examine(ctx, func(k diag.Kind) { told(text.L("network.step." + string(k))) })
	out := network.Report{Works: r.Works, Fault: problem.Code(r.Fault), Text: reportText(r)}
	for _, n := range r.Notes {
		out.Notes = append(out.Notes, problem.Code(n))
	}
	var b bytes.Buffer
	if printReport(&b, r, true) == nil {
		out.JSON = b.Bytes()
	}
	return out
}

// askAgain lets the person be asked again for a login that was refused or not given.
func (o *wayOut) askAgain() {
	if o != nil {
		o.dial().AskAgain()
	}
}

// joining are the customer's actions, where a press on Connect asks for a proxy's login anew.
type joining struct {
	customer.Actions
	out *wayOut
}

// Join implements customer.Actions.
func (j joining) Join(f customer.Form, c code.Code) {
	j.out.askAgain()
	j.Actions.Join(f, c)
}

// signing are the engineer's actions, where signing in asks for a proxy's login anew.
type signing struct {
	engineer.Actions
	out *wayOut
}

// SignIn implements engineer.Actions.
func (s signing) SignIn(account, password string) {
	s.out.askAgain()
	s.Actions.SignIn(account, password)
}

// person is who is asked for a proxy's login, as soon as there is a window or a terminal to ask in.
type person struct {
	mu    sync.Mutex
	there chan struct{} // closed when ask is set
	ask   asking
}

func newPerson() *person { return &person{there: make(chan struct{})} }

// is says how the person is asked.
func (p *person) is(ask asking) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ask == nil {
		p.ask = ask
		close(p.there)
	}
}

// question asks, once there is somebody.
func (p *person) question(ctx context.Context, l dial.ProxyLogin) (user, password string, err error) {
	select {
	case <-p.there:
		return p.ask(ctx, l)
	case <-ctx.Done():
		return "", "", ctx.Err()
	}
}

// askInWindow asks in a window.
func askInWindow(do show) asking {
	return func(ctx context.Context, l dial.ProxyLogin) (user, password string, err error) {
		return network.Ask(ctx, do, network.Question{Proxy: proxyAddress(l), Clear: l.Clear, Again: l.Again})
	}
}

// askInDialogue asks in the customer's terminal.
func askInDialogue(d *terminal.Dialogue) asking {
	return func(ctx context.Context, l dial.ProxyLogin) (user, password string, err error) {
		return d.Ask(ctx, terminal.Login{Proxy: proxyAddress(l), Clear: l.Clear, Again: l.Again})
	}
}

// proxyAddress is a proxy as people know it.
func proxyAddress(l dial.ProxyLogin) string {
	s := l.Proxy.String()
	if _, addr, ok := strings.Cut(s, "://"); ok {
		return addr
	}
	return s
}

// panel returns what shows the window about the network; nil if no service is named.
func (o *wayOut) panel(do show) (open func(test bool), end func()) {
	if o == nil {
		return nil, func() {}
	}
	p := network.New(o, do)
	return p.Show, p.End
}
