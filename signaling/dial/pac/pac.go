// Package pac asks a proxy auto-config script which proxy leads to a host.
//
// A script comes from whoever runs the network, or from somebody who says so: it is not trusted. It runs in a
// process of its own, [Main], which ends when the script has taken 2 seconds or too much memory, whatever the script does, and
// knows of the goal no more than host and port. [Find] starts this process through a [Runner] and reads its answer.
//
// The package knows JavaScript (goja) and the functions that scripts are promised. It does not look for scripts, and
// dials nothing but the name servers.
package pac

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"assist/signaling/dial"
)

const (
	// MaxScript is the longest script, in bytes.
	MaxScript = 1 << 20
	// MaxAnswer is the longest answer of [Main], in bytes.
	MaxAnswer = 16 << 10
	// Time is how long a script may run.
	Time = 1800 * time.Millisecond
	// Memory is how much a script may use, in bytes.
	Memory = 64 << 20

	maxResult  = 4 << 10 // bytes that a script returns
	maxProxies = 16
)

var (
	// ErrScript says that a script is no script, or fails.
	ErrScript = errors.New("pac: script fails")
	// ErrLimit says that a script took too much time or memory.
	ErrLimit = errors.New("pac: script takes too much")
	// ErrRunner says that scripts cannot be run.
	ErrRunner = errors.New("pac: scripts cannot be run")
)

// Runner runs [Main] in a process of its own with job on its standard input, and returns what it writes to its standard
// output, up to [MaxAnswer] bytes. It ends the process when ctx ends.
type Runner func(ctx context.Context, job []byte) ([]byte, error)

// job is what Main is told.
type job struct {
	Script string `json:"script"`
	URL    string `json:"url"`
	Host   string `json:"host"`
}

// answer is what Main says.
type answer struct {
	Result string `json:"result"`
	Error  string `json:"error,omitempty"`
	Limit  bool   `json:"limit,omitempty"`
}

// startTime is how long the process may take to begin, on top of [Time].
const startTime = 1800 * time.Millisecond

// Find returns the proxies that the script names for a host and port, in its order. Errors: ErrScript, ErrLimit,
// ErrRunner.
func Find(ctx context.Context, run Runner, script []byte, host string, port uint16) ([]dial.Proxy, error) {
	if run == nil {
		return nil, ErrRunner
	}
	if len(script) > MaxScript {
		return nil, fmt.Errorf("%w: %d bytes", ErrLimit, len(script))
	}
	question, err := json.Marshal(job{text(script), goalURL(host, port), host})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrScript, err)
	}
	ctx, cancel := context.WithTimeout(ctx, Time+startTime)
	defer cancel()
	said, err := run(ctx, question)
	if err != nil && ctx.Err() != nil {
		return nil, fmt.Errorf("%w: %w", ErrLimit, ctx.Err())
	}
	var a answer
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRunner, err)
	}
	if err := json.Unmarshal(said, &a); err != nil || len(said) > MaxAnswer {
		return nil, fmt.Errorf("%w: no answer", ErrLimit) // it was ended half way
	}
	switch {
	case a.Limit:
		return nil, fmt.Errorf("%w: %s", ErrLimit, plain(a.Error))
	case a.Error != "":
		return nil, fmt.Errorf("%w: %s", ErrScript, plain(a.Error))
	}
	return Parse(a.Result), nil
}

// goalURL is what a script sees of the goal. There is no path that it could tell anybody.
func goalURL(host string, port uint16) string {
	const https = 443
	if port != https {
		return "https://" + net.JoinHostPort(host, strconv.Itoa(int(port))) + "/"
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return "https://" + host + "/"
}

// text is a script as a string. Old ones are in Latin-1.
func text(script []byte) string {
	s := strings.TrimPrefix(string(script), "\ufeff")
	if utf8.ValidString(s) {
		return s
	}
	runes := make([]rune, len(script))
	for i, b := range script {
		runes[i] = rune(b)
	}
	return string(runes)
}

// plain makes a script's words fit for a report.
func plain(s string) string {
	const longest = 120
	clean := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, s)
	return clean[:min(len(clean), longest)]
}

// Parse reads what a script returns: "PROXY host:port; SOCKS5 host:port; DIRECT". What makes no sense is left out, and
// so is SOCKS4, which cannot be told a name. Nothing at all means DIRECT.
func Parse(result string) []dial.Proxy {
	if len(result) > maxResult {
		return nil
	}
	if strings.TrimSpace(result) == "" {
		return []dial.Proxy{{}}
	}
	schemes := map[string]string{"PROXY": "http", "HTTP": "http", "HTTPS": "https", "SOCKS": "socks5", "SOCKS5": "socks5"}
	var list []dial.Proxy
	for part := range strings.SplitSeq(result, ";") {
		words := strings.Fields(part)
		if len(words) == 1 && strings.EqualFold(words[0], "DIRECT") && len(list) < maxProxies {
			list = append(list, dial.Proxy{})
		}
		if len(words) != 2 || len(list) >= maxProxies || strings.ContainsAny(words[1], "@/?#") {
			continue
		}
		if scheme, ok := schemes[strings.ToUpper(words[0])]; ok {
			if p, err := dial.ParseProxy(scheme + "://" + words[1]); err == nil {
				list = append(list, p)
			}
		}
	}
	return list
}
