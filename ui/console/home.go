package console

import (
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"assist/app/engineer"
	"assist/app/identity"
	"assist/app/problem"
	"assist/ui/text"
	"assist/ui/theme"
)

// Sizes of the code on the page.
const (
	codeSize   = 96
	spokenSize = 22
)

// homePage is where codes are made and read out.
type homePage struct {
	view    *View
	content fyne.CanvasObject
	who     *widget.Label
	service *serviceSign
	notice  *theme.Notice

	empty  fyne.CanvasObject // no code
	hint   *widget.Label
	make   *theme.Button
	reader fyne.CanvasObject // a code
	digits *widget.Label
	say    *widget.Label
	left   *widget.Label
	line   *progress
	extend *theme.Button
	again  *theme.Button
	cancel *theme.Button
	copy   *theme.Button
	out    *theme.Button

	address   string
	code      string // as displayed; "" is none
	until     time.Time
	life      time.Duration // whole life of the code, for the line
	canExtend bool
	quiet     bool // the code that goes next was given up here
	busy      bool
}

func newHome(v *View, service string) *homePage {
	p := &homePage{
		view: v, address: text.Plain(service), service: newServiceSign(), notice: theme.NewNotice(theme.Note),
		who: theme.Line(""), hint: centre(theme.Text("")), line: newProgress(),
		digits: centre(theme.Line("")), say: centre(theme.Line("")), left: centre(theme.Text("")),
	}
	p.digits.TextStyle.Bold = true
	p.make = theme.Primary(text.L("console.code.new"), v.newCode)
	p.extend = theme.NewButton(text.L("console.code.extend"), p.onExtend)
	p.again = theme.NewButton(text.L("console.code.new"), func() { p.quiet = true; v.newCode() })
	p.cancel = theme.NewButton(text.L("console.code.cancel"), p.onCancel)
	p.copy = theme.NewButton(text.L("console.code.copy"), p.onCopy)
	p.out = theme.NewButton(text.L("console.sign-out"), v.signOut)
	p.who.Truncation = fyne.TextTruncateEllipsis

	p.empty = container.NewVBox(centre(theme.Heading(text.L("console.home.none"))), p.hint, p.make)
	p.reader = container.NewVBox(
		centre(theme.Subheading(text.L("console.code.heading"))),
		theme.Sized(p.digits, codeSize), theme.Sized(p.say, spokenSize),
		container.NewPadded(p.line), p.left,
		container.New(layout.NewCustomPaddedVBoxLayout(10), container.NewGridWithColumns(3, p.extend, p.again, p.cancel), p.copy))
	head := container.NewBorder(nil, nil, nil, p.out, p.who)
	card := theme.Card(container.NewPadded(container.NewStack(p.empty, p.reader)))
	body := container.NewVBox(layout.NewSpacer(), theme.Column(container.NewVBox(card, p.notice, p.service.object), columnWidth),
		layout.NewSpacer())
	p.content = container.NewBorder(container.NewPadded(head), nil, nil, nil, container.NewVScroll(container.NewPadded(body)))
	p.refresh()
	return p
}

func centre(l *widget.Label) *widget.Label {
	l.Alignment = fyne.TextAlignCenter
	return l
}

func (p *homePage) name() string              { return "home" }
func (p *homePage) object() fyne.CanvasObject { return p.content }

// elements are those on the page now: "make-code" without a code, the others with one.
func (p *homePage) elements() map[string]fyne.CanvasObject {
	all := map[string]fyne.CanvasObject{
		"notice": p.notice, "service": p.service.label, "who": p.who, "sign-out": p.out,
	}
	if p.code == "" {
		all["make-code"] = p.make
		return all
	}
	for name, o := range map[string]fyne.CanvasObject{
		"code": p.digits, "say": p.say, "left": p.left, "extend": p.extend, "new-code": p.again,
		"cancel-code": p.cancel, "copy": p.copy,
	} {
		all[name] = o
	}
	return all
}

func (p *homePage) enter(fyne.Canvas) {
	if p.code == "" && !p.busy {
		p.view.focus(p.make)
	}
}

func (p *homePage) setEngineer(e identity.Engineer) {
	name := peer(e.Name)
	if e.Organisation != "" {
		name += "  ·  " + peer(e.Organisation)
	}
	p.who.SetText(name)
}

// refresh makes the page agree with what is known.
func (p *homePage) refresh() {
	visible(p.empty, p.code == "")
	visible(p.reader, p.code != "")
	p.make.SetEnabled(!p.busy)
	p.again.SetEnabled(!p.busy)
	p.extend.SetEnabled(p.canExtend)
	if p.busy {
		p.hint.SetText(text.L("console.home.making"))
	} else {
		p.hint.SetText(text.L("console.home.none.do"))
	}
	p.digits.SetText(p.code)
	first, second, _ := strings.Cut(p.code, " ")
	if p.code == "" {
		p.say.SetText("")
	} else {
		p.say.SetText(text.F("console.code.say", map[string]any{"first": spoken(first), "second": spoken(second)}))
	}
	p.tick()
	if p.view.shown == page(p) {
		p.view.retrace()
	}
}

// counting reports whether a code is running out.
func (p *homePage) counting() bool { return p.code != "" && p.view.now().Before(p.until) }

// tick shows how long the code is still good for.
func (p *homePage) tick() {
	if p.code == "" {
		return
	}
	left := p.until.Sub(p.view.now())
	if left <= 0 {
		p.left.SetText(text.L("console.code.over"))
		p.line.set(0)
		return
	}
	p.left.SetText(text.F("console.code.left", map[string]any{"left": text.Clock(left)}))
	p.line.set(float32(left) / float32(max(p.life, left)))
}

// making says that a code is on its way.
func (p *homePage) making() {
	p.busy = true
	p.notice.Set("", "")
	p.refresh()
}

// stop says that none is on its way any more.
func (p *homePage) stop() {
	p.busy = false
	p.refresh()
}

// ready shows a code, or its new life. What was said about the code before stays.
func (p *homePage) ready(ev engineer.CodeReady) {
	shown := ev.Code.Display()
	left := ev.Until.Sub(p.view.now())
	if shown != p.code || ev.Until != p.until {
		p.life = left
	}
	had := p.code != ""
	p.code, p.until, p.canExtend, p.busy = shown, ev.Until, ev.CanExtend, false
	p.refresh()
	if !had && p.view.shown == page(p) {
		p.view.focus(p.copy)
	}
}

// gone takes the code away and says why, unless it was given up here.
func (p *homePage) gone(err *problem.Error) {
	quiet := p.quiet
	p.code, p.quiet = "", false
	if !quiet {
		p.sayGone(err)
	}
	p.refresh()
	if !p.busy && p.view.shown == page(p) {
		p.view.focus(p.make)
	}
}

func (p *homePage) sayGone(err *problem.Error) {
	tone, key := theme.Note, ""
	switch codeOf(err) {
	case problem.CodeExpired:
		key = "console.gone.expired"
	case problem.CodeUsed:
		key = "console.gone.used"
	case problem.CodeBurnt:
		tone, key = theme.Mind, "console.gone.burnt"
	case problem.CodeCancelled:
		key = "console.gone.cancelled"
	case problem.EngineerGone, problem.ServiceLost:
		tone, key = theme.Mind, "console.gone.engineer-gone"
	default:
		what, do := sentences(err)
		p.notice.SetTone(theme.Wrong, what, do)
		return
	}
	p.notice.SetTone(tone, text.L(key), text.L(key+".do"))
}

func (p *homePage) failed(err *problem.Error) {
	p.busy, p.quiet = false, false
	what, do := sentences(err)
	p.notice.SetTone(theme.Wrong, what, do)
	p.refresh()
}

// guess tells about a wrong code that somebody typed.
func (p *homePage) guess(left int) {
	key := "console.guess.none"
	switch left {
	case 1:
		key = "console.guess.one"
	case 2:
		key = "console.guess.two"
	}
	p.notice.SetTone(theme.Mind, text.L(key), text.L("console.guess.do"))
}

// clear forgets the code and everything said about it.
func (p *homePage) clear() {
	p.code, p.busy, p.quiet, p.canExtend = "", false, false, false
	p.notice.Set("", "")
	p.refresh()
}

func (p *homePage) onExtend() {
	p.canExtend = false
	p.refresh()
	p.view.actions.ExtendCode()
}

func (p *homePage) onCancel() {
	p.view.actions.CancelCode()
	p.code, p.quiet, p.canExtend = "", true, false
	p.notice.SetTone(theme.Note, text.L("console.gone.cancelled"), text.L("console.gone.cancelled.do"))
	p.refresh()
	p.view.focus(p.make)
	p.view.clock()
}

func (p *homePage) onCopy() {
	if p.code == "" {
		return
	}
	invitation := text.F("console.code.invitation", map[string]any{"code": p.code, "until": text.Time(p.until)})
	if p.address != "" {
		invitation += "\n" + text.F("console.code.invitation.service", map[string]any{"service": p.address})
	}
	fyne.CurrentApp().Clipboard().SetContent(invitation + "\n")
	p.notice.SetTone(theme.Good, text.L("console.code.copied"), "")
}

func visible(o fyne.CanvasObject, on bool) {
	if on {
		o.Show()
	} else {
		o.Hide()
	}
}
