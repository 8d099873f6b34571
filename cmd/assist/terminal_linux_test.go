package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"assist/app/problem"
	"assist/cmd/internal/play"
	"assist/cmd/internal/stage"
	"assist/ui/text"
	"assist/ui/trace"
)

// dialogueTime bounds one dialogue, also on a busy machine.
const dialogueTime = 90 * time.Second

// without returns the environment without some variables.
func without(env []string, names ...string) []string {
	return slices.DeleteFunc(slices.Clone(env), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return slices.Contains(names, name)
	})
}

// displayless is an environment without a display, and with a home of its own.
func displayless(t *testing.T, more ...string) []string {
	t.Helper()
	home := t.TempDir()
	return append(without(os.Environ(), "DISPLAY", "XAUTHORITY", "WAYLAND_DISPLAY", "XDG_SESSION_TYPE", "WINDOWID", "XDG_STATE_HOME"),
		append([]string{"HOME=" + home, "XDG_CONFIG_HOME=" + home, "XDG_CACHE_HOME=" + home}, more...)...)
}

// consoleWith brings a scene to where the engineer's console shows a code.
func consoleWith(t *testing.T) (context.Context, *play.Session, string) {
	t.Helper()
	ctx, s := scene(t)
	ctx, cancel := context.WithTimeout(ctx, dialogueTime)
	t.Cleanup(cancel)
	e, err := s.NewEngineerDesk(ctx)
	must(t, err, s.StartConsole(ctx, e, e.Env()))
	code, err := s.Code(ctx)
	must(t, err)
	return ctx, s, code
}

// customerArgs are the flags of a customer of the scene.
func customerArgs(s *play.Session, more ...string) []string {
	return append([]string{"--service", s.Service.Address, "--service-ca", s.Service.CAFile, "--organisation=" + s.Service.Organisation,
		"--name", "Cleo Customer", "--language", "en", "--log", filepath.Join(s.Dir, "customer-program.log"), "--verbose"}, more...)
}

// sit starts the customer's program with somebody at it.
func sit(t *testing.T, s *play.Session, env []string, more ...string) *stage.Typist {
	t.Helper()
	cmd := exec.Command(s.Assist, customerArgs(s, more...)...)
	cmd.Env = env
	typist, err := stage.NewTypist(cmd, filepath.Join(s.Dir, "customer.log"))
	must(t, err)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the terminal shows:\n%s", typist.Screen())
		}
		typist.Close()
	})
	return typist
}

// engineerSees waits until the engineer's window says the text somewhere.
func engineerSees(ctx context.Context, s *play.Session, text string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	_, err := s.Engineer.Windows.Until(ctx, text, func(l trace.Line) bool {
		for _, e := range l.Elements {
			if strings.Contains(e.Text, text) {
				return true
			}
		}
		return false
	})
	return err
}

// asksFor lets the engineer press a button, which may just be coming into its place, until the window says the text.
func asksFor(ctx context.Context, s *play.Session, button, text string) (err error) {
	for range 4 {
		if err = s.Engineer.Click(ctx, "session", button); err != nil {
			return err
		}
		if err = engineerSees(ctx, s, text); err == nil {
			return nil
		}
	}
	return err
}

// reads waits for texts in the terminal, in this order.
func reads(ctx context.Context, t *testing.T, typist *stage.Typist, texts ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for _, text := range texts {
		if _, err := typist.Until(ctx, text); err != nil {
			t.Fatal(err)
		}
	}
}

// TestTerminal is a session with a customer who has no display at all: wrong code, right code, chat, and the end.
func TestTerminal(t *testing.T) {
	ctx, s, code := consoleWith(t)
	c := sit(t, s, displayless(t), "--terminal")
	unseen, _ := text.Problem(problem.ScreenUnsupported)
	wrong := code[:3] + "0000"
	if wrong == code {
		wrong = code[:3] + "1111"
	}
	must(t, c.Type(ctx, wrong, "", "", "y"))
	reads(ctx, t, c, "The code is not right", "Tries left: 2")
	must(t, c.Type(ctx, code))
	reads(ctx, t, c, "May this person help you?", "Verified", text.L("consent.check"), text.L("consent.view"), "(not possible here)", unseen)
	must(t, c.Type(ctx, "2", "1", "y", ""))
	reads(ctx, t, c, "The session has begun", "can only chat")
	if _, err := s.Engineer.Windows.Screen(ctx, "session"); err != nil {
		t.Fatal(err)
	}
	must(t, c.Type(ctx, "The printer light is red."), engineerSees(ctx, s, "The printer light is red."))
	must(t, s.Engineer.Click(ctx, "session", "chat-entry"), s.Engineer.Type(ctx, "I see."), s.Engineer.Press(ctx, "Return"))
	reads(ctx, t, c, "  | I see.")
	must(t, c.Type(ctx, "3"))
	reads(ctx, t, c, unseen)
	must(t, c.Type(ctx, "s"))
	reads(ctx, t, c, "The session is over", "You ended the session", "It lasted", "You allowed: Chat only", "The log of this session:", "Code")
	t.Log("the engineer reads:", ended(ctx, t, s.Engineer, "what"))
	must(t, c.Type(ctx, "r"))
	reads(ctx, t, c, "Alex Engineer")
	must(t, c.Type(ctx, ""))
	select {
	case <-c.Process.Done():
		if err := c.Process.Err(); err != nil {
			t.Error(err)
		}
	case <-time.After(20 * time.Second):
		t.Error("the program goes on")
	}
}

// TestTerminalWayland is told what to do before anything is allowed, and so is the engineer.
func TestTerminalWayland(t *testing.T) {
	ctx, s, code := consoleWith(t)
	c := sit(t, s, displayless(t, "WAYLAND_DISPLAY=wayland-0", "XDG_SESSION_TYPE=wayland"), "--terminal")
	must(t, c.Type(ctx, code, "", "", "y"))
	reads(ctx, t, c, "May this person help you?", "(not possible here)", "X11")
	must(t, c.Type(ctx, "2"))
	reads(ctx, t, c, "X11")
	must(t, c.Type(ctx, "1", "", ""))
	reads(ctx, t, c, "can only chat")
	must(t, asksFor(ctx, s, "level-first", "Wayland"))
	// The end of the terminal is the end of the session.
	must(t, c.HangUp())
	t.Log("the engineer reads:", ended(ctx, t, s.Engineer, "what"))
}

// TestTerminalScreen shows a screen without OpenGL from a terminal that nobody can tell the window of: view only is the most.
func TestTerminalScreen(t *testing.T) {
	ctx, s, code := consoleWith(t)
	d, err := stage.NewPlainDisplay(s.Dir, play.CustomerDesk)
	must(t, err)
	defer d.Close()
	c := sit(t, s, append(d.Env(), "HOME="+t.TempDir()), "--terminal")
	must(t, c.Type(ctx, code, "", "", "y"))
	reads(ctx, t, c, "May this person help you?", "(not possible here)", "they could type your answers")
	must(t, c.Type(ctx, "3", "2", "", ""))
	reads(ctx, t, c, "can see your screen")
	_, err = s.Engineer.Windows.Until(ctx, "the picture", func(l trace.Line) bool {
		p := l.Elements["picture"]
		return l.Screen == "session" && p.Visible && p.W > 0
	})
	must(t, err)
	must(t, asksFor(ctx, s, "level-first", "Mouse and keyboard cannot be used"))
	must(t, c.Type(ctx, "!"))
	reads(ctx, t, c, "The session is over")
}

// TestNoWindowNoTerminal says so and ends.
func TestNoWindowNoTerminal(t *testing.T) {
	d, err := stage.NewPlainDisplay(t.TempDir(), "640x480")
	must(t, err)
	defer d.Close()
	for name, env := range map[string][]string{"no display": displayless(t), "no OpenGL": append(d.Env(), "HOME="+t.TempDir())} {
		for _, role := range [][]string{{"customer"}, {"console"}} {
			cmd := exec.Command(filepath.Join(programs, "assist"), append(role, "--language", "en")...)
			cmd.Env = env
			began := time.Now()
			out, err := cmd.CombinedOutput()
			if err == nil || !strings.Contains(string(out), "There is no screen") {
				t.Errorf("%s, %v: %v\n%s", name, role, err, out)
			}
			t.Logf("%s, %v: after %v", name, role, time.Since(began))
		}
	}
}
