package dial

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"slices"
	"strings"
)

const (
	maxHead = 16 << 10  // bytes of a proxy's answer before its text
	maxText = 256 << 10 // bytes of its text, which nobody reads
)

// reply is a proxy's answer to CONNECT.
type reply struct {
	status     int
	challenges []challenge
	length     int64 // of the text, -1 if it is not said
	chunked    bool
	last       bool // the proxy closes the connection after it
}

// readHead reads up to the empty line and not a byte further: what follows belongs to whoever is at the end of the way.
func readHead(r io.Reader) ([]byte, error) {
	head := make([]byte, 0, 512)
	var one [1]byte
	for !bytes.HasSuffix(head, []byte("\r\n\r\n")) && !bytes.HasSuffix(head, []byte("\n\n")) {
		if len(head) == maxHead {
			return nil, fmt.Errorf("%w: more than %d bytes", ErrProxyReply, maxHead)
		}
		if _, err := io.ReadFull(r, one[:]); err != nil {
			return nil, err
		}
		if head = append(head, one[0]); len(head) == len("HTTP/") && string(head) != "HTTP/" {
			return nil, fmt.Errorf("%w: %q", ErrProxyReply, plainText(string(head)))
		}
	}
	return head, nil
}

// parseReply reads the head of an answer (RFC 9112 section 4). The error is ErrProxyReply.
func parseReply(head []byte) (reply, error) {
	resp, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(head)), &http.Request{Method: http.MethodConnect})
	if err != nil {
		return reply{}, fmt.Errorf("%w: not HTTP", ErrProxyReply) // err may repeat anything
	}
	_ = resp.Body.Close()
	if resp.StatusCode < 100 || resp.StatusCode > 599 {
		return reply{}, fmt.Errorf("%w: status %d", ErrProxyReply, resp.StatusCode)
	}
	keep := strings.EqualFold(resp.Header.Get("Proxy-Connection"), "keep-alive")
	return reply{
		status:     resp.StatusCode,
		challenges: parseChallenges(resp.Header.Values("Proxy-Authenticate")),
		length:     resp.ContentLength,
		chunked:    slices.Contains(resp.TransferEncoding, "chunked"),
		last: strings.EqualFold(resp.Header.Get("Proxy-Connection"), "close") ||
			resp.Close && !(keep && resp.ContentLength >= 0),
	}, nil
}

// skip reads the text of an answer away, so that the connection can be used again. It reports whether it can.
func (r reply) skip(c net.Conn) bool {
	if r.last || r.length > maxText || r.length < 0 && !r.chunked {
		return false
	}
	if !r.chunked {
		_, err := io.CopyN(io.Discard, c, r.length)
		return err == nil
	}
	in := bufio.NewReader(c)
	n, err := io.Copy(io.Discard, io.LimitReader(httputil.NewChunkedReader(in), maxText))
	if err != nil || n == maxText {
		return false
	}
	// The reader leaves the line after the last piece. Nothing may follow: nothing was asked.
	end, err := in.ReadSlice('\n')
	return err == nil && len(bytes.TrimSpace(end)) == 0 && in.Buffered() == 0
}
