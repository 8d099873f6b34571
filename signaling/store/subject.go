package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/nats-io/nats.go"
)

// Messages to all subjects come to a few desks: a goroutine for every subject would be most of what a listener costs.
const (
	desks   = 4    // a slow one holds up a quarter of the listeners
	maxMail = 8192 // messages that wait at a desk; what comes then is lost, as if nobody had listened
)

// desk hands messages to those who listen, one after another.
type desk struct {
	mail chan *nats.Msg

	mu    sync.RWMutex
	takes map[*nats.Subscription]func([]byte) bool
}

func newDesk() *desk {
	return &desk{mail: make(chan *nats.Msg, maxMail), takes: map[*nats.Subscription]func([]byte) bool{}}
}

// run hands out messages until ctx ends.
func (d *desk) run(ctx context.Context, log *slog.Logger) {
	for {
		select {
		case <-ctx.Done():
			return
		case m := <-d.mail:
			if taken := d.hand(m); m.Reply != "" {
				answer := refused
				if taken {
					answer = nil
				}
				if err := m.Respond(answer); err != nil {
					log.Warn("store: acknowledge", "err", err)
				}
			}
		}
	}
}

// hand gives m to its listener and reports whether it was taken.
func (d *desk) hand(m *nats.Msg) bool {
	d.mu.RLock()
	take := d.takes[m.Sub]
	d.mu.RUnlock()
	return take != nil && take(m.Data)
}

// listen subscribes conn to subject. A message that comes before it returns waits for that.
func (d *desk) listen(conn *nats.Conn, subject string, take func([]byte) bool) (*nats.Subscription, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	sub, err := conn.ChanSubscribe(subject, d.mail)
	if err == nil {
		d.takes[sub] = take
	}
	return sub, err
}

// leave ends what listen began.
func (d *desk) leave(sub *nats.Subscription) error {
	err := sub.Unsubscribe()
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.takes, sub)
	return err
}

// Listen calls take for every message to subject until stop is called. Calls come one after another and must not
// block; take reports whether the message was taken. A message that was not taken is for the sender as if nobody
// listened.
func (s *Store) Listen(subject string, take func(message []byte) bool) (stop func(), err error) {
	d := s.desks[s.next.Add(1)%desks]
	sub, err := d.listen(s.conn, subject, take)
	if err != nil {
		return nil, fmt.Errorf("store: listen: %w", err)
	}
	// The subscription must be known before anybody is told of the subject.
	if err := s.conn.FlushTimeout(callTime); err != nil {
		return nil, errors.Join(fmt.Errorf("store: listen: %w", err), d.leave(sub))
	}
	return func() {
		if err := d.leave(sub); err != nil && !errors.Is(err, nats.ErrConnectionClosed) {
			s.log.Warn("store: stop listening", "err", err)
		}
	}, nil
}

// refused answers a message that was not taken.
var refused = []byte{0}

// Send gives message to the one listener of subject, on whatever node it is, and waits until it is taken. It
// returns ErrNobody if nobody took it.
func (s *Store) Send(ctx context.Context, subject string, message []byte) error {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	m, err := s.conn.RequestWithContext(ctx, subject, message)
	switch {
	case errors.Is(err, nats.ErrNoResponders), errors.Is(err, context.DeadlineExceeded):
		return ErrNobody
	case err != nil:
		return fmt.Errorf("store: send: %w", err)
	case len(m.Data) > 0:
		return ErrNobody
	}
	return nil
}

// Publish gives message to every listener of subject and waits for none.
func (s *Store) Publish(subject string, message []byte) error {
	if err := s.conn.Publish(subject, message); err != nil {
		return fmt.Errorf("store: publish: %w", err)
	}
	return nil
}
