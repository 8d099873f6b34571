package system

import (
	"errors"
	"io/fs"
	"net/netip"
	"net/url"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"assist/signaling/dial"

	"golang.org/x/net/http/httpproxy"
)

// fileNames are the proxy file's: our own, and the one that people have from IBM Assist On-Site.
var fileNames = []string{"assist-proxy.txt", "proxy_ibm.txt"}

const (
	maxFile    = 4 << 10 // bytes
	maxProxies = 8       // in a file
)

// fromFiles reads the proxy files. A file that is not there is no fault.
func (f *finder) fromFiles() (list []dial.Found) {
	for _, folder := range f.folders {
		for _, name := range fileNames {
			where := filepath.Join(folder, name)
			text, err := readFile(where, maxFile)
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			found := dial.Found{Source: dial.FromFile, Where: where, Err: err}
			if err == nil {
				found.Proxies, found.Err = parseFile(text)
			}
			list = append(list, found)
		}
	}
	return list
}

// ErrFile says that a proxy file names no proxy.
var ErrFile = errors.New("system: no line Proxy=host:port")

// parseFile reads lines of the form Proxy=host:port. Other lines say nothing to us. A line that names no proxy is a fault
// only if none does.
func parseFile(text []byte) ([]dial.Proxy, error) {
	var list []dial.Proxy
	fault := ErrFile
	for line := range strings.Lines(strings.TrimPrefix(string(text), "\ufeff")) {
		key, value, ok := strings.Cut(line, "=")
		if !ok || !strings.EqualFold(strings.TrimSpace(key), "proxy") || len(list) == maxProxies {
			continue
		}
		p, err := dial.ParseProxy(value)
		if err != nil {
			fault = err
			continue
		}
		list = append(list, p)
	}
	if len(list) == 0 {
		return nil, fault
	}
	return list, nil
}

// fromEnvironment reads the variables that most programs know.
func (f *finder) fromEnvironment(host string, port uint16) (list []dial.Found) {
	get := func(name string) string {
		if v := f.getenv(name); v != "" {
			return v
		}
		return f.getenv(strings.ToLower(name))
	}
	goal := &url.URL{Scheme: "https", Host: hostPort(host, port)}
	for _, name := range []string{"HTTPS_PROXY", "ALL_PROXY", "HTTP_PROXY"} {
		value := get(name)
		if value == "" {
			continue
		}
		p, err := dial.ParseProxy(value)
		if err != nil {
			list = append(list, dial.Found{Source: dial.Environment, Where: name, Err: err})
			continue
		}
		// Of the library only its reading of NO_PROXY is wanted: it knows fewer kinds of proxies.
		c := httpproxy.Config{HTTPSProxy: "http://proxy.invalid", NoProxy: get("NO_PROXY")}
		if u, err := c.ProxyFunc()(goal); err != nil || u == nil {
			continue
		}
		list = append(list, dial.Found{Source: dial.Environment, Where: name, Proxies: []dial.Proxy{p}})
	}
	return list
}

// hostPort is host:port as it stands in a URL.
func hostPort(host string, port uint16) string {
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return host + ":" + strconv.Itoa(int(port))
}

// bypassed reports whether the settings want no proxy for a host. An entry is a name, a part of one with stars, a
// domain that begins with a dot, an address, a net, or <local> for names without a dot.
func bypassed(host string, entries []string) bool {
	host = strings.ToLower(host)
	addr, addrErr := netip.ParseAddr(host)
	for _, e := range entries {
		e = strings.ToLower(strings.Trim(strings.TrimSpace(e), "[]"))
		if prefix, err := parsePrefix(e); err == nil && addrErr == nil && prefix.Contains(addr.Unmap()) {
			return true
		}
		switch {
		case e == "":
		case e == "<local>":
			if !strings.Contains(host, ".") && addrErr != nil {
				return true
			}
		case e[0] == '.':
			if strings.HasSuffix(host, e) {
				return true
			}
		default:
			if ok, err := path.Match(e, host); err == nil && ok && !strings.Contains(e, "/") {
				return true
			}
		}
	}
	return false
}

// parsePrefix reads a net, also in the short form of macOS: 169.254/16.
func parsePrefix(s string) (netip.Prefix, error) {
	addr, bits, ok := strings.Cut(s, "/")
	if ok && !strings.Contains(addr, ":") {
		for strings.Count(addr, ".") < 3 && len(addr) < 16 {
			addr += ".0"
		}
	}
	return netip.ParsePrefix(addr + "/" + bits)
}
