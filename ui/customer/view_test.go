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
	r.note("answer %v %v %v%s", c.Access, c.Journal, c.CleanUp, proof(c.Proof))
}
func (r *recorder) SetAccess(a session.Access, p customer.Proof) { r.note("set %v%s", a, proof(p)) }
func (r *recorder) AnswerRequest(id uint32, yes bool, p customer.Proof) {
	r.note("request %d %v%s", id, yes, proof(p))
}
func (r *recorder) StillHere(p customer.Proof) { r.note("here%s", proof(p)) }
func (r *recorder) Alarm()                     { r.note("alarm") }
func (r *recorder) Say(s string)               { r.note("say %s", s) }
func (r *recorder) Pause()                     { r.note("pause") }
func (r *recorder) Resume(p customer.Proof)    { r.note("resume%s", proof(p)) }
func (r *recorder) Stop()                      { r.note("stop") }

// proof writes what there is of p.
func proof(p customer.Proof) string {
	s := ""
	if p.Called {
		s += " called"
	}
	if p.Check != "" {
		s += " check " + p.Check
	}
	if p.Digits != "" {
		s += " digits " + p.Digits
	}
	return s
}

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
		defer v.closeStrip()
		defer v.leaveScreen()
		f(v, w, r)
	})
}

func ask(e identity.Engineer) customer.Asked {
	return customer.Asked{Engineer: e, CheckNumber: "482913", MustCheck: !e.Verified, Until: time.Now().Add(time.Minute)}
}

// start brings the windows to a live session of the level, as the session would, and returns the bar's.
func start(v *View, e identity.Engineer, a session.Access) *uitest.Window {
	v.Handle(ask(e))
	v.Handle(customer.Started{Engineer: e, Access: a, At: time.Now()})
	v.Handle(customer.AccessChanged{Access: a, At: time.Now(), Needs: customer.Needs{
		Check: !e.Verified, Called: a < session.SharedControl, Digits: map[bool]string{true: "07"}[a == session.SharedControl],
	}})
	return strip(v)
}

// strip is the bar's window.
func strip(v *View) *uitest.Window { return v.strip.(*uitest.Window) }

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
		for _, s := range []string{"The code is missing.", "Your name is missing.", "The terms are not accepted."} {
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
		uitest.SaysNot(t, w, "The terms are not accepted.")
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
		uitest.Says(t, w, "Get help from support")
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
		r.expect(t, "answer view only false true")
		uitest.Says(t, w, "One moment")
		uitest.Says(t, w, "You can still cancel.")
		cancel := v.wait.cancel
		if w.Canvas().Focused() == cancel {
			t.Error("the key that allowed cancels, too")
		}
		test.Tap(cancel)
		test.Tap(cancel)
		r.expect(t, "stop")
		uitest.Says(t, w, "One moment") // until it is over
	})
}

// TestStrayEvents sends every event at a time it should not come: nothing may break.
func TestStrayEvents(t *testing.T) {
	events := []customer.Event{
		customer.AccessChanged{Access: session.SharedControl}, customer.Requested{ID: 1, Access: session.ViewOnly},
		customer.RequestGone{ID: 1}, customer.Said{Text: "x"}, customer.InputChanged{}, customer.LinkChanged{},
		customer.StillThere{Until: time.Now().Add(time.Minute), Digits: "07"}, customer.StillThereGone{},
		customer.PauseChanged{Paused: true}, customer.PauseChanged{},
		customer.Trouble{Problem: problem.New(problem.ScreenWayland, nil)},
		customer.Refused{Problem: problem.New(problem.Internal, nil)}, customer.Connecting{}, ask(sure),
		customer.Started{Engineer: sure, Access: session.ChatOnly}, customer.Ended{Problem: problem.New(problem.LinkLost, nil)},
	}
	with(t, "en", filled, func(v *View, w *uitest.Window, r *recorder) {
		for _, first := range events {
			for _, second := range events {
				v.Handle(first)
				v.Handle(second)
				uitest.Settle(w)
				if v.strip != nil {
					uitest.Settle(v.strip)
				}
				if (v.strip == nil) != (v.bar == nil) {
					t.Fatalf("%T, then %T: a bar and its window are not there together", first, second)
				}
			}
		}
		r.expect(t)
	})
}
