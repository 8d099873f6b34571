package spine

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"assist/app/chat"
	"assist/app/customer"
	"assist/app/engineer"
	"assist/app/problem"
	"assist/app/session"
	"assist/app/wire"
)

// flood sends ten seconds of chat, fifty times a second, and returns how many bytes.
func flood(s *stage, size int, send func(wire.Message) error) (sent int) {
	s.Helper()
	for i := range 500 {
		text := fmt.Sprintf("%0*d", size, i)
		if err := send(&wire.ChatText{Text: text}); err != nil {
			s.Fatalf("message %d: %v", i, err)
		}
		sent += len(text)
		time.Sleep(20 * time.Millisecond)
	}
	return sent
}

// bounded holds what one end's window is told of a flood that lasted until now.
func bounded(s *stage, messages []string, notes int, start time.Time, sent int) {
	s.Helper()
	shown := 0
	for _, m := range messages {
		shown += len(m)
	}
	long := time.Since(start).Seconds()
	if most := chat.Burst + wire.MaxChat + int(chat.Rate*long); shown > most {
		s.Errorf("%d bytes are shown in %.0f s, more than %d", shown, long, most)
	}
	if most := chat.MessageBurst + 1 + int(chat.MessageRate*long); len(messages) > most {
		s.Errorf("%d messages are shown in %.0f s, more than %d", len(messages), long, most)
	}
	if len(messages) == 0 || shown >= sent || notes != 1 {
		s.Errorf("%d messages of %d of %d bytes are shown, and that some were left out is told %d times", len(messages), shown, sent, notes)
	}
}

// TestEngineerFloodsChat is an engineer with chat alone who writes without end: the customer's window is told no more than it can
// show, and Stop ends the session as ever.
func TestEngineerFloodsChat(t *testing.T) {
	for _, size := range []int{40, wire.MaxChat} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			play(t, nil, func(s *stage) {
				h := s.hostileAt(session.ChatOnly)
				defer h.stop()
				start := time.Now()
				sent := flood(s, size, func(m wire.Message) error { return h.conn.Send(s.Context(), m) })
				synctest.Wait()
				said, _ := s.said()
				bounded(s, said, len(all[customer.SaidTooMuch](&s.toC)), start, sent)

				s.customer.Stop()
				if p := has[customer.Ended](s, &s.toC, 1).Problem; p.Code != problem.CustomerEnded {
					s.Errorf("stopped while chat waits: %v", p)
				}
			})
		})
	}
}

// TestCustomerFloodsChat is the same the other way round.
func TestCustomerFloodsChat(t *testing.T) {
	play(t, nil, func(s *stage) {
		s.start(session.ChatOnly)
		start := time.Now()
		sent := flood(s, wire.MaxChat, func(m wire.Message) error { s.customer.Say(m.(*wire.ChatText).Text); return nil })
		synctest.Wait()
		_, said := s.said()
		bounded(s, said, len(all[engineer.SaidTooMuch](&s.toE)), start, sent)
		s.engineer.End()
		if p := has[customer.Ended](s, &s.toC, 1).Problem; p.Code != problem.EngineerEnded {
			s.Errorf("customer is told %v", p)
		}
	})
}

// TestMuchWrittenWhileCut writes more while the link is down than either end takes at once: all of it comes.
func TestMuchWrittenWhileCut(t *testing.T) {
	play(t, nil, func(s *stage) {
		s.start(session.ChatOnly)
		s.net.Cut()
		time.Sleep(10 * time.Second)
		var want []string
		for i := range 6 * chat.MessageBurst {
			want = append(want, fmt.Sprint(i, strings.Repeat(" word", 80)))
			s.customer.Say(want[i])
			s.engineer.Say(want[i])
		}
		s.net.Mend()
		s.within(time.Minute, "all messages", func() bool {
			c, e := s.said()
			return len(c) == len(want) && len(e) == len(want)
		})
		if c, e := s.said(); !slices.Equal(c, want) || !slices.Equal(e, want) {
			s.Error("they came in another order")
		}
		if len(all[customer.SaidTooMuch](&s.toC))+len(all[engineer.SaidTooMuch](&s.toE)) != 0 {
			s.Error("it is told that some were left out")
		}
	})
}

// tooLong is a chat message with a character too many.
type tooLong struct{ *wire.ChatText }

func (tooLong) Append(b []byte) []byte {
	b = binary.BigEndian.AppendUint16(append(b, byte(wire.TChat)), wire.MaxChat+1)
	return append(b, strings.Repeat("x", wire.MaxChat+1)...)
}

// TestChatLongerThanAnyWindowSends ends the session with an end that is none of ours.
func TestChatLongerThanAnyWindowSends(t *testing.T) {
	play(t, nil, func(s *stage) {
		h := s.hostileAt(session.ChatOnly)
		defer h.stop()
		if err := h.conn.Send(s.Context(), tooLong{&wire.ChatText{}}); err != nil {
			s.Fatal(err)
		}
		if p := has[customer.Ended](s, &s.toC, 1).Problem; p.Code != problem.PeerMisbehaved {
			s.Errorf("told %v", p)
		}
		if said, _ := s.said(); len(said) != 0 {
			s.Error("it is shown")
		}
	})
}
