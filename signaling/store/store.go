// Package store keeps what the service must not forget, and carries what its connections tell each
// other: key-value buckets with conditional writes, append-only logs, and messages between subjects.
//
// It is NATS with JetStream: embedded in the process with files in a folder, or an external
// cluster that several services share. No other package knows that. A write is on disk before it
// is acknowledged. The package does not know what it stores.
package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// ErrLocked says that another process has the data folder.
var ErrLocked = errors.New("store: the data folder is in use by another process")

// ErrNobody says that nobody listens to a subject.
var ErrNobody = errors.New("store: nobody listens")

const (
	startTime = 30 * time.Second // for the embedded server to read its files
	callTime  = 5 * time.Second  // for one call whose context has no deadline
)

// Options say where the store is.
type Options struct {
	Dir string       // the data folder, made with mode 0700 if it is not there; may be empty with URL
	URL string       // an external cluster (nats://…, tls://…); empty: embedded in Dir
	Log *slog.Logger // nil: slog.Default
}

// Store is an open store. Its methods may be called from any goroutine.
type Store struct {
	conn *nats.Conn
	js   jetstream.JetStream
	srv  *server.Server // nil with an external cluster
	lock *os.File       // nil with an external cluster
	log  *slog.Logger

	desks [desks]*desk
	next  atomic.Uint64      // counts listeners
	shut  context.CancelFunc // ends the desks; nil before there are any
	wg    sync.WaitGroup     // of desks
}

// Open opens the store and waits until it can be used.
func Open(o Options) (*Store, error) {
	s := &Store{log: o.Log}
	if s.log == nil {
		s.log = slog.Default()
	}
	if err := s.open(o); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func (s *Store) open(o Options) error {
	options := []nats.Option{nats.Name("assist-server"), nats.MaxReconnects(-1), nats.ErrorHandler(s.asyncError)}
	if o.URL == "" {
		if err := s.embed(o.Dir); err != nil {
			return err
		}
		options = append(options, nats.InProcessServer(s.srv))
	}
	var err error
	if s.conn, err = nats.Connect(o.URL, options...); err != nil {
		return fmt.Errorf("store: connect: %w", err)
	}
	if s.js, err = jetstream.New(s.conn, jetstream.WithDefaultTimeout(callTime)); err != nil {
		return fmt.Errorf("store: jetstream: %w", err)
	}
	ctx, shut := context.WithCancel(context.Background())
	s.shut = shut
	for i := range s.desks {
		d := newDesk()
		s.desks[i] = d
		s.wg.Go(func() { d.run(ctx, s.log) })
	}
	return nil
}

// embed starts the server in this process. It listens nowhere.
func (s *Store) embed(dir string) error {
	if dir == "" {
		return errors.New("store: no data folder")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("store: data folder: %w", err)
	}
	var err error
	if s.lock, err = lockFile(filepath.Join(dir, "lock")); err != nil {
		return err
	}
	s.srv, err = server.NewServer(&server.Options{
		ServerName: "assist",
		DontListen: true,
		JetStream:  true,
		StoreDir:   dir,
		SyncAlways: true,
		NoSigs:     true,

		DisableJetStreamBanner: true,
	})
	if err != nil {
		return fmt.Errorf("store: server: %w", err)
	}
	s.srv.SetLoggerV2(logger{s.log}, false, false, false)
	s.srv.Start()
	if !s.srv.ReadyForConnections(startTime) {
		return errors.New("store: server: not ready in time")
	}
	return nil
}

// Ready reports, by asking, whether the store can be read and written.
func (s *Store) Ready(ctx context.Context) error {
	if _, err := s.js.AccountInfo(ctx); err != nil {
		return fmt.Errorf("store: ready: %w", err)
	}
	return nil
}

// Close writes what is left and ends. It waits for what it started.
func (s *Store) Close() error {
	if s.conn != nil {
		s.conn.Close()
	}
	if s.shut != nil {
		s.shut()
		s.wg.Wait()
	}
	if s.srv != nil {
		s.srv.Shutdown()
		s.srv.WaitForShutdown()
	}
	if s.lock != nil {
		return s.lock.Close()
	}
	return nil
}

func (s *Store) asyncError(_ *nats.Conn, sub *nats.Subscription, err error) {
	if sub != nil {
		s.log.Warn("store: subscription", "subject", sub.Subject, "err", err)
		return
	}
	s.log.Warn("store: connection", "err", err)
}

// logger passes on what an operator should see; the rest of what the server says is noise.
type logger struct{ to *slog.Logger }

func (l logger) Warnf(format string, v ...any) {
	l.to.Warn("store: server", "said", fmt.Sprintf(format, v...))
}
func (l logger) Errorf(format string, v ...any) {
	l.to.Error("store: server", "said", fmt.Sprintf(format, v...))
}
func (l logger) Fatalf(format string, v ...any) { l.Errorf(format, v...) }
func (l logger) Noticef(string, ...any)         {}
func (l logger) Debugf(string, ...any)          {}
func (l logger) Tracef(string, ...any)          {}
