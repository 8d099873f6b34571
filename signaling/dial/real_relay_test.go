package dial

import (
	"fmt"
	"testing"

	"assist/signaling"
)

// TestRelayThroughRealProxies reaches a real relay by each of its streams, on each of its ports, through squid with a login and
// through dante, and lets the race choose one.
func TestRelayThroughRealProxies(t *testing.T) {
	r := startRelay(t, "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0")
	for _, tt := range []struct {
		name, host string
		typed      func(t *testing.T) string
	}{
		{"squid", serviceName, func(t *testing.T) string {
			return "ann:s3cret%3A%20x@" + realProxy(t, "squid", map[string]string{
				"squid.conf": squidConf + "auth_param basic program /usr/lib/squid/basic_ncsa_auth {dir}/basic\n" +
					"acl in proxy_auth REQUIRED\nhttp_access allow in\nhttp_access deny all\n",
				"hosts": "127.0.0.1 localhost " + serviceName + "\n",
				"basic": "ann:$apr1$assist12$wD/7j/4p0mL1SHYNLqoib1\n",
			}, "-N", "-f", "{dir}/squid.conf")
		}},
		{"dante", "localhost", func(t *testing.T) string {
			return "socks5://" + realProxy(t, "danted", map[string]string{"danted.conf": `errorlog: {dir}/errors
internal: 127.0.0.1 port = {port}
external: 127.0.0.1
socksmethod: none
clientmethod: none
user.privileged: root
user.unprivileged: nobody
client pass { from: 0/0 to: 0/0 }
socks pass { from: 0/0 to: 0/0 }
`}, "-f", "{dir}/danted.conf", "-p", "{dir}/pid")
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, err := Typed(tt.typed(t))
			if err != nil {
				t.Fatal(err)
			}
			d := newDialer(t, Config{Service: tt.host, Ports: r.ports, Proxies: f, TLS: clientTLS(r.ca)}, nil)
			named := r.named(tt.host)
			tried := 0
			for _, w := range d.RelayWays(inTime(t), named) {
				if w.Carry == TURNUDP {
					continue // goes beside the proxy
				}
				tried++
				if a := d.TryRelay(inTime(t), w, named); a.Err != nil {
					t.Errorf("%v: %v", w, a.Err)
				}
			}
			if tried != 3*3 {
				t.Errorf("%d ways", tried)
			}
			list, err := d.Relays([]signaling.Relay{named})
			if err != nil {
				t.Fatal(err)
			}
			c, err := list.DialContext(inTime(t), "tcp", fmt.Sprintf("%s:%d", tt.host, r.ports[0]))
			if err != nil {
				t.Fatal(err)
			}
			speaks(t, c)
		})
	}
}
