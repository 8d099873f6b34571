package server

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
)

// slimBuffer is how many bytes a connection's buffers have, each way: messages are short, and most connections wait.
const slimBuffer = 512

// slim is a ResponseWriter that gives a connection away with smaller buffers than net/http's, which have 4 kB each.
type slim struct{ http.ResponseWriter }

// Hijack implements http.Hijacker.
func (s slim) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c, old, err := http.NewResponseController(s.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	early, err := old.Reader.Peek(old.Reader.Buffered()) // what came behind the request
	if err != nil {
		c.Close()
		return nil, nil, err
	}
	r := bufio.NewReaderSize(io.MultiReader(bytes.NewReader(bytes.Clone(early)), c), max(slimBuffer, len(early)))
	if _, err := r.Peek(len(early)); err != nil { // into the buffer: who takes the connection looks there
		c.Close()
		return nil, nil, err
	}
	return c, bufio.NewReadWriter(r, bufio.NewWriterSize(c, slimBuffer)), nil
}
