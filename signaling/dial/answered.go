package dial

import (
	"net"
	"sync"
	"time"

	"assist/signaling/dial/stun"
)

// answered is a connection to a relay that has been greeted. Who uses it greets the relay once more, as TURN wants it, and gets the
// answer that is known already, without a word to the relay: a round trip, and 250 bytes of a slow line, the fewer.
type answered struct {
	net.Conn
	greeting stun.Answer // a no that says what to log in with

	ready chan struct{} // closed when reads may go on
	once  sync.Once

	mu    sync.Mutex
	said  bool   // the user has written
	reply []byte // and has not read it
	late  *time.Timer
}

func newAnswered(c net.Conn, greeting stun.Answer) *answered {
	return &answered{Conn: c, greeting: greeting, ready: make(chan struct{})}
}

// NetConn returns the connection below, as tls.Conn does.
func (a *answered) NetConn() net.Conn { return a.Conn }

func (a *answered) open() { a.once.Do(func() { close(a.ready) }) }

// Write implements net.Conn.
func (a *answered) Write(p []byte) (int, error) {
	if a.take(p) {
		return len(p), nil
	}
	return a.Conn.Write(p)
}

// take answers the first question, if it is the greeting.
func (a *answered) take(p []byte) bool {
	defer a.open()
	a.mu.Lock()
	defer a.mu.Unlock()
	id, greets := stun.Anonymous(p)
	if a.said || !greets {
		a.said = true
		return false
	}
	a.said, a.reply = true, stun.Refusal(id, a.greeting)
	return true
}

// Read implements net.Conn. The relay says nothing before the user has.
func (a *answered) Read(p []byte) (int, error) {
	<-a.ready
	a.mu.Lock()
	n := copy(p, a.reply)
	a.reply = a.reply[n:]
	a.mu.Unlock()
	if n > 0 {
		return n, nil
	}
	return a.Conn.Read(p)
}

// SetDeadline implements net.Conn.
func (a *answered) SetDeadline(t time.Time) error {
	a.wake(t)
	return a.Conn.SetDeadline(t)
}

// SetReadDeadline implements net.Conn.
func (a *answered) SetReadDeadline(t time.Time) error {
	a.wake(t)
	return a.Conn.SetReadDeadline(t)
}

// wake lets a read go on to the connection below at its deadline, to fail there.
func (a *answered) wake(t time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.late != nil {
		a.late.Stop()
	}
	if !t.IsZero() && !a.said {
		a.late = time.AfterFunc(time.Until(t), a.open)
	}
}

// Close implements net.Conn.
func (a *answered) Close() error {
	a.mu.Lock()
	if a.late != nil {
		a.late.Stop()
	}
	a.mu.Unlock()
	err := a.Conn.Close()
	a.open()
	return err
}
