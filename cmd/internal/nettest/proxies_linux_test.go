package nettest

import (
	"crypto/md5"
	"fmt"
	"net/http"
)

// Who may use the proxies.
const (
	proxyUser     = "ann"
	proxyPassword = "s3cret: x"
	// proxyHash is the password as htpasswd keeps it.
	proxyHash = "$apr1$assist12$wD/7j/4p0mL1SHYNLqoib1"
)

// The proxies' ports.
const (
	basicPort  = "3128"
	digestPort = "3129"
	ntlmPort   = "3130"
	openPort   = "3131"
	socksPort  = "1080"
	pacPort    = "8000"
)

const squidConf = `http_port %s
pid_filename none
access_log none
cache_log /dev/null
cache deny all
coredump_dir %s
netdb_filename none
shutdown_lifetime 0 seconds
visible_hostname proxy.example
max_filedescriptors 1024
forward_max_tries 2
%s
`

const login = "acl in proxy_auth REQUIRED\nhttp_access allow in\nhttp_access deny all\n"

// startProxies starts one proxy of each kind, and a server for the script, on the host proxy.
func (w *world) startProxies() {
	w.Helper()
	w.Resolver.Set(proxyName, w.Host("proxy").Addr)
	basic := w.file("basic", proxyUser+":"+proxyHash+"\n")
	hash := fmt.Sprintf("%x", md5.Sum([]byte(proxyUser+":Squid:"+proxyPassword)))
	digest := w.file("digest", proxyUser+":Squid:"+hash+"\n")
	for port, auth := range map[string]string{
		basicPort:  "auth_param basic program /usr/lib/squid/basic_ncsa_auth " + basic + "\nauth_param basic realm Squid\n" + login,
		digestPort: "auth_param digest program /usr/lib/squid/digest_file_auth -c " + digest + "\nauth_param digest realm Squid\n" + login,
		// The helper takes every password, and insists on the three messages on one connection.
		ntlmPort: "auth_param ntlm program /usr/lib/squid/ntlm_fake_auth\nauth_param ntlm keep_alive on\n" + login,
		openPort: "http_access allow all\n",
	} {
		conf := w.file("squid-"+port+".conf", fmt.Sprintf(squidConf, port, w.dir, auth))
		w.awaitPort(w.start("proxy", "/usr/sbin/squid", "-N", "-f", conf), "proxy", port)
	}
	w.startSOCKS()
	w.startScript()
}

func (w *world) startSOCKS() {
	w.Helper()
	conf := w.file("danted.conf", `errorlog: `+w.dir+`/danted.log
internal: 0.0.0.0 port = `+socksPort+`
external: lab0
socksmethod: none
clientmethod: none
user.privileged: root
user.unprivileged: nobody
client pass { from: 0/0 to: 0/0 }
socks pass { from: 0/0 to: 0/0 }
`)
	w.awaitPort(w.start("proxy", "/usr/sbin/danted", "-f", conf, "-p", w.dir+"/danted.pid"), "proxy", socksPort)
}

// startScript serves a script that names the proxy that wants no login, for the service only.
func (w *world) startScript() {
	w.Helper()
	ln, err := w.Host("proxy").Listen("tcp", ":"+pacPort)
	if err != nil {
		w.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(rw, `function FindProxyForURL(url, host) {
			if (dnsDomainIs(host, %q)) return "PROXY %s:%s; DIRECT";
			return "DIRECT";
		}`, serviceName, proxyName, openPort)
	})}
	done := make(chan struct{})
	go func() { defer close(done); _ = server.Serve(ln) }()
	w.Cleanup(func() { _ = server.Close(); <-done })
}
