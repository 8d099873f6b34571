package chat

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"assist/app/wire"
)

// run puts a message of size bytes each pause for so long, and takes what is due as it becomes due, until nothing has come for a
// minute. It returns what was taken, what was left out, and how often that was to be told.
func run(in *Intake, size int, pause, long time.Duration) (taken []Message, left, told int) {
	put := time.NewTicker(pause)
	defer put.Stop()
	end, quiet := time.Now().Add(long), time.NewTimer(long+time.Minute)
	for i := 0; ; {
		select {
		case now := <-put.C:
			if now.After(end) {
				put.Stop()
				continue
			}
			before := len(in.waiting)
			if in.Put(fmt.Sprintf("%0*d", size, i)) {
				told++
			}
			if len(in.waiting) == before {
				left++
			}
			i++
		case <-in.Due():
		case <-quiet.C:
			return taken, left, told
		}
		if due := in.Take(); due != nil {
			taken = append(taken, due...)
			quiet.Reset(max(time.Minute, time.Until(end)+time.Second))
		}
	}
}

// TestAPersonIsNotHeldUp writes as people do: everything is there at once.
func TestAPersonIsNotHeldUp(t *testing.T) {
	for _, tt := range []struct {
		name string
		size int
		n    int // at once
	}{
		{"a word", 5, MessageBurst},
		{"two pages", wire.MaxChat * 3, 2},
		{"the longest there is", wire.MaxChat * 4, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				in := NewIntake()
				for range 3 {
					for range tt.n {
						if in.Put(strings.Repeat("x", tt.size)); len(in.Take()) != 1 {
							t.Fatal("it has to wait")
						}
					}
					time.Sleep(5 * time.Second)
				}
			})
		})
	}
}

// TestWhatPiledUpComesInOrder is the end of an interruption: a person has written a lot, and nothing of it is lost.
func TestWhatPiledUpComesInOrder(t *testing.T) {
	for _, tt := range []struct {
		name    string
		size, n int
		within  time.Duration
	}{
		{"many words", 10, maxCount, 18 * time.Second},
		{"long ones", 6000, MaxWaiting / 6000, 12 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				in, start := NewIntake(), time.Now()
				var want, got []string
				for i := range tt.n {
					want = append(want, fmt.Sprintf("%0*d", tt.size, i))
					if in.Put(want[i]) {
						t.Fatalf("message %d is left out", i)
					}
				}
				for len(got) < len(want) && time.Since(start) < time.Minute {
					for _, m := range in.Take() {
						got = append(got, m.Text)
						if !m.At.Equal(start) {
							t.Errorf("it came %v later than it did", m.At.Sub(start))
						}
					}
					if len(got) < len(want) {
						<-in.Due()
					}
				}
				if took := time.Since(start); !slices.Equal(got, want) || took > tt.within || took < tt.within/2 {
					t.Errorf("%d of %d messages, after %v", len(got), len(want), took)
				}
			})
		})
	}
}

// TestFlood sends far too much for ten minutes: what is shown stays within the limits, what waits is bounded, and it is not told
// more than once a minute that something is left out.
func TestFlood(t *testing.T) {
	const long = 10 * time.Minute
	for _, size := range []int{1, 40, 409, 2000, 8000} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				in := NewIntake()
				taken, left, told := run(in, size, 20*time.Millisecond, long)
				over := time.Since(taken[0].At).Seconds()
				if most := MessageBurst + 1 + int(MessageRate*over); len(taken) > most {
					t.Errorf("%d messages in %.0f s, more than %d", len(taken), over, most)
				}
				if most := Burst + size + int(Rate*over); len(taken)*size > most {
					t.Errorf("%d bytes in %.0f s, more than %d", len(taken)*size, over, most)
				}
				if least := min(MessageRate, Rate/float64(size)) * long.Seconds() * 0.9; float64(len(taken)) < least {
					t.Errorf("%d messages, less than %.0f", len(taken), least)
				}
				if left == 0 || told < 9 || told > 10 {
					t.Errorf("%d were left out, and it was told %d times", left, told)
				}
				if len(in.waiting) != 0 || in.size != 0 {
					t.Errorf("%d wait for ever, %d bytes", len(in.waiting), in.size)
				}
			})
		})
	}
}

// TestWaitingIsBounded holds what one end can make the other one keep.
func TestWaitingIsBounded(t *testing.T) {
	for _, size := range []int{0, 1, 300, 8000} {
		in := NewIntake()
		for range 1000 {
			in.Put(strings.Repeat("x", size))
		}
		if len(in.waiting) > maxCount || in.size > MaxWaiting {
			t.Errorf("of %d bytes each: %d wait, %d bytes", size, len(in.waiting), in.size)
		}
	}
}
