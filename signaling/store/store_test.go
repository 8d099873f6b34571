package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func openTest(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := Open(Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func bucket(t *testing.T, s *Store) *Bucket {
	t.Helper()
	b, err := s.Bucket(t.Context(), "test")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestShortBucket finds that values are to be forgotten, also in a bucket that was made without a life.
func TestShortBucket(t *testing.T) {
	dir, life := t.TempDir(), 100*time.Millisecond
	s := openTest(t, dir)
	bucket(t, s)
	short, err := s.ShortBucket(t.Context(), "test", life)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok, err := short.Put(t.Context(), "a", []byte("1"), 0); !ok || err != nil {
		t.Fatalf("Put: %v, %v", ok, err)
	}
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if _, revision, err := short.Get(t.Context(), "a"); revision == 0 && err == nil {
			break
		}
		if time.Now().After(end) {
			t.Fatal("the value is not forgotten")
		}
	}
	if _, ok, err := short.Put(t.Context(), "a", []byte("2"), 0); !ok || err != nil {
		t.Errorf("Put of a key that was forgotten: %v, %v", ok, err)
	}
}

func TestBucket(t *testing.T) {
	ctx := t.Context()
	b := bucket(t, openTest(t, t.TempDir()))
	if v, rev, err := b.Get(ctx, "a"); v != nil || rev != 0 || err != nil {
		t.Errorf("Get of nothing: %q, %d, %v", v, rev, err)
	}
	if keys, err := b.Keys(ctx); len(keys) != 0 || err != nil {
		t.Errorf("Keys of nothing: %v, %v", keys, err)
	}
	one, ok, err := b.Put(ctx, "a", []byte("1"), 0)
	if !ok || err != nil {
		t.Fatalf("create: %v, %v", ok, err)
	}
	if _, ok, err := b.Put(ctx, "a", []byte("x"), 0); ok || err != nil {
		t.Errorf("second create: %v, %v", ok, err)
	}
	two, ok, err := b.Put(ctx, "a", []byte("2"), one)
	if !ok || err != nil {
		t.Fatalf("update: %v, %v", ok, err)
	}
	if _, ok, err := b.Put(ctx, "a", []byte("x"), one); ok || err != nil {
		t.Errorf("stale update: %v, %v", ok, err)
	}
	if v, rev, err := b.Get(ctx, "a"); string(v) != "2" || rev != two || err != nil {
		t.Errorf("Get: %q, %d, %v", v, rev, err)
	}
	if ok, err := b.Delete(ctx, "a", one); ok || err != nil {
		t.Errorf("stale delete: %v, %v", ok, err)
	}
	if ok, err := b.Delete(ctx, "a", two); !ok || err != nil {
		t.Errorf("delete: %v, %v", ok, err)
	}
	if v, rev, err := b.Get(ctx, "a"); v != nil || rev != 0 || err != nil {
		t.Errorf("Get of the deleted: %q, %d, %v", v, rev, err)
	}
	if _, ok, err := b.Put(ctx, "a", []byte("3"), 0); !ok || err != nil {
		t.Errorf("create after delete: %v, %v", ok, err)
	}
	if keys, err := b.Keys(ctx); !slices.Equal(keys, []string{"a"}) || err != nil {
		t.Errorf("Keys: %v, %v", keys, err)
	}
}

func TestOneWinner(t *testing.T) {
	b := bucket(t, openTest(t, t.TempDir()))
	rev, _, err := b.Put(t.Context(), "a", []byte("0"), 0)
	if err != nil {
		t.Fatal(err)
	}
	var winners atomic.Int32
	var wg sync.WaitGroup
	for i := range 200 {
		wg.Go(func() {
			_, ok, err := b.Put(t.Context(), "a", fmt.Append(nil, i), rev)
			if err != nil {
				t.Error(err)
			}
			if ok {
				winners.Add(1)
			}
		})
	}
	wg.Wait()
	if n := winners.Load(); n != 1 {
		t.Errorf("%d winners", n)
	}
}

func TestNoDirectReads(t *testing.T) {
	s := openTest(t, t.TempDir())
	for range 2 { // made, and found again
		bucket(t, s)
		stream, err := s.js.Stream(t.Context(), "KV_test")
		if err != nil {
			t.Fatal(err)
		}
		if stream.CachedInfo().Config.AllowDirect {
			t.Error("direct reads are on")
		}
	}
}

func TestReopen(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	s := openTest(t, dir)
	if _, _, err := bucket(t, s).Put(t.Context(), "a", []byte("kept"), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(Options{Dir: dir}); !errors.Is(err, ErrLocked) {
		t.Errorf("second Open: %v", err)
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("data folder: %v, %v", info.Mode(), err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if v, _, err := bucket(t, openTest(t, dir)).Get(t.Context(), "a"); string(v) != "kept" || err != nil {
		t.Errorf("after reopening: %q, %v", v, err)
	}
}

func TestLog(t *testing.T) {
	ctx := t.Context()
	l, err := openTest(t, t.TempDir()).Log(ctx, "test")
	if err != nil {
		t.Fatal(err)
	}
	if r, n, err := l.Last(ctx); r != nil || n != 0 || err != nil {
		t.Errorf("Last of nothing: %q, %d, %v", r, n, err)
	}
	var want [][]byte
	for i := range uint64(5) {
		record := fmt.Append(nil, "record ", i)
		want = append(want, record)
		if ok, err := l.Append(ctx, record, i); !ok || err != nil {
			t.Fatalf("Append %d: %v, %v", i, ok, err)
		}
	}
	if ok, err := l.Append(ctx, []byte("late"), 2); ok || err != nil {
		t.Errorf("Append after another: %v, %v", ok, err)
	}
	if r, n, err := l.Last(ctx); string(r) != "record 4" || n != 5 || err != nil {
		t.Errorf("Last: %q, %d, %v", r, n, err)
	}
	var got [][]byte
	for r, err := range l.Records(ctx, 1) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, r)
	}
	if !slices.EqualFunc(got, want, bytes.Equal) {
		t.Errorf("Records: %q", got)
	}
	if err := l.stream.Purge(ctx); err == nil {
		t.Error("a log can be emptied")
	}
}

func TestSend(t *testing.T) {
	s := openTest(t, t.TempDir())
	if err := s.Send(t.Context(), "to.a", []byte("hello")); !errors.Is(err, ErrNobody) {
		t.Errorf("Send to nobody: %v", err)
	}
	got, full := make(chan string, 4), atomic.Bool{}
	stop, err := s.Listen("to.a", func(m []byte) bool { got <- string(m); return !full.Load() })
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Send(t.Context(), "to.a", []byte("hello")); err != nil || <-got != "hello" {
		t.Errorf("Send: %v", err)
	}
	if err := s.Publish("to.a", []byte("all")); err != nil || <-got != "all" {
		t.Errorf("Publish: %v", err)
	}
	full.Store(true)
	if err := s.Send(t.Context(), "to.a", []byte("x")); !errors.Is(err, ErrNobody) {
		t.Errorf("Send to a full listener: %v", err)
	}
	stop()
	if err := s.Send(t.Context(), "to.a", []byte("x")); !errors.Is(err, ErrNobody) {
		t.Errorf("Send after stop: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Send(ctx, "to.a", []byte("x")); !errors.Is(err, context.Canceled) {
		t.Errorf("Send with a context that is over: %v", err)
	}
}

// TestManyListeners finds that each of more listeners than there are desks hears its own messages, in their order, and no other's.
func TestManyListeners(t *testing.T) {
	s := openTest(t, t.TempDir())
	const listeners, messages = 3 * desks, 50
	got := make([]chan string, listeners)
	for i := range got {
		got[i] = make(chan string, messages)
		stop, err := s.Listen(fmt.Sprintf("to.%d", i), func(m []byte) bool { got[i] <- string(m); return true })
		if err != nil {
			t.Fatal(err)
		}
		defer stop()
	}
	for n := range messages {
		for i := range got {
			if err := s.Publish(fmt.Sprintf("to.%d", i), fmt.Appendf(nil, "%d to %d", n, i)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for i := range got {
		for n := range messages {
			if want, heard := fmt.Sprintf("%d to %d", n, i), <-got[i]; heard != want {
				t.Fatalf("heard %q, want %q", heard, want)
			}
		}
	}
}

// TestListeningLeavesNothing finds that a subject listened to for a while costs nothing afterwards.
func TestListeningLeavesNothing(t *testing.T) {
	s := openTest(t, t.TempDir())
	before := runtime.NumGoroutine()
	var stops []func()
	for i := range 100 {
		stop, err := s.Listen(fmt.Sprintf("to.%d", i), func([]byte) bool { return true })
		if err != nil {
			t.Fatal(err)
		}
		stops = append(stops, stop)
	}
	if now := runtime.NumGoroutine(); now > before+10 {
		t.Errorf("%d goroutines for 100 listeners", now-before)
	}
	for _, stop := range stops {
		stop()
	}
	for i, d := range s.desks {
		if len(d.takes) != 0 {
			t.Errorf("desk %d still has %d listeners", i, len(d.takes))
		}
	}
}

func TestReady(t *testing.T) {
	s := openTest(t, t.TempDir())
	if err := s.Ready(t.Context()); err != nil {
		t.Error(err)
	}
	s.Close()
	if err := s.Ready(t.Context()); err == nil {
		t.Error("a closed store is ready")
	}
}
