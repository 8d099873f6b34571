package console

import (
	"math"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"assist/app/engineer"
	"assist/app/problem"
	"assist/ui/text"
)

func TestCode(t *testing.T) {
	r := english(t)
	r.feed(signedIn)
	test.Tap(r.home.make)
	r.did(t, "new code")
	if !r.home.make.Disabled() {
		t.Error("two codes can be asked for at once")
	}
	r.code(t, "1234567", 5*time.Minute)
	if r.home.digits.Text != "123 4567" || r.home.say.Text != "one two three  –  four five six seven" {
		t.Errorf("shown %q, said %q", r.home.digits.Text, r.home.say.Text)
	}
	r.pass(90 * time.Second)
	if r.home.left.Text != "Valid for 3:30" || math.Abs(float64(r.home.line.part)-0.7) > 0.001 {
		t.Errorf("left %q, line %v", r.home.left.Text, r.home.line.part)
	}
	test.Tap(r.home.extend)
	test.Tap(r.home.extend)
	r.did(t, "extend")
	r.feed(engineer.CodeReady{Code: mustCode(t, "1234567"), Until: r.now.Add(13*time.Minute + 30*time.Second)})
	if r.home.left.Text != "Valid for 13:30" || !r.home.extend.Disabled() || r.home.line.part != 1 {
		t.Errorf("after +10 minutes: %q, %v", r.home.left.Text, r.home.line.part)
	}
	r.pass(14 * time.Minute)
	if r.home.left.Text != text.L("console.code.over") || r.home.line.part != 0 {
		t.Errorf("at the end: %q", r.home.left.Text)
	}
}

func TestGivingUpACode(t *testing.T) {
	r := english(t)
	r.feed(signedIn)
	r.code(t, "1234567", 5*time.Minute)
	test.Tap(r.home.cancel)
	r.did(t, "cancel code")
	r.feed(engineer.CodeGone{Problem: fault(problem.CodeCancelled)})
	if r.home.digits.Text != "" || !strings.Contains(r.home.notice.Text(), text.L("console.gone.cancelled")) {
		t.Errorf("code %q, notice %q", r.home.digits.Text, r.home.notice.Text())
	}
	r.code(t, "7654321", 5*time.Minute)
	r.home.notice.Set("", "")
	test.Tap(r.home.again)
	r.did(t, "new code")
	r.feed(engineer.CodeGone{Problem: fault(problem.CodeCancelled)})
	r.code(t, "5554444", 5*time.Minute)
	if r.home.notice.Visible() {
		t.Errorf("giving up a code by hand is reported: %q", r.home.notice.Text())
	}
}

func TestCodeProblems(t *testing.T) {
	for _, tt := range []struct {
		name string
		ev   engineer.Event
		want string
		code string // shown afterwards
	}{
		{"expired", engineer.CodeGone{Problem: fault(problem.CodeExpired)}, text.L("console.gone.expired"), ""},
		{"used", engineer.CodeGone{Problem: fault(problem.CodeUsed)}, text.L("console.gone.used"), ""},
		{"burnt", engineer.CodeGone{Problem: fault(problem.CodeBurnt)}, text.L("console.gone.burnt"), ""},
		{"lost", engineer.CodeGone{Problem: fault(problem.EngineerGone)}, text.L("console.gone.engineer-gone"), ""},
		{"something else", engineer.CodeGone{}, text.L("problem.internal.what"), ""},
		{"no code to be had", engineer.CodeFailed{Problem: fault(problem.RoomsFull)}, text.L("problem.rooms-full.what"), "123 4567"},
		{"extended twice", engineer.CodeFailed{Problem: fault(problem.CodeExtended)}, text.L("problem.code-extended.what"), "123 4567"},
		{"first guess", engineer.GuessFailed{Left: 2}, text.L("console.guess.two"), "123 4567"},
		{"second guess", engineer.GuessFailed{Left: 1}, text.L("console.guess.one"), "123 4567"},
		{"last guess", engineer.GuessFailed{Left: 0}, text.L("console.guess.none"), "123 4567"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := english(t)
			r.feed(signedIn)
			r.code(t, "1234567", 5*time.Minute)
			r.feed(tt.ev)
			if !r.home.notice.Visible() || !strings.HasPrefix(r.home.notice.Text(), tt.want) {
				t.Errorf("it says %q, want %q", r.home.notice.Text(), tt.want)
			}
			if r.home.digits.Text != tt.code {
				t.Errorf("the code shown is %q, want %q", r.home.digits.Text, tt.code)
			}
		})
	}
}

// The code that comes by itself after a burnt one must not hide why.
func TestFreshCodeAfterABurntOne(t *testing.T) {
	r := english(t)
	r.feed(signedIn)
	r.code(t, "1234567", 5*time.Minute)
	r.feed(engineer.CodeGone{Problem: fault(problem.CodeBurnt)})
	r.code(t, "8060042", 5*time.Minute)
	if r.home.digits.Text != "806 0042" || !strings.HasPrefix(r.home.notice.Text(), text.L("console.gone.burnt")) {
		t.Errorf("code %q, notice %q", r.home.digits.Text, r.home.notice.Text())
	}
}

func TestInvitation(t *testing.T) {
	r := english(t)
	r.feed(signedIn)
	r.code(t, "1234567", 5*time.Minute)
	test.Tap(r.home.copy)
	got := fyne.CurrentApp().Clipboard().Content()
	for _, part := range []string{"123 4567", text.Time(start.Add(5 * time.Minute)), "support.example.com:443"} {
		if !strings.Contains(got, part) {
			t.Errorf("the invitation lacks %q:\n%s", part, got)
		}
	}
}
