package news

import (
	"fmt"
	"slices"
	"sync"
	"testing"
)

// The events of these tests.
type (
	said  struct{ n int }
	level struct{ n int }
	ended struct{}
)

// busy is a window that runs what it is given when it is told to.
type busy struct {
	mu    sync.Mutex
	given []func()
	shown []any
}

func (b *busy) do(f func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.given = append(b.given, f)
}

func (b *busy) run() (n int) {
	b.mu.Lock()
	given := b.given
	b.given = nil
	b.mu.Unlock()
	for _, f := range given {
		f()
	}
	return len(given)
}

func newBusy() (*busy, *Queue[any]) {
	b := &busy{}
	return b, New(b.do, func(e any) { b.shown = append(b.shown, e) })
}

func TestInOrder(t *testing.T) {
	b, q := newBusy()
	want := []any{said{1}, level{1}, said{2}, said{3}, ended{}}
	for _, e := range want {
		q.Put(e)
	}
	if n := b.run(); n != 1 || !slices.Equal(b.shown, want) {
		t.Errorf("run %d times: %v", n, b.shown)
	}
	q.Put(said{4})
	if n := b.run(); n != 1 || !slices.Equal(b.shown[5:], []any{said{4}}) {
		t.Errorf("run %d times: %v", n, b.shown)
	}
	if n := b.run(); n != 0 {
		t.Errorf("run %d times for nothing", n)
	}
}

// TestFlood floods a window that hangs: what waits is bounded, the newest of each type is there, and what comes once is not lost.
func TestFlood(t *testing.T) {
	b, q := newBusy()
	const n = 100_000
	q.Put(ended{})
	for i := range n {
		q.Put(said{i})
		if i%3 == 0 {
			q.Put(level{i})
		}
	}
	if len(b.given) != 1 || len(q.waiting) > 2*maxWaiting+1 {
		t.Errorf("%d functions and %d events wait", len(b.given), len(q.waiting))
	}
	b.run()
	if b.shown[0] != any(ended{}) || len(b.shown) != 2*maxWaiting+1 {
		t.Errorf("%d were shown, %v first", len(b.shown), b.shown[0])
	}
	if last := b.shown[len(b.shown)-2:]; !slices.Contains(last, any(said{n - 1})) || !slices.Contains(last, any(level{n - 1})) {
		t.Errorf("shown last: %v", last)
	}
	before := -1
	for _, e := range b.shown {
		if e, ok := e.(said); ok {
			if e.n <= before {
				t.Errorf("%d after %d", e.n, before)
			}
			before = e.n
		}
	}
}

// TestWhileShown puts from within show, and from other goroutines, and loses nothing.
func TestWhileShown(t *testing.T) {
	b := &busy{}
	var q *Queue[any]
	q = New(b.do, func(e any) {
		b.shown = append(b.shown, e)
		if e, ok := e.(level); ok {
			q.Put(fmt.Sprint("after ", e.n))
		}
	})
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() { q.Put(level{i}) })
	}
	wg.Wait()
	for b.run() > 0 {
	}
	if len(b.shown) != 80 {
		t.Errorf("%d were shown", len(b.shown))
	}
}
