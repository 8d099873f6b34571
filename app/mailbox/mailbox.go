// Package mailbox hands what people do in a window to the goroutine that runs their session: in order,
// without ever making the window wait.
package mailbox

import "sync"

// Box is a queue without end between any number of writers and one reader. The zero Box is not
// ready: use [New].
type Box[T any] struct {
	mu    sync.Mutex
	items []T
	ready chan struct{}
}

// New returns an empty box.
func New[T any]() *Box[T] { return &Box[T]{ready: make(chan struct{}, 1)} }

// Put adds an item and returns at once.
func (b *Box[T]) Put(item T) {
	b.mu.Lock()
	b.items = append(b.items, item)
	b.mu.Unlock()
	select {
	case b.ready <- struct{}{}:
	default:
	}
}

// Ready yields a value when [Box.Take] may have something to return.
func (b *Box[T]) Ready() <-chan struct{} { return b.ready }

// Take removes and returns all items, oldest first.
func (b *Box[T]) Take() []T {
	b.mu.Lock()
	defer b.mu.Unlock()
	items := b.items
	b.items = nil
	return items
}
