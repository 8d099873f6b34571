package spine

import (
	"context"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"assist/app/code"
	"assist/app/customer"
	"assist/app/e2e"
	"assist/app/engineer"
	"assist/app/identity"
	"assist/app/link"
	"assist/app/session"
	"assist/app/wire"
	"assist/media/input"
	"assist/signaling"
)

// hostile is an engineer's end that a test plays itself: it has a certificate and the code, and sends what it likes.
type hostile struct {
	conn *link.Conn
	stop context.CancelFunc
}

// play it up to the consent question.
func (s *stage) hostile() *hostile {
	s.Helper()
	ctx, cancel := context.WithCancel(s.Context())
	desk, err := s.service.dialEngineer(ctx)
	if err != nil {
		s.Fatal(err)
	}
	room, err := desk.OpenRoom(ctx)
	if err != nil {
		s.Fatal(err)
	}
	c := code.Code{Room: code.Room(room.Digits), Secret: code.NewSecret()}
	self, err := identity.NewSession(identity.AccountKey(make([]byte, 64)), s.service.account.Certificate, time.Now())
	if err != nil {
		s.Fatal(err)
	}
	s.customer.Join(form, c)
	joined := next[signaling.Joined](s, desk)
	offer, err := e2e.ReadOffer(joined.M1)
	if err != nil {
		s.Fatal(err)
	}
	carrier := s.net.NewLink()
	sdp, err := carrier.Answer(ctx, offer.SDP)
	if err != nil {
		s.Fatal(err)
	}
	hs, m2, err := e2e.Respond(c, joined.M1, e2e.Answer{SDP: sdp, Fingerprint: carrier.Fingerprint(), Chain: self.Chain}, self.Sign)
	if err != nil {
		s.Fatal(err)
	}
	if err := desk.Answer(ctx, joined.Attempt, m2); err != nil {
		s.Fatal(err)
	}
	keys, err := hs.Confirm(next[signaling.Confirmed](s, desk).M3)
	if err != nil {
		s.Fatal(err)
	}
	if err := desk.Accept(ctx, joined.Attempt); err != nil {
		s.Fatal(err)
	}
	conn, err := link.Seal(carrier, keys, 0)
	if err != nil {
		s.Fatal(err)
	}
	if err := carrier.Connect(ctx, offer.Fingerprint); err != nil {
		s.Fatal(err)
	}
	for _, ch := range wire.Channels { // whatever comes is taken and forgotten
		feed := conn.Feed(ctx, ch, nil)
		s.wg.Go(func() {
			for {
				select {
				case <-feed.Messages:
				case <-feed.Done:
					return
				}
			}
		})
	}
	return &hostile{conn, func() { cancel(); desk.Close(); carrier.Close() }}
}

// hostileAt is hostile, with a customer who allows the level.
func (s *stage) hostileAt(level session.Access) *hostile {
	s.Helper()
	h := s.hostile()
	has[customer.Asked](s, &s.toC, 1)
	s.customer.Answer(customer.Consent{Access: level, Proof: customer.Proof{Called: true}})
	has[customer.Started](s, &s.toC, 1)
	return h
}

// next waits for the service's next event of type T.
func next[T any](s *stage, desk engineer.Desk) T {
	s.Helper()
	for ev := range desk.Events() {
		if t, ok := ev.(T); ok {
			return t
		}
	}
	s.Fatal("the service is gone")
	panic("unreachable")
}

// steps is how many things the hostile engineer and the customer do.
const steps = 100_000

// anything makes a message that parses, of any type that an engineer's program could send by the wire's rules.
func anything(r *rand.Rand) wire.Message {
	p := input.Pointer{X: uint16(r.Uint32()), Y: uint16(r.Uint32()), Buttons: input.Buttons(r.IntN(4)), WheelY: int8(r.IntN(3) - 1)}
	all := []wire.Message{
		&wire.Hello{Version: wire.Version}, &wire.Access{Level: wire.Level(1 + r.IntN(3))}, &wire.Ask{ID: r.Uint32(), Level: wire.Level(1 + r.IntN(3))},
		&wire.AskAnswer{ID: r.Uint32(), Answer: wire.Yes}, &wire.Displays{}, &wire.Show{Display: uint8(r.IntN(3))}, &wire.CursorShape{},
		&wire.InputState{State: 1}, &wire.Picture{}, &wire.Ping{}, &wire.Pong{}, &wire.ChatText{Text: "x"},
		&wire.Key{Key: input.Key{Usage: input.Usage(4 + r.IntN(30)), Down: r.IntN(2) == 0}}, &wire.Point{Pointer: p}, &wire.Text{Text: "t"},
		&wire.Move{After: 1 << 30, X: p.X, Y: p.Y}, &wire.CursorAt{Sequence: r.Uint32()}, &wire.Part{Frame: r.Uint32(), Bytes: []byte("x")}, &wire.Seen{Frame: r.Uint32()},
	}
	return all[r.IntN(len(all))]
}

// TestHostileEngineer sends anything at any time, while the customer changes levels, pauses, and answers requests with
// no. Nothing may ever take effect that the level does not allow.
func TestHostileEngineer(t *testing.T) {
	play(t, nil, func(s *stage) {
		r := rand.New(rand.NewPCG(4, 2))
		h := s.hostile()
		defer h.stop()
		has[customer.Asked](s, &s.toC, 1)
		room := map[wire.Channel]int{wire.Control: 500, wire.Input: 5, wire.Exact: 5, wire.Chat: 5, wire.Pointer: 5}
		for range 1000 { // before consent, when only control is read
			m := anything(r)
			if room[m.Type().Channel()]--; room[m.Type().Channel()] < 0 {
				continue
			}
			if err := h.conn.Send(s.Context(), m); err != nil {
				s.Fatal(err)
			}
			synctest.Wait()
		}
		if n := len(s.keyboard.Events()); n != 0 || s.desktop.opens() != 0 {
			s.Fatalf("before consent: %d events, %d captures", n, s.desktop.opens())
		}
		s.customer.Answer(customer.Consent{Access: session.ChatOnly})
		has[customer.Started](s, &s.toC, 1)
		s.walk(r, h)
	})
}

// walk does random things, and looks after each of them.
func (s *stage) walk(r *rand.Rand, h *hostile) {
	level, paused := session.ChatOnly, false
	for i := range steps {
		events, captures := s.keyboard.Count(), s.desktop.opens()
		switch r.IntN(60) {
		case 0:
			level = session.Levels[r.IntN(3)]
			needs := lastNeeds(s)
			s.customer.SetAccess(level, customer.Proof{Called: true, Digits: needs.Digits})
		case 1:
			paused = r.IntN(2) == 0
			if s.resume(); paused {
				s.customer.Pause()
			}
		case 2:
			if req, ok := last[customer.Requested](&s.toC); ok {
				s.customer.AnswerRequest(req.ID, false, customer.Proof{})
			}
		case 3:
			time.Sleep(time.Second)
		default:
			if err := h.conn.Send(s.Context(), anything(r)); err != nil {
				s.Fatalf("step %d: %v", i, err)
			}
		}
		synctest.Wait()
		if now := lastLevel(s); now < level {
			level = now // the engineer may step down
		} else if now > level {
			s.Fatalf("step %d: level %v, the customer wants %v", i, now, level)
		}
		if s.keyboard.Count() > events && (level < session.SharedControl || paused) && !onlyReleases(s, events) {
			s.Fatalf("step %d: input at level %v, paused %v", i, level, paused)
		}
		if s.desktop.opens() > captures && (level < session.ViewOnly || paused) {
			s.Fatalf("step %d: the screen was opened at level %v, paused %v", i, level, paused)
		}
	}
	if len(all[customer.Ended](&s.toC)) != 0 {
		s.Error("the session ended")
	}
	if s.keyboard.Count() == 0 || len(all[customer.Requested](&s.toC)) == 0 {
		s.Error("the walk never used its rights: it shows nothing")
	}
}

// lastLevel is the level that the customer was told last.
func lastLevel(s *stage) session.Access {
	ev, ok := last[customer.AccessChanged](&s.toC)
	if !ok {
		return session.ChatOnly
	}
	return ev.Access
}

func lastNeeds(s *stage) customer.Needs {
	ev, _ := last[customer.AccessChanged](&s.toC)
	return ev.Needs
}

// onlyReleases reports whether the events from the nth on only let go.
func onlyReleases(s *stage, n int) bool {
	for _, ev := range s.keyboard.Events()[n:] {
		if ev.Key != nil && ev.Key.Down || ev.Text != "" || ev.Pointer != nil && ev.Pointer.Buttons != 0 {
			return false
		}
	}
	return true
}
