// Package inputtest holds what every input.Injector must do, an injector that only
// remembers, and X displays for tests to inject into. It tests injectors; the filters have tests of their own.
package inputtest

import (
	"image"
	"slices"
	"strings"
	"sync"

	"assist/media/input"
)

// Event is what an injector was given. One of the fields is set.
type Event struct {
	Key     *input.Key
	Pointer *input.Pointer
	Text    string
}

// Recorder is an input.Injector and an input.Hand for tests: it remembers what it is given. Its
// methods may be called from any goroutine.
type Recorder struct {
	mu       sync.Mutex
	events   []Event
	keys     []input.Usage
	buttons  input.Buttons
	displays []image.Rectangle
	err      error
	moved    bool
	closed   bool
	before   func()
}

var (
	_ input.Injector = (*Recorder)(nil)
	_ input.Hand     = (*Recorder)(nil)
)

// NewRecorder returns an empty Recorder.
func NewRecorder() *Recorder { return &Recorder{} }

func (r *Recorder) add(e Event) error {
	r.mu.Lock()
	before := r.before
	r.mu.Unlock()
	if before != nil {
		before()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.closed:
		return input.ErrClosed
	case r.err != nil:
		return r.err
	}
	r.take(e)
	return nil
}

// take remembers e.
func (r *Recorder) take(e Event) {
	r.events = append(r.events, e)
	switch {
	case e.Pointer != nil:
		r.buttons = e.Pointer.Buttons
	case e.Key != nil && e.Key.Down:
		r.keys = append(r.keys, e.Key.Usage)
	case e.Key != nil:
		r.keys = slices.DeleteFunc(r.keys, func(u input.Usage) bool { return u == e.Key.Usage })
	}
}

// Key implements input.Sink.
func (r *Recorder) Key(k input.Key) error { return r.add(Event{Key: &k}) }

// Pointer implements input.Sink.
func (r *Recorder) Pointer(p input.Pointer) error { return r.add(Event{Pointer: &p}) }

// Text implements input.Sink.
func (r *Recorder) Text(s string) error { return r.add(Event{Text: s}) }

// SetDisplays implements input.Injector.
func (r *Recorder) SetDisplays(bounds []image.Rectangle) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.displays = slices.Clone(bounds)
}

// Displays returns what SetDisplays was given last.
func (r *Recorder) Displays() []image.Rectangle {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.displays)
}

// Close implements input.Injector: what is down goes up, as the last events.
func (r *Recorder) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, u := range slices.Backward(slices.Clone(r.keys)) {
		r.take(Event{Key: &input.Key{Usage: u}})
	}
	if r.buttons != 0 {
		r.take(Event{Pointer: &input.Pointer{Stay: true}})
	}
	r.closed = true
	return nil
}

// Moved implements input.Hand.
func (r *Recorder) Moved() (bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	moved := r.moved
	r.moved = false
	return moved, nil
}

// Move is the customer's hand at work.
func (r *Recorder) Move() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.moved = true
}

// Fail makes every event from now on return err.
func (r *Recorder) Fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.err = err
}

// Before has f called before every event is taken, for tests of what happens meanwhile.
func (r *Recorder) Before(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.before = f
}

// Events returns what came, in order.
func (r *Recorder) Events() []Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.events)
}

// Count returns how many events came.
func (r *Recorder) Count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.events)
}

// Typed returns all text that came.
func (r *Recorder) Typed() string {
	var s strings.Builder
	for _, e := range r.Events() {
		s.WriteString(e.Text)
	}
	return s.String()
}

// Held returns the keys and buttons that are down.
func (r *Recorder) Held() ([]input.Usage, input.Buttons) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.keys), r.buttons
}

// Closed reports whether Close was called.
func (r *Recorder) Closed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.closed
}
