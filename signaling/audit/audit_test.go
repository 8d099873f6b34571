package audit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"
	"testing"
	"time"

	"assist/signaling/store"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// memory is a Log that a test can tamper with.
type memory struct {
	mu      sync.Mutex
	records [][]byte
	fail    error
}

func (m *memory) Append(_ context.Context, record []byte, last uint64) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil || last != uint64(len(m.records)) {
		return false, m.fail
	}
	m.records = append(m.records, record)
	return true, nil
}

func (m *memory) Last(context.Context) ([]byte, uint64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.records) == 0 {
		return nil, 0, nil
	}
	return m.records[len(m.records)-1], uint64(len(m.records)), nil
}

func (m *memory) Records(_ context.Context, first uint64) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for _, r := range m.records[first-1:] {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func write(t *testing.T, log Log, n int) {
	t.Helper()
	trail, err := Open(t.Context(), log, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		e := Event{Type: Joined, Room: fmt.Sprintf("%03d", i), Address: "192.0.2.1", Customer: json.RawMessage(`{"name":"<b>"}`)}
		if err := trail.Record(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAnyChangeIsFound(t *testing.T) {
	const n = 20
	honest := &memory{}
	write(t, honest, n)
	if records, _, err := Verify(t.Context(), honest); records != n || err != nil {
		t.Fatalf("an honest log: %d, %v", records, err)
	}
	check := func(name string, tamper func([][]byte) [][]byte) {
		t.Helper()
		copied := make([][]byte, n)
		for i, r := range honest.records {
			copied[i] = slices.Clone(r)
		}
		if _, _, err := Verify(t.Context(), &memory{records: tamper(copied)}); !errors.Is(err, ErrBroken) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for i := range n - 1 { // nothing follows the last one: only a kept head shows a change of it
		for at := range honest.records[i] {
			check(fmt.Sprint("byte ", at, " of record ", i), func(r [][]byte) [][]byte { r[i][at] ^= 1; return r })
		}
		check(fmt.Sprint("record lost ", i), func(r [][]byte) [][]byte { return slices.Delete(r, i, i+1) })
		check(fmt.Sprint("records swapped ", i), func(r [][]byte) [][]byte { r[i], r[i+1] = r[i+1], r[i]; return r })
		check(fmt.Sprint("record twice ", i), func(r [][]byte) [][]byte { return slices.Insert(r, i, r[i]) })
	}
}

func TestHeadShowsTheEndCut(t *testing.T) {
	log := &memory{}
	write(t, log, 5)
	_, before, _ := Verify(t.Context(), log)
	log.records = log.records[:4]
	if _, after, err := Verify(t.Context(), log); err != nil || after == before {
		t.Errorf("head %s after cutting, %v", after, err)
	}
}

func TestTwoServicesOneLog(t *testing.T) {
	s, err := store.Open(store.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	log, err := s.Log(t.Context(), "audit")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() { write(t, log, 25) })
	}
	wg.Wait()
	if records, _, err := Verify(t.Context(), log); records != 50 || err != nil {
		t.Errorf("%d records, %v", records, err)
	}
	n := 0
	for e, err := range Events(t.Context(), log, 41) {
		if err != nil || e.Type != Joined || time.Since(e.Time) > time.Minute {
			t.Errorf("%+v, %v", e, err)
		}
		n++
	}
	if n != 10 {
		t.Errorf("%d events from 41 on", n)
	}
}

func TestFailureIsTold(t *testing.T) {
	full := errors.New("disk full")
	log := &memory{}
	trail, err := Open(t.Context(), log, nil)
	if err != nil {
		t.Fatal(err)
	}
	log.fail = full
	if err := trail.Record(t.Context(), Event{Type: SignedIn}); !errors.Is(err, full) {
		t.Errorf("on a full disk: %v", err)
	}
	log.fail = nil
	if err := trail.Record(t.Context(), Event{Type: SignedIn}); err != nil {
		t.Errorf("after space came back: %v", err)
	}
	if n, _, err := Verify(t.Context(), log); n != 1 || err != nil {
		t.Errorf("%d records, %v", n, err)
	}
}
