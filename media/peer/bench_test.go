package peer

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"
)

// BenchmarkConnect measures from both descriptions known to the first message received. Round trips cost nothing
// here, so this is what the two ends compute and wait for.
func BenchmarkConnect(b *testing.B) {
	s := startRelay(b)
	var total time.Duration
	for b.Loop() {
		customer, engineer := newLink(b, s.config("udp")), newLink(b, s.config("udp"))
		ctx := inTime(b)
		offer, err := customer.Offer(ctx)
		if err != nil {
			b.Fatal(err)
		}
		answer, err := engineer.Answer(ctx, offer)
		if err != nil {
			b.Fatal(err)
		}
		began := time.Now()
		if err := customer.Accept(answer); err != nil {
			b.Fatal(err)
		}
		connectBoth(b, customer, engineer)
		if err := customer.Channel(Control).Send(ctx, []byte("first")); err != nil {
			b.Fatal(err)
		}
		if _, err := engineer.Channel(Control).Receive(ctx); err != nil {
			b.Fatal(err)
		}
		total += time.Since(began)
		_, _ = customer.Close(), engineer.Close()
	}
	b.ReportMetric(float64(total.Microseconds())/1000/float64(b.N), "ms/first-message")
}

// BenchmarkExact measures what Exact carries, in pieces of 16 KiB.
func BenchmarkExact(b *testing.B) {
	s := startRelay(b)
	for _, how := range []string{"udp", "tcp", "tls"} {
		b.Run(how, func(b *testing.B) {
			customer, engineer := pair(b, s.config(how))
			piece := make([]byte, 16<<10)
			b.SetBytes(int64(len(piece)))
			ctx := b.Context()
			sent := 0
			done := make(chan struct{})
			want := make(chan int, 1)
			go func() {
				defer close(done)
				for got, total := 0, -1; total < 0 || got < total; {
					select {
					case total = <-want:
						continue
					default:
					}
					short, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
					if _, err := engineer.Channel(Exact).Receive(short); err == nil {
						got++
					}
					cancel()
				}
			}()
			for b.Loop() {
				if err := customer.Channel(Exact).Send(ctx, piece); err != nil {
					b.Fatal(err)
				}
				sent++
			}
			want <- sent
			<-done
		})
	}
}

// BenchmarkChatBehindPicture measures how long a short message takes while Exact is kept full, on lines of several
// rates (0: no limit).
func BenchmarkChatBehindPicture(b *testing.B) {
	for _, kbit := range []float64{28.8, 256, 2000, 0} {
		b.Run(fmt.Sprint(kbit), func(b *testing.B) { chatBehindPicture(b, kbit) })
	}
}

func chatBehindPicture(b *testing.B, kbit float64) {
	s := startRelay(b)
	customer, engineer := pair(b, s.config("udp"))
	s.slow(kbit * 1000)
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	var picture atomic.Uint64
	go func() {
		for customer.Channel(Exact).Send(ctx, make([]byte, 16<<10)) == nil {
		}
	}()
	go func() {
		for {
			msg, err := engineer.Channel(Exact).Receive(ctx)
			if err != nil {
				return
			}
			picture.Add(uint64(len(msg)))
		}
	}()
	time.Sleep(8 * time.Second) // the first ones meet a window that is not known yet
	for b.Loop() {
		var took []time.Duration
		start, began := picture.Load(), time.Now()
		for time.Since(began) < 12*time.Second {
			at := time.Now()
			if err := customer.Channel(Chat).Send(ctx, []byte("hello")); err != nil {
				b.Fatal(err)
			}
			if _, err := engineer.Channel(Chat).Receive(ctx); err != nil {
				b.Fatal(err)
			}
			took = append(took, time.Since(at))
			time.Sleep(100 * time.Millisecond)
		}
		slices.Sort(took)
		b.ReportMetric(float64(picture.Load()-start)*8/1000/time.Since(began).Seconds(), "picture-kbit/s")
		b.ReportMetric(float64(took[len(took)/2].Milliseconds()), "ms/chat-p50")
		b.ReportMetric(float64(took[len(took)-1].Milliseconds()), "ms/chat-worst")
	}
}

// BenchmarkIdle measures what a link at rest costs one end, with 28 bytes of IPv4 and UDP for each packet.
func BenchmarkIdle(b *testing.B) {
	s := startRelay(b)
	customer, _ := pair(b, s.config("udp"))
	time.Sleep(time.Second)
	for b.Loop() {
		before, packets := customer.Stats(), s.packets()
		const span = 6 * time.Second
		time.Sleep(span)
		after := customer.Stats()
		overhead := 28 * float64(s.packets()-packets) / 2 // two ends
		b.ReportMetric((float64(after.Sent-before.Sent)+overhead)/span.Seconds(), "up-B/s")
		b.ReportMetric((float64(after.Received-before.Received)+overhead)/span.Seconds(), "down-B/s")
	}
}
