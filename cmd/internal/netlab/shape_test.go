package netlab

import (
	"testing"
	"testing/synctest"
	"time"
)

// record runs a lane with a shape, sends count packets of n bytes, one every gap, and returns when each arrived.
func record(t *testing.T, s Shape, count, n int, gap time.Duration) (at []time.Duration, l *lane) {
	t.Helper()
	synctest.Test(t, func(*testing.T) {
		began := time.Now()
		l = newLane(7, func(packet) { at = append(at, time.Since(began)) })
		l.set(s)
		go l.run()
		for range count {
			l.send(make(packet, n))
			time.Sleep(gap)
		}
		time.Sleep(time.Minute)
		close(l.stop)
		synctest.Wait()
	})
	return at, l
}

func TestShape(t *testing.T) {
	const ms = time.Millisecond
	for _, tt := range []struct {
		name        string
		shape       Shape
		count, size int
		gap         time.Duration
		arrived     int
		first, last time.Duration
	}{
		{"perfect", Shape{}, 5, 1500, 0, 5, 0, 0},
		{"delay", Shape{Delay: 25 * ms}, 3, 1500, 10 * ms, 3, 25 * ms, 45 * ms},
		{"rate", Shape{Rate: 8000, Queue: time.Second}, 4, 100, 0, 4, 100 * ms, 400 * ms},
		{"rate and delay", Shape{Rate: 8000, Delay: 50 * ms, Queue: time.Second}, 2, 100, 0, 2, 150 * ms, 250 * ms},
		{"slower than the line", Shape{Rate: 8000}, 4, 100, 200 * ms, 4, 100 * ms, 700 * ms},
		{"full queue", Shape{Rate: 8000, Queue: 200 * ms}, 10, 100, 0, 3, 100 * ms, 300 * ms},
		{"usual queue", Shape{Rate: 8000}, 20, 100, 0, 6, 100 * ms, 600 * ms},
	} {
		t.Run(tt.name, func(t *testing.T) {
			at, l := record(t, tt.shape, tt.count, tt.size, tt.gap)
			if len(at) != tt.arrived || at[0] != tt.first || at[len(at)-1] != tt.last {
				t.Errorf("arrived: %v", at)
			}
			bytes, dropped := l.count()
			if bytes != uint64(tt.arrived*tt.size) || dropped != uint64(tt.count-tt.arrived) {
				t.Errorf("%d bytes, %d packets dropped", bytes, dropped)
			}
		})
	}
}

func TestLoss(t *testing.T) {
	const count = 2000
	at, _ := record(t, Shape{Loss: 0.1}, count, 100, 0)
	if lost := count - len(at); lost < 150 || lost > 250 {
		t.Errorf("lost %d of %d", lost, count)
	}
	again, _ := record(t, Shape{Loss: 0.1}, count, 100, 0)
	if len(again) != len(at) {
		t.Errorf("the same seed loses %d and %d", count-len(at), count-len(again))
	}
}

// TestShorterDelay: packets keep their order when the line becomes shorter.
func TestShorterDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []byte
		l := newLane(1, func(p packet) { got = append(got, p[0]) })
		go l.run()
		l.set(Shape{Delay: time.Second})
		l.send(packet{1})
		l.set(Shape{Delay: time.Millisecond})
		l.send(packet{2})
		time.Sleep(100 * time.Millisecond)
		l.set(Shape{})
		l.send(packet{3})
		time.Sleep(2 * time.Second)
		close(l.stop)
		synctest.Wait()
		if string(got) != "\x01\x02\x03" {
			t.Errorf("order: %v", got)
		}
	})
}
