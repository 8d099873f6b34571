package input

// Tracker is a Sink that knows what is down. It drops a second press of the same key and the release of
// a key that is not down, and at most 32 keys are down at a time.
type Tracker struct {
	next Sink
	held held
}

// NewTracker returns a Tracker in front of next.
func NewTracker(next Sink) *Tracker {
	return &Tracker{next: next}
}

// ReleaseAll lets every key and button go.
func (t *Tracker) ReleaseAll() error {
	return t.held.release(t.next)
}

// Key implements Sink.
func (t *Tracker) Key(k Key) error {
	if !t.held.key(k) {
		return nil
	}
	return t.next.Key(k)
}

// Pointer implements Sink.
func (t *Tracker) Pointer(p Pointer) error {
	return t.next.Pointer(t.held.pass(p))
}

// Text implements Sink.
func (t *Tracker) Text(s string) error {
	return t.next.Text(s)
}
