package customer

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"assist/app/code"
	"assist/app/customer"
	"assist/app/identity"
	"assist/app/problem"
	"assist/app/session"
	"assist/ui/uitest"
)

var (
	sure   = identity.Engineer{Name: "Aiko Engineer", Organisation: "Example Support", Verified: true}
	unsure = identity.Engineer{Name: "Aiko Engineer", Organisation: "Example Support"}
	filled = customer.Form{Name: "Ada Example", Terms: true}
)

// recorder is customer.Actions that writes down what was done.
type recorder struct{ done []string }

func (r *recorder) note(format string, args ...any) {
	r.done = append(r.done, fmt.Sprintf(format, args...))
}

func (r *recorder) Join(f customer.Form, c code.Code) { r.note("join %s %s", c.Display(), f.JSON()) }
func (r *recorder) Leave()                            { r.note("leave") }
func (r *recorder) Answer(c customer.Consent) {
	r.note("answer %v %v %v %q", c.Access, c.Journal, c.CleanUp, c.Check)
}
func (r *recorder) SetAccess(a session.Access, check string) { r.note("set %v %q", a, check) }
func (r *recorder) AnswerRequest(id uint32, yes bool, check string) {
	r.note("request %d %v %q", id, yes, check)
}
func (r *recorder) Say(s string)  { r.note("say %s", s) }
func (r *recorder) Pause(on bool) { r.note("pause %v", on) }
func (r *recorder) Stop()         { r.note("stop") }

// expect compares what was done since the last time.
func (r *recorder) expect(t *testing.T, want ...string) {
	t.Helper()
	if got := strings.Join(r.done, "; "); got != strings.Join(want, "; ") {
		t.Errorf("did %q, want %q", got, strings.Join(want, "; "))
	}
	r.done = nil
}

// with runs f with the customer's window.
func with(t *testing.T, language string, prefill customer.Form, f func(v *View, w *uitest.Window, r *recorder)) {
	t.Helper()
	uitest.App(t, language)
	zone := time.Local
	time.Local = time.UTC
	t.Cleanup(func() { time.Local = zone })
	w := uitest.NewWindow(t)
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{}
		v := New(w, r, prefill, Options{Service: "support.example.com"})
		defer v.leaveScreen()
		f(v, w, r)
	})
}

func ask(e identity.Engineer) customer.Asked {
	return customer.Asked{Engineer: e, CheckNumber: "482913", MustCheck: !e.Verified, Until: time.Now().Add(time.Minute)}
}

// start brings the window to a live session of the level.
func start(v *View, e identity.Engineer, a session.Access) {
	v.Handle(ask(e))
	v.Handle(customer.Started{Engineer: e, Access: a, At: time.Now()})
}

func TestJoinByKeyboard(t *testing.T) {
	with(t, "en", customer.Form{}, func(v *View, w *uitest.Window, r *recorder) {
		if w.Canvas().Focused() != v.form.code {
			t.Fatalf("the focus is on %T", w.Canvas().Focused())
		}
		test.Type(v.form.code, "１２３ 4567")
		uitest.Press(w, fyne.KeyTab)
		test.Type(w.Canvas().Focused(), "Ada Example")
		uitest.Press(w, fyne.KeyTab, fyne.KeyTab) // past the details
		if w.Canvas().Focused() != v.form.terms {
			t.Fatalf("the focus is on %T", w.Canvas().Focused())
		}
		uitest.Press(w, fyne.KeySpace, fyne.KeyTab, fyne.KeyTab, fyne.KeyReturn)
		r.expect(t, `join 123 4567 {"n":"Ada Example","t":true}`)
		v.Handle(customer.Connecting{})
		uitest.Says(t, w, "Connecting to your engineer")
	})
}

func TestWrongInputIsSaidBesideTheField(t *testing.T) {
	with(t, "en", customer.Form{}, func(v *View, w *uitest.Window, r *recorder) {
		test.Tap(v.form.connect)
		for _, s := range []string{"The code is missing.", "Your name is missing.", "The terms have not been accepted yet."} {
			uitest.Says(t, w, s)
		}
		if w.Canvas().Focused() != v.form.code {
			t.Error("the focus is not on the first wrong field")
		}
		test.Type(v.form.code, "12345")
		uitest.SaysNot(t, w, "The code is missing.")
		v.form.fields[customer.FieldName].Entry.SetText("Ada")
		v.form.fields[customer.FieldCaseNumber].Entry.SetText("12")
		test.Tap(v.form.terms)
		test.Tap(v.form.connect)
		uitest.Says(t, w, "The code is not complete.")
		uitest.Says(t, w, "This does not look like a case number.")
		uitest.SaysNot(t, w, "Your name is missing.")
		uitest.SaysNot(t, w, "The terms have not been accepted yet.")
		if !v.form.details.Visible() {
			t.Error("the wrong field is out of sight")
		}
		r.expect(t)
		if f := v.form.form(); f.Name != "Ada" || f.CaseNumber != "12" || v.form.code.Value() != "12345" {
			t.Errorf("something was lost: %+v", f)
		}
	})
}

func TestPrefill(t *testing.T) {
	full := customer.Form{Name: "Ada", CustomerNumber: "1-2", CaseNumber: "12345", Branch: "7", Country: "JP", Product: "Box"}
	with(t, "en", full, func(v *View, w *uitest.Window, r *recorder) {
		uitest.Says(t, w, "support.example.com")
		uitest.Says(t, w, "Customer number")
		if got := v.form.form(); got != full {
			t.Errorf("%+v", got)
		}
	})
}

func TestOptionsProblem(t *testing.T) {
	uitest.App(t, "en")
	w := uitest.NewWindow(t)
	New(w, &recorder{}, filled, Options{Problem: problem.New(problem.LinkSyntax, nil)})
	uitest.Says(t, w, "could not be understood")
}

func TestRefusedKeepsEverything(t *testing.T) {
	with(t, "en", filled, func(v *View, w *uitest.Window, r *recorder) {
		v.form.code.SetValue("1234567")
		test.Tap(v.form.connect)
		r.expect(t, `join 123 4567 {"n":"Ada Example","t":true}`)
		v.Handle(customer.Connecting{})
		v.Handle(customer.Refused{
			Problem: problem.New(problem.CodeWrong, nil), GuessesLeft: 2, Expires: time.Now().Add(201 * time.Second),
		})
		uitest.Says(t, w, "The code is not right.")
		uitest.Says(t, w, "Tries left: 2.")
		uitest.Says(t, w, "another 3:21.")
		uitest.Pass(2 * time.Second)
		uitest.Says(t, w, "another 3:19.")
		uitest.Pass(5 * time.Minute)
		uitest.Says(t, w, "The code has run out of time.")
		if v.form.code.Value() != "1234567" || v.form.form() != filled || w.Canvas().Focused() != v.form.code {
			t.Error("something was lost")
		}
		test.Tap(v.form.connect)
		r.expect(t, `join 123 4567 {"n":"Ada Example","t":true}`)
		v.Handle(customer.Refused{Problem: problem.New(problem.CodeUsed, nil)})
		uitest.Says(t, w, "This code has already been used.")
		uitest.SaysNot(t, w, "Tries left")
		uitest.SaysNot(t, w, "another")
	})
}

func TestEveryRefusalIsASentence(t *testing.T) {
	key := regexp.MustCompile(`(problem|ended|form)\.[a-z]`)
	with(t, "en", filled, func(v *View, w *uitest.Window, _ *recorder) {
		for _, c := range problem.Codes() {
			v.Handle(customer.Refused{Problem: problem.New(c, nil)})
			if words := uitest.Words(w); key.MatchString(words) || !strings.Contains(words, ".") {
				t.Errorf("%s: %s", c, words)
			}
			v.Handle(customer.Ended{Problem: problem.New(c, nil)})
			if words := uitest.Words(w); key.MatchString(words) || !strings.Contains(words, ".") {
				t.Errorf("%s: %s", c, words)
			}
		}
	})
}

func TestTermsAreReadInPlace(t *testing.T) {
	with(t, "en", customer.Form{}, func(v *View, w *uitest.Window, r *recorder) {
		test.Tap(v.form.read)
		uitest.Says(t, w, "Terms of this support session")
		uitest.SaysNot(t, w, "Your name")
		test.Tap(v.form.unread)
		uitest.Says(t, w, "Your name")
		if v.form.terms.Chosen() {
			t.Error("reading is not agreeing")
		}
	})
}

func TestCancelWaiting(t *testing.T) {
	with(t, "en", filled, func(v *View, w *uitest.Window, r *recorder) {
		v.Handle(customer.Connecting{})
		uitest.Pass(7 * time.Second)
		uitest.Says(t, w, "Waiting for 00:07")
		cancel := v.wait.cancel
		test.Tap(cancel)
		uitest.Says(t, w, "Get help from your support")
		if v.form.form() != filled || w.Canvas().Focused() != v.form.code {
			t.Error("the form is lost")
		}
		test.Tap(cancel)
		r.expect(t, "leave")
	})
}

func TestConsent(t *testing.T) {
	with(t, "en", filled, func(v *View, w *uitest.Window, r *recorder) {
		v.Handle(ask(sure))
		if w.Canvas().Focused() != v.ask.Decline || w.Raised != 1 {
			t.Error("the question does not come to the front with the focus on Decline")
		}
		q := v.ask
		test.Tap(q.Levels[1])
		test.Tap(q.CleanUp)
		test.Tap(q.Allow)
		test.Tap(q.Decline)
		r.expect(t, `answer view only false true ""`)
		uitest.Says(t, w, "One moment")
	})
}

func TestSessionEvents(t *testing.T) {
	with(t, "en", filled, func(v *View, w *uitest.Window, r *recorder) {
		start(v, sure, session.ViewOnly)
		uitest.Says(t, w, "can see your screen")
		if !w.OnTop {
			t.Error("the bar can be covered")
		}
		v.Handle(customer.AccessChanged{Access: session.SharedControl})
		uitest.Says(t, w, "can see and control your computer")
		v.Handle(customer.InputChanged{State: customer.InputLocalHand})
		uitest.Says(t, w, "they have to wait")
		v.Handle(customer.LinkChanged{Up: false})
		uitest.Says(t, w, "The connection is interrupted.")
		v.Handle(customer.LinkChanged{Up: true})
		v.Handle(customer.Said{FromEngineer: true, Text: "Hello", At: time.Now()})
		uitest.Says(t, w, "Chat (1)")
		v.bar.OpenChat(true)
		test.Type(v.bar.Chat.Entry, "Hi")
		uitest.Press(w, fyne.KeyReturn)
		test.Tap(v.bar.PauseIt)
		test.Tap(v.bar.TakeBack)
		test.Tap(v.bar.Stop)
		r.expect(t, "say Hi", "pause true", `set view only ""`, "stop")
		v.Handle(customer.Ended{
			Problem: problem.New(problem.CustomerEnded, nil), Started: time.Now().Add(-754 * time.Second), Finished: time.Now(),
		})
		uitest.Says(t, w, "You ended the session.")
		uitest.Says(t, w, "It lasted 12:34, from 23:47 to 00:00.")
		uitest.Says(t, w, "Nobody can come back without a new code.")
	})
}

// TestStrayEvents sends every event at a time it should not come: nothing may break.
func TestStrayEvents(t *testing.T) {
	events := []customer.Event{
		customer.AccessChanged{Access: session.SharedControl}, customer.Requested{ID: 1, Access: session.ViewOnly},
		customer.RequestGone{ID: 1}, customer.Said{Text: "x"}, customer.InputChanged{}, customer.LinkChanged{},
		customer.Refused{Problem: problem.New(problem.Internal, nil)}, customer.Connecting{}, ask(sure),
		customer.Started{Engineer: sure, Access: session.ChatOnly}, customer.Ended{Problem: problem.New(problem.LinkLost, nil)},
	}
	with(t, "en", filled, func(v *View, w *uitest.Window, r *recorder) {
		for _, first := range events {
			for _, second := range events {
				v.Handle(first)
				v.Handle(second)
				uitest.Settle(w)
			}
		}
		r.expect(t)
	})
}

func TestRequest(t *testing.T) {
	wish := func(id uint32, a session.Access) customer.Requested {
		return customer.Requested{ID: id, Access: a, Until: time.Now().Add(30 * time.Second), CheckNumber: "482913"}
	}
	with(t, "en", filled, func(v *View, w *uitest.Window, r *recorder) {
		start(v, sure, session.ViewOnly)
		small := w.Canvas().Size()
		v.Handle(wish(1, session.SharedControl))
		uitest.Says(t, w, "asks to use your mouse and keyboard")
		if w.Canvas().Focused() != v.raise.No || !v.bar.Stop.Visible() || w.Canvas().Size().Height <= small.Height {
			t.Error("the question is not as it should be")
		}
		uitest.Pass(4 * time.Second)
		test.Tap(v.raise.Yes)
		r.expect(t, `request 1 true ""`)
		if v.raise != nil || w.Canvas().Size() != small {
			t.Error("the question stays")
		}
		v.Handle(wish(2, session.SharedControl))
		v.Handle(customer.RequestGone{ID: 1}) // an older one
		uitest.Says(t, w, "asks to use")
		v.Handle(customer.RequestGone{ID: 2})
		uitest.SaysNot(t, w, "asks to use")
		r.expect(t)
		v.Handle(wish(3, session.SharedControl))
		v.Handle(wish(4, session.SharedControl)) // the newer one takes its place
		r.expect(t, `request 3 false ""`)
		test.Tap(v.bar.Levels[0]) // going down goes past the question
		r.expect(t, `request 4 false ""`, `set chat only ""`)
	})
}

func TestRaisingAfterControlNeedsDigits(t *testing.T) {
	with(t, "en", filled, func(v *View, w *uitest.Window, r *recorder) {
		start(v, sure, session.ViewOnly)
		test.Tap(v.bar.Levels[2])
		r.expect(t, `set shared control ""`) // nothing of the engineer's can have pressed that
		v.Handle(customer.AccessChanged{Access: session.SharedControl})
		test.Tap(v.bar.Levels[1])
		r.expect(t, `set view only ""`)
		v.Handle(customer.AccessChanged{Access: session.ViewOnly})
		test.Tap(v.bar.Levels[2])
		r.expect(t)
		q := v.raise
		test.Tap(q.Yes)
		r.expect(t)
		digits := v.raise.Digits
		test.Type(digits, strings.TrimPrefix(digits.AccessibilityLabel(), "To confirm, type "))
		test.Tap(q.Yes)
		r.expect(t, `set shared control ""`)
	})
}

func TestRaisingUnverifiedNeedsTheNumber(t *testing.T) {
	with(t, "en", filled, func(v *View, w *uitest.Window, r *recorder) {
		start(v, unsure, session.ViewOnly)
		test.Tap(v.bar.Levels[2])
		r.expect(t)
		test.Type(v.raise.Check.Typed, "482913")
		test.Tap(v.raise.Yes)
		r.expect(t, `set shared control "482913"`)
		test.Tap(v.bar.Levels[2])
		test.Tap(v.raise.No)
		r.expect(t)
	})
}
