package report

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// memory is a bucket that can be made to fail, and in which another node may be quicker.
type memory struct {
	mu      sync.Mutex
	values  map[string][]byte
	numbers map[string]uint64
	fail    error
	before  func() // called once before the next Put
}

func newMemory() *memory { return &memory{values: map[string][]byte{}, numbers: map[string]uint64{}} }

func (m *memory) Get(_ context.Context, key string) ([]byte, uint64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.values[key], m.numbers[key], m.fail
}

func (m *memory) Put(_ context.Context, key string, value []byte, revision uint64) (uint64, bool, error) {
	if f := m.before; f != nil {
		m.before = nil
		f()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil || m.numbers[key] != revision {
		return 0, false, m.fail
	}
	m.values[key] = value
	m.numbers[key]++
	return m.numbers[key], true, nil
}

const (
	attempt = "0123456789abcdef0123456789abcdef"
	token   = "00112233445566778899aabbccddeeff"
)

func opened(t *testing.T) (*Book, *memory) {
	t.Helper()
	m := newMemory()
	b := NewBook(m, nil)
	if err := b.Open(t.Context(), attempt, "ann", Hash(token)); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(m.values[attempt]), token) {
		t.Error("the token itself is kept")
	}
	return b, m
}

func TestTake(t *testing.T) {
	customer, engineer := Proof{Token: token}, Proof{Account: "ann"}
	for _, tt := range []struct {
		name    string
		attempt string
		kind    Kind
		proof   Proof
		after   time.Duration
		want    error
	}{
		{"the customer's end", attempt, CustomerEnd, customer, 0, nil},
		{"an alarm", attempt, CustomerAlarm, customer, 0, nil},
		{"the engineer's end", attempt, EngineerEnd, engineer, 0, nil},
		{"in the last moment", attempt, CustomerAlarm, customer, Life, nil},
		{"a day later", attempt, CustomerAlarm, customer, Life + 1, ErrUnknown},
		{"another attempt", token, CustomerAlarm, customer, 0, ErrUnknown},
		{"another token", attempt, CustomerAlarm, Proof{Token: attempt}, 0, ErrUnknown},
		{"the hash for the token", attempt, CustomerAlarm, Proof{Token: Hash(token)}, 0, ErrUnknown},
		{"no token", attempt, CustomerEnd, Proof{}, 0, ErrUnknown},
		{"an engineer for the customer", attempt, CustomerAlarm, engineer, 0, ErrUnknown},
		{"another engineer", attempt, EngineerEnd, Proof{Account: "bob"}, 0, ErrUnknown},
		{"the customer for the engineer", attempt, EngineerEnd, customer, 0, ErrUnknown},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b, _ := opened(t)
				time.Sleep(tt.after)
				said := 0
				record := func() error { said++; return nil }
				if err := b.Take(t.Context(), tt.attempt, tt.kind, tt.proof, record); !errors.Is(err, tt.want) {
					t.Errorf("Take: %v, want %v", err, tt.want)
				}
				if want := map[error]int{nil: 1}[tt.want]; said != want {
					t.Errorf("recorded %d times, want %d", said, want)
				}
			})
		})
	}
}

func TestTakenOnce(t *testing.T) {
	b, m := opened(t)
	again := NewBook(m, nil) // after a restart, or on another node
	for _, k := range []Kind{CustomerEnd, CustomerAlarm, EngineerEnd} {
		proof := Proof{Token: token, Account: "ann"}
		failed := errors.New("the disk is full")
		if err := b.Take(t.Context(), attempt, k, proof, func() error { return failed }); !errors.Is(err, failed) {
			t.Errorf("%s: %v", k, err)
		}
		if err := b.Take(t.Context(), attempt, k, proof, func() error { return nil }); err != nil {
			t.Errorf("%s, after it could not be recorded: %v", k, err)
		}
		err := again.Take(t.Context(), attempt, k, proof, func() error { t.Errorf("%s recorded again", k); return nil })
		if !errors.Is(err, ErrTaken) {
			t.Errorf("%s again: %v", k, err)
		}
	}
}

// TestManyAtOnce has many connections say the same at the same moment.
func TestManyAtOnce(t *testing.T) {
	b, _ := opened(t)
	said := 0
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			_ = b.Take(t.Context(), attempt, CustomerAlarm, Proof{Token: token}, func() error { said++; return nil })
		})
	}
	wg.Wait()
	if said != 1 {
		t.Errorf("recorded %d times", said)
	}
}

// TestAnotherNodeIsQuicker has the engineer's end come to another node in the middle of the customer's.
func TestAnotherNodeIsQuicker(t *testing.T) {
	b, m := opened(t)
	other := NewBook(m, nil)
	m.before = func() {
		if err := other.Take(t.Context(), attempt, EngineerEnd, Proof{Account: "ann"}, func() error { return nil }); err != nil {
			t.Error(err)
		}
	}
	if err := b.Take(t.Context(), attempt, CustomerEnd, Proof{Token: token}, func() error { return nil }); err != nil {
		t.Error(err)
	}
	if p, _, err := b.get(t.Context(), attempt); err != nil || !slices.Equal(p.Taken, []Kind{EngineerEnd, CustomerEnd}) {
		t.Errorf("taken: %v, %v", p.Taken, err)
	}
}

func TestBucketFails(t *testing.T) {
	b, m := opened(t)
	m.fail = errors.New("away")
	never := func() error { t.Error("recorded"); return nil }
	if err := b.Take(t.Context(), attempt, CustomerEnd, Proof{Token: token}, never); !errors.Is(err, m.fail) {
		t.Errorf("Take: %v", err)
	}
	if err := b.Open(t.Context(), token, "ann", Hash(token)); !errors.Is(err, m.fail) {
		t.Errorf("Open: %v", err)
	}
	m.fail = nil
	if err := b.Open(t.Context(), attempt, "bob", Hash(attempt)); err == nil {
		t.Error("an attempt was opened twice")
	}
	m.values[attempt] = []byte("{")
	if err := b.Take(t.Context(), attempt, CustomerEnd, Proof{Token: token}, never); err == nil || errors.Is(err, ErrUnknown) {
		t.Errorf("a page that cannot be read: %v", err)
	}
}
