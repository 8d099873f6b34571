package console

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"assist/app/engineer"
	"assist/app/problem"
	"assist/ui/text"
	"assist/ui/theme"
)

// endings are the ends that have a sentence of their own for the engineer.
var endings = map[problem.Code]string{
	problem.CustomerEnded:   "console.ended.customer-ended",
	problem.PanicKey:        "console.ended.panic-key",
	problem.EngineerEnded:   "console.ended.engineer-ended",
	problem.ConsentDeclined: "console.ended.consent-declined",
	problem.ConsentTimeout:  "console.ended.consent-timeout",
	problem.LinkLost:        "console.ended.link-lost",
	problem.HandshakeBroken: "console.ended.handshake-broken",
	problem.EngineerForged:  "console.ended.engineer-forged",
}

// endedPage says who ended the session and how long it was.
type endedPage struct {
	content fyne.CanvasObject
	what    *widget.Label
	do      *widget.Label
	lasted  *widget.Label
	with    *widget.Label
	again   *theme.Button
	home    *theme.Button
	record  *recordPart
}

func newEnded(v *View) *endedPage {
	p := &endedPage{
		what: centre(theme.Heading("")), do: centre(theme.Text("")),
		lasted: centre(theme.Text("")), with: centre(theme.Text("")),
	}
	p.again = theme.Primary(text.L("console.code.new"), v.newCode)
	p.home = theme.NewButton(text.L("console.ended.home"), func() { v.show(v.home) })
	p.record = newRecordPart(v.win)
	column := container.NewVBox(p.what, p.do, p.with, p.lasted, p.record.object, p.again, container.NewCenter(p.home))
	p.content = centred(theme.Card(container.NewPadded(column)), columnWidth)
	return p
}

// set says how it ended. known is false if no customer had got as far as being shown.
func (p *endedPage) set(ev engineer.Ended, card engineer.Card, known bool) {
	what, do := sentences(ev.Problem)
	code := codeOf(ev.Problem)
	if key := endings[code]; key != "" {
		what, do = text.L(key), ""
		if code == problem.EngineerForged {
			do = text.L(key + ".do")
		}
	}
	p.what.SetText(what)
	p.do.SetText(do)
	visible(p.do, do != "")
	p.lasted.SetText(text.L("console.ended.never"))
	if !ev.Started.IsZero() {
		p.lasted.SetText(text.F("console.ended.lasted", map[string]any{"time": text.Elapsed(ev.Finished.Sub(ev.Started))}))
	}
	p.with.SetText(text.F("console.ended.with", map[string]any{"name": customerName(card)}))
	visible(p.with, known)
	p.record.set(ev.Transcript)
}

func (p *endedPage) name() string              { return "ended" }
func (p *endedPage) object() fyne.CanvasObject { return p.content }

// enter leaves the focus nowhere: the engineer may have been typing when the session ended.
func (p *endedPage) enter(c fyne.Canvas) { c.Unfocus() }

func (p *endedPage) elements() map[string]fyne.CanvasObject {
	all := map[string]fyne.CanvasObject{
		"what": p.what, "do": p.do, "lasted": p.lasted, "with": p.with, "new-code": p.again, "home": p.home,
	}
	if p.record.object.Visible() {
		all["summary"], all["save"], all["save-notice"] = p.record.words, p.record.save, p.record.notice
	}
	return all
}
