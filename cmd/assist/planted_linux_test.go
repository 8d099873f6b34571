package main

import (
	"context"
	"fmt"
	"image"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"assist/cmd/internal/play"
	"assist/cmd/internal/stage"
	"assist/ui/text"
	"assist/ui/trace"
)

// attempts is how often a script left behind by the engineer goes for the customer's buttons.
const attempts = 1000

// onDesktop returns where an element of the customer's bar is on the desktop.
func onDesktop(ctx context.Context, t *testing.T, s *play.Session, line trace.Line, element string) image.Point {
	t.Helper()
	window, err := s.Customer.Place(ctx, line.Window)
	must(t, err)
	e := line.Elements[element]
	return window.Min.Add(image.Pt(e.X+e.W/2, e.Y+e.H/2))
}

// plant runs a script that goes for places on the customer's desktop with the mouse, and for whatever has the keyboard, n times. As
// long as it does, what the bar shows has to be as it should.
func plant(ctx context.Context, t *testing.T, s *play.Session, n int, as func(trace.Line) bool, at ...image.Point) {
	t.Helper()
	// No Tab: it leads to Stop, too, which anybody may press.
	tricks := []string{
		"key --delay 0 space", "key --delay 0 Return", "key --delay 0 y", "key --delay 0 KP_Enter", "key --delay 0 ctrl+Return", "key --delay 0 alt+y",
	}
	for _, p := range at {
		tricks = append(tricks, fmt.Sprintf("mousemove %d %d click 1", p.X, p.Y), fmt.Sprintf("mousemove %d %d click --repeat 2 --delay 1 1", p.X, p.Y))
	}
	r := rand.New(rand.NewPCG(7, 7))
	for done := 0; done < n; {
		var script []string
		for range 50 {
			script = append(script, strings.Fields(tricks[r.IntN(len(tricks))])...)
			done++
		}
		must(t, s.Customer.Do(ctx, script...))
		now, err := s.Customer.Windows.Screen(ctx, "bar")
		must(t, err)
		if !as(now) {
			t.Fatalf("after %d attempts the bar says: they %s; %s", done, now.Elements["can"].Text, now.Elements["notice"].Text)
		}
	}
	if _, ok := s.Engineer.Windows.Shown("session"); !ok {
		t.Fatal("the session is gone: the script proved nothing")
	}
}

// typeDigits types the digits that a question shows, as a person does, and presses its button.
func typeDigits(ctx context.Context, t *testing.T, s *play.Session, digits, button string) {
	t.Helper()
	line, _, err := s.Customer.Windows.Element(ctx, "bar", digits)
	must(t, err)
	must(t, s.Customer.Click(ctx, "bar", digits), s.Customer.Press(ctx, "ctrl+a"),
		s.Customer.Type(ctx, digitsIn(line.Elements[digits].Text)), s.Customer.Click(ctx, "bar", button))
}

// question waits until a question about more is open beneath the bar, and presses button for it if it is not.
func question(ctx context.Context, t *testing.T, s *play.Session, button string) trace.Line {
	t.Helper()
	must(t, stage.Pause(ctx, time.Second))
	open := func(l trace.Line) bool { return l.Screen == "bar" && l.Elements["yes"].W > 0 }
	if line, ok := s.Customer.Windows.Shown("bar"); !ok || !open(line) {
		must(t, s.Customer.Click(ctx, "bar", button))
	}
	line, err := s.Customer.Windows.Until(ctx, "the question", open)
	must(t, err)
	return line
}

// shared reports whether the bar says that control is shared.
func shared(l trace.Line) bool { return l.Screen == "bar" && l.Elements["take-back"].Visible }

// notShared reports whether it says that it is not.
func notShared(l trace.Line) bool {
	return l.Screen == "bar" && l.Elements["can"].Text != "" && !l.Elements["take-back"].Visible
}

// TestPlantedScript has an engineer who had control, and left a script on the customer's computer that goes on pressing keys and
// buttons there: it cannot raise the level. The customer can, with an on-screen keyboard, which makes its keys the same way.
func TestPlantedScript(t *testing.T) {
	ctx, s := live(t, "shared-control")
	must(t, s.Customer.Click(ctx, "bar", "view-only"))
	line, err := s.Customer.Windows.Until(ctx, "view only", notShared)
	must(t, err)
	level := onDesktop(ctx, t, s, line, "shared-control")
	yes := onDesktop(ctx, t, s, question(ctx, t, s, "shared-control"), "yes")
	plant(ctx, t, s, attempts, notShared, level, yes)

	question(ctx, t, s, "shared-control")
	typeDigits(ctx, t, s, "digits", "yes")
	_, err = s.Customer.Windows.Until(ctx, "shared control", shared)
	must(t, err)
}

// TestPlantedResume has such a script go for what the customer has paused, to type a password: neither picture nor input comes back
// before a person has typed two digits.
func TestPlantedResume(t *testing.T) {
	ctx, s := live(t, "shared-control")
	paused := func(l trace.Line) bool { return l.Screen == "bar" && l.Elements["notice"].Text == text.L("bar.paused") }
	must(t, s.Customer.ClickUntil(ctx, "bar", "pause", paused))
	line, _ := s.Customer.Windows.Shown("bar")
	button := onDesktop(ctx, t, s, line, "pause")
	yes := onDesktop(ctx, t, s, question(ctx, t, s, "pause"), "yes")
	plant(ctx, t, s, attempts/2, paused, button, yes)

	question(ctx, t, s, "pause")
	typeDigits(ctx, t, s, "digits", "yes")
	_, err := s.Customer.Windows.Until(ctx, "no pause", func(l trace.Line) bool { return shared(l) && !paused(l) })
	must(t, err, s.HandsFree(ctx), s.FocusTerminal(ctx))
	if _, err := s.Write(ctx, "control is back"); err != nil {
		t.Error(err)
	}
}

// TestPlantedHere has such a script say that somebody is there: control ends all the same. A person who types two digits keeps it.
func TestPlantedHere(t *testing.T) {
	ctx, s := scene(t)
	s.CustomerFlags = []string{"--confirm-after", "5s"}
	must(t, s.Curtain(ctx))
	code, err := s.Code(ctx)
	must(t, err, s.Join(ctx, code), s.Allow(ctx, "shared-control"))
	asked := func(l trace.Line) bool { return l.Screen == "bar" && l.Elements["here"].W > 0 }
	line, err := s.Customer.Windows.Until(ctx, "the question", asked)
	must(t, err)
	plant(ctx, t, s, attempts/5, asked, onDesktop(ctx, t, s, line, "here"))
	_, err = s.Customer.Windows.Until(ctx, "no more control", notShared)
	must(t, err)

	question(ctx, t, s, "shared-control")
	typeDigits(ctx, t, s, "digits", "yes")
	_, err = s.Customer.Windows.Until(ctx, "the question again", asked)
	must(t, err)
	typeDigits(ctx, t, s, "here-digits", "here")
	_, err = s.Customer.Windows.Until(ctx, "control that goes on", func(l trace.Line) bool { return shared(l) && !asked(l) })
	must(t, err)
}

// digitsIn returns the digits of a text.
func digitsIn(text string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
}
