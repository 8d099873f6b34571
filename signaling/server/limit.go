package server

import (
	"sync"
	"time"

	"assist/signaling/crowd"
	"golang.org/x/time/rate"
)

// Failed joins that an address may have: ten at once, one more every six seconds.
const (
	joinBurst = 10
	joinEvery = time.Minute / joinBurst
	joinDebt  = -joinBurst // trying on without a stop costs a minute more at most
)

// limiter counts failed joins.
type limiter struct {
	mu   sync.Mutex
	keys crowd.Memory[string, *rate.Limiter]
}

func newLimiter() *limiter { return &limiter{} }

func (l *limiter) bucket(key string) *rate.Limiter {
	b := l.keys.Get(key)
	if *b == nil {
		*b = rate.NewLimiter(rate.Every(joinEvery), joinBurst)
	}
	return *b
}

// blocked reports whether key has failed too often. To ask while blocked is to stay blocked.
func (l *limiter) blocked(key string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.bucket(key)
	if b.TokensAt(now) >= 1 {
		return false
	}
	if b.TokensAt(now) > joinDebt {
		b.ReserveN(now, 1)
	}
	return true
}

// failed counts one.
func (l *limiter) failed(key string, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.bucket(key).ReserveN(now, 1)
}

// Connections that an address may make in the middle of sessions: a company whose line comes back makes many at once.
const (
	meetBurst = 120
	meetEvery = time.Second / 4
)

// How failed sign-ins are slowed down: the first three cost nothing, then 1, 2, 4… seconds. After a quarter of an hour
// without one all is forgotten.
const (
	freeFailures = 3
	slowest      = 30 * time.Second // by address: its attempts wait for one another
	slowestNamed = 4 * time.Second  // by account: strangers cannot keep its owner out
	forgetAfter  = 15 * time.Minute
)

// slowdown makes sign-ins wait after failures.
type slowdown struct {
	mu   sync.Mutex
	keys crowd.Memory[string, failures]
}

type failures struct {
	count int
	last  time.Time
	next  time.Time // when the next attempt of this address may go on
}

func newSlowdown() *slowdown { return &slowdown{} }

// wait is how long an attempt from address to sign in as account must wait. Every attempt of an address takes a turn of its own, so
// that many sockets at once gain nothing.
func (s *slowdown) wait(address, account string, now time.Time) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.get("address "+address, now)
	d := delay(a.count, slowest)
	start := now
	if d > 0 {
		if a.next.After(now) {
			start = a.next
		}
		start = start.Add(d)
		a.next = start
	}
	return max(start.Sub(now), delay(s.get("account "+account, now).count, slowestNamed))
}

// failed counts one.
func (s *slowdown) failed(address, account string, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, key := range []string{"address " + address, "account " + account} {
		f := s.get(key, now)
		f.count, f.last = f.count+1, now
	}
}

// succeeded forgets the failures of account. Those of an address stay: else one good account would pay for guesses at another.
func (s *slowdown) succeeded(account string, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	*s.get("account "+account, now) = failures{}
}

func (s *slowdown) get(key string, now time.Time) *failures {
	f := s.keys.Get(key)
	if now.Sub(f.last) > forgetAfter {
		*f = failures{}
	}
	return f
}

func delay(failed int, most time.Duration) time.Duration {
	if failed < freeFailures {
		return 0
	}
	return min(time.Second<<min(failed-freeFailures, 10), most)
}
