package main

import (
	"context"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"assist/cmd/internal/play"
	"assist/cmd/internal/stage"
	"assist/ui/trace"
)

// customerWindow is where the customer's terminal is on their desktop.
var customerWindow = image.Rect(20, 40, 480, 330)

// inWindow starts the customer's program in a terminal window, on a desktop without OpenGL.
func inWindow(ctx context.Context, t *testing.T, s *play.Session) {
	t.Helper()
	s.NoOpenGL = true
	d, err := s.NewCustomerDesk(ctx)
	must(t, err)
	args := append([]string{"-geometry", "80x24+10+10", "-title", "Dialogue", "-e", s.Assist}, customerArgs(s)...)
	cmd := exec.Command("xterm", args...)
	cmd.Env = d.Env("HOME=" + t.TempDir())
	p, err := stage.Start(cmd, filepath.Join(s.Dir, "xterm.log"))
	must(t, err)
	s.Customer = &play.Actor{Robot: stage.Robot{Display: d, Pid: p.Pid()}, Process: p}
	must(t, s.Customer.Do(ctx, "search", "--sync", "--onlyvisible", "--name", "^Dialogue$"))
	must(t, untilLog(ctx, s, "no windows"), stage.Pause(ctx, time.Second))
}

// untilLog waits until the customer's program has logged the text.
func untilLog(ctx context.Context, s *play.Session, text string) error {
	for {
		b, err := os.ReadFile(filepath.Join(s.Dir, "customer-program.log"))
		if err == nil && strings.Contains(string(b), text) {
			return nil
		}
		if err := stage.Pause(ctx, 50*time.Millisecond); err != nil {
			return err
		}
	}
}

// answers lets the customer's own hand type lines into whatever has the keyboard.
func answers(ctx context.Context, t *testing.T, s *play.Session, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if line != "" {
			must(t, s.Customer.Type(ctx, line))
		}
		must(t, s.Customer.Press(ctx, "Return"), stage.Pause(ctx, 200*time.Millisecond))
	}
}

// level waits until the engineer's window says the level.
func level(ctx context.Context, t *testing.T, s *play.Session, name string) {
	t.Helper()
	_, err := s.Engineer.Windows.Until(ctx, name, func(l trace.Line) bool {
		return l.Screen == "session" && l.Elements["level"].Text == name
	})
	must(t, err)
}

// blank wants the part of the customer's desktop to be of one colour in the engineer's window.
func blank(ctx context.Context, t *testing.T, s *play.Session, part image.Rectangle) {
	t.Helper()
	line, view, err := s.View(ctx)
	must(t, err)
	window, err := s.Engineer.Place(ctx, line.Window)
	must(t, err)
	picture, err := s.Engineer.Display.Picture()
	must(t, err)
	size := image.Pt(1280, 800)
	at := func(p image.Point) image.Point {
		return window.Min.Add(view.Min).Add(image.Pt(p.X*view.Dx()/size.X, p.Y*view.Dy()/size.Y))
	}
	from, to := at(part.Min), at(part.Max)
	first := picture.RGBAAt(from.X, from.Y)
	for y := from.Y; y < to.Y; y++ {
		for x := from.X; x < to.X; x++ {
			if c := picture.RGBAAt(x, y); c != first {
				t.Fatalf("the engineer sees %v beside %v in the customer's terminal", c, first)
			}
		}
	}
}

// TestTerminalWindow gives control to an engineer, who goes for the window in which the customer answers.
func TestTerminalWindow(t *testing.T) {
	ctx, s, code := consoleWith(t)
	inWindow(ctx, t, s)
	answers(ctx, t, s, code, "", "", "y")
	must(t, untilLog(ctx, s, "to=asking"), stage.Pause(ctx, 300*time.Millisecond))
	answers(ctx, t, s, "3", "y", "", "")
	level(ctx, t, s, "Shared control")
	must(t, s.HandsFree(ctx))
	blank(ctx, t, s, customerWindow)
	tries := func() {
		for _, line := range []string{"s", "1", "!", "p", "hello"} {
			must(t, s.ClickRemote(ctx, customerWindow.Min.X+100, customerWindow.Min.Y+100, 1), s.Engineer.Type(ctx, line),
				s.Engineer.Press(ctx, "Return"))
		}
		must(t, stage.Pause(ctx, time.Second))
		line, ok := s.Engineer.Windows.Shown("session")
		if !ok || line.Elements["level"].Text != "Shared control" || line.Elements["paused"].Visible {
			t.Fatalf("the engineer typed into the customer's terminal: %+v", line)
		}
	}
	tries()
	if _, err := s.UseTerminal(ctx, "control works elsewhere"); err != nil {
		t.Fatal(err)
	}
	tries()
	must(t, s.Customer.Mouse(ctx, customerWindow.Min.X+100, customerWindow.Min.Y+100, 1))
	answers(ctx, t, s, "s")
	t.Log("the engineer reads:", ended(ctx, t, s.Engineer, "what"))
}
