package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"assist/cmd/internal/stage"
	"assist/ui/trace"
)

// attempts is how often a script left behind by the engineer goes for the customer's buttons.
const attempts = 1000

// TestPlantedScript has an engineer who had control, and left a script on the customer's computer that goes on pressing keys and
// buttons there: it cannot raise the level. The customer can, with an on-screen keyboard, which makes its keys the same way.
func TestPlantedScript(t *testing.T) {
	ctx, s := live(t, "shared-control")
	must(t, s.Customer.Click(ctx, "bar", "view-only"))
	before, err := s.Customer.Windows.Until(ctx, "view only", func(l trace.Line) bool {
		return l.Screen == "bar" && l.Elements["can"].Text != "" && !l.Elements["take-back"].Visible
	})
	must(t, err)
	x, y, err := s.OnScreen(ctx, s.Customer, "bar", "shared-control")
	must(t, err, s.Customer.Mouse(ctx, x, y, 1))
	line, err := s.Customer.Windows.Until(ctx, "the question", func(l trace.Line) bool { return l.Elements["yes"].W > 0 })
	must(t, err)
	window, err := s.Customer.Place(ctx, line.Window)
	must(t, err)
	yes := line.Elements["yes"]
	yesX, yesY := window.Min.X+yes.X+yes.W/2, window.Min.Y+yes.Y+yes.H/2

	r := rand.New(rand.NewPCG(7, 7))
	tricks := []string{
		fmt.Sprintf("mousemove %d %d click 1", x, y), fmt.Sprintf("mousemove %d %d click 1", yesX, yesY),
		fmt.Sprintf("mousemove %d %d click --repeat 2 --delay 1 1", yesX, yesY),
		// No Tab: it leads to Stop, too, which anybody may press.
		"key --delay 0 space", "key --delay 0 Return", "key --delay 0 y", "key --delay 0 KP_Enter", "key --delay 0 ctrl+Return", "key --delay 0 alt+y",
	}
	for done := 0; done < attempts; {
		var script []string
		for range 50 {
			script = append(script, strings.Fields(tricks[r.IntN(len(tricks))])...)
			done++
		}
		must(t, s.Customer.Do(ctx, script...))
		now, err := s.Customer.Windows.Screen(ctx, "bar")
		must(t, err)
		if got, want := now.Elements["can"].Text, before.Elements["can"].Text; got != want {
			t.Fatalf("after %d attempts the engineer %s", done, got)
		}
	}
	if _, ok := s.Engineer.Windows.Shown("session"); !ok {
		t.Fatal("the session is gone: the script proved nothing")
	}

	// The question is there or can be had, and two digits typed by a person lead on.
	must(t, stage.Pause(ctx, time.Second))
	if line, ok := s.Customer.Windows.Shown("bar"); !ok || line.Elements["yes"].W == 0 {
		must(t, s.Customer.Click(ctx, "bar", "shared-control"))
	}
	line, _, err = s.Customer.Windows.Element(ctx, "bar", "digits")
	must(t, err)
	say := digitsIn(line.Elements["digits"].Text)
	must(t, s.Customer.Click(ctx, "bar", "digits"), s.Customer.Press(ctx, "ctrl+a"), s.Customer.Type(ctx, say), s.Customer.Click(ctx, "bar", "yes"))
	_, err = s.Customer.Windows.Until(ctx, "shared control", func(l trace.Line) bool { return l.Screen == "bar" && l.Elements["take-back"].Visible })
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
