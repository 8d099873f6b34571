package system

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"assist/signaling/dial"
	"assist/signaling/dial/pac"
)

const (
	fetchTime  = 3 * time.Second
	scriptLife = 5 * time.Minute // of a script that was fetched, or not
	maxScripts = 8
)

var (
	// ErrFetch says that a script cannot be had.
	ErrFetch = errors.New("system: no script")
	// ErrScriptAddress says that a script's address is not one of http, https or a file.
	ErrScriptAddress = errors.New("system: malformed address of a script")
)

// script is what was found at an address, and when.
type script struct {
	text []byte
	err  error
	at   time.Time
}

// ask fetches the script at an address, unless it was just fetched, and asks it.
func (f *finder) ask(ctx context.Context, address, host string, port uint16) ([]dial.Proxy, error) {
	f.mu.Lock()
	s, ok := f.scripts[address]
	f.mu.Unlock()
	if !ok || time.Since(s.at) > scriptLife {
		within, cancel := context.WithTimeout(ctx, fetchTime)
		s.text, s.err = f.fetch(within, address)
		cancel()
		if ctx.Err() != nil {
			return nil, fmt.Errorf("%w: %w", ErrFetch, ctx.Err())
		}
		s.at = time.Now()
		f.mu.Lock()
		if len(f.scripts) >= maxScripts {
			clear(f.scripts)
		}
		f.scripts[address] = s
		f.mu.Unlock()
	}
	if s.err != nil {
		return nil, s.err
	}
	return pac.Find(ctx, f.o.Scripts, s.text, host, port)
}

// fetch reads a script, without a proxy: its purpose is to find one.
func fetch(ctx context.Context, address string) ([]byte, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, ErrScriptAddress // err repeats the address, which may hold a secret
	}
	switch strings.ToLower(u.Scheme) {
	case "http", "https":
		return fetchHTTP(ctx, u)
	case "file":
		return readFile(filePath(u), pac.MaxScript)
	}
	return nil, fmt.Errorf("%w: scheme %q", ErrScriptAddress, u.Scheme)
}

func fetchHTTP(ctx context.Context, u *url.URL) ([]byte, error) {
	const maxHeaders = 64 << 10
	transport := &http.Transport{
		Proxy: nil, DialContext: (&net.Dialer{}).DialContext, DisableKeepAlives: true, MaxResponseHeaderBytes: maxHeaders,
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, ErrScriptAddress
	}
	req.Host = strings.TrimSuffix(u.Host, ".")
	resp, err := (&http.Client{Transport: transport}).Do(req)
	if err != nil {
		if bad, ok := errors.AsType[*url.Error](err); ok {
			err = bad.Err // without the address
		}
		return nil, fmt.Errorf("%w: %w", ErrFetch, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%w: status %d", ErrFetch, resp.StatusCode)
	}
	return readAll(resp.Body, pac.MaxScript)
}

// filePath returns the file of a file URL. Windows' has a drive: file:///C:/x, or file://C:/x as people write it.
func filePath(u *url.URL) string {
	p := u.Path
	if len(u.Host) == 2 && u.Host[1] == ':' {
		return u.Host + p
	}
	if len(p) > 2 && p[0] == '/' && p[2] == ':' {
		return p[1:]
	}
	return p
}

// readFile reads a file of at most n bytes. It opens nothing but files: a pipe would keep us waiting.
func readFile(name string, n int64) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFetch, err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%w: not a file", ErrFetch)
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFetch, err)
	}
	defer file.Close()
	return readAll(file, n)
}

func readAll(r io.Reader, n int64) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, n+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrFetch, err)
	case int64(len(text)) > n:
		return nil, fmt.Errorf("%w: more than %d bytes", ErrFetch, n)
	}
	return text, nil
}

// wpadURL is where a domain's script is. Only the own domain's is asked: to go up, towards domains of others, is to let
// them choose the proxy. A domain of one word belongs to nobody. The dot at the end keeps the system from trying
// other domains.
func wpadURL(domain string) string {
	domain = strings.ToLower(strings.Trim(domain, "."))
	if !strings.Contains(domain, ".") || len(domain) > 200 {
		return ""
	}
	for _, r := range domain {
		if !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' || r == '.') {
			return ""
		}
	}
	return "http://wpad." + domain + "./wpad.dat"
}

// shown is an address as it may stand in a report: without login and question.
func shown(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "?"
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}
