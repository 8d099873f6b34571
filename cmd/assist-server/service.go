package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"assist/signaling/account"
	"assist/signaling/audit"
	"assist/signaling/relay"
	sessionreport "assist/signaling/report"
	"assist/signaling/room"
	"assist/signaling/server"
	"assist/signaling/store"
)

// records are what the service keeps: all that commands about accounts need.
type records struct {
	store    *store.Store
	rooms    *room.Book
	reports  *sessionreport.Book
	accounts *account.Book
	trail    *audit.Trail
}

// openRecords opens the data folder, or the cluster. It is store.ErrLocked while the service runs.
func openRecords(ctx context.Context, c config, log *slog.Logger) (*records, error) {
	s, err := store.Open(store.Options{Dir: c.Data, URL: c.NATS, Log: log})
	if err != nil {
		return nil, err
	}
	r, err := readRecords(ctx, s)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return r, nil
}

func readRecords(ctx context.Context, s *store.Store) (*records, error) {
	rooms, err := s.Bucket(ctx, "rooms")
	if err != nil {
		return nil, err
	}
	shares, err := s.Bucket(ctx, "shares")
	if err != nil {
		return nil, err
	}
	reports, err := s.ShortBucket(ctx, "reports", sessionreport.Life)
	if err != nil {
		return nil, err
	}
	accounts, err := s.Bucket(ctx, "accounts")
	if err != nil {
		return nil, err
	}
	log, err := s.Log(ctx, "audit")
	if err != nil {
		return nil, err
	}
	trail, err := audit.Open(ctx, log, nil)
	if err != nil {
		return nil, err
	}
	return &records{s, room.NewBook(rooms, shares, nil), sessionreport.NewBook(reports, nil), account.NewBook(accounts), trail}, nil
}

// openKeys returns the sign-in keys in the data folder.
func openKeys(c config) (*account.Keys, error) {
	return account.OpenKeys(filepath.Join(c.Data, "sign-in-keys"))
}

// service is a running one.
type service struct {
	*records
	keys   *account.Keys
	relay  *relay.Server
	relays *relays
	server *server.Server
	admin  *admin
	ca     []byte // PEM of the certificate that apps must trust; nil if it is a public one
	log    *slog.Logger
}

// startService starts all parts. It listens when it returns. The end of ctx does not interrupt it: whoever is told to end meanwhile ends
// in order, once all is there.
func startService(ctx context.Context, c config, log *slog.Logger) (_ *service, err error) {
	ctx = context.WithoutCancel(ctx)
	s := &service{log: log}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	if s.records, err = openRecords(ctx, c, log); err != nil {
		return nil, err
	}
	if s.keys, err = openKeys(c); err != nil {
		return nil, err
	}
	if err := s.startRelay(c); err != nil {
		return nil, err
	}
	s.server, err = server.New(server.Config{
		Bus: s.store, Rooms: s.rooms, Reports: s.reports, Accounts: s.accounts, Keys: s.keys, Trail: s.trail,
		Relays: s.relays.offer, EndCredential: s.relay.End, Relay: s.relay,
		MaxConns: c.Limits.Connections, MaxPerAddress: c.Limits.PerAddress, Log: log,
	})
	if err != nil {
		return nil, err
	}
	if s.admin, err = listenAdmin(c.Data, s.records, log); err != nil {
		return nil, err
	}
	return s, s.trail.Record(ctx, audit.Event{Type: audit.ServiceStarted, Address: s.relay.Addr().String()})
}

func (s *service) startRelay(c config) error {
	conf, ca, err := certificateOf(c, s.log)
	if err != nil {
		return err
	}
	s.ca = ca
	var secret []byte
	if c.RelaySecretFile != "" {
		secret, err = readSecret(c.RelaySecretFile)
	} else {
		secret, err = ownSecret(c.Data)
	}
	if err != nil {
		return err
	}
	if s.relay, err = openRelay(c, conf, secret, s.log); err != nil {
		return err
	}
	s.relays, err = newRelays(c, s.relay, s.log)
	return err
}

// certificateOf returns how to serve TLS: with the certificate that is configured, or with one of our own; then ca is what apps must
// trust, as PEM.
func certificateOf(c config, log *slog.Logger) (conf *tls.Config, ca []byte, err error) {
	conf = &tls.Config{MinVersion: tls.VersionTLS13}
	if c.TLS.Certificate != "" {
		k, err := keepCertificate(c.TLS.Certificate, c.TLS.Key, log)
		if err != nil {
			return nil, nil, err
		}
		conf.GetCertificate = k.get
		return conf, nil, nil
	}
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return nil, nil, fmt.Errorf("tls: own certificate: %w", err)
	}
	hosts := append([]string{"localhost", "127.0.0.1", "::1", c.publicIP.String()}, c.Hosts...)
	pair, ca, err := ownCertificate(c.Data, hosts)
	conf.Certificates = []tls.Certificate{pair}
	return conf, ca, err
}

// run serves until ctx ends or a part fails. When it returns, all has ended.
func (s *service) run(ctx context.Context) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	administration := make(chan error, 1)
	go func() {
		err := s.admin.serve(ctx)
		stop(err)
		administration <- err
	}()
	watched := make(chan struct{})
	go func() { defer close(watched); s.relays.watch(ctx) }()
	err := s.server.Serve(ctx, s.relay.HTTP())
	stop(err)
	err = errors.Join(err, <-administration)
	<-watched
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return errors.Join(err, s.trail.Record(ending, audit.Event{Type: audit.ServiceStopped}), s.close())
}

// close ends what has been started, in the reverse order.
func (s *service) close() error {
	var err error
	if s.admin != nil {
		err = errors.Join(err, s.admin.close())
	}
	if s.server != nil {
		err = errors.Join(err, s.server.Close())
	}
	if s.relay != nil {
		err = errors.Join(err, s.relay.Close())
	}
	if s.records != nil {
		err = errors.Join(err, s.store.Close())
	}
	return err
}

// runCommand is run.
type runCommand struct {
	Config string `required:"" type:"path" help:"Configuration file."`
}

// Run serves until it is told to end.
func (r *runCommand) Run(ctx context.Context, t terminal) error {
	c, err := readConfig(r.Config)
	if err != nil {
		return err
	}
	log := newLog(t.err)
	s, err := startService(ctx, c, log)
	if errors.Is(err, store.ErrLocked) {
		return fmt.Errorf("the data folder %s is in use: is the service running already?", c.Data)
	}
	if err != nil {
		return err
	}
	log.Info("serving", "addrs", s.relay.Addrs())
	return s.run(ctx)
}

// loopback is where demo listens unless told otherwise.
func loopback(addr string) (netip.AddrPort, error) {
	a, err := netip.ParseAddrPort(addr)
	if err != nil || !a.Addr().IsLoopback() {
		return netip.AddrPort{}, fmt.Errorf("a demo listens on loopback only, for example 127.0.0.1:0, not on %q", addr)
	}
	return a, nil
}
