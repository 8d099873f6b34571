package link_test

import (
	"bytes"
	mrand "math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"assist/app/wire"
)

// TestHostileService has a service that does to words what it likes.
func TestHostileService(t *testing.T) {
	forge := func(w []byte) []byte {
		w = bytes.Clone(w)
		w[len(w)/2] ^= 1
		return w
	}
	chance := mrand.New(mrand.NewPCG(1, 2))
	for _, tt := range []struct {
		name   string
		tamper func(words [][]byte, word []byte) [][]byte
		works  bool
	}{
		{"drops all", func([][]byte, []byte) [][]byte { return nil }, false},
		{"forges all", func(_ [][]byte, w []byte) [][]byte { return [][]byte{forge(w)} }, false},
		{"only what is old", func(all [][]byte, _ []byte) [][]byte { return all }, true},
		{"every word twice", func(_ [][]byte, w []byte) [][]byte { return [][]byte{w, w} }, true},
		{"all that was ever said", func(all [][]byte, w []byte) [][]byte { return append(append(all, w), all...) }, true},
		{"backwards", func(all [][]byte, w []byte) [][]byte {
			all = append(all, w)
			slices.Reverse(all)
			return all
		}, true},
		{"forged ones between", func(_ [][]byte, w []byte) [][]byte { return [][]byte{forge(w), nil, w, w[:3], make([]byte, 9000)} }, true},
		{"one word in three", func(_ [][]byte, w []byte) [][]byte {
			if chance.IntN(3) != 0 {
				return nil
			}
			return [][]byte{w}
		}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			play(t, func(p *pair) {
				p.service.TamperWith(tt.tamper)
				for range 3 {
					p.net.Kill()
					time.Sleep(3 * time.Second)
					if tt.works {
						p.within(2*time.Minute, "up", func() bool { return p.both(up) })
						time.Sleep(30 * time.Second)
						p.within(time.Minute, "up", func() bool { return p.both(up) })
						p.talk()
						continue
					}
					time.Sleep(2 * time.Minute)
					synctest.Wait()
					if up(p.customer) || up(p.engineer) {
						p.Error("a link came up")
					}
				}
				if !tt.works {
					p.service.TamperWith(nil)
					p.within(10*time.Second, "up once it is honest", func() bool { return p.both(up) })
				}
				if n := p.made(); n > 400 {
					p.Errorf("%d links were made", n)
				}
			})
		})
	}
}

// TestNobodyReads has an end that does not read: it costs the other that link, not memory.
func TestNobodyReads(t *testing.T) {
	play(t, func(p *pair) {
		p.engineer.stop()
		<-p.engineer.gone
		turn := p.customer.turn
		for range 5000 {
			turn.Post(&wire.Pong{})
		}
		p.within(time.Second, "down", func() bool { all := p.customer.all(); return len(all) > 0 && !all[0].Up })
	})
}
