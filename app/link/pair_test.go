package link_test

import (
	"context"
	"io"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"assist/app/code"
	"assist/app/e2e"
	"assist/app/link"
	"assist/app/link/linktest"
	"assist/app/wire"
	"assist/signaling"
)

// agree returns the keys of both ends of a session.
func agree(t testing.TB) (customer, engineer *e2e.Keys) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	c := code.Code{Room: "123", Secret: code.NewSecret()}
	starting, m1, err := e2e.Start(c.Secret, e2e.Offer{Room: c.Room})
	must(err)
	responding, m2, err := e2e.Respond(c, m1, e2e.Answer{}, func([]byte) []byte { return make([]byte, 64) })
	must(err)
	customer, _, m3, err := starting.Finish(m2, func(_, _, _ []byte) error { return nil })
	must(err)
	engineer, err = responding.Confirm(m3)
	must(err)
	return customer, engineer
}

// end is one end of a session: it reads all channels, and says hello on every turn.
type end struct {
	p    *pair
	keys *e2e.Keys
	line *link.Line
	turn *link.Turn
	mail *link.Mail
	last *link.LastWord
	stop context.CancelFunc
	gone chan struct{}

	mu      sync.Mutex
	changes []link.Change
	chat    []string
	control []wire.Message
	say     chan string
}

// pair is both ends, the network between them and the service.
type pair struct {
	*testing.T
	net      *linktest.Network
	service  *linktest.Service
	customer *end
	engineer *end
	mu       sync.Mutex
	carriers []*linktest.Link
}

// play brings two ends together in a bubble, and ends them after the test between them.
func play(t *testing.T, test func(*pair)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		n := linktest.NewNetwork()
		p := &pair{T: t, net: n, service: linktest.NewService(n)}
		ck, ek := agree(t)
		a, b := n.NewLink(), n.NewLink()
		p.customer, p.engineer = p.end(ck), p.end(ek)
		offer, _ := a.Offer(t.Context())
		answer, err := b.Answer(t.Context(), offer)
		if err != nil {
			t.Fatal(err)
		}
		if err := a.Accept(answer); err != nil {
			t.Fatal(err)
		}
		p.customer.start(a, b.Fingerprint())
		p.engineer.start(b, a.Fingerprint())
		<-p.customer.turn.Control.Up
		<-p.engineer.turn.Control.Up
		defer func() {
			p.customer.close(wire.ByPerson)
			p.engineer.close(wire.ByPerson)
			synctest.Wait()
		}()
		test(p)
	})
}

func (p *pair) end(keys *e2e.Keys) *end {
	return &end{p: p, keys: keys, gone: make(chan struct{}), say: make(chan string)}
}

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

func (p *pair) newCarrier([]signaling.Relay) (link.Carrier, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.net.NewLink()
	p.carriers = append(p.carriers, l)
	return l, nil
}

// made is how many carriers were made after the first.
func (p *pair) made() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.carriers)
}

func (e *end) start(c *linktest.Link, remote [32]byte) {
	t := e.p
	var err error
	if e.turn, err = link.Open(c, e.keys, remote, quiet); err != nil {
		t.Fatal(err)
	}
	e.mail = link.NewMail(e.turn)
	cfg := link.Config{Keys: e.keys, NewCarrier: t.newCarrier, Redial: t.service.Dial, Log: quiet}
	if e.line, err = link.Hold(t.Context(), cfg, e.turn); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	e.stop = cancel
	go e.run(ctx)
}

func (e *end) run(ctx context.Context) {
	defer close(e.gone)
	turn := e.turn
	for {
		select {
		case <-ctx.Done():
			return
		case <-e.line.Changed():
			for _, c := range e.line.Changes() {
				if c.Turn != nil {
					turn = c.Turn
					turn.Post(&wire.Hello{Version: wire.Version, Heard: e.mail.Heard()})
					e.mail.Move(turn)
				}
				e.mu.Lock()
				e.changes, e.turn = append(e.changes, c), turn
				e.mu.Unlock()
			}
		case m := <-turn.Control.Messages:
			if hello, ok := m.(*wire.Hello); ok {
				e.mail.Settle(hello.Heard)
			}
			e.mu.Lock()
			e.control = append(e.control, m)
			e.mu.Unlock()
		case m := <-turn.Chat.Messages:
			e.mail.Arrived()
			e.mu.Lock()
			e.chat = append(e.chat, m.(*wire.ChatText).Text)
			e.mu.Unlock()
		case text := <-e.say:
			e.mail.Send(&wire.ChatText{Text: text})
		}
	}
}

// close ends one end, as a deliberate end does.
func (e *end) close(reason wire.Reason) {
	if e.stop == nil {
		return
	}
	e.stop()
	e.stop = nil
	<-e.gone
	e.last = e.line.Close(reason)
	e.keys.Erase()
}

func (e *end) all() []link.Change {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.changes)
}

// now is the last change, up if there was none.
func (e *end) now() link.Change {
	all := e.all()
	if len(all) == 0 {
		return link.Change{Up: true}
	}
	return all[len(all)-1]
}

func (e *end) heard() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.chat)
}

// turns is how many turns took the place of another.
func (e *end) turns() (n int) {
	for _, c := range e.all() {
		if c.Turn != nil {
			n++
		}
	}
	return n
}

// both reports whether ok holds at both ends.
func (p *pair) both(ok func(*end) bool) bool { return ok(p.customer) && ok(p.engineer) }

func up(e *end) bool { return e.now().Up }

// within waits until ok holds, and says how long that took.
func (p *pair) within(d time.Duration, what string, ok func() bool) {
	p.Helper()
	began := time.Now()
	for ; ; time.Sleep(10 * time.Millisecond) {
		synctest.Wait()
		if ok() {
			break
		}
		if time.Since(began) > d {
			p.Fatalf("not within %v: %s\ncustomer: %+v\nengineer: %+v", d, what, p.customer.all(), p.engineer.all())
		}
	}
	p.Logf("%s after %v", what, time.Since(began))
}
