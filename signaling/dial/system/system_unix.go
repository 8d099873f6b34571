//go:build !windows

package system

import (
	"os"
	"strings"
)

// folders are where the proxy file may be.
func folders() []string {
	home, err := os.UserHomeDir()
	if err != nil {
		return nil
	}
	return []string{home}
}

// ownDomain is the computer's DNS domain: the rest of its name, or the first one of the resolver's.
func ownDomain() string {
	const maxConf = 64 << 10
	name, err := os.Hostname()
	if _, domain, ok := strings.Cut(name, "."); err == nil && ok {
		return domain
	}
	text, err := readFile("/etc/resolv.conf", maxConf)
	if err != nil {
		return ""
	}
	return resolverDomain(string(text))
}

// resolverDomain is the first domain that a resolv.conf(5) names.
func resolverDomain(text string) string {
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) > 1 && (words[0] == "search" || words[0] == "domain") {
			return words[1]
		}
	}
	return ""
}
