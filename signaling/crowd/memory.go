package crowd

import (
	"container/list"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// MaxKeys is how many keys a Memory holds. The one not asked for longest is forgotten first.
const MaxKeys = 10_000

// Memory remembers one T for each of the last MaxKeys keys. The zero Memory is empty. It is for one goroutine at a time.
type Memory[K comparable, T any] struct {
	entries map[K]*list.Element
	order   *list.List // of *entry[K, T], the latest first
}

type entry[K comparable, T any] struct {
	key   K
	value T
}

// Get returns what is kept for key, and the zero T for a new one.
func (m *Memory[K, T]) Get(key K) *T {
	if m.entries == nil {
		m.entries, m.order = map[K]*list.Element{}, list.New()
	}
	if e, ok := m.entries[key]; ok {
		m.order.MoveToFront(e)
		return &e.Value.(*entry[K, T]).value
	}
	if m.order.Len() >= MaxKeys {
		oldest := m.order.Back()
		delete(m.entries, oldest.Value.(*entry[K, T]).key)
		m.order.Remove(oldest)
	}
	e := &entry[K, T]{key: key}
	m.entries[key] = m.order.PushFront(e)
	return &e.value
}

// Turnstile lets a line through so often, and a site twice as often. Its methods may be called from any goroutine.
type Turnstile struct {
	every time.Duration
	burst int

	mu   sync.Mutex
	keys Memory[netip.Prefix, *rate.Limiter]
}

// NewTurnstile returns one that lets a line through burst times at once, and once more after every.
func NewTurnstile(every time.Duration, burst int) *Turnstile {
	return &Turnstile{every: every, burst: burst}
}

// Allow reports whether one more from f may go on, and counts it.
func (t *Turnstile) Allow(f From, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	line := t.bucket(f.Line, 1)
	if f.Line == f.Site {
		return line.AllowN(now, 1)
	}
	site := t.bucket(f.Site, siteTimes)
	return site.TokensAt(now) >= 1 && line.AllowN(now, 1) && site.AllowN(now, 1)
}

func (t *Turnstile) bucket(p netip.Prefix, times int) *rate.Limiter {
	b := t.keys.Get(p)
	if *b == nil {
		*b = rate.NewLimiter(rate.Every(t.every/time.Duration(times)), times*t.burst)
	}
	return *b
}
