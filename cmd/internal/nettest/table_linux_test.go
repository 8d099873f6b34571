package nettest

import (
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"assist/cmd/internal/netlab"
)

var (
	ports      = []uint16{443, 80, 8200}
	transports = []string{"udp", "tcp", "tls", "ws"}
)

// proxyKind is one kind of proxy, and how the customer's computer is set up for it.
type proxyKind struct {
	name, port, url string
	script          bool
}

var proxyKinds = []proxyKind{
	{name: "none"},
	{name: "squid, Basic", port: basicPort, url: "http://" + proxyName + ":" + basicPort},
	{name: "squid, Digest", port: digestPort, url: "http://" + proxyName + ":" + digestPort},
	{name: "squid, NTLM", port: ntlmPort, url: "http://" + proxyName + ":" + ntlmPort},
	{name: "dante, SOCKS5", port: socksPort, url: "socks5://" + proxyName + ":" + socksPort},
	{name: "squid, script", port: openPort, script: true},
}

// cell is one field of the table.
type cell struct {
	port      uint16
	proxy     proxyKind
	transport string
}

// cells lists all of them, or so many that each port, each kind of proxy and each transport is among them.
func cells(all bool) (list []cell) {
	n := 0
	for _, port := range ports {
		for _, kind := range proxyKinds {
			for _, transport := range transports {
				if transport == "udp" && kind.port != "" {
					continue // no proxy passes UDP on
				}
				if n++; all || n%7 == 1 {
					list = append(list, cell{port, kind, transport})
				}
			}
		}
	}
	return list
}

// result is what became of a cell.
type result struct {
	cell
	took, asked  time.Duration // code typed to a message there and back, and to the consent question
	way, relayed string
	err          error
}

// TestTable plays a session in each cell of the table: the customer's firewall lets nothing pass but one port to the service, or the
// way to the proxy, whose own firewall lets nothing pass but that port.
func TestTable(t *testing.T) {
	t.Parallel()
	all := os.Getenv(allEnv) != ""
	w := newWorld(t, "proxy")
	w.startService()
	w.startProxies()
	engineer := w.engineer()
	var results []result
	for _, c := range cells(all) {
		r := w.play(engineer, c)
		if r.err != nil {
			t.Errorf("port %d, %s, %s: %v", c.port, c.proxy.name, c.transport, r.err)
		}
		results = append(results, r)
	}
	table := tableText(results)
	t.Log("\n" + table)
	if file := os.Getenv(tableEnv); file != "" {
		if err := os.WriteFile(file, []byte(table), 0o644); err != nil {
			t.Error(err)
		}
	}
}

// wall closes everything but the cell's way.
func (w *world) wall(c cell) {
	service := w.Host("service").Addr
	allow := func(addr netip.Addr, ports ...uint16) netlab.Rule { return netlab.Allow("", addr, ports...) }
	if c.proxy.port == "" {
		w.Link("customer").Firewall(netlab.Drop, allow(service, c.port))
		return
	}
	port, _ := strconv.ParseUint(c.proxy.port, 10, 16)
	script, _ := strconv.ParseUint(pacPort, 10, 16)
	w.Link("customer").Firewall(netlab.Drop, allow(w.Host("proxy").Addr, uint16(port), uint16(script)))
	w.Link("proxy").Firewall(netlab.Drop, allow(service, c.port), netlab.Serve(w.Host("customer").Addr))
}

// play plays one session.
func (w *world) play(engineer *actor, c cell) (r result) {
	r.cell = c
	w.wall(c)
	typed, err := engineer.code()
	if err != nil {
		r.err = err
		return r
	}
	p := person{Transport: c.transport, Code: typed}
	var env []string
	if c.proxy.script {
		p.Script = "http://" + proxyName + ":" + pacPort + "/proxy.pac"
	} else if c.proxy.url != "" {
		env = []string{"HTTPS_PROXY=" + c.proxy.url}
	}
	a := w.act("customer", "customer", p, env...)
	defer a.end()
	var heard []word
	said, err := a.hear("said", patience, &heard)
	if err != nil {
		r.err = err
		return r
	}
	r.took = said.After
	for _, h := range heard {
		if h.Event == "asked" {
			r.asked = h.After
		}
	}
	way, err := a.hear("way", patience)
	if err != nil {
		r.err = err
		return r
	}
	r.way = way.Text
	for said := range a.words {
		if said.Event == "relay" {
			r.relayed = said.Text
		}
	}
	if _, err := engineer.hear("ended", patience); err != nil {
		r.err = err
		return r
	}
	r.err = r.check()
	return r
}

// check holds what was used against the cell.
func (r result) check() error {
	port := fmt.Sprintf("port %d,", r.port)
	if !strings.HasPrefix(r.way, port) || (r.proxy.port != "") == strings.Contains(r.way, ", direct") {
		return fmt.Errorf("way to the service: %s", r.way)
	}
	if r.transport == "udp" { // which the firewall and the relay's address leave alone
		return nil
	}
	if !strings.Contains(r.relayed, port) || !strings.HasPrefix(r.relayed, "turn/"+r.transport) {
		return fmt.Errorf("way to the relay: %s", r.relayed)
	}
	return nil
}

// tableText is the table in Markdown.
func tableText(results []result) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Code typed to a first message there and back, in seconds, each port alone open:\n\n| Port | Proxy |")
	for _, transport := range transports {
		fmt.Fprintf(&b, " %s |", transport)
	}
	b.WriteString("\n|---|---|---|---|---|---|\n")
	for _, port := range ports {
		for _, kind := range proxyKinds {
			row := fmt.Sprintf("| %d | %s |", port, kind.name)
			any := false
			for _, transport := range transports {
				i := slices.IndexFunc(results, func(r result) bool {
					return r.port == port && r.proxy.name == kind.name && r.transport == transport
				})
				switch {
				case i < 0:
					row += " |"
				case results[i].err != nil:
					row, any = row+" FAILS |", true
				default:
					row, any = row+fmt.Sprintf(" %.2f |", results[i].took.Seconds()), true
				}
			}
			if any {
				b.WriteString(row + "\n")
			}
		}
	}
	return b.String()
}
