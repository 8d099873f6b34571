package main

import (
	"context"
	"errors"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"assist/cmd/internal/netlab"
	"assist/cmd/internal/play"
	"assist/cmd/internal/stage"
	"assist/ui/trace"
)

// farAway is a scene whose customer is on a line of their own, with both programs started.
func farAway(t *testing.T) (context.Context, *play.Session, *netlab.Link) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), sceneTime)
	lab, err := netlab.New(context.WithoutCancel(ctx), netlab.Options{})
	if errors.Is(err, netlab.ErrUnsupported) {
		t.Skip("no networks can be made here:", err)
	}
	must(t, err)
	dir := t.TempDir()
	assist := filepath.Join(programs, "assist")
	cast := play.New(play.Config{Assist: assist, Server: filepath.Join(programs, "assist-server"), Dir: dir})
	s := &play.Session{Cast: cast, Out: dir}
	t.Cleanup(func() {
		if t.Failed() {
			keep(t, s, dir)
		}
		cast.Close()
		must(t, lab.Close())
		cancel()
	})
	on := func(host string) play.Command {
		return func(name string, args ...string) *exec.Cmd {
			return lab.Host(host).Command(context.Background(), name, args...) // the cast ends it
		}
	}
	must(t, cast.StartServiceIn(ctx, on("service"), lab.Host("service").Addr.String()+":443"))
	e, err := cast.NewEngineerDesk(ctx)
	must(t, err)
	c, err := cast.NewCustomerDesk(ctx)
	must(t, err)
	cast.Assist, err = cast.Elsewhere(on("engineer"), assist)
	must(t, err, cast.StartConsole(ctx, e, e.Env()))
	cast.Assist, err = cast.Elsewhere(on("customer"), assist)
	must(t, err, cast.StartCustomer(ctx, c))
	return ctx, s, lab.Link("customer")
}

// TestTakenBackAfterAllow allows control over a line so bad that the link is not there yet, and takes it back: with the button on the
// window that waits, and with the Pause key. It is over at once, and nothing becomes live afterwards.
func TestTakenBackAfterAllow(t *testing.T) {
	for name, takeBack := range map[string]func(context.Context, *play.Session) error{
		"button":    func(ctx context.Context, s *play.Session) error { return s.Customer.Click(ctx, "wait", "cancel") },
		"Pause key": func(ctx context.Context, s *play.Session) error { return s.Customer.Press(ctx, "Pause") },
	} {
		t.Run(name, func(t *testing.T) {
			ctx, s, line := farAway(t)
			code, err := s.Code(ctx)
			must(t, err, stage.Pause(ctx, time.Second)) // what can be made ready before is
			line.Set(netlab.Shape{Delay: time.Second})  // the question is there long before the link
			must(t, s.Join(ctx, code))
			line.Set(netlab.Shape{Loss: 1})
			must(t, s.Customer.ClickUntil(ctx, "consent", "shared-control", stage.Chosen("shared-control")),
				s.Customer.ClickUntil(ctx, "consent", "called-yes", stage.Chosen("called-yes")), s.Customer.ClickAway(ctx, "consent", "allow"))
			if _, ok := s.Customer.Windows.Shown("wait"); !ok {
				t.Fatal("the link was there already: this shows nothing")
			}
			began := time.Now()
			must(t, takeBack(ctx, s))
			t.Logf("after %v the customer reads: %s", time.Since(began), ended(ctx, t, s.Customer, "why"))
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("it is over after %v", took)
			}
			line.Set(netlab.Shape{})
			_, err = s.Engineer.Windows.Until(ctx, "the end", func(l trace.Line) bool { return l.Screen == "home" || l.Screen == "ended" })
			must(t, err, stage.Pause(ctx, 3*time.Second))
			if s.Customer.Windows.Seen("bar") || s.Engineer.Windows.Seen("session") {
				t.Error("it became live all the same")
			}
		})
	}
}
