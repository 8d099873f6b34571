package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"assist/cmd/internal/play"
	"assist/cmd/internal/stage"
)

// programs is where TestMain built the two programs.
var programs string

func TestMain(m *testing.M) {
	code, err := buildAndRun(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// buildAndRun builds the programs as the Makefile does, so that the build cache serves both.
func buildAndRun(m *testing.M) (int, error) {
	dir, err := os.MkdirTemp("", "assist-programs-")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(dir)
	out, err := exec.Command("go", "build", "-tags", "x11", "-o", dir+"/", "assist/cmd/assist", "assist/cmd/assist-server").CombinedOutput()
	if err != nil {
		return 1, fmt.Errorf("build: %w\n%s", err, out)
	}
	programs = dir
	return m.Run(), nil
}

// sceneTime bounds one test.
const sceneTime = 3 * time.Minute

// scene opens a session with both programs on their displays.
func scene(t *testing.T) (context.Context, *play.Session) {
	t.Helper()
	dir := t.TempDir()
	ctx, cancel := context.WithTimeout(t.Context(), sceneTime)
	cast, err := play.Open(ctx, play.Config{
		Assist: filepath.Join(programs, "assist"), Server: filepath.Join(programs, "assist-server"), Dir: dir,
	})
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	s := &play.Session{Cast: cast, Out: dir}
	t.Cleanup(func() {
		if t.Failed() {
			keep(t, s, dir)
		}
		cast.Close()
		cancel()
	})
	return ctx, s
}

// keep shows what a failed test saw: the logs, and pictures in a folder that stays.
func keep(t *testing.T, s *play.Session, dir string) {
	t.Helper()
	for _, name := range []string{"service.log", "console.log", "customer.log", "console-program.log", "customer-program.log"} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err == nil && len(b) > 0 {
			t.Logf("%s:\n%s", name, last(string(b), 40))
		}
	}
	out, err := os.MkdirTemp("", "assist-failed-")
	if err != nil {
		return
	}
	for role, a := range map[string]*play.Actor{"engineer": s.Engineer, "customer": s.Customer} {
		if a != nil {
			a.Display.Save(filepath.Join(out, role+".png"))
		}
	}
	t.Log("pictures:", out)
}

// last returns the last n lines of text.
func last(text string, n int) string {
	lines := strings.Split(text, "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

func must(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

// live brings a scene into a session at the level.
func live(t *testing.T, level string) (context.Context, *play.Session) {
	t.Helper()
	ctx, s := scene(t)
	must(t, s.Curtain(ctx))
	code, err := s.Code(ctx)
	must(t, err, s.Join(ctx, code), s.Allow(ctx, level))
	if level == "shared-control" {
		must(t, s.HandsFree(ctx))
	}
	return ctx, s
}

// TestSession plays the whole of it.
func TestSession(t *testing.T) {
	ctx, s := scene(t)
	must(t, s.Play(ctx))
	t.Logf("question after %v, picture after %v, typed after %v, CPU customer %v, engineer %v",
		s.CodeToQuestion, s.AllowToPicture, s.TypedToFile, s.CustomerCPU, s.EngineerCPU)
}

// TestPicture holds the engineer's window against the customer's screen, pixel by pixel.
func TestPicture(t *testing.T) {
	ctx, s := live(t, "view-only")
	must(t, s.Engineer.Click(ctx, "session", "exact"), s.Customer.Mouse(ctx, 1000, 700, 1), s.Customer.Mouse(ctx, 300, 500, 1),
		s.Customer.Type(ctx, "ls -la /etc | head -20\n"))
	for range 50 {
		must(t, stage.Pause(ctx, 200*time.Millisecond))
		c, err := s.Compare(ctx)
		must(t, err)
		if c.Compared.Dx() < 300 || c.Compared.Dy() < 300 {
			t.Fatalf("only %v can be compared", c.Compared)
		}
		if c.Different == 0 {
			return
		}
		t.Logf("%d pixels of %v differ, the first at %v of the customer's screen", c.Different, c.Compared, c.First)
	}
	t.Error("the pictures never were the same")
}

// TestOwnButtons lets the engineer, who has control, go for the customer's own buttons: with the mouse, and with the keys.
func TestOwnButtons(t *testing.T) {
	ctx, s := live(t, "shared-control")
	if _, err := s.UseTerminal(ctx, "the engineer has control"); err != nil {
		t.Fatal(err)
	}
	before, err := s.Customer.Windows.Screen(ctx, "bar")
	must(t, err)
	for _, button := range []string{"stop", "pause", "chat-only", "view-only", "take-back", "chat"} {
		x, y, err := s.OnScreen(ctx, s.Customer, "bar", button)
		must(t, err, s.ClickRemote(ctx, x, y, 1))
	}
	must(t, stage.Pause(ctx, time.Second))
	// The customer's own hand puts the focus on the bar; then the engineer types at it.
	must(t, s.Customer.Click(ctx, "bar", "who"), s.HandsFree(ctx))
	for _, key := range []string{"Tab", "space", "Tab", "Return", "Tab", "space", "Tab", "Tab", "Return", "alt+F4", "Escape"} {
		must(t, s.Engineer.Press(ctx, key))
	}
	must(t, stage.Pause(ctx, time.Second))
	line, ok := s.Customer.Windows.Shown("bar")
	if !ok {
		t.Fatal("the engineer ended the session from the customer's window")
	}
	if line.Elements["can"].Text != before.Elements["can"].Text || line.Elements["chat-entry"].Visible {
		t.Errorf("the engineer pressed a button: %+v", line.Elements)
	}
	if _, ok := s.Engineer.Windows.Shown("session"); !ok {
		t.Error("the engineer's session is gone")
	}
}

// TestWrongCode types wrong last digits, and then the right ones: nothing that was typed is lost.
func TestWrongCode(t *testing.T) {
	ctx, s := scene(t)
	must(t, s.Curtain(ctx))
	code, err := s.Code(ctx)
	must(t, err)
	other := "0000"
	if code[3:] == other {
		other = "1111"
	}
	must(t, s.Join(ctx, code[:3]+other))
	line, ok := s.Customer.Windows.Shown("form")
	if !ok {
		t.Fatal("the form is gone")
	}
	if e := line.Elements["name"]; e.Typed != len("Cleo Customer") {
		t.Errorf("the name is gone: %+v", e)
	}
	must(t, s.Join(ctx, code))
	if _, ok := s.Customer.Windows.Shown("consent"); !ok {
		t.Error("the right code is not taken after a wrong one")
	}
}

// ended waits until the actor's window says that the session is over, and returns what it says.
func ended(ctx context.Context, t *testing.T, a *play.Actor, element string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	line, err := a.Windows.Screen(ctx, "ended")
	must(t, err)
	text := line.Elements[element].Text
	if strings.TrimSpace(text) == "" {
		t.Errorf("the window says nothing: %+v", line.Elements)
	}
	return text
}

// TestCustomerKilled kills the customer's program while the engineer holds a key: it does not stay down. The engineer sees that
// the link is gone, and need not wait for it.
func TestCustomerKilled(t *testing.T) {
	ctx, s := live(t, "shared-control")
	must(t, s.FocusTerminal(ctx), s.Engineer.Do(ctx, "keydown", "shift"))
	must(t, s.Customer.Display.UntilKeys(ctx, func(down int) bool { return down > 0 }))
	s.Customer.Process.Kill()
	must(t, s.Customer.Display.UntilKeys(ctx, func(down int) bool { return down == 0 }))
	must(t, s.Engineer.Do(ctx, "keyup", "shift"), linkDown(ctx, s), s.Engineer.Click(ctx, "session", "end"))
	t.Log("the engineer reads:", ended(ctx, t, s.Engineer, "what"))
	must(t, s.Engineer.Click(ctx, "ended", "new-code"))
	_, err := s.Code(ctx)
	must(t, err)
}

// TestEngineerKilled kills the console while a key is down: the customer's keyboard is free at once. The customer sees that
// nobody is there, and need not wait.
func TestEngineerKilled(t *testing.T) {
	ctx, s := live(t, "shared-control")
	must(t, s.FocusTerminal(ctx), s.Engineer.Do(ctx, "keydown", "shift"))
	must(t, s.Customer.Display.UntilKeys(ctx, func(down int) bool { return down > 0 }))
	s.Engineer.Process.Kill()
	must(t, s.Customer.Display.UntilKeys(ctx, func(down int) bool { return down == 0 }), s.Customer.Click(ctx, "bar", "stop"))
	t.Log("the customer reads:", ended(ctx, t, s.Customer, "why"))
}

// TestServiceKilled kills the service, which carries the session's relay: nothing stays down, and both can end what they
// cannot go on with.
func TestServiceKilled(t *testing.T) {
	ctx, s := live(t, "shared-control")
	must(t, s.FocusTerminal(ctx), s.Engineer.Do(ctx, "keydown", "shift"))
	must(t, s.Customer.Display.UntilKeys(ctx, func(down int) bool { return down > 0 }))
	s.ServiceProcess().Kill()
	must(t, s.Customer.Display.UntilKeys(ctx, func(down int) bool { return down == 0 }))
	must(t, s.Engineer.Do(ctx, "keyup", "shift"), linkDown(ctx, s), s.Customer.Click(ctx, "bar", "stop"))
	t.Log("the customer reads:", ended(ctx, t, s.Customer, "why"))
	must(t, s.Engineer.Click(ctx, "session", "end"))
	t.Log("the engineer reads:", ended(ctx, t, s.Engineer, "what"))
}

// TestPanicKey hangs the customer's window, and then presses the Pause key: picture and input end all the same.
func TestPanicKey(t *testing.T) {
	ctx, s := scene(t)
	s.CustomerFlags = []string{"--hang-window"}
	must(t, s.Curtain(ctx))
	code, err := s.Code(ctx)
	must(t, err, s.Join(ctx, code), s.Allow(ctx, "shared-control"), s.FocusTerminal(ctx), s.Engineer.Do(ctx, "keydown", "shift"))
	must(t, s.Customer.Display.UntilKeys(ctx, func(down int) bool { return down > 0 }))
	began := time.Now()
	must(t, s.Customer.Do(ctx, "key", "Pause"), s.Customer.Display.UntilKeys(ctx, func(down int) bool { return down == 0 }))
	t.Log("keys are free after", time.Since(began))
	t.Log("the engineer reads:", ended(ctx, t, s.Engineer, "what"))
	t.Log("the engineer knows after", time.Since(began))
	must(t, s.Engineer.Do(ctx, "keyup", "shift"))
}

// TestTerminated asks the customer's program to end, as a session manager does: the engineer is told at once that
// the customer ended.
func TestTerminated(t *testing.T) {
	ctx, s := live(t, "view-only")
	must(t, s.Customer.Process.Signal(syscall.SIGTERM))
	t.Log("the engineer reads:", ended(ctx, t, s.Engineer, "what"))
	select {
	case <-s.Customer.Process.Done():
	case <-ctx.Done():
		t.Error("the customer's program did not end")
	}
}
