package customer

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"assist/app/customer"
	"assist/app/problem"
	"assist/app/session"
	"assist/ui/uitest"
)

func TestSessionEvents(t *testing.T) {
	with(t, "en", filled, func(v *View, w *uitest.Window, r *recorder) {
		s := start(v, sure, session.ViewOnly)
		uitest.Says(t, s, "can see your screen")
		v.Handle(customer.AccessChanged{Access: session.SharedControl})
		uitest.Says(t, s, "can see and control your computer")
		v.Handle(customer.InputChanged{State: customer.InputLocalHand})
		uitest.Says(t, s, "they have to wait")
		v.Handle(customer.LinkChanged{Up: false, Until: time.Now().Add(20 * time.Minute)})
		uitest.Says(t, s, "The connection is interrupted. It comes back by itself. Waiting until 00:20.")
		v.Handle(customer.LinkChanged{Up: true})
		v.Handle(customer.Trouble{Problem: problem.New(problem.JournalFailed, nil)})
		uitest.Says(t, s, "The log on this computer could not be written.")
		v.Handle(customer.Said{FromEngineer: true, Text: "Hello", At: time.Now()})
		uitest.Says(t, s, "Chat (1)")
		v.bar.OpenChat(true)
		test.Type(v.bar.Chat.Entry, "Hi")
		uitest.Press(s, fyne.KeyReturn)
		test.Tap(v.bar.PauseIt)
		test.Tap(v.bar.TakeBack)
		test.Tap(v.bar.Stop)
		r.expect(t, "say Hi", "pause", "set view only", "stop")
	})
}

// TestOnTopOnlyWhileLive: the bar stays in front of everything in a window of its own, the other screens do not.
func TestOnTopOnlyWhileLive(t *testing.T) {
	with(t, "en", filled, func(v *View, w *uitest.Window, _ *recorder) {
		s := start(v, sure, session.ViewOnly)
		if !s.OnTop || !s.Shown || w.Shown {
			t.Errorf("the bar can be covered, or the window before it is still there: %+v, %+v", s, w)
		}
		v.Handle(customer.Ended{Problem: problem.New(problem.EngineerEnded, nil), Started: time.Now(), Finished: time.Now()})
		if !s.Closed || !w.Shown || w.OnTop || w.Closed {
			t.Errorf("after the session: %+v, %+v", s, w)
		}
		again := start(v, sure, session.ChatOnly)
		if again == s || !again.OnTop || !again.Shown || w.Shown {
			t.Error("the second session has no bar of its own")
		}
	})
}

func TestStillThere(t *testing.T) {
	with(t, "en", filled, func(v *View, _ *uitest.Window, r *recorder) {
		s := start(v, sure, session.SharedControl)
		raised := s.Raised
		v.Handle(customer.StillThere{Until: time.Now().Add(time.Minute), Digits: "07"})
		uitest.Says(t, s, "Are you still there?")
		if s.Raised != raised || s.Canvas().Focused() != nil {
			t.Error("the question takes the keyboard")
		}
		test.Tap(v.bar.Elements()["here"].(fyne.Tappable))
		r.expect(t)
		test.Type(v.bar.Elements()["here-digits"].(fyne.Focusable), "07")
		test.Tap(v.bar.Elements()["here"].(fyne.Tappable))
		r.expect(t, "here digits 07")
		v.Handle(customer.StillThereGone{})
		uitest.SaysNot(t, s, "Are you still there?")
	})
}

func TestAlarm(t *testing.T) {
	said := func(t *testing.T, v *View, w *uitest.Window) {
		t.Helper()
		v.Handle(customer.Ended{Problem: problem.New(problem.Alarm, nil), Alarm: customer.ReportSending})
		uitest.Says(t, w, "Your alarm is still being sent: do not close this program yet.")
		uitest.Says(t, w, "Hang up now. Call your support on a number you know.")
		v.Handle(customer.Reported{Alarm: customer.ReportSent})
		uitest.SaysNot(t, w, "still being sent")
		uitest.Says(t, w, "the support service has your alarm")
		v.Handle(customer.Ended{Problem: problem.New(problem.Alarm, nil), Alarm: customer.ReportSending})
		v.Handle(customer.Reported{Alarm: customer.ReportFailed})
		uitest.Says(t, w, "your alarm could not be sent. Tell your support about it.")
		uitest.Says(t, w, "Hang up now. Call your support on a number you know.")
		v.Handle(customer.Ended{Problem: problem.New(problem.CustomerEnded, nil)})
		v.Handle(customer.Reported{Alarm: customer.ReportSent}) // of an earlier session
		uitest.SaysNot(t, w, "alarm")
	}
	with(t, "en", filled, func(v *View, w *uitest.Window, r *recorder) {
		v.Handle(ask(sure))
		test.Tap(v.ask.Alarm)
		r.expect(t, "alarm")
		uitest.Says(t, w, "One moment")
		said(t, v, w)
	})
	with(t, "en", filled, func(v *View, w *uitest.Window, r *recorder) {
		start(v, sure, session.SharedControl)
		v.Handle(customer.Requested{ID: 1, Access: session.SharedControl, Until: time.Now().Add(time.Minute)})
		test.Tap(v.bar.Alarm)
		r.expect(t, "alarm")
		if v.raise != nil {
			t.Error("a question is open though all is stopped")
		}
		said(t, v, w)
	})
}

func TestRequest(t *testing.T) {
	wish := func(id uint32, n customer.Needs) customer.Requested {
		return customer.Requested{ID: id, Access: session.SharedControl, Until: time.Now().Add(30 * time.Second), Needs: n}
	}
	with(t, "en", filled, func(v *View, w *uitest.Window, r *recorder) {
		s := start(v, sure, session.ViewOnly)
		small := s.Canvas().Size()
		v.Handle(wish(1, customer.Needs{}))
		uitest.Says(t, s, "asks to use your mouse and keyboard")
		if s.Canvas().Focused() != v.raise.No || s.Raised != 1 || !v.bar.Stop.Visible() || s.Canvas().Size().Height <= small.Height {
			t.Error("the question is not as it should be")
		}
		uitest.Pass(4 * time.Second)
		test.Tap(v.raise.Yes)
		r.expect(t, "request 1 true")
		uitest.Pass(time.Second)
		if v.raise != nil || s.Canvas().Size() != small {
			t.Error("the question stays")
		}
		v.Handle(wish(2, customer.Needs{}))
		v.Handle(customer.RequestGone{ID: 1}) // an older one
		uitest.Says(t, s, "asks to use")
		v.Handle(customer.RequestGone{ID: 2})
		uitest.SaysNot(t, s, "asks to use")
		r.expect(t)
		v.Handle(wish(3, customer.Needs{}))
		v.Handle(wish(4, customer.Needs{})) // the newer one takes its place
		r.expect(t, "request 3 false")
		test.Tap(v.bar.Levels[0]) // going down goes past the question
		r.expect(t, "request 4 false", "set chat only")
	})
}

// TestRequestNeedsProof answers a request that needs everything, once wrongly.
func TestRequestNeedsProof(t *testing.T) {
	wish := customer.Requested{ID: 7, Access: session.SharedControl, Until: time.Now().Add(time.Hour)}
	wish.Needs = customer.Needs{Check: true, Called: true, Digits: "07"}
	answer := func(v *View, digits string) {
		uitest.Pass(4 * time.Second)
		test.Tap(v.raise.Called.Yes)
		test.Type(v.raise.Check.Typed, "482913")
		test.Type(v.raise.Digits, digits)
		test.Tap(v.raise.Yes)
	}
	with(t, "en", filled, func(v *View, _ *uitest.Window, r *recorder) {
		wish.Until = time.Now().Add(time.Minute)
		s := start(v, unsure, session.ViewOnly)
		v.Handle(wish)
		uitest.SaysNot(t, s, "That was not right.")
		answer(v, "70")
		r.expect(t, "request 7 true called check 482913 digits 70")
		wish.Needs.Digits = "81"
		v.Handle(wish) // not enough: asked again
		r.expect(t)
		uitest.Says(t, s, "That was not right.")
		uitest.Says(t, s, "type 81")
		if s.Canvas().Focused() != v.raise.No {
			t.Error("the focus is not on No")
		}
		answer(v, "81")
		r.expect(t, "request 7 true called check 482913 digits 81")
		v.Handle(customer.RequestGone{ID: 7})
		v.Handle(customer.AccessChanged{Access: session.SharedControl})
		if v.raise != nil {
			t.Error("a question is open")
		}
	})
}

// TestOwnWish is the level switch: what it needs comes with every AccessChanged.
func TestOwnWish(t *testing.T) {
	with(t, "en", filled, func(v *View, _ *uitest.Window, r *recorder) {
		s := start(v, sure, session.ViewOnly)
		test.Tap(v.bar.Levels[2])
		r.expect(t)
		uitest.Says(t, s, "Let Aiko Engineer use your mouse and keyboard?")
		uitest.Says(t, s, "Did you call them, on a number you know?")
		uitest.SaysNot(t, s, "To show that it is you")
		test.Tap(v.raise.Called.Yes)
		test.Tap(v.raise.Yes)
		r.expect(t, "set shared control called")
		v.Handle(customer.AccessChanged{Access: session.SharedControl, Needs: customer.Needs{Digits: "07"}})
		test.Tap(v.bar.Levels[0])
		r.expect(t, "set chat only")
		v.Handle(customer.AccessChanged{Access: session.ChatOnly, Needs: customer.Needs{Digits: "07"}})
		test.Tap(v.bar.Levels[1]) // seeing needs digits, too, and nothing else
		uitest.Says(t, s, "Let Aiko Engineer see your screen?")
		uitest.SaysNot(t, s, "Did you call them")
		test.Type(v.raise.Digits, "07")
		test.Tap(v.raise.Yes)
		r.expect(t, "set view only digits 07")
		v.Handle(customer.AccessChanged{Access: session.ViewOnly, Needs: customer.Needs{Digits: "52"}})
		if v.raise != nil {
			t.Error("a question is open")
		}
		test.Tap(v.bar.Levels[2])
		test.Tap(v.raise.No)
		r.expect(t)
	})
}

// TestOwnWishRefused comes back with other digits as long as they are wrong.
func TestOwnWishRefused(t *testing.T) {
	needs := func(a session.Access, digits string) customer.AccessChanged {
		return customer.AccessChanged{Access: a, Needs: customer.Needs{Digits: digits}}
	}
	with(t, "en", filled, func(v *View, _ *uitest.Window, r *recorder) {
		s := start(v, sure, session.SharedControl)
		v.Handle(needs(session.ViewOnly, "07"))
		test.Tap(v.bar.Levels[2])
		test.Type(v.raise.Digits, "70")
		test.Tap(v.raise.Yes)
		r.expect(t, "set shared control digits 70")
		v.Handle(needs(session.ViewOnly, "31"))
		uitest.Says(t, s, "That was not right.")
		uitest.Says(t, s, "type 31")
		v.Handle(needs(session.ViewOnly, "64")) // while it is open
		uitest.Says(t, s, "type 64")
		test.Tap(v.raise.No)
		v.Handle(needs(session.ViewOnly, "65"))
		if v.raise != nil {
			t.Error("No is taken for a try")
		}
		test.Tap(v.bar.Levels[2])
		test.Type(v.raise.Digits, "65")
		test.Tap(v.raise.Yes)
		v.Handle(customer.Trouble{Problem: problem.New(problem.InputUnsupported, nil)})
		v.Handle(needs(session.ViewOnly, "66"))
		if v.raise != nil {
			t.Error("a level that does not work is asked for again")
		}
	})
}

// TestOwnWishIsOvertaken closes the question when its level holds for another reason, and when another question comes.
func TestOwnWishIsOvertaken(t *testing.T) {
	with(t, "en", filled, func(v *View, _ *uitest.Window, r *recorder) {
		s := start(v, sure, session.ViewOnly)
		test.Tap(v.bar.Levels[2])
		v.Handle(customer.Requested{ID: 3, Access: session.SharedControl, Until: time.Now().Add(time.Minute)})
		uitest.Says(t, s, "asks to use your mouse and keyboard")
		v.Handle(customer.RequestGone{ID: 3})
		if v.raise != nil {
			t.Error("a question stays")
		}
		test.Tap(v.bar.Levels[2])
		v.Handle(customer.AccessChanged{Access: session.SharedControl})
		if v.raise != nil {
			t.Error("the question stays though its level holds")
		}
		r.expect(t)
	})
}
