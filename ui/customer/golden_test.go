package customer

import (
	"testing"
	"time"

	"fyne.io/fyne/v2/test"

	"assist/app/cleanup"
	"assist/app/customer"
	"assist/app/problem"
	"assist/app/session"
	"assist/ui/uitest"
)

// TestGolden shows every screen once.
func TestGolden(t *testing.T) {
	for _, language := range []string{"en", "ja"} {
		t.Run(language, func(t *testing.T) {
			with(t, language, customer.Form{}, func(v *View, w *uitest.Window, r *recorder) {
				s := &show{t, v, w}
				s.look("form")
				s.formScreens()
				s.consentScreens()
				s.barScreens()
				s.endedScreens()
			})
		})
	}
}

// show is what the golden test looks at.
type show struct {
	*testing.T
	v *View
	w *uitest.Window
}

// look compares the window in front, and takes its picture.
func (s *show) look(name string) {
	s.Helper()
	w := s.w
	if s.v.strip != nil {
		w = strip(s.v)
	}
	uitest.Golden(s.T, name, w)
	uitest.Picture(s.T, "customer-"+name, w)
}

func (s *show) formScreens() {
	v := s.v
	test.Type(v.form.code, "12345")
	test.Tap(v.form.connect)
	s.look("form-wrong")
	v.form.code.SetValue("1234567")
	v.form.fields[customer.FieldName].Entry.SetText("Ada Example")
	test.Tap(v.form.terms)
	test.Tap(v.form.more)
	test.Tap(v.form.connect)
	v.Handle(customer.Refused{
		Problem: problem.New(problem.CodeWrong, nil), GuessesLeft: 2, Expires: time.Now().Add(201 * time.Second),
	})
	s.look("form-refused")
	test.Tap(v.form.read)
	s.look("terms")
	test.Tap(v.form.unread)
	v.Handle(customer.Connecting{})
	uitest.Pass(2 * time.Second)
	s.look("wait")
}

func (s *show) consentScreens() {
	v := s.v
	v.Handle(ask(unsure))
	s.look("consent-unverified")
	v.Handle(ask(sure))
	s.look("consent")
	test.Tap(v.ask.Levels[2])
	test.Tap(v.ask.Called.Yes)
	s.look("consent-control")
	test.Tap(v.ask.Called.No)
	s.look("consent-stranger")
}

func (s *show) barScreens() {
	v := s.v
	v.Handle(customer.Started{Engineer: sure, Access: session.ViewOnly, At: time.Now(), PanicKey: true})
	v.Handle(customer.AccessChanged{Access: session.ViewOnly, Needs: customer.Needs{Called: true}})
	uitest.Pass(754 * time.Second)
	s.look("view")
	v.Handle(customer.Requested{
		ID: 1, Access: session.SharedControl, Until: time.Now().Add(time.Minute), Needs: customer.Needs{Called: true},
	})
	s.look("request")
	v.Handle(customer.RequestGone{ID: 1})
	v.Handle(customer.AccessChanged{Access: session.SharedControl, Needs: customer.Needs{Digits: "07"}})
	v.Handle(customer.InputChanged{State: customer.InputOn})
	s.look("control")
	v.Handle(customer.InputChanged{State: customer.InputPrompt})
	v.Handle(customer.StillThere{Until: time.Now().Add(time.Minute), Digits: "07"})
	s.look("still-there")
	v.Handle(customer.StillThereGone{})
	v.Handle(customer.AccessChanged{Access: session.ViewOnly, Needs: customer.Needs{Digits: "07"}})
	v.Handle(customer.InputChanged{State: customer.InputOff})
	test.Tap(v.bar.Levels[2])
	s.look("digits")
	test.Tap(v.raise.No)
	v.Handle(customer.Trouble{Problem: problem.New(problem.ScreenWayland, nil)})
	s.look("trouble")
	uitest.Pass(time.Minute)
	v.Handle(customer.AccessChanged{Access: session.ChatOnly, Needs: customer.Needs{Digits: "07"}})
	v.Handle(customer.AccessChanged{Access: session.ViewOnly, Needs: customer.Needs{Digits: "07"}})
	v.Handle(customer.LinkChanged{Until: time.Now().Add(20 * time.Minute)})
	s.look("interrupted")
	v.Handle(customer.LinkChanged{Up: true})
	s.chat()
}

func (s *show) chat() {
	said := [2]string{"Hello, I can see the message on your screen.", "Good. It came after the restart."}
	if s.Name() == "TestGolden/ja" {
		said = [2]string{"画面のメッセージを確認しました。", "再起動の後に表示されました。"}
	}
	s.v.bar.OpenChat(true)
	s.v.Handle(customer.Said{FromEngineer: true, Text: said[0], At: time.Now()})
	s.v.Handle(customer.Said{Text: said[1], At: time.Now()})
	s.look("chat")
	s.v.bar.OpenChat(false)
}

func (s *show) endedScreens() {
	v := s.v
	e := over(problem.EngineerEnded)
	e.Journal = "/home/ada/assist/2026-11-22.log"
	e.CleanUp = &cleanup.Report{Kept: []cleanup.Note{{Path: e.Journal, Reason: cleanup.CustomerAsked}}}
	v.Handle(e)
	s.look("ended")
	start(v, sure, session.ViewOnly)
	e = over(problem.CustomerEnded)
	e.CleanUp = &cleanup.Report{Left: []cleanup.Note{
		{Path: "/usr/bin/assist", Reason: cleanup.Installed}, {Path: "/tmp/assist-4711", Reason: cleanup.NotEmpty},
	}}
	v.Handle(e)
	s.look("ended-left")
	start(v, sure, session.SharedControl)
	e = over(problem.Alarm)
	e.Alarm = customer.ReportSent
	v.Handle(e)
	s.look("ended-alarm")
	v.Handle(customer.Ended{Problem: problem.New(problem.EngineerForged, nil)})
	s.look("ended-forged")
}
