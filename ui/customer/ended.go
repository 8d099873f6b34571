package customer

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"assist/app/customer"
	"assist/app/identity"
	"assist/app/problem"
	"assist/app/session"
	"assist/ui/text"
	"assist/ui/theme"
)

// met is what the window itself knows of the session that ended.
type met struct {
	engineer identity.Engineer
	levels   []session.Access // that were allowed
}

// endedScreen says who ended the session and that it is over for good, what it was, and what is left of it on this
// computer.
type endedScreen struct {
	content   fyne.CanvasObject
	own       bool // the customer ended it
	alarm     bool // with an alarm
	why       *theme.Notice
	again     *theme.Button
	closeIt   *theme.Button
	noReturns fyne.CanvasObject
	left      *leftovers
	record    *record // nil without a transcript
	scroll    *theme.Scroll
	feet      fyne.CanvasObject
	body      *fyne.Container
}

func newEndedScreen(e customer.Ended, m met, again, closeIt func()) *endedScreen {
	s := &endedScreen{why: theme.NewNotice(theme.Note), own: byCustomer(e.Problem.Code)}
	s.why.SetTone(why(e.Problem.Code, m.engineer.Name))
	s.alarm = e.Alarm != customer.NoReport
	s.reported(e.Alarm)
	s.noReturns = theme.Text(text.L("ended.no-return"))
	s.again = theme.Secondary(text.L("ended.new"), again)
	s.closeIt = theme.Primary(text.L("ended.close"), closeIt)
	if goesOn(e) {
		s.again, s.closeIt = theme.Primary(text.L("ended.new"), again), theme.Secondary(text.L("ended.close"), closeIt)
	}
	s.left = newLeftovers(e)
	title, lines := "ended.title-none", []fyne.CanvasObject{}
	if !e.Started.IsZero() {
		title, lines = "ended.title", story(e, m)
	}
	s.body = container.NewVBox(
		theme.Heading(text.L(title)),
		s.why,
		container.New(theme.Tight{}, append(lines, s.noReturns)...),
	)
	if e.Transcript != nil {
		s.record = newRecord(e.Transcript)
		s.body.Add(container.NewHBox(s.record.show))
	}
	for _, o := range s.left.parts() {
		s.body.Add(o)
	}
	s.scroll = theme.NewScroll(container.NewVBox(layout.NewSpacer(), s.body, layout.NewSpacer()))
	s.scroll.Follow(s.left.focusable()...)
	s.feet = theme.Feet(container.NewGridWithColumns(2, s.closeIt, s.again))
	page := container.NewBorder(nil, s.feet, nil, nil, s.scroll)
	if s.record != nil {
		s.scroll.Follow(s.record.show)
		page = s.record.over(page)
	}
	s.content = theme.Page(page)
	return s
}

// story says who was there, for how long, and what they could do.
func story(e customer.Ended, m met) []fyne.CanvasObject {
	lasted := theme.Text(text.F("ended.lasted", map[string]any{
		"time": text.Elapsed(e.Finished.Sub(e.Started)), "from": text.Time(e.Started), "to": text.Time(e.Finished),
	}))
	if len(m.levels) == 0 { // this window saw nothing of it
		return []fyne.CanvasObject{lasted}
	}
	return []fyne.CanvasObject{
		theme.Text(text.F("ended.with", map[string]any{
			"name": text.Plain(m.engineer.Name), "organisation": text.Plain(m.engineer.Organisation),
		})),
		lasted,
		theme.Text(text.F("ended.levels", map[string]any{"levels": text.List(levelNames(m.levels)...)})),
	}
}

// How high the window may become, so that it fits a small screen with its frame.
const maxEnded = 620

// size is how big the window has to be to show everything, as far as there is room.
func (s *endedScreen) size() fyne.Size {
	size := endedSize
	for range 2 { // texts that wrap tell their height once they have their width
		s.body.Resize(fyne.NewSize(size.Width-40, s.body.MinSize().Height))
	}
	size.Height = max(size.Height, min(maxEnded, s.body.MinSize().Height+s.feet.MinSize().Height+50))
	return size
}

// goesOn reports whether somebody who wanted help is still without it, so that a new code is what comes next. After a session it is
// over, and after an alarm nobody shall be led back to it.
func goesOn(e customer.Ended) bool {
	switch e.Problem.Code {
	case problem.Alarm, problem.EngineerForged:
		return false
	case problem.CustomerEnded, problem.PanicKey, problem.EngineerEnded, problem.ConsentDeclined:
		return e.Started.IsZero() && !byCustomer(e.Problem.Code)
	}
	return true
}

// byCustomer reports whether it was the customer who ended it.
func byCustomer(c problem.Code) bool {
	switch c {
	case problem.CustomerEnded, problem.PanicKey, problem.Alarm, problem.ConsentDeclined:
		return true
	}
	return false
}

// why says who or what ended it. An ordinary end is only told; a fault, or an alarm, comes with what to do.
func why(c problem.Code, engineer string) (theme.Tone, string, string) {
	switch c {
	case problem.CustomerEnded:
		return theme.Note, text.L("ended.by-you"), ""
	case problem.EngineerEnded:
		if engineer == "" {
			engineer = text.L("ended.engineer")
		}
		return theme.Note, text.F("ended.by-engineer", map[string]any{"name": text.Plain(engineer)}), ""
	case problem.PanicKey:
		return theme.Note, text.L("ended.by-key"), ""
	case problem.ConsentDeclined:
		return theme.Note, text.L("ended.declined"), ""
	case problem.ConsentTimeout:
		return theme.Note, text.L("ended.silence"), ""
	}
	what, do := text.Problem(c)
	if c == problem.Alarm {
		return theme.Good, what, do
	}
	return theme.Wrong, what, do
}

// reported says what has become of the alarm that the session ended with.
func (s *endedScreen) reported(r customer.Report) {
	if !s.alarm {
		return
	}
	_, do := text.Problem(problem.Alarm)
	switch r {
	case customer.ReportSent:
		s.why.SetTone(theme.Good, text.L("alarm.sent"), do)
	case customer.ReportSending:
		s.why.SetTone(theme.Note, text.L("alarm.sending"), do)
	case customer.ReportFailed:
		s.why.SetTone(theme.Wrong, text.L("alarm.failed"), do)
	}
}

func (s *endedScreen) elements() map[string]fyne.CanvasObject {
	m := map[string]fyne.CanvasObject{"why": s.why, "new-code": s.again, "close": s.closeIt, "no-return": s.noReturns}
	s.left.elements(m)
	if s.record != nil {
		m["summary"], m["summary-text"], m["summary-copy"], m["summary-back"] = s.record.show, s.record.reader, s.record.copied, s.record.back
	}
	return m
}
