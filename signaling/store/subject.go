package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"
)

// Listen calls take for every message to subject until stop is called. Calls come one after another and must not
// block; take reports whether the message was taken. A message that was not taken is for the sender as if nobody
// listened.
func (s *Store) Listen(subject string, take func(message []byte) bool) (stop func(), err error) {
	sub, err := s.conn.Subscribe(subject, func(m *nats.Msg) {
		if taken := take(m.Data); m.Reply != "" {
			answer := refused
			if taken {
				answer = nil
			}
			if err := m.Respond(answer); err != nil {
				s.log.Warn("store: acknowledge", "err", err)
			}
		}
	})
	if err != nil {
		return nil, fmt.Errorf("store: listen: %w", err)
	}
	// The subscription must be known before anybody is told of the subject.
	if err := s.conn.FlushTimeout(callTime); err != nil {
		return nil, errors.Join(fmt.Errorf("store: listen: %w", err), sub.Unsubscribe())
	}
	return func() {
		if err := sub.Unsubscribe(); err != nil && !errors.Is(err, nats.ErrConnectionClosed) {
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
