package system

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"

	"assist/signaling/dial"
)

// errNoRun says that programs of the system cannot be run.
var errNoRun = errors.New("system: settings cannot be read")

const gnomeSchema = "org.gnome.system.proxy"

// readGNOME asks GNOME's settings, which other desktops on Linux keep, too.
func readGNOME(ctx context.Context, o Options) (settings, error) {
	s := settings{source: dial.GNOME, where: gnomeSchema}
	if o.Run == nil {
		return s, errNoRun
	}
	out, err := o.Run(ctx, "gsettings", "list-recursively", gnomeSchema)
	if err != nil { // not a GNOME: no fault
		o.Log.Debug("no GNOME settings", "error", err)
		return s, nil
	}
	if len(out) > maxOutput {
		return s, fmt.Errorf("%w: %d bytes", errNoRun, len(out))
	}
	return parseGNOME(string(out)), nil
}

// parseGNOME reads lines of schema, key and value, the value in GVariant's text form.
func parseGNOME(out string) settings {
	s := settings{source: dial.GNOME, where: gnomeSchema}
	v := make(map[string]string)
	for line := range strings.Lines(out) {
		schema, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		key, value, ok := strings.Cut(rest, " ")
		part, known := strings.CutPrefix(schema, gnomeSchema)
		if ok && known {
			v[strings.TrimPrefix(part+"."+key, ".")] = value
		}
	}
	switch first(gvariant(v["mode"])) {
	case "manual":
		s.bypass = gvariant(v["ignore-hosts"])
		user, password := "", ""
		if v["http.use-authentication"] == "true" {
			user, password = first(gvariant(v["http.authentication-user"])), first(gvariant(v["http.authentication-password"]))
		}
		for _, kind := range []struct {
			name string
			kind dial.Kind
		}{{"https", dial.HTTP}, {"http", dial.HTTP}, {"socks", dial.SOCKS5}} {
			p, ok := proxyAt(kind.kind, first(gvariant(v[kind.name+".host"])), v[kind.name+".port"])
			if ok && kind.kind == dial.HTTP {
				p.User, p.Password = user, dial.Secret(password)
			}
			if ok {
				s.proxies = append(s.proxies, p)
			}
		}
	case "auto":
		s.script = first(gvariant(v["autoconfig-url"]))
		s.detect = s.script == ""
	}
	return s
}

// proxyAt is a proxy whose host and port stand apart. It is none without both.
func proxyAt(kind dial.Kind, host, port string) (dial.Proxy, bool) {
	// A setting may have a scheme before the host, or the port behind it.
	if i := strings.Index(host, "://"); i >= 0 {
		host = host[i+len("://"):]
	}
	host = strings.Trim(host, "[]/")
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 || host == "" || strings.ContainsAny(host, "/@?#") {
		return dial.Proxy{}, false
	}
	p, err := dial.ParseProxy(net.JoinHostPort(host, port))
	p.Kind = kind
	return p, err == nil
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// gvariant returns the strings in a value of GVariant's text form: 'a', "a'b" or ['a', 'b'].
func gvariant(s string) (list []string) {
	const most = 256
	for i := 0; i < len(s) && len(list) < most; i++ {
		quote := s[i]
		if quote != '\'' && quote != '"' {
			continue
		}
		var b strings.Builder
		for i++; i < len(s) && s[i] != quote; i++ {
			if s[i] == '\\' && i+1 < len(s) {
				i++
			}
			b.WriteByte(s[i])
		}
		list = append(list, b.String())
	}
	return list
}
