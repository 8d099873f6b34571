package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/nats-io/nats.go/jetstream"
)

// Log is a row of records that only grows. Records are numbered from 1 without gaps.
type Log struct {
	name   string
	js     jetstream.JetStream
	stream jetstream.Stream
}

// Log opens the log called name, making it if it is not there.
func (s *Store) Log(ctx context.Context, name string) (*Log, error) {
	stream, err := s.js.Stream(ctx, name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		stream, err = s.js.CreateStream(ctx, jetstream.StreamConfig{
			Name:       name,
			Subjects:   []string{"log." + name},
			DenyDelete: true,
			DenyPurge:  true,
		})
	}
	if err != nil {
		return nil, fmt.Errorf("store: log %s: %w", name, err)
	}
	return &Log{name, s.js, stream}, nil
}

// Append writes record if the last one still has the number last, zero meaning that the log is empty. Of
// several writers with the same last exactly one succeeds; the others get ok false and no error.
func (l *Log) Append(ctx context.Context, record []byte, last uint64) (ok bool, err error) {
	_, err = l.js.Publish(ctx, "log."+l.name, record, jetstream.WithExpectLastSequence(last))
	if api, is := errors.AsType[*jetstream.APIError](err); is && api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("store: log %s: append: %w", l.name, err)
	}
	return true, nil
}

// Last returns the last record and its number, which is zero if the log is empty.
func (l *Log) Last(ctx context.Context) (record []byte, number uint64, err error) {
	info, err := l.stream.Info(ctx)
	if err != nil {
		return nil, 0, fmt.Errorf("store: log %s: %w", l.name, err)
	}
	if info.State.LastSeq == 0 {
		return nil, 0, nil
	}
	m, err := l.stream.GetMsg(ctx, info.State.LastSeq)
	if err != nil {
		return nil, 0, fmt.Errorf("store: log %s: record %d: %w", l.name, info.State.LastSeq, err)
	}
	return m.Data, m.Sequence, nil
}

// Records goes through the records in order, from number first. It ends after the last one there was when it began, or
// with an error.
func (l *Log) Records(ctx context.Context, first uint64) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		info, err := l.stream.Info(ctx)
		if err != nil {
			yield(nil, fmt.Errorf("store: log %s: %w", l.name, err))
			return
		}
		for n := max(first, 1); n <= info.State.LastSeq; n++ {
			m, err := l.stream.GetMsg(ctx, n)
			if err != nil {
				yield(nil, fmt.Errorf("store: log %s: record %d: %w", l.name, n, err))
				return
			}
			if !yield(slices.Clone(m.Data), nil) {
				return
			}
		}
	}
}
