package customer

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"assist/app/customer"
	"assist/app/problem"
	"assist/ui/text"
	"assist/ui/theme"
)

// endedScreen says who ended the session and that it is over for good.
type endedScreen struct {
	content   fyne.CanvasObject
	why       *theme.Notice
	again     *theme.Button
	closeIt   *theme.Button
	noReturns fyne.CanvasObject
}

func newEndedScreen(e customer.Ended, engineer string, again, closeIt func()) *endedScreen {
	s := &endedScreen{why: theme.NewNotice(theme.Note)}
	s.why.SetTone(why(e.Problem.Code, engineer))
	title := text.L("ended.title-none")
	lines := []fyne.CanvasObject{}
	if !e.Started.IsZero() {
		title = text.L("ended.title")
		lines = append(lines, theme.Text(text.F("ended.lasted", map[string]any{
			"time": text.Elapsed(e.Finished.Sub(e.Started)), "from": text.Time(e.Started), "to": text.Time(e.Finished),
		})))
	}
	s.noReturns = theme.Text(text.L("ended.no-return"))
	lines = append(lines, s.noReturns)
	s.again = theme.Primary(text.L("ended.new"), again)
	s.closeIt = theme.Secondary(text.L("ended.close"), closeIt)
	s.content = theme.Page(container.NewBorder(nil, container.NewGridWithColumns(2, s.closeIt, s.again), nil, nil,
		container.NewVBox(
			layout.NewSpacer(),
			theme.Heading(title),
			s.why,
			container.New(theme.Tight{}, lines...),
			layout.NewSpacer(),
		)))
	return s
}

// why says who or what ended it. An ordinary end is only told; a fault comes with what to do.
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
	return theme.Wrong, what, do
}

func (s *endedScreen) elements() map[string]fyne.CanvasObject {
	return map[string]fyne.CanvasObject{"why": s.why, "new-code": s.again, "close": s.closeIt, "no-return": s.noReturns}
}
