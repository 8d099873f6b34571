package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"assist/cmd/internal/load"
	"assist/cmd/internal/measure"
	"assist/cmd/internal/play"
)

// crowd is who is at the service while it is measured.
//
// Of the thousand rooms that three digits make, a used one rests for ten minutes. So not all who wait can have a code, and not all
// sessions can have begun with one within the minute that this takes. Those without are more work for the service, not less: who waits
// is a customer with the form open, and has a connection; of a session that resumes both ends have one.
type crowd struct {
	engineers int
	load.Size
	rate float64 // of sessions that begin, a second
	work time.Duration
}

// The whole crowd, and a tenth. The whole one works for longer than it takes until each connection was asked whether it is there.
var (
	wholeCrowd = crowd{40, load.Size{Codes: 8, Forms: 1000, Sessions: 500, Resuming: 500}, 4, 30 * time.Second}
	tenthCrowd = crowd{4, load.Size{Codes: 8, Forms: 100, Sessions: 50, Resuming: 50}, 10, 4 * time.Second}
)

// describe says who is there.
func (w crowd) describe(connections int) string {
	return fmt.Sprintf("%d customers wait with the form open, %d codes wait at %d engineers; %d sessions live, %d of them begun with a code and %d resuming: %d connections. A used room rests for ten minutes: there are no codes for more.",
		w.Forms, w.Codes*w.engineers, w.engineers, w.Sessions+w.Resuming, w.Sessions, w.Resuming, connections)
}

// measureService measures a service with a crowd.
func measureService(ctx context.Context, dir, server, act string, put func(kind, float64), log func(string, ...any)) ([]string, error) {
	w := wholeCrowd
	if act == serviceTenth {
		w = tenthCrowd
	}
	cast := play.New(play.Config{Server: server, Dir: dir})
	defer cast.Close()
	if err := cast.StartServiceIn(ctx, exec.Command, "127.0.0.1:0"); err != nil {
		return nil, err
	}
	pid := cast.ServiceProcess().Pid()
	empty, err := memoryOf(pid)
	if err != nil {
		return nil, err
	}
	c, err := w.fill(ctx, cast, log)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	all := c.Connections()
	log("  %d connections", all)
	var calls load.Calls
	u, err := watchProcess(ctx, pid, func() (err error) {
		calls, err = c.Work(ctx, w.rate, w.work)
		return err
	})
	if err != nil {
		return nil, err
	}
	put(memory, megabytes(u.memory))
	put(serviceCores, u.cores)
	return append([]string{
		"Service: " + w.describe(all),
		fmt.Sprintf("Service: %.0f sessions began and ended a second. Empty it has %.0f MB; each connection takes %.0f kB. The people are on the same processors as it.",
			w.rate, megabytes(empty), 1000*(megabytes(u.memory)-megabytes(empty))/float64(all)),
	}, noteCalls(calls, put)...), nil
}

// fill fills a running service.
func (w crowd) fill(ctx context.Context, cast *play.Cast, log func(string, ...any)) (*load.Crowd, error) {
	s, err := reach(cast)
	if err != nil {
		return nil, err
	}
	log("  %d accounts", w.engineers)
	accounts, err := makeAccounts(ctx, cast, w.engineers)
	if err != nil {
		return nil, err
	}
	return load.Fill(ctx, s, accounts, w.Size, log)
}

// reach returns how to reach the service of a cast that has chosen its port itself.
func reach(cast *play.Cast) (s load.Service, err error) {
	for line := range strings.Lines(cast.ServiceProcess().Log()) {
		var said struct {
			Msg   string   `json:"msg"`
			Addrs []string `json:"addrs"`
		}
		if json.Unmarshal([]byte(line), &said) == nil && said.Msg == "serving" && len(said.Addrs) > 0 {
			s.Addr = said.Addrs[0]
		}
	}
	roots := x509.NewCertPool()
	if s.Addr == "" || !roots.AppendCertsFromPEM([]byte(cast.Service.CA)) {
		return s, errors.New("the service does not say where it is")
	}
	s.TLS = &tls.Config{RootCAs: roots}
	return s, nil
}

// makeAccounts makes accounts of engineers, with the program's own command.
func makeAccounts(ctx context.Context, cast *play.Cast, n int) (list []load.Account, err error) {
	dir := filepath.Join(cast.Dir, "service")
	for i := range n {
		random := make([]byte, 15)
		rand.Read(random)
		a := load.Account{Name: fmt.Sprintf("engineer-%d", i), Password: base64.RawURLEncoding.EncodeToString(random)}
		add := exec.CommandContext(ctx, cast.Server, "engineer", "add", "--config", filepath.Join(dir, "service.toml"),
			"--organisation-key", filepath.Join(dir, "organisation.key"), "--account", a.Name, "--name", fmt.Sprintf("Engineer %d", i))
		add.Stdin = strings.NewReader(a.Password + "\n")
		if out, err := add.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("account: %w: %s", err, bytes.TrimSpace(out))
		}
		list = append(list, a)
	}
	return list, nil
}

// noteCalls notes the figures of calls, and says in words how each one did.
func noteCalls(calls load.Calls, put func(kind, float64)) []string {
	all := calls.Answered()
	if len(all) == 0 {
		return nil
	}
	put(callMiddle, measure.Milliseconds(all.Median()))
	put(callLate, measure.Milliseconds(all.Quantile(0.99)))
	put(connectLate, measure.Milliseconds(calls[load.Connect].Quantile(0.99)))
	var words []string
	for _, name := range slices.Sorted(maps.Keys(calls)) {
		t := calls[name]
		words = append(words, fmt.Sprintf("%s %d: %.1f / %.1f", name, len(t), measure.Milliseconds(t.Median()), measure.Milliseconds(t.Quantile(0.99))))
	}
	return []string{"Service, calls, median / p99 in ms: " + strings.Join(words, ", ") + "."}
}

// usage is what a process has used meanwhile.
type usage struct {
	memory uint64 // bytes, the most there were
	cores  float64
}

// memoryPause is how often memory is looked at.
const memoryPause = 250 * time.Millisecond

// watchProcess watches a process while f runs.
func watchProcess(ctx context.Context, pid int, f func() error) (u usage, err error) {
	began := time.Now()
	before, err := measure.CPU(pid)
	if err != nil {
		return u, err
	}
	done := make(chan error, 1)
	go func() { done <- f() }()
	for running := true; running; {
		select {
		case err = <-done:
			running = false
		case <-time.After(memoryPause):
		}
		now, failed := memoryOf(pid)
		if failed != nil {
			err = errors.Join(err, failed)
			continue
		}
		u.memory = max(u.memory, now)
	}
	used, failed := measure.CPU(pid)
	u.cores = (used - before).Seconds() / time.Since(began).Seconds()
	return u, errors.Join(err, failed, ctx.Err())
}

// megabytes of 10⁶ bytes.
func megabytes(n uint64) float64 { return float64(n) / 1e6 }
