package peer

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"
)

// TestShortMessagesGoFirst keeps Exact and Motion full on a slow line, and counts what arrives between a short message's
// Send and its arrival: that stood in front of it.
func TestShortMessagesGoFirst(t *testing.T) {
	for _, tt := range []struct {
		how    string
		motion float64 // what motion may take, of the line
		most   int     // bytes in front of half of the messages
	}{
		{"udp", 0.5, 15e3},
		{"tcp", 0.5, 15e3},
		{"tcp", 4, 30e3}, // the line was thought to be faster
	} {
		t.Run(fmt.Sprint(tt.how, tt.motion), func(t *testing.T) {
			t.Parallel()
			const rate = 100e3 // bytes a second
			s := startRelayOn(t, smallBuffers)
			customer, engineer := pair(t, s.config(tt.how))
			s.slow(rate * 8)
			ctx, stop := context.WithCancel(inTime(t))
			defer stop()
			customer.Motion().SetRate(tt.motion * rate)
			go func() {
				for customer.Channel(Exact).Send(ctx, make([]byte, MaxMessage)) == nil {
				}
			}()
			go func() {
				for customer.Motion().Send(ctx, make([]byte, 60_000)) == nil {
				}
			}()
			go func() {
				for {
					if _, err := engineer.Channel(Exact).Receive(ctx); err != nil {
						return
					}
				}
			}()
			time.Sleep(1500 * time.Millisecond) // the window is found
			var front []int
			for i := range 18 {
				name := []Name{Chat, Control, Input}[i%3]
				before := engineer.Stats().Received
				if err := customer.Channel(name).Send(ctx, []byte("hello")); err != nil {
					t.Fatal(err)
				}
				if _, err := engineer.Channel(name).Receive(ctx); err != nil {
					t.Fatal(err)
				}
				front = append(front, int(engineer.Stats().Received-before))
			}
			slices.Sort(front)
			t.Logf("in front of a short message: median %d bytes, most %d; exact window %d, motion %+v",
				front[9], front[17], customer.Channel(Exact).Window(), engineer.Motion().Stats())
			if front[9] > tt.most {
				t.Errorf("%d bytes in front of half of the short messages, want at most %d", front[9], tt.most)
			}
		})
	}
}
