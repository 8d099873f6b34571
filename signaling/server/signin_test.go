package server

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"assist/signaling"
	"assist/signaling/account"
	"assist/signaling/audit"
	"assist/signaling/client"
)

// A failed sign-in looks the same on the wire, whatever was wrong.
func TestFailedSignInsLookAlike(t *testing.T) {
	x := serve(t, t.TempDir())
	var looks []string
	for i, tt := range []struct{ account, password string }{
		{"ann", "not the password"}, {"not", password}, {"dora", password},
	} {
		k := x.talker(t)
		var look []string
		note := func(raw []byte, m signaling.Message) signaling.Message {
			look = append(look, fmt.Sprintf("%T of %d bytes", m, len(raw)))
			if r, ok := m.(signaling.Refused); ok {
				look = append(look, string(raw), string(r.Reason))
			}
			return m
		}
		note(k.ask(signaling.Hello{Version: signaling.Version, Role: signaling.Engineer}))
		s, ke1, err := account.Start(tt.account, tt.password)
		if err != nil {
			t.Fatal(err)
		}
		challenge, ok := note(k.ask(signaling.SignInStart{Account: tt.account, KE1: ke1})).(signaling.Challenge)
		if !ok {
			t.Fatal("no challenge")
		}
		ke3, _, _ := s.Finish(challenge.KE2)
		note(k.ask(signaling.SignInFinish{KE3: ke3}))
		looks = append(looks, strings.Join(look, "\n"))
		if looks[i] != looks[0] || !strings.Contains(looks[i], string(signaling.SignInFailed)) {
			t.Errorf("%s:\n%s\nunlike\n%s", tt.account, looks[i], looks[0])
		}
	}
	failed := x.recorded(t, audit.SignInFailed)
	if len(failed) != 3 || failed[0].Account != "ann" || failed[1].Account != "not" || failed[2].Address != "127.0.0.1" || failed[0].Time.IsZero() {
		t.Errorf("recorded: %+v", failed)
	}
}

func TestSignInThatIsLeftIsRecorded(t *testing.T) {
	x := serve(t, t.TempDir())
	k := x.talker(t)
	k.ask(signaling.Hello{Version: signaling.Version, Role: signaling.Engineer})
	_, ke1, _ := account.Start("ann", "a guess at it")
	k.ask(signaling.SignInStart{Account: "ann", KE1: ke1})
	k.ws.CloseNow()
	wait(t, "recorded", func() bool { return len(x.recorded(t, audit.SignInFailed)) == 1 })
}

func TestSignInByClient(t *testing.T) {
	x := serve(t, t.TempDir())
	c := x.dial(t)
	for _, tt := range []struct{ account, password string }{
		{"ann", "not the password"}, {"", password}, {"ann", ""}, {"a\x00n", password},
	} {
		if _, err := c.SignIn(t.Context(), tt.account, tt.password); !errors.Is(err, client.ErrSignInFailed) {
			t.Errorf("%q: %v", tt.account, err)
		}
	}
	if _, err := c.SignIn(t.Context(), " Ann ", password); err != nil { // as people type
		t.Errorf("on the same connection: %v", err)
	}
}

func TestDisabledWhileSignedIn(t *testing.T) {
	x := serve(t, t.TempDir())
	engineer := x.engineer(t)
	if err := CloseAccount(x.store, "bob"); err != nil {
		t.Fatal(err)
	}
	openRoom(t, engineer)
	if err := CloseAccount(x.store, "ann"); err != nil {
		t.Fatal(err)
	}
	if lost := next[signaling.Lost](t, engineer); !errors.Is(lost.Err, client.ErrAccountClosed) || !errors.Is(lost.Err, client.ErrLost) {
		t.Errorf("engineer is told: %v", lost.Err)
	}
}

func TestTooManyTries(t *testing.T) {
	x := serve(t, t.TempDir())
	engineer, customer := x.engineer(t), x.customer(t)
	digits := openRoom(t, engineer)
	free := "000"
	if digits == free {
		free = "001"
	}
	for i := range joinBurst {
		if r := <-join(t, customer, free); !errors.Is(r.err, client.ErrUnknown) {
			t.Fatalf("try %d: %v", i, r.err)
		}
	}
	for _, d := range []string{free, digits} {
		if r := <-join(t, x.customer(t), d); !errors.Is(r.err, client.ErrTooManyTries) {
			t.Errorf("after %d failures: %v", joinBurst, r.err)
		}
	}
}
