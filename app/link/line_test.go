package link_test

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"assist/app/e2e"
	"assist/app/link"
	"assist/app/link/linktest"
	"assist/app/wire"
)

// TestCuts cuts the network for so long: the link is back soon after, by itself.
func TestCuts(t *testing.T) {
	for _, tt := range []struct{ cut, back time.Duration }{
		{time.Second, time.Second},
		{5 * time.Second, 3 * time.Second},
		{10 * time.Second, 3 * time.Second},
		{60 * time.Second, 5 * time.Second},
		{19 * time.Minute, 5 * time.Second},
	} {
		t.Run(tt.cut.String(), func(t *testing.T) {
			play(t, func(p *pair) {
				p.net.Cut()
				time.Sleep(tt.cut)
				synctest.Wait()
				if tt.cut > 3*time.Second && (up(p.customer) || up(p.engineer)) {
					p.Error("an end believes the link is up")
				}
				if c := p.customer.now(); !c.Up && time.Until(c.Until) > link.Limit-tt.cut+3*time.Second {
					p.Errorf("given up at %v", c.Until)
				}
				p.net.Mend()
				p.within(tt.back, "up", func() bool { return p.both(up) })
				p.talk()
			})
		})
	}
}

// talk sends a message each way.
func (p *pair) talk() {
	p.Helper()
	for _, way := range [][2]*end{{p.customer, p.engineer}, {p.engineer, p.customer}} {
		before := len(way[1].heard())
		way[0].say <- "hello"
		p.within(3*time.Second, "a message", func() bool { return len(way[1].heard()) == before+1 })
	}
}

func TestGivenUpAfterTheLimit(t *testing.T) {
	play(t, func(p *pair) {
		p.net.Cut()
		time.Sleep(link.Limit + 10*time.Second)
		synctest.Wait()
		for _, e := range []*end{p.customer, p.engineer} {
			if c := e.now(); !errors.Is(c.Over, link.ErrGone) {
				p.Errorf("after the limit: %+v", c)
			}
		}
		p.net.Mend()
		time.Sleep(time.Minute)
		if n := p.service.Here(); n != 0 {
			p.Errorf("%d ends wait on", n)
		}
	})
}

// TestKilledRelay has a relay die that nobody tells of.
func TestKilledRelay(t *testing.T) {
	play(t, func(p *pair) {
		for i := range 3 {
			p.net.Kill()
			p.within(3*time.Second, "silence", func() bool { return !up(p.customer) && !up(p.engineer) })
			p.within(2*time.Second, "another link", func() bool { return p.both(up) })
			if p.customer.turns() != i+1 || p.engineer.turns() != i+1 {
				p.Errorf("turns: %d and %d", p.customer.turns(), p.engineer.turns())
			}
			p.talk()
		}
		p.within(2*time.Second, "nobody at the service", func() bool { return p.service.Here() == 0 })
	})
}

// TestServiceDown has the service come back later than the network.
func TestServiceDown(t *testing.T) {
	play(t, func(p *pair) {
		p.service.Fall()
		p.net.Kill()
		time.Sleep(5 * time.Minute)
		p.service.Rise()
		p.within(5*time.Second, "up", func() bool { return p.both(up) })
		p.talk()

		p.net.Kill() // and goes again in the middle
		time.Sleep(3 * time.Second)
		p.service.Fall()
		time.Sleep(3 * time.Second)
		p.service.Rise()
		p.within(5*time.Second, "up", func() bool { return p.both(up) })
		p.talk()
	})
}

// TestBackByItself has a link that recovers: no other is needed.
func TestBackByItself(t *testing.T) {
	play(t, func(p *pair) {
		p.service.Fall()
		p.net.Cut()
		time.Sleep(15 * time.Second)
		p.net.Mend()
		p.within(time.Second, "up", func() bool { return p.both(up) })
		p.service.Rise()
		time.Sleep(time.Minute)
		if p.customer.turns()+p.engineer.turns() != 0 || p.service.Here() != 0 {
			p.Errorf("turns: %d and %d, %d at the service", p.customer.turns(), p.engineer.turns(), p.service.Here())
		}
		p.talk()
	})
}

// TestChatAcrossCuts loses no message and repeats none.
func TestChatAcrossCuts(t *testing.T) {
	play(t, func(p *pair) {
		var said []string
		say := func(text string) {
			said = append(said, text)
			p.customer.say <- text + " c"
			p.engineer.say <- text + " e"
		}
		for round := range 5 {
			say(fmt.Sprint("before ", round))
			if round%2 == 0 {
				p.net.Cut()
			} else {
				p.net.Kill()
			}
			for i := range 20 {
				say(fmt.Sprint("cut ", round, i))
				time.Sleep(time.Duration(i*round) * 40 * time.Millisecond)
			}
			if round%2 == 0 {
				time.Sleep(40 * time.Second)
				p.net.Mend()
			}
			p.within(5*time.Second, "up", func() bool { return p.both(up) })
			say(fmt.Sprint("after ", round))
		}
		p.within(5*time.Second, "all messages", func() bool {
			return p.both(func(e *end) bool { return len(e.heard()) >= len(said) })
		})
		time.Sleep(time.Minute)
		for e, mark := range map[*end]string{p.customer: " e", p.engineer: " c"} {
			got := e.heard()
			for i, want := range said {
				if i >= len(got) || got[i] != want+mark {
					p.Fatalf("heard %q\nwant %q", got, said)
				}
			}
			if len(got) != len(said) {
				p.Errorf("%d messages of %d", len(got), len(said))
			}
		}
	})
}

// TestEndWhileCut ends a session over no link: the other end hears of it as soon as it can, and nothing leads back.
func TestEndWhileCut(t *testing.T) {
	for _, who := range []string{"customer", "engineer"} {
		t.Run(who, func(t *testing.T) {
			play(t, func(p *pair) {
				ender, other := p.customer, p.engineer
				if who == "engineer" {
					ender, other = other, ender
				}
				p.net.Cut()
				time.Sleep(5 * time.Minute)
				ender.close(wire.ByPanicKey)
				if ender.last == nil {
					p.Fatal("no last word")
				}
				var wg sync.WaitGroup
				defer wg.Wait()
				wg.Go(func() { ender.last.Deliver(p.Context()) })
				time.Sleep(time.Minute)
				p.net.Mend()
				p.within(5*time.Second, "the word", func() bool { return other.now().Over != nil })
				if ended, ok := errors.AsType[*link.OverError](other.now().Over); !ok || ended.Reason != wire.ByPanicKey {
					p.Errorf("the other end is told %v", other.now().Over)
				}
				other.close(wire.ByPerson)
				p.within(time.Minute, "nobody at the service", func() bool { return p.service.Here() == 0 })
			})
		})
	}
}

// TestEndInTheFirstSeconds ends a session over a link that is gone, which nobody has noticed yet.
func TestEndInTheFirstSeconds(t *testing.T) {
	play(t, func(p *pair) {
		p.net.Cut()
		time.Sleep(time.Second)
		ctx, cancel := context.WithTimeout(p.Context(), time.Second)
		defer cancel()
		p.customer.turn.Farewell(ctx, &wire.End{})
		synctest.Wait()
		p.customer.close(wire.ByPerson)
		if p.customer.last == nil {
			p.Fatal("no last word")
		}
		var wg sync.WaitGroup
		defer wg.Wait()
		wg.Go(func() { p.customer.last.Deliver(p.Context()) })
		time.Sleep(30 * time.Second)
		p.net.Mend()
		p.within(5*time.Second, "the word", func() bool { return p.engineer.now().Over != nil })
	})
}

// TestEndOverTheLink leaves nothing to say at the service.
func TestEndOverTheLink(t *testing.T) {
	play(t, func(p *pair) {
		ctx, cancel := context.WithTimeout(p.Context(), time.Second)
		defer cancel()
		p.customer.turn.Farewell(ctx, &wire.End{Reason: wire.ByPerson})
		p.within(time.Second, "the end", func() bool {
			p.engineer.mu.Lock()
			defer p.engineer.mu.Unlock()
			return len(p.engineer.control) > 0
		})
		p.customer.close(wire.ByPerson)
		if p.customer.last != nil {
			p.Error("a last word")
		}
		p.customer.last.Deliver(p.Context()) // none is delivered at once
	})
}

// TestNothingAfterTheEnd has a service keep all that was said, and say it again to who asks.
func TestNothingAfterTheEnd(t *testing.T) {
	play(t, func(p *pair) {
		p.net.Kill()
		p.within(5*time.Second, "another link", func() bool { return p.customer.turns() == 1 && p.engineer.turns() == 1 })
		words, carriers := p.service.Words(), p.made()
		ticket, err := p.engineer.keys.Ticket()
		if err != nil {
			p.Fatal(err)
		}
		p.customer.close(wire.ByPerson)
		p.engineer.close(wire.ByPerson)
		stranger, err := p.service.Dial(p.Context())
		if err != nil {
			p.Fatal(err)
		}
		if _, err := stranger.Meet(p.Context(), hex.EncodeToString(ticket[:])); err != nil {
			p.Fatal(err)
		}
		for _, w := range words {
			stranger.Pass(p.Context(), w)
		}
		time.Sleep(time.Minute)
		if n := p.service.Here(); n != 1 {
			p.Errorf("%d at the service", n)
		}
		if n := p.made(); n != carriers {
			p.Errorf("%d more links were made", n-carriers)
		}
		if _, err := p.customer.keys.Ticket(); !errors.Is(err, e2e.ErrDone) {
			p.Errorf("ticket after the end: %v", err)
		}
		if _, _, err := p.engineer.keys.Channel("control", 99, e2e.Ordered); !errors.Is(err, e2e.ErrDone) {
			p.Errorf("keys after the end: %v", err)
		}
		stranger.Close()
	})
}

// TestNoService holds a line that has no way to the service: a link that is gone is gone.
func TestNoService(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := linktest.NewNetwork()
		ck, _ := agree(t)
		a, b := n.NewLink(), n.NewLink()
		id, _ := b.Offer(t.Context())
		if err := a.Accept(id); err != nil {
			t.Fatal(err)
		}
		turn, err := link.Open(a, ck, b.Fingerprint(), quiet)
		if err != nil {
			t.Fatal(err)
		}
		line, err := link.Hold(t.Context(), link.Config{Keys: ck, Log: quiet}, turn)
		if err != nil {
			t.Fatal(err)
		}
		a.Lose()
		var got []link.Change
		for len(got) < 2 {
			<-line.Changed()
			got = append(got, line.Changes()...)
		}
		if got[0].Up || got[1].Over == nil {
			t.Errorf("told %+v", got)
		}
		if w := line.Close(wire.ByPerson); w != nil {
			t.Error("a last word to nobody")
		}
	})
}
