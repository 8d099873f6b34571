package server

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"assist/signaling"
	"assist/signaling/audit"
	"assist/signaling/client"
	"assist/signaling/room"
)

func TestWholeSession(t *testing.T) {
	x := serve(t, t.TempDir())
	engineer, customer := x.engineer(t), x.customer(t)
	digits := openRoom(t, engineer)
	j, reply := meet(t, customer, engineer, digits)
	if reply.Left != room.MaxGuesses-1 {
		t.Errorf("%d guesses left", reply.Left)
	}
	if err := customer.Confirm(t.Context(), []byte("m3")); err != nil {
		t.Fatal(err)
	}
	if c := next[signaling.Confirmed](t, engineer); string(c.M3) != "m3" || c.Attempt != j.Attempt {
		t.Errorf("confirmed: %+v", c)
	}
	if err := engineer.Accept(t.Context(), j.Attempt); err != nil {
		t.Fatal(err)
	}
	if a := next[signaling.Accepted](t, customer); a.Attempt != j.Attempt {
		t.Errorf("accepted: %+v", a)
	}
	if r := <-join(t, x.customer(t), digits); !errors.Is(r.err, client.ErrUsed) {
		t.Errorf("second use: %v", r.err)
	}
	for _, c := range []*client.Conn{customer, engineer} {
		if r, err := c.Relays(t.Context()); err != nil || len(r) != 1 {
			t.Errorf("Relays: %v, %v", r, err)
		}
	}
	ended := signaling.Ended{
		Attempt: j.Attempt, Session: strings.Repeat("ab", 16), Started: time.Now(), Finished: time.Now(), Reason: "customer-ended",
		Levels: []signaling.Level{{Access: "view only", At: time.Now()}},
	}
	told := ended
	told.Report = reply.Report
	if err := errors.Join(engineer.Ended(t.Context(), ended), customer.Ended(t.Context(), told)); err != nil {
		t.Error(err)
	}
	for _, e := range x.recorded(t, audit.SessionEnded) {
		if e.Attempt != j.Attempt || e.Finished.IsZero() {
			t.Errorf("session's end: %+v", e)
		}
	}
	for _, err := range []error{engineer.Ended(t.Context(), ended), customer.Ended(t.Context(), told)} {
		if !errors.Is(err, client.ErrUsed) {
			t.Errorf("told twice: %v", err)
		}
	}
	var got []audit.Type
	for _, e := range x.trail(t) {
		got = append(got, e.Type)
		if e.Address != "127.0.0.1" {
			t.Errorf("%s from %q", e.Type, e.Address)
		}
	}
	want := []audit.Type{
		audit.SignedIn, audit.RoomOpened, audit.Joined, audit.SessionStarted, audit.JoinRefused, audit.SessionEnded, audit.SessionEnded,
	}
	if !slices.Equal(got, want) {
		t.Errorf("audit log: %v, want %v", got, want)
	}
	if e := x.recorded(t, audit.Joined)[0]; string(e.Customer) != string(theForm) || e.Account != "ann" || e.Room != digits {
		t.Errorf("joined: %+v", e)
	}
}

func TestThreeWrongGuessesBurn(t *testing.T) {
	x := serve(t, t.TempDir())
	engineer, customer := x.engineer(t), x.customer(t)
	digits := openRoom(t, engineer)
	for left := room.MaxGuesses - 1; left >= 0; left-- {
		j, reply := meet(t, customer, engineer, digits)
		if reply.Left != left {
			t.Errorf("customer has %d guesses left, want %d", reply.Left, left)
		}
		if err := customer.Reject(t.Context()); err != nil {
			t.Fatal(err)
		}
		if r := next[signaling.Rejected](t, engineer); r.Attempt != j.Attempt || r.Left != left {
			t.Errorf("engineer is told %+v, want %d left", r, left)
		}
	}
	if gone := next[signaling.RoomGone](t, engineer); gone.Room != digits || gone.Reason != signaling.Burnt {
		t.Errorf("engineer is told %+v", gone)
	}
	if r := <-join(t, customer, digits); !errors.Is(r.err, client.ErrBurnt) {
		t.Errorf("fourth guess: %v", r.err)
	}
	if n := len(x.recorded(t, audit.GuessFailed)); n != 3 {
		t.Errorf("%d wrong guesses recorded", n)
	}
	if n := len(x.recorded(t, audit.RoomBurnt)); n != 1 {
		t.Errorf("%d burnt rooms recorded", n)
	}
}

// Every way of not going on after m2 is a guess.
func TestEveryExitIsAGuess(t *testing.T) {
	quick := func(_ *Config, t *times) { t.confirm, t.accept = 50*time.Millisecond, 50*time.Millisecond }
	for _, tt := range []struct {
		name string
		exit func(*testing.T, *client.Conn)
	}{
		{"leave", func(t *testing.T, c *client.Conn) {
			if err := c.Leave(t.Context()); err != nil {
				t.Error(err)
			}
		}},
		{"close", func(t *testing.T, c *client.Conn) { c.Close() }},
		{"silence", func(t *testing.T, c *client.Conn) {
			if gone := next[signaling.RoomGone](t, c); gone.Reason != signaling.TooSlow {
				t.Errorf("customer is told %+v", gone)
			}
		}},
		{"m3 that is not accepted", func(t *testing.T, c *client.Conn) {
			if err := c.Confirm(t.Context(), []byte("m3")); err != nil {
				t.Error(err)
			}
			if gone := next[signaling.RoomGone](t, c); gone.Reason != signaling.EngineerSilent {
				t.Errorf("customer is told %+v", gone)
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := serve(t, t.TempDir(), quick)
			engineer := x.engineer(t)
			digits := openRoom(t, engineer)
			customer := x.customer(t)
			meet(t, customer, engineer, digits)
			tt.exit(t, customer)
			for {
				e := <-engineer.Events()
				if _, ok := e.(signaling.Confirmed); ok {
					continue
				}
				if left, ok := e.(signaling.CustomerLeft); !ok || left.Left != room.MaxGuesses-1 {
					t.Errorf("engineer is told %#v", e)
				}
				break
			}
			if _, reply := meet(t, x.customer(t), engineer, digits); reply.Left != room.MaxGuesses-2 {
				t.Errorf("%d left for the next", reply.Left)
			}
		})
	}
}

func TestEngineerWhoNeverAnswersCostsNoGuess(t *testing.T) {
	x := serve(t, t.TempDir(), func(_ *Config, t *times) { t.answer = 50 * time.Millisecond })
	engineer, customer := x.engineer(t), x.customer(t)
	digits := openRoom(t, engineer)
	if r := <-join(t, customer, digits); !errors.Is(r.err, client.ErrEngineerSilent) {
		t.Errorf("Join: %v", r.err)
	}
	j := next[signaling.Joined](t, engineer)
	if left := next[signaling.CustomerLeft](t, engineer); left.Left != room.MaxGuesses {
		t.Errorf("engineer is told %+v", left)
	}
	if err := engineer.Answer(t.Context(), j.Attempt, []byte("m2")); !errors.Is(err, client.ErrCustomerGone) {
		t.Errorf("late answer: %v", err)
	}
}

func TestEngineerGone(t *testing.T) {
	x := serve(t, t.TempDir())
	engineer, customer := x.engineer(t), x.customer(t)
	digits := openRoom(t, engineer)

	result := join(t, customer, digits)
	next[signaling.Joined](t, engineer)
	engineer.Close()
	if r := <-result; !errors.Is(r.err, client.ErrEngineerGone) {
		t.Errorf("before m2: %v", r.err)
	}
	if r := <-join(t, customer, digits); !errors.Is(r.err, client.ErrEngineerGone) {
		t.Errorf("after it went: %v", r.err)
	}

	engineer = x.engineer(t)
	r, err := engineer.ResumeRoom(t.Context(), digits)
	if err != nil || r.Remaining <= 0 {
		t.Fatalf("ResumeRoom: %+v, %v", r, err)
	}
	if _, reply := meet(t, customer, engineer, digits); reply.Left != room.MaxGuesses-1 {
		t.Errorf("%d guesses left: the engineer's absence counted", reply.Left)
	}
	engineer.Close()
	if gone := next[signaling.RoomGone](t, customer); gone.Reason != signaling.EngineerGone || gone.Room != digits {
		t.Errorf("after m2: %+v", gone)
	}
	if err := customer.Confirm(t.Context(), []byte("m3")); !errors.Is(err, client.ErrEngineerGone) {
		t.Errorf("Confirm that crosses the news: %v", err)
	}
}

func TestRoomEndsWhileSomebodyConnects(t *testing.T) {
	x := serve(t, t.TempDir())
	engineer, customer := x.engineer(t), x.customer(t)
	for _, tt := range []struct {
		name string
		end  func(context.Context, string) error
		want signaling.Reason
	}{
		{"cancel", engineer.CancelRoom, signaling.Cancelled},
		{"burn", engineer.BurnRoom, signaling.Burnt},
	} {
		t.Run(tt.name, func(t *testing.T) {
			digits := openRoom(t, engineer)
			meet(t, customer, engineer, digits)
			if err := tt.end(t.Context(), digits); err != nil {
				t.Fatal(err)
			}
			if gone := next[signaling.RoomGone](t, customer); gone.Reason != tt.want {
				t.Errorf("customer is told %+v", gone)
			}
			if r := <-join(t, customer, digits); !errors.Is(r.err, client.Error(tt.want)) {
				t.Errorf("Join: %v", r.err)
			}
			if err := tt.end(t.Context(), digits); !errors.Is(err, client.Error(tt.want)) {
				t.Errorf("ended twice: %v", err)
			}
		})
	}
}

func TestExpiry(t *testing.T) {
	x := serve(t, t.TempDir())
	engineer, customer := x.engineer(t), x.customer(t)
	digits := openRoom(t, engineer)
	if r, err := engineer.ExtendRoom(t.Context(), digits); err != nil || r.CanExtend || r.Remaining <= room.Extension {
		t.Errorf("ExtendRoom: %+v, %v", r, err)
	}
	if _, err := engineer.ExtendRoom(t.Context(), digits); !errors.Is(err, client.ErrExtended) {
		t.Errorf("second ExtendRoom: %v", err)
	}
	x.jump(room.Validity + room.Extension - 300*time.Millisecond)
	if _, err := engineer.ResumeRoom(t.Context(), digits); err != nil { // looks at the clock
		t.Fatal(err)
	}
	meet(t, customer, engineer, digits)
	if gone := next[signaling.RoomGone](t, engineer); gone.Reason != signaling.Expired || gone.Room != digits {
		t.Errorf("engineer is told %+v", gone)
	}
	if gone := next[signaling.RoomGone](t, customer); gone.Reason != signaling.Expired {
		t.Errorf("customer is told %+v", gone)
	}
	x.jump(-time.Hour) // a clock that is set back brings nothing back
	if r := <-join(t, customer, digits); !errors.Is(r.err, client.ErrExpired) {
		t.Errorf("Join: %v", r.err)
	}
	if _, err := engineer.ResumeRoom(t.Context(), digits); !errors.Is(err, client.ErrExpired) {
		t.Errorf("ResumeRoom: %v", err)
	}
}

func TestRacersOverSockets(t *testing.T) {
	x := serve(t, t.TempDir(), func(_ *Config, t *times) { t.answer = 300 * time.Millisecond })
	engineer := x.engineer(t)
	digits := openRoom(t, engineer)
	const racers = 40
	var results []<-chan joined
	var customers []*client.Conn
	for range racers {
		customers = append(customers, x.customer(t))
	}
	for _, c := range customers {
		results = append(results, join(t, c, digits))
	}
	silent, refused := 0, 0
	for _, r := range results {
		switch err := (<-r).err; {
		case errors.Is(err, client.ErrEngineerSilent):
			silent++
		case errors.Is(err, client.ErrClaimed), errors.Is(err, client.ErrTooManyTries):
			refused++
		default:
			t.Error(err)
		}
	}
	if silent != 1 || refused != racers-1 {
		t.Errorf("%d reached the engineer, %d were refused", silent, refused)
	}
}

func TestRestart(t *testing.T) {
	dir := t.TempDir()
	x := serve(t, dir)
	engineer := x.engineer(t)
	digits := openRoom(t, engineer)
	x.end()
	if lost := next[signaling.Lost](t, engineer); !errors.Is(lost.Err, client.ErrLost) {
		t.Errorf("engineer is told %v", lost.Err)
	}
	if _, more := <-engineer.Events(); more {
		t.Error("an event after Lost")
	}
	if _, err := engineer.OpenRoom(t.Context()); !errors.Is(err, client.ErrLost) {
		t.Errorf("call after the end: %v", err)
	}
	x = serve(t, dir)
	x.jump(2 * time.Minute)
	engineer = x.engineer(t)
	r, err := engineer.ResumeRoom(t.Context(), digits)
	if err != nil || r.Remaining > room.Validity-2*time.Minute || r.Remaining < room.Validity-3*time.Minute {
		t.Errorf("ResumeRoom: %+v, %v", r, err)
	}
	meet(t, x.customer(t), engineer, digits)
}
