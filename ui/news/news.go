// Package news hands what a session tells to the goroutine of its window: in order, without ever making the session wait. While the
// window is too busy to take it, not more than so much waits, whatever the other end of the session does.
//
// The package does not know what is told, and shows nothing.
package news

import (
	"reflect"
	"slices"
	"sync"
)

// maxWaiting is how many events of one type may wait. It is more than a window keeps of what is only said, and the rest tell how
// something is now: so of too many of a type the oldest are not missed.
const maxWaiting = 256

// Queue holds the events of type E, an interface, until they are shown. Put may be called from any goroutine.
type Queue[E any] struct {
	do   func(func())
	show func(E)

	mu      sync.Mutex
	waiting []E
	count   map[reflect.Type]int // of waiting
	asked   bool                 // do was called and has not run yet
}

// New returns a queue whose events show gets, one after the other, on the goroutine that do runs functions on.
func New[E any](do func(func()), show func(E)) *Queue[E] {
	return &Queue[E]{do: do, show: show, count: map[reflect.Type]int{}}
}

// Put adds an event and returns at once.
func (q *Queue[E]) Put(e E) {
	q.mu.Lock()
	kind := reflect.TypeOf(e)
	if q.count[kind] == maxWaiting {
		oldest := slices.IndexFunc(q.waiting, func(e E) bool { return reflect.TypeOf(e) == kind })
		q.waiting = slices.Delete(q.waiting, oldest, oldest+1)
		q.count[kind]--
	}
	q.waiting = append(q.waiting, e)
	q.count[kind]++
	ask := !q.asked
	q.asked = true
	q.mu.Unlock()
	if ask {
		q.do(q.run)
	}
}

// run shows what waits. What comes meanwhile waits for the next time, so that the window is drawn in between.
func (q *Queue[E]) run() {
	q.mu.Lock()
	now := q.waiting
	q.waiting, q.asked = nil, false
	clear(q.count)
	q.mu.Unlock()
	for _, e := range now {
		q.show(e)
	}
}
