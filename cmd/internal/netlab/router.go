package netlab

import (
	"net/netip"
	"sync"
)

// router passes packets from line to line.
type router struct {
	resolver *Resolver
	wg       sync.WaitGroup

	mu    sync.RWMutex
	links map[netip.Addr]*Link
	all   []*Link
	shut  bool
}

func newRouter() *router { return &router{links: make(map[netip.Addr]*Link)} }

// attach begins to route for a host with these addresses.
func (r *router) attach(dev device, seed uint64, addrs ...netip.Addr) *Link {
	l := &Link{router: r, dev: dev}
	l.up = newLane(seed*2, func(p packet) { r.route(l, p) })
	l.down = newLane(seed*2+1, func(p packet) { _, _ = dev.Write(p) }) // a host that is gone gets nothing
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, l)
	for _, a := range addrs {
		if a.IsValid() {
			r.links[a] = l
		}
	}
	r.wg.Go(l.up.run)
	r.wg.Go(l.down.run)
	r.wg.Go(l.read)
	return l
}

// read takes in what the host sends, until its device is closed.
func (l *Link) read() {
	buf := make([]byte, mtu+64)
	for {
		n, err := l.dev.Read(buf)
		if err != nil {
			return
		}
		p := packet(append([]byte(nil), buf[:n]...))
		h, ok := p.parse()
		if !ok {
			continue // neighbours' talk
		}
		if no, refused := l.blocked(h, true); no {
			if refused {
				if answer := p.refusal(h); answer != nil {
					l.down.send(answer)
				}
			}
			continue
		}
		l.up.send(p)
	}
}

// route passes on what has come up a line.
func (r *router) route(from *Link, p packet) {
	h, ok := p.parse()
	if !ok {
		return
	}
	if isResolver(h.dst) {
		if answer := r.resolver.answer(p, h); answer != nil {
			from.down.send(answer)
		}
		return
	}
	r.mu.RLock()
	to := r.links[h.dst]
	r.mu.RUnlock()
	if to == nil {
		return
	}
	if no, _ := to.blocked(h, false); !no {
		to.down.send(p)
	}
}

// blocked reports whether the host's firewall keeps a packet from it, and whether the sender is to be told.
func (l *Link) blocked(h header, out bool) (no, refuse bool) {
	l.mu.Lock()
	w := l.wall
	l.mu.Unlock()
	if w == nil || w.allows(h, out) {
		return false, false
	}
	return true, w.mode == Refuse
}

// close ends all lines.
func (r *router) close() {
	r.mu.Lock()
	shut := r.shut
	r.shut = true
	all := r.all
	r.mu.Unlock()
	if shut {
		return
	}
	for _, l := range all {
		_ = l.dev.Close()
		close(l.up.stop)
		close(l.down.stop)
	}
	r.wg.Wait()
}
