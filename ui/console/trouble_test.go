package console

import (
	"strings"
	"testing"

	"assist/app/engineer"
	"assist/app/problem"
	"assist/app/session"
)

// TestTrouble tells the engineer, in the engineer's words, what does not work over there.
func TestTrouble(t *testing.T) {
	for code, want := range map[problem.Code]string{
		problem.ScreenUnsupported: "cannot be taken", problem.ScreenWayland: "Wayland", problem.InputUnsupported: "Mouse and keyboard",
		problem.SignHidden: "keeps hiding", problem.Unmarked: "out of the picture",
	} {
		r := english(t)
		r.liveAt(session.ChatOnly)
		r.feed(engineer.Trouble{Problem: problem.New(code, nil)})
		if text := r.live.panel.notice.Text(); !strings.Contains(text, want) || strings.Contains(text, "Tell your engineer") {
			t.Errorf("%s: %q", code, text)
		}
	}
}
