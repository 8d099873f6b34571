package main

import (
	"context"
	"errors"
	"os/exec"
	"strings"
	"testing"
	"time"

	"assist/cmd/internal/play"
	"assist/cmd/internal/stage"
	"assist/ui/trace"
)

// inside lists what is visible inside the window of the engineer's console, as xwininfo writes it.
func inside(ctx context.Context, s *play.Session) (string, error) {
	run := func(name string, args ...string) (string, error) {
		cmd := exec.CommandContext(ctx, name, args...)
		cmd.Env = s.Engineer.Display.Env("LC_ALL=C.UTF-8")
		out, err := cmd.Output()
		return string(out), err
	}
	line, err := s.Engineer.Windows.Screen(ctx, "session")
	if err != nil {
		return "", err
	}
	ids, err := run("xdotool", "search", "--onlyvisible", "--name", "^"+line.Window+"$")
	if err != nil || strings.TrimSpace(ids) == "" {
		return "", errors.Join(errors.New("no window of the console"), err)
	}
	list := strings.Fields(ids)
	tree, err := run("xwininfo", "-children", "-id", list[len(list)-1])
	if err != nil {
		return "", err
	}
	var seen []string
	for _, l := range strings.Split(tree, "\n") {
		id, _, _ := strings.Cut(strings.TrimSpace(l), " ")
		if !strings.Contains(l, "(has no name)") || !strings.HasPrefix(id, "0x") {
			continue
		}
		if state, err := run("xwininfo", "-stats", "-id", id); err == nil && strings.Contains(state, "IsViewable") {
			seen = append(seen, l)
		}
	}
	return strings.Join(seen, "\n"), nil
}

// untilNative waits until the picture is, or is not, drawn by a window of the system's own.
func untilNative(ctx context.Context, t *testing.T, s *play.Session, want bool) {
	t.Helper()
	for range 50 {
		seen, err := inside(ctx, s)
		must(t, err)
		if (seen != "") == want {
			return
		}
		must(t, stage.Pause(ctx, 100*time.Millisecond))
	}
	t.Fatalf("drawn by a native window: not %v", want)
}

// untilSame waits until the engineer sees what the customer sees, pixel by pixel.
func untilSame(ctx context.Context, t *testing.T, s *play.Session) {
	t.Helper()
	var c play.Comparison
	for range 50 {
		var err error
		c, err = s.Compare(ctx)
		must(t, err)
		if c.Compared.Dx() < 300 || c.Compared.Dy() < 300 {
			t.Fatalf("only %v can be compared", c.Compared)
		}
		if c.Different == 0 {
			return
		}
		must(t, stage.Pause(ctx, 100*time.Millisecond))
	}
	t.Errorf("%d pixels of %v differ, the first at %v of the customer's screen", c.Different, c.Compared, c.First)
}

// TestNativePicture has the picture drawn by a window of the system's own, which steps aside for a menu, follows into full
// screen and back, and takes keys and mouse everywhere.
func TestNativePicture(t *testing.T) {
	ctx, s := live(t, "shared-control")
	untilNative(ctx, t, s, true)
	must(t, s.FocusTerminal(ctx))
	_, err := s.Write(ctx, "fit")
	must(t, err)
	must(t, s.Engineer.Click(ctx, "session", "exact"))
	untilSame(ctx, t, s)

	must(t, s.Engineer.Click(ctx, "session", "keys"))
	untilNative(ctx, t, s, false)
	must(t, s.Engineer.Press(ctx, "Escape"))
	untilNative(ctx, t, s, true)
	untilSame(ctx, t, s)

	must(t, s.Engineer.Click(ctx, "session", "full"), s.FocusTerminal(ctx))
	_, err = s.Write(ctx, "full screen")
	must(t, err)
	must(t, s.Engineer.Press(ctx, "F11"))
	untilNative(ctx, t, s, true)
	untilSame(ctx, t, s)
}

// TestNoWindowManager does without a window manager at the engineer's: the keyboard goes where it is clicked all the same.
func TestNoWindowManager(t *testing.T) {
	ctx, s := scene(t)
	engineer, err := stage.NewDisplay(s.Dir, play.EngineerDesk)
	must(t, err)
	t.Cleanup(engineer.Close)
	customer, err := s.NewCustomerDesk(ctx)
	must(t, err)
	_, err = s.Terminal(customer, "78x14+40+360")
	must(t, err, s.StartConsole(ctx, engineer, engineer.Env()), s.StartCustomer(ctx, customer))
	code, err := s.Code(ctx)
	must(t, err, s.Join(ctx, code), s.Allow(ctx, "shared-control"))
	untilNative(ctx, t, s, true)
	_, err = s.UseTerminal(ctx, "no manager")
	must(t, err, s.Engineer.Click(ctx, "session", "chat-entry"), s.Engineer.Type(ctx, "for the chat"))
	_, err = s.Engineer.Windows.Until(ctx, "what was typed for the chat", func(l trace.Line) bool {
		return l.Elements["chat-entry"].Typed == len("for the chat")
	})
	must(t, err)
	_, err = s.UseTerminal(ctx, "and back")
	must(t, err)
}
