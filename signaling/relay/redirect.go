package relay

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"strings"
)

const (
	// httpPort is where people come who type the service's name into a browser.
	httpPort = 80
	// maxRequest is how much of a request in clear text is read, in bytes.
	maxRequest = 4 << 10
)

// redirect answers one HTTP request in clear text with the way to HTTPS, and nothing else: no path of it and no header is
// repeated but the host's name. The caller bounds the time, and closes the connection.
func redirect(c io.ReadWriter) error {
	r, err := http.ReadRequest(bufio.NewReader(io.LimitReader(c, maxRequest)))
	if err != nil {
		return err
	}
	head := "HTTP/1.1 403 Forbidden\r\n"
	if host, ok := plainHost(r.Host); ok {
		head = "HTTP/1.1 308 Permanent Redirect\r\nLocation: https://" + host + "/\r\n"
	}
	const text = "Assist speaks HTTPS only.\n"
	_, err = fmt.Fprintf(c, "%sContent-Type: text/plain\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", head, len(text), text)
	return err
}

// plainHost returns the name or address of a Host header without its port, as a URL has it, if it is nothing else.
func plainHost(header string) (string, bool) {
	host := strings.TrimSuffix(header, ":80")
	if bare, ok := strings.CutPrefix(host, "["); ok {
		a, err := netip.ParseAddr(strings.TrimSuffix(bare, "]"))
		return host, err == nil && a.Is6() && a.Zone() == "" && strings.HasSuffix(host, "]")
	}
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-."
	for _, r := range host {
		if !strings.ContainsRune(plain, r) {
			return "", false
		}
	}
	return host, host != "" && len(host) <= 253
}
