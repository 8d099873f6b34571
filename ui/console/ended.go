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
	problem.EngineerRevoked: "console.ended.engineer-revoked",
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
	said := container.New(theme.Tight{}, p.what, p.do, p.with, p.lasted)
	feet := container.NewVBox(p.record.feet, p.again, container.NewCenter(p.home))
	card := theme.Card(container.NewPadded(container.NewBorder(said, feet, nil, nil, p.record.object)))
	p.content = container.NewPadded(theme.Column(container.New(endedLayout{p.record.object}, card), columnWidth))
	return p
}

// endedLayout gives a card all the height there is while there is a summary on it, and else puts it in the middle.
type endedLayout struct{ summary fyne.CanvasObject }

func (l endedLayout) MinSize(objects []fyne.CanvasObject) fyne.Size { return objects[0].MinSize() }

func (l endedLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	high := size.Height
	for range 2 { // texts that wrap tell their height once they have their width
		if !l.summary.Visible() {
			high = objects[0].MinSize().Height
		}
		objects[0].Resize(fyne.NewSize(size.Width, high))
	}
	objects[0].Move(fyne.NewPos(0, (size.Height-high)/2))
}

// set says how it ended. known is false if no customer had got as far as being shown.
func (p *endedPage) set(ev engineer.Ended, card engineer.Card, known bool) {
	what, do := sentences(ev.Problem)
	code := codeOf(ev.Problem)
	if key := endings[code]; key != "" {
		what, do = text.L(key), ""
		if code == problem.EngineerForged || code == problem.EngineerRevoked {
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
