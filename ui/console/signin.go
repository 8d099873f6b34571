package console

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"assist/app/engineer"
	"assist/app/problem"
	"assist/ui/text"
	"assist/ui/theme"
)

// columnWidth is how wide the pages without a picture are.
const columnWidth = 600

// signinPage asks for account and password.
type signinPage struct {
	content  fyne.CanvasObject
	canvas   fyne.Canvas
	actions  engineer.Actions
	account  *theme.Field
	password *theme.Field
	button   *theme.Button
	wrong    *theme.Notice
	service  *serviceSign
	address  *widget.Label
	busy     bool

	network      func(test bool) // shows the window about the network; nil: there is none
	way, testWay *theme.Button   // nil without it
}

func newSignin(canvas fyne.Canvas, actions engineer.Actions, o Options) *signinPage {
	p := &signinPage{
		canvas:  canvas,
		actions: actions,
		account: theme.NewField(text.L("console.signin.account"), ""),
		wrong:   theme.NewNotice(theme.Wrong),
		service: newServiceSign(),
		address: theme.Text(text.F("console.signin.service", map[string]any{"service": text.Plain(o.Service)})),
	}
	entry := theme.NewPassword(text.L("console.signin.password"))
	p.password = theme.FieldOf(text.L("console.signin.password"), entry, entry)
	p.button = theme.Primary(text.L("console.signin.go"), p.submit)
	p.account.Entry.SetText(o.Account)
	p.account.Entry.OnSubmitted = func(string) { canvas.Focus(p.password.Entry) }
	p.account.Entry.OnChanged = func(string) { p.account.SetWrong("") }
	entry.OnSubmitted = func(string) { p.submit() }
	entry.OnChanged = func(string) { p.password.SetWrong(""); p.wrong.Set("", "") }
	form := container.NewVBox(
		theme.Heading(text.L("console.signin.heading")), p.address,
		p.account.Object, p.password.Object, p.wrong, p.button, p.service.object)
	if p.network = o.Network; p.network != nil {
		p.way = theme.Quiet(text.L("network.open"), func() { p.network(false) })
		p.testWay = theme.NewButton(text.L("network.offer"), func() { p.network(true) })
		p.testWay.Hide()
		form.Add(container.NewHBox(p.way, p.testWay))
	}
	p.content = centred(theme.Card(container.NewPadded(form)), 460)
	return p
}

func (p *signinPage) name() string              { return "signin" }
func (p *signinPage) object() fyne.CanvasObject { return p.content }

func (p *signinPage) elements() map[string]fyne.CanvasObject {
	all := map[string]fyne.CanvasObject{
		"account": p.account.Entry, "password": p.password.Entry, "signin": p.button, "wrong": p.wrong,
		"service": p.service.label, "address": p.address,
	}
	if p.network != nil {
		all["network"], all["test-network"] = p.way, p.testWay
	}
	return all
}

func (p *signinPage) enter(c fyne.Canvas) {
	if p.account.Entry.Text == "" {
		c.Focus(p.account.Entry)
	} else {
		c.Focus(p.password.Entry)
	}
}

// submit signs in, or says beside the field what is missing.
func (p *signinPage) submit() {
	if p.busy {
		return
	}
	account := strings.TrimSpace(p.account.Entry.Text)
	password := p.password.Entry.Text
	p.wrong.Set("", "")
	p.offerTest(false)
	p.account.SetWrong(missing(account, problem.AccountEmpty))
	p.password.SetWrong(missing(password, problem.PasswordEmpty))
	switch {
	case account == "":
		p.canvas.Focus(p.account.Entry)
	case password == "":
		p.canvas.Focus(p.password.Entry)
	default:
		p.setBusy(true)
		p.actions.SignIn(account, password)
	}
}

func missing(s string, code problem.Code) string {
	if s != "" {
		return ""
	}
	what, _ := text.Problem(code)
	return what
}

func (p *signinPage) setBusy(on bool) {
	p.busy = on
	p.button.SetEnabled(!on)
	for _, e := range []*theme.Entry{p.account.Entry, p.password.Entry} {
		if on {
			e.Disable()
		} else {
			e.Enable()
		}
	}
	if on {
		p.button.SetText(text.L("console.signin.busy"))
	} else {
		p.button.SetText(text.L("console.signin.go"))
	}
}

// failed says why not. Only the password has to be typed again.
func (p *signinPage) failed(err *problem.Error) {
	p.clear()
	what, do := sentences(err)
	p.wrong.Set(what, do)
	p.offerTest(codeOf(err).InNetwork())
}

// offerTest shows the button that tries every way, where that may help.
func (p *signinPage) offerTest(on bool) {
	if p.testWay != nil {
		visible(p.testWay, on)
	}
}

// done forgets the password.
func (p *signinPage) done() {
	p.clear()
	p.wrong.Set("", "")
}

func (p *signinPage) clear() {
	p.setBusy(false)
	p.password.Entry.SetText("")
	p.password.SetWrong("")
}

// serviceSign says whether the service can be reached.
type serviceSign struct {
	object fyne.CanvasObject
	label  *theme.Notice
}

func newServiceSign() *serviceSign {
	n := theme.NewNotice(theme.Mind)
	return &serviceSign{object: n, label: n}
}

// set says it. A service that can be reached is not worth a word where nothing was said before.
func (s *serviceSign) set(up bool) {
	switch {
	case !up:
		s.label.SetTone(theme.Mind, text.L("console.service.down"), "")
	case s.label.Visible():
		s.label.SetTone(theme.Good, text.L("console.service.up"), "")
	}
}

// centred puts o in the middle of the window, at most width wide, and lets it scroll where it does not fit.
func centred(o fyne.CanvasObject, width float32) fyne.CanvasObject {
	column := container.NewVBox(layout.NewSpacer(), theme.Column(o, width), layout.NewSpacer())
	return container.NewVScroll(container.NewPadded(column))
}
