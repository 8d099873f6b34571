package system

import (
	"context"
	"fmt"
	"strings"

	"assist/signaling/dial"
)

// readMacOS asks macOS's settings.
func readMacOS(ctx context.Context, o Options) (settings, error) {
	s := settings{source: dial.MacOS, where: "scutil --proxy"}
	if o.Run == nil {
		return s, errNoRun
	}
	out, err := o.Run(ctx, "scutil", "--proxy")
	if err != nil {
		return s, fmt.Errorf("%w: %w", errNoRun, err)
	}
	if len(out) > maxOutput {
		return s, fmt.Errorf("%w: %d bytes", errNoRun, len(out))
	}
	return parseMacOS(string(out)), nil
}

// parseMacOS reads lines of the form "key : value", with one list in them.
func parseMacOS(out string) settings {
	s := settings{source: dial.MacOS, where: "scutil --proxy"}
	v := make(map[string]string)
	listed := false
	for line := range strings.Lines(out) {
		key, value, ok := strings.Cut(strings.TrimSpace(line), " : ")
		switch {
		case strings.TrimSpace(line) == "}":
			listed = false
		case ok && strings.HasPrefix(value, "<array>"):
			listed = key == "ExceptionsList"
		case ok && listed:
			s.bypass = append(s.bypass, value)
		case ok:
			v[key] = value
		}
	}
	if v["ExcludeSimpleHostnames"] == "1" {
		s.bypass = append(s.bypass, "<local>")
	}
	for _, kind := range []struct {
		name string
		kind dial.Kind
	}{{"HTTPS", dial.HTTP}, {"HTTP", dial.HTTP}, {"SOCKS", dial.SOCKS5}} {
		if v[kind.name+"Enable"] == "1" {
			if p, ok := proxyAt(kind.kind, v[kind.name+"Proxy"], v[kind.name+"Port"]); ok {
				s.proxies = append(s.proxies, p)
			}
		}
	}
	if v["ProxyAutoConfigEnable"] == "1" {
		s.script = v["ProxyAutoConfigURLString"]
	}
	s.detect = v["ProxyAutoDiscoveryEnable"] == "1"
	return s
}
