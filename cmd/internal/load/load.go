// Package load fills a service with people: engineers with codes that wait, customers with the form before them, sessions that go
// on and sessions whose link is gone. Then it does what people do all day, and times every call at the app's end.
//
// Everything goes through package signaling/client, as in the apps, from many addresses of loopback, as if from many companies.
// What is said inside a session is not there: its handshakes are random bytes of the usual size. The package starts no service
// and knows no goal.
package load

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"assist/cmd/internal/measure"
	"assist/signaling/client"
)

// Service is the service to fill.
type Service struct {
	Addr string      // host:port on loopback
	TLS  *tls.Config // with its root
}

// Account is an engineer's.
type Account struct{ Name, Password string }

// Size is how many people there are.
type Size struct {
	Codes    int // that wait at each engineer: with one that is about to be used not more than an account may have open
	Forms    int // customers who have not typed a code yet
	Sessions int // that began with a code and go on
	Resuming int // sessions whose ends both wait for the other one
}

// Sizes of what apps send, in bytes: an offer with its keys, an answer with its, the last word of the handshake, and a
// description that one end of a session passes to the other.
const (
	offerSize   = 4 << 10
	answerSize  = 3 << 10
	confirmSize = 400
	passSize    = 2 << 10
)

const (
	// perAddress is about how many connections come from one address while the place fills: fewer than the service lets one make
	// at once.
	perAddress = 30
	// callTime is how long a call may take at most.
	callTime = 30 * time.Second
	// atOnce is how many connections are being made at the same time.
	atOnce = 32
)

// Calls are times from the call to the answer, by the call's name.
type Calls map[string]measure.Times

// The calls. Connecting is no call: it is TCP, TLS and the opening of the WebSocket.
const (
	Connect = "connect"
	Hello   = "hello"
	Code    = "new code"
	Join    = "join" // with the time of the engineer's app, which answers at once
	Answer  = "answer"
	Confirm = "confirm"
	Accept  = "accept"
	Pass    = "pass"
	Ended   = "ended"
)

// Answered are all times but those of connecting.
func (c Calls) Answered() (all measure.Times) {
	for name, times := range c {
		if name != Connect {
			all = append(all, times...)
		}
	}
	return all
}

// Crowd is everybody. Its methods but Close are not for several goroutines.
type Crowd struct {
	service   Service
	size      Size
	engineers []*engineer
	places    atomic.Uint64 // connections so far
	addresses uint64        // from which they come in turn
	wg        sync.WaitGroup
	stop      context.CancelFunc

	mu       sync.Mutex
	conns    map[*client.Conn]bool // all that are there
	sessions []*customer           // those that go on, the oldest first
	pairs    [][2]*client.Conn
	timed    Calls // nil: nobody times
	failed   error // the first of what went wrong in the background
}

// connect makes one connection from the next address.
func (c *Crowd) connect(ctx context.Context) (*client.Conn, error) {
	n := c.places.Add(1) % c.addresses
	from := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 1, byte(n>>8), byte(n))}}
	var conn *client.Conn
	err := c.time(Connect, func() (err error) {
		conn, err = client.Dial(ctx, client.Config{Service: c.service.Addr, TLS: c.service.TLS, Dial: from.DialContext})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("load: connection %d: %w", c.places.Load(), err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.conns[conn] = true
	return conn, nil
}

// leave ends a connection in order.
func (c *Crowd) leave(conn *client.Conn) {
	c.mu.Lock()
	delete(c.conns, conn)
	c.mu.Unlock()
	conn.Close()
}

// time calls f and notes how long it took, if that is wanted now and it went well.
func (c *Crowd) time(name string, f func() error) error {
	began := time.Now()
	err := f()
	took := time.Since(began)
	if err != nil {
		return fmt.Errorf("load: %s: %w", name, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.timed != nil {
		c.timed[name] = append(c.timed[name], took)
	}
	return nil
}

// fail notes what went wrong where nobody waits.
func (c *Crowd) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failed == nil {
		c.failed = err
	}
}

func (c *Crowd) failure() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.failed
}

// Connections is how many there are.
func (c *Crowd) Connections() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.conns)
}

// Close ends every connection and waits for all that was started.
func (c *Crowd) Close() {
	c.stop()
	c.mu.Lock()
	conns := c.conns
	c.conns = map[*client.Conn]bool{}
	c.mu.Unlock()
	for conn := range conns {
		c.wg.Go(func() { conn.Close() })
	}
	c.wg.Wait()
}

// noise returns n random bytes.
func noise(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails, see crypto/rand
	return b
}
