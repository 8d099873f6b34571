package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Bucket is a set of keys with values. A key is letters, digits, '-', '_', '=' and '.'; every value has
// a revision that changes with each write.
type Bucket struct {
	name string
	kv   jetstream.KeyValue
}

// Bucket opens the bucket called name, making it if it is not there.
func (s *Store) Bucket(ctx context.Context, name string) (*Bucket, error) {
	return s.ShortBucket(ctx, name, 0)
}

// ShortBucket is Bucket for values that are forgotten, with their keys, when they have not been written for life. Zero: they are kept.
func (s *Store) ShortBucket(ctx context.Context, name string, life time.Duration) (*Bucket, error) {
	if err := s.makeBucket(ctx, name, life); err != nil {
		return nil, fmt.Errorf("store: bucket %s: %w", name, err)
	}
	kv, err := s.js.KeyValue(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("store: bucket %s: %w", name, err)
	}
	return &Bucket{name, kv}, nil
}

// makeBucket makes the stream under a bucket. Direct reads are off: in a cluster they are answered by any
// replica, which may not have seen the last write yet.
func (s *Store) makeBucket(ctx context.Context, name string, life time.Duration) error {
	stream, err := s.js.Stream(ctx, "KV_"+name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		if _, err = s.js.CreateKeyValue(ctx, jetstream.KeyValueConfig{Bucket: name, TTL: life}); err != nil {
			return err
		}
		stream, err = s.js.Stream(ctx, "KV_"+name)
	}
	if err != nil {
		return err
	}
	config := stream.CachedInfo().Config
	if !config.AllowDirect && config.MaxAge == life {
		return nil
	}
	config.AllowDirect, config.MaxAge = false, life
	if life != 0 {
		config.Duplicates = min(config.Duplicates, life)
	}
	_, err = s.js.UpdateStream(ctx, config)
	return err
}

// Get returns the value of key and its revision. The revision is zero if there is no such key.
func (b *Bucket) Get(ctx context.Context, key string) (value []byte, revision uint64, err error) {
	e, err := b.kv.Get(ctx, key)
	switch {
	case errors.Is(err, jetstream.ErrKeyNotFound), errors.Is(err, jetstream.ErrKeyDeleted):
		return nil, 0, nil
	case err != nil:
		return nil, 0, fmt.Errorf("store: %s: get: %w", b.name, err)
	}
	return e.Value(), e.Revision(), nil
}

// Put writes key if its revision still is the one given, zero meaning that there is no such key. Of
// several writers with the same revision exactly one succeeds; the others get ok false and no error.
func (b *Bucket) Put(ctx context.Context, key string, value []byte, revision uint64) (next uint64, ok bool, err error) {
	if revision == 0 {
		next, err = b.kv.Create(ctx, key, value)
	} else {
		next, err = b.kv.Update(ctx, key, value, revision)
	}
	switch {
	case errors.Is(err, jetstream.ErrKeyExists), errors.Is(err, jetstream.ErrKeyRevisionMismatch):
		return 0, false, nil
	case err != nil:
		return 0, false, fmt.Errorf("store: %s: put: %w", b.name, err)
	}
	return next, true, nil
}

// Delete removes key if its revision still is the one given.
func (b *Bucket) Delete(ctx context.Context, key string, revision uint64) (ok bool, err error) {
	err = b.kv.Purge(ctx, key, jetstream.LastRevision(revision))
	switch {
	case errors.Is(err, jetstream.ErrKeyExists), errors.Is(err, jetstream.ErrKeyRevisionMismatch):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("store: %s: delete: %w", b.name, err)
	}
	return true, nil
}

// Keys lists the keys there are, in no order.
func (b *Bucket) Keys(ctx context.Context) ([]string, error) {
	keys, err := b.kv.Keys(ctx)
	if err != nil && !errors.Is(err, jetstream.ErrNoKeysFound) {
		return nil, fmt.Errorf("store: %s: keys: %w", b.name, err)
	}
	return keys, nil
}
