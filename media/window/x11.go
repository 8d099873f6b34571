//go:build linux || freebsd || netbsd || openbsd

package window

import (
	"fmt"
	"image"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jezek/xgb/xproto"
)

// redialRest is how long a server that cannot be reached is let be.
const redialRest = 500 * time.Millisecond

func init() { newFinder = newX11 }

// finder answers from a watch, and begins another one when somebody has closed its connection: any program may, and then our
// windows must not stand in the picture where they have gone meanwhile.
type finder struct {
	pids   []int
	now    atomic.Pointer[watch]
	closed atomic.Bool

	mu      sync.Mutex // held while questions are asked
	failed  time.Time  // when the server could not be reached last
	through func(uintptr) bool
}

func newX11(pids []int) (Finder, error) {
	w, err := newWatch(pids, nil)
	if err != nil {
		return nil, err
	}
	f := &finder{pids: pids}
	f.now.Store(w)
	return f, nil
}

// ask asks the watch, or another one if that has lost its connection. It reports false if nobody answered.
func (f *finder) ask(question func(*watch) error) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return question(f.now.Load()) == nil || f.redial() && question(f.now.Load()) == nil
}

// redial begins another watch, which knows what the one before had found.
func (f *finder) redial() bool {
	if f.closed.Load() || time.Since(f.failed) < redialRest {
		return false
	}
	before := f.now.Load()
	before.conn.Close()
	w, err := newWatch(f.pids, before.known())
	if err != nil {
		f.failed = time.Now()
		return false
	}
	f.now.Store(w)
	if f.closed.Load() {
		w.conn.Close()
	}
	return true
}

// Rects implements Finder.
func (f *finder) Rects() (rs []image.Rectangle) {
	ok := f.ask(func(w *watch) (err error) {
		rs, err = w.rects(f.through)
		return err
	})
	if !ok {
		return []image.Rectangle{Everywhere}
	}
	return rs
}

// Focused implements Finder.
func (f *finder) Focused() (yes bool) {
	ok := f.ask(func(w *watch) (err error) {
		yes, err = w.focused()
		return err
	})
	return yes || !ok
}

// Through implements Finder.
func (f *finder) Through(which func(uintptr) bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.through = which
}

// holds reports whether a child of the root is ours or has one of ours in it, and whether anybody knows.
func (f *finder) holds(top xproto.Window) (yes, known bool) {
	known = f.ask(func(w *watch) error {
		err := w.settle()
		yes = err == nil && w.has(top)
		return err
	})
	return yes, known
}

// Close implements Finder. It does not wait for the server.
func (f *finder) Close() error {
	f.closed.Store(true)
	f.now.Load().conn.Close()
	return nil
}

// unsupported is why there is no watch.
func unsupported(err error) error { return fmt.Errorf("%w: %w", ErrUnsupported, err) }
