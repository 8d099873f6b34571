package main

import (
	"context"
	"fmt"
	"syscall"
	"testing"
	"time"

	"assist/cmd/internal/play"
	"assist/cmd/internal/stage"
	"assist/ui/text"
	"assist/ui/trace"
)

// linkIs waits until the engineer's window says that the link is down, or up, and returns how long that took.
func linkIs(ctx context.Context, s *play.Session, down bool) (time.Duration, error) {
	began := time.Now()
	_, err := s.Engineer.Windows.Until(ctx, fmt.Sprint("the link being down: ", down), func(l trace.Line) bool {
		return l.Screen == "session" && (l.Elements["link"].Text == text.L("console.link.down")) == down
	})
	return time.Since(began), err
}

func linkDown(ctx context.Context, s *play.Session) error {
	_, err := linkIs(ctx, s, true)
	return err
}

// goesOn holds the session to be what it was: the picture is there, and the engineer can type, by the same consent.
func goesOn(ctx context.Context, t *testing.T, s *play.Session, within time.Duration) {
	t.Helper()
	took, err := linkIs(ctx, s, false)
	must(t, err)
	if took > within {
		t.Errorf("the link is back after %v, more than %v", took, within)
	}
	t.Logf("the link is back after %v", took.Round(time.Millisecond))
	if _, ok := s.Customer.Windows.Shown("bar"); !ok {
		t.Error("the customer's bar is gone")
	}
	must(t, s.FocusTerminal(ctx))
	if _, err := s.Write(ctx, fmt.Sprint("typed after ", took)); err != nil {
		t.Error(err)
	}
	c, err := s.Compare(ctx)
	must(t, err)
	if c.Compared.Empty() {
		t.Error("there is no picture")
	}
}

// loseLink has what takes the link away do so while the engineer holds a key: it does not stay down.
func loseLink(ctx context.Context, t *testing.T, s *play.Session, take func() error) {
	t.Helper()
	must(t, s.FocusTerminal(ctx))
	_, err := s.Write(ctx, "before")
	must(t, err, s.Engineer.Do(ctx, "keydown", "shift"))
	must(t, s.Customer.Display.UntilKeys(ctx, func(down int) bool { return down > 0 }))
	must(t, take())
	began := time.Now()
	must(t, s.Customer.Display.UntilKeys(ctx, func(down int) bool { return down == 0 }))
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("the key stayed down for %v", took)
	}
	must(t, s.Engineer.Do(ctx, "keyup", "shift"), linkDown(ctx, s))
}

// TestServiceRestarted kills the service, with it the relay of a session, and starts it again. The session goes on.
func TestServiceRestarted(t *testing.T) {
	ctx, s := live(t, "shared-control")
	loseLink(ctx, t, s, func() error { s.ServiceProcess().Kill(); return nil })
	must(t, stage.Pause(ctx, 5*time.Second), s.StartService(ctx))
	goesOn(ctx, t, s, 5*time.Second)
	stopBoth(ctx, t, s)
}

// stopBoth lets the customer end a session whose service was away: it has forgotten the engineer, who is asked to sign in for
// the next one.
func stopBoth(ctx context.Context, t *testing.T, s *play.Session) {
	t.Helper()
	must(t, s.Customer.Click(ctx, "bar", "stop"))
	t.Log("the customer reads:", ended(ctx, t, s.Customer, "why"))
	_, err := s.Engineer.Windows.Until(ctx, "the end", func(l trace.Line) bool { return l.Screen == "ended" || l.Screen == "signin" })
	must(t, err)
}

// TestServiceFrozen stops the service, and with it the relay, for so long.
func TestServiceFrozen(t *testing.T) {
	for _, tt := range []struct{ frozen, back time.Duration }{{10 * time.Second, 3 * time.Second}, {60 * time.Second, 5 * time.Second}} {
		t.Run(tt.frozen.String(), func(t *testing.T) {
			ctx, s := live(t, "shared-control")
			service := s.ServiceProcess()
			t.Cleanup(func() {
				if err := service.Signal(syscall.SIGCONT); err != nil && service.Running() {
					t.Error(err)
				}
			})
			began := time.Now()
			loseLink(ctx, t, s, func() error { return service.Signal(syscall.SIGSTOP) })
			must(t, stage.Pause(ctx, tt.frozen-time.Since(began)), service.Signal(syscall.SIGCONT))
			goesOn(ctx, t, s, tt.back)
			stopBoth(ctx, t, s)
		})
	}
}

// TestStopWhileServiceIsAway has the customer end the session while nobody can be told. The engineer hears of it when the
// service is back, and the code leads nowhere.
func TestStopWhileServiceIsAway(t *testing.T) {
	ctx, s := live(t, "shared-control")
	loseLink(ctx, t, s, func() error { s.ServiceProcess().Kill(); return nil })
	must(t, s.Customer.Click(ctx, "bar", "stop"))
	t.Log("the customer reads:", ended(ctx, t, s.Customer, "why"))
	if _, ok := s.Engineer.Windows.Shown("session"); !ok {
		t.Error("the engineer's session is gone")
	}
	must(t, s.StartService(ctx))
	began := time.Now()
	t.Log("the engineer reads:", ended(ctx, t, s.Engineer, "what"))
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("told after %v", took)
	}
}
