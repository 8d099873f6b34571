package dial

import (
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// quiet is how long a relay may leave what was sent to it without any answer before another one is tried first. The two ends of
// a link ask each other every second.
const quiet = 1500 * time.Millisecond

// pulse notices that nothing comes from a relay any more.
type pulse struct {
	waits atomic.Int64 // since when something sent is without an answer, Unix nanoseconds; 0: it is not
}

func (p *pulse) wrote() { p.waits.CompareAndSwap(0, time.Now().UnixNano()) }
func (p *pulse) heard() { p.waits.Store(0) }

// gone reports whether the relay seems to be.
func (p *pulse) gone(now time.Time) bool {
	since := p.waits.Load()
	return since != 0 && now.Sub(time.Unix(0, since)) > quiet
}

// felt is a connection of a link to a relay with its pulse.
type felt struct {
	net.Conn
	pulse pulse
	d     *Dialer
	key   string
	once  sync.Once
}

// feel takes c in until it is closed.
func (d *Dialer) feel(c net.Conn, key string) *felt {
	f := &felt{Conn: c, d: d, key: key}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.felt[f] = true
	return f
}

// suspect reports whether a live connection to the relay has lost its pulse.
func (d *Dialer) suspect(key string) bool {
	now := time.Now()
	d.mu.Lock()
	defer d.mu.Unlock()
	for f := range d.felt {
		if f.key == key && f.pulse.gone(now) {
			return true
		}
	}
	return false
}

// suspectsLast puts relays that seem dead behind the others.
func (d *Dialer) suspectsLast(list []target) {
	dead := make(map[string]bool)
	for _, t := range list {
		dead[t.key] = d.suspect(t.key)
	}
	slices.SortStableFunc(list, func(a, b target) int { return rank(!dead[a.key]) - rank(!dead[b.key]) })
}

// NetConn returns the connection below, as tls.Conn does.
func (f *felt) NetConn() net.Conn { return f.Conn }

// Write implements net.Conn.
func (f *felt) Write(p []byte) (int, error) {
	f.pulse.wrote()
	return f.Conn.Write(p)
}

// Read implements net.Conn.
func (f *felt) Read(p []byte) (int, error) {
	n, err := f.Conn.Read(p)
	if n > 0 {
		f.pulse.heard()
	}
	return n, err
}

// Close implements net.Conn.
func (f *felt) Close() error {
	f.once.Do(func() {
		f.d.mu.Lock()
		defer f.d.mu.Unlock()
		delete(f.d.felt, f)
	})
	return f.Conn.Close()
}
