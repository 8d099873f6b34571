package dial

import (
	"net"
	"sync"
	"time"
)

// holdTime is how long the end of a TLS handshake waits for what is said next.
const holdTime = 20 * time.Millisecond

// hold joins the end of a client's TLS handshake and the first words said after it, which else would take a packet each, with
// an acknowledgement each: about 100 bytes. What TLS writes after it has read something is kept until it reads again; once the
// handshake is over, until the first words or for [holdTime].
type hold struct {
	net.Conn
	out sync.Mutex // held while something is written, so that it stays in order

	mu   sync.Mutex
	keep bool // what is written is kept
	kept []byte
	late *time.Timer // set once the handshake is over
	err  error       // of writing late
}

// NetConn returns the connection below, as tls.Conn does.
func (h *hold) NetConn() net.Conn { return h.Conn }

// Write implements net.Conn.
func (h *hold) Write(p []byte) (int, error) {
	h.out.Lock()
	defer h.out.Unlock()
	h.mu.Lock()
	if h.keep && h.late == nil {
		h.kept = append(h.kept, p...)
		h.mu.Unlock()
		return len(p), nil
	}
	h.mu.Unlock()
	n, err := h.flush(p)
	return n, err
}

// Read implements net.Conn.
func (h *hold) Read(p []byte) (int, error) {
	h.mu.Lock()
	begins := h.late == nil
	more := begins && len(h.kept) > 0 // the handshake goes on
	h.mu.Unlock()
	if more {
		h.out.Lock()
		_, err := h.flush(nil)
		h.out.Unlock()
		if err != nil {
			return 0, err
		}
	}
	if begins {
		h.mu.Lock()
		h.keep = h.late == nil
		h.mu.Unlock()
	}
	return h.Conn.Read(p)
}

// done says that the handshake is over.
func (h *hold) done() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.late = time.AfterFunc(holdTime, func() {
		h.out.Lock()
		defer h.out.Unlock()
		_, err := h.flush(nil)
		h.mu.Lock()
		h.err = err
		h.mu.Unlock()
	})
}

// flush writes what was kept, and p behind it; from now on nothing is kept. It returns how much of p is written. h.out is locked.
func (h *hold) flush(p []byte) (int, error) {
	h.mu.Lock()
	kept, err := h.kept, h.err
	h.kept, h.keep = nil, false
	if h.late != nil {
		h.late.Stop()
	}
	h.mu.Unlock()
	if err != nil {
		return 0, err
	}
	all := p
	if len(kept) > 0 {
		all = append(kept, p...)
	}
	if len(all) == 0 {
		return 0, nil
	}
	n, err := h.Conn.Write(all)
	return max(n-len(kept), 0), err
}

// Close implements net.Conn. What was kept goes out first if it can at once: the other end may want to know why.
func (h *hold) Close() error {
	if h.out.TryLock() {
		_ = h.Conn.SetWriteDeadline(time.Now().Add(holdTime))
		_, _ = h.flush(nil)
		h.out.Unlock()
	}
	return h.Conn.Close()
}
