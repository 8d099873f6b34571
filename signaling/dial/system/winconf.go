package system

import (
	"strings"

	"assist/signaling/dial"
)

// windowsConf is what Windows' settings hold: proxies by protocol, "" for all, and the script.
type windowsConf struct {
	active    bool
	protocols map[string]string
	bypass    string // separated by commas
	auto      bool
	script    string
}

// settings turns Windows' into ours. Its socks= is SOCKS4 in some programs and SOCKS5 in others: the newer is tried.
func (c windowsConf) settings() settings {
	s := settings{source: dial.Windows, where: "Internet settings", bypass: strings.Split(c.bypass, ",")}
	if c.active {
		for _, kind := range []struct {
			name string
			kind dial.Kind
		}{{"https", dial.HTTP}, {"", dial.HTTP}, {"http", dial.HTTP}, {"socks", dial.SOCKS5}} {
			value := c.protocols[kind.name]
			if value == "" {
				continue
			}
			if p, err := dial.ParseProxy(value); err == nil {
				if p.Kind == dial.HTTP {
					p.Kind = kind.kind
				}
				s.proxies = append(s.proxies, p)
			}
		}
	}
	if c.auto {
		s.script, s.detect = c.script, c.script == ""
	}
	return s
}
