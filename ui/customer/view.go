// Package customer is the customer's window: the form, the waiting screen, the consent question, the session bar and
// the ended screen, one after the other in one window.
//
// It owns which screen is shown when. It decides nothing about the session: what is pressed goes to
// [customer.Actions], and what follows comes back as [customer.Event].
package customer

import (
	"crypto/rand"
	"fmt"
	"maps"
	"math/big"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"assist/app/customer"
	"assist/app/identity"
	"assist/app/problem"
	"assist/app/session"
	"assist/ui/bar"
	"assist/ui/consent"
	"assist/ui/text"
	"assist/ui/trace"
)

// Sizes of the window for each screen.
var (
	formSize  = fyne.NewSize(600, 680)
	askSize   = fyne.NewSize(640, 690)
	endedSize = fyne.NewSize(600, 400)
)

// Options are what the window shows beyond the session.
type Options struct {
	// Service is the address that is shown beneath the form.
	Service string
	// Problem is shown on the form at first, as when the program was started by a link that says nothing.
	Problem *problem.Error
}

// View is the customer's window. All its methods are called on Fyne's goroutine.
type View struct {
	win     fyne.Window
	actions customer.Actions

	shown bool // there is content in the window

	form  *formScreen
	wait  *waitScreen
	ask   *consent.Ask
	raise *consent.Raise
	bar   *bar.Bar

	// What is known of the session that is beginning or live.
	engineer  identity.Engineer
	asked     customer.Asked
	request   uint32 // the open request of the engineer
	requested bool   // there is one
	access    session.Access
	hadHands  bool // the engineer has had control before
	stopping  bool
}

// New makes the window's content: the form. The window is shown by its owner.
func New(win fyne.Window, actions customer.Actions, prefill customer.Form, options Options) *View {
	v := &View{win: win, actions: actions}
	v.form = newFormScreen(prefill, options.Service, actions.Join)
	win.SetPadded(false)
	win.SetCloseIntercept(v.closed)
	v.showForm()
	if options.Problem != nil {
		v.form.refused(customer.Refused{Problem: options.Problem})
	}
	return v
}

// Handle shows what e says.
func (v *View) Handle(e customer.Event) {
	switch e := e.(type) {
	case customer.Connecting:
		v.showWait(text.L("wait.title"), text.L("wait.text"), v.leave)
	case customer.Refused:
		v.showForm()
		v.form.refused(e)
	case customer.Asked:
		v.showAsk(e)
	case customer.Started:
		v.showBar(e)
	case customer.Ended:
		v.showEnded(e)
	default:
		if v.bar != nil {
			v.live(e)
		}
	}
}

// live shows what concerns a live session only.
func (v *View) live(e customer.Event) {
	switch e := e.(type) {
	case customer.AccessChanged:
		v.setAccess(e.Access)
	case customer.Requested:
		v.showRequest(e)
	case customer.RequestGone:
		if v.requested && v.request == e.ID {
			v.closeRaise()
		}
	case customer.Said:
		v.bar.Said(e)
		v.traceBar() // the newest message is another label now
	case customer.InputChanged:
		v.bar.SetInput(e.State)
	case customer.LinkChanged:
		v.bar.SetLink(e.Up)
	}
}

// leave gives up waiting. Nothing more comes of the attempt, so the form is shown at once.
func (v *View) leave() {
	v.actions.Leave()
	v.showForm()
}

// closed is the window's close button: leave before a session, stop in one. The window of a stopped session stays
// to say that it is over; closing that one ends the program.
func (v *View) closed() {
	switch {
	case v.bar != nil && !v.stopping:
		v.bar.Stop.Tapped(nil)
		return
	case v.ask != nil:
		v.ask.Refuse()
	case v.wait != nil:
		v.actions.Leave()
	}
	v.leaveScreen()
	trace.Gone(v.win)
	v.win.Close()
}

// leaveScreen stops the clocks of whatever is shown.
func (v *View) leaveScreen() {
	v.form.forget()
	v.closeRaise()
	if v.wait != nil {
		v.wait.close()
	}
	if v.ask != nil {
		v.ask.Close()
	}
	if v.bar != nil {
		v.bar.Close()
	}
	v.wait, v.ask, v.bar = nil, nil, nil
}

// show puts another screen into the window. What had the focus on the old one must lose it first, or it would wear
// its ring for ever; the new one must be laid out before something on it can get the focus; and the window must be
// wide enough before, or texts that wrap in the old width keep it from becoming as low as the new one needs.
func (v *View) show(content fyne.CanvasObject, size fyne.Size) {
	v.win.Canvas().Unfocus()
	content.Resize(size)
	if v.shown {
		v.win.Resize(v.win.Canvas().Size().Max(size))
	}
	v.shown = true
	v.win.SetContent(content)
	v.win.Resize(size)
}

func (v *View) showForm() {
	v.leaveScreen()
	v.show(v.form.content, formSize)
	v.win.Canvas().Focus(v.form.code)
	trace.Show(v.win, "form", v.form.elements())
}

func (v *View) showWait(title, body string, cancel func()) {
	v.leaveScreen()
	v.wait = newWaitScreen(title, body, cancel)
	v.show(v.wait.content, v.win.Canvas().Size())
	trace.Show(v.win, "wait", v.wait.elements())
}

func (v *View) showAsk(e customer.Asked) {
	v.leaveScreen()
	v.asked, v.engineer = e, e.Engineer
	v.ask = consent.NewAsk(e, func(c customer.Consent) {
		v.showWait(text.L("wait.answered"), "", nil)
		v.actions.Answer(c)
	})
	v.show(v.ask.Content, askSize)
	v.ask.Focus(v.win.Canvas())
	v.win.RequestFocus()
	trace.Show(v.win, "consent", v.ask.Elements())
}

func (v *View) showBar(e customer.Started) {
	v.leaveScreen()
	v.engineer, v.access, v.stopping = e.Engineer, e.Access, false
	v.hadHands = e.Access == session.SharedControl
	v.bar = bar.New(e.Engineer, e.Access, e.At, bar.Presses{
		Level: v.wishLevel, Say: v.actions.Say, Pause: v.actions.Pause, Stop: v.stop, Resized: v.fit,
	})
	v.show(v.bar.Content, v.bar.Size())
	if d, ok := v.win.(desktop.Window); ok {
		d.RequestAlwaysOnTop()
		d.RequestPosition(40, 40) // of the content: there must be room for the frame above
	}
	v.traceBar()
}

func (v *View) stop() {
	v.stopping = true
	v.closeRaise()
	v.actions.Stop()
}

func (v *View) setAccess(a session.Access) {
	v.access = a
	v.hadHands = v.hadHands || a == session.SharedControl
	v.bar.SetAccess(a)
	v.fit()
}

// wishLevel is the level switch. Down is done at once; up may have to be proved to come from the customer's hand.
func (v *View) wishLevel(a session.Access) {
	v.refuseRequest()
	check := a == session.SharedControl && v.asked.MustCheck
	if a <= v.access || !check && !v.hadHands {
		v.closeRaise()
		v.actions.SetAccess(a, "")
		return
	}
	v.showRaise(consent.Wish{
		Name: v.engineer.Name, Access: a, Own: true, CheckNumber: v.asked.CheckNumber, MustCheck: v.asked.MustCheck,
	}, func(yes bool, check string) {
		if yes {
			v.actions.SetAccess(a, check)
		}
	})
}

func (v *View) showRequest(e customer.Requested) {
	v.refuseRequest()
	v.showRaise(consent.Wish{
		Name: v.engineer.Name, Access: e.Access, Until: e.Until, CheckNumber: e.CheckNumber, MustCheck: e.MustCheck,
	}, func(yes bool, check string) {
		v.requested = false
		v.actions.AnswerRequest(e.ID, yes, check)
	})
	v.request, v.requested = e.ID, true
}

// showRaise asks about w beneath the bar. If the engineer has had control before, something of theirs may still be running on this
// computer and press buttons, so two digits are wanted that only a person reads.
func (v *View) showRaise(w consent.Wish, answer func(yes bool, check string)) {
	v.closeRaise()
	if v.hadHands {
		w.Digits = twoDigits()
	}
	v.raise = consent.NewRaise(w, func(yes bool, check string) {
		v.closeRaise()
		answer(yes, check)
	})
	v.bar.Ask(v.raise.Content)
	v.raise.Focus(v.win.Canvas())
	v.win.RequestFocus()
}

// refuseRequest answers the engineer's open request with no, because the customer went past it.
func (v *View) refuseRequest() {
	if v.raise != nil && v.requested {
		v.raise.Refuse()
	}
}

func (v *View) closeRaise() {
	if v.raise == nil {
		return
	}
	v.raise.Close()
	v.raise, v.requested = nil, false
	if v.bar != nil {
		v.bar.Ask(nil)
	}
}

func (v *View) showEnded(e customer.Ended) {
	v.leaveScreen()
	s := newEndedScreen(e, v.engineer.Name, v.newCode, v.closed)
	v.engineer, v.asked, v.hadHands = identity.Engineer{}, customer.Asked{}, false
	v.show(s.content, endedSize)
	v.win.Canvas().Focus(s.closeIt)
	trace.Show(v.win, "ended", s.elements())
}

func (v *View) newCode() {
	v.form.clearCode()
	v.showForm()
}

// fit makes the window as big as the bar and what is open beneath it.
func (v *View) fit() {
	if v.bar != nil {
		v.win.Resize(v.bar.Size())
		v.traceBar()
	}
}

func (v *View) traceBar() {
	elements := v.bar.Elements()
	if v.raise != nil {
		maps.Copy(elements, v.raise.Elements())
	}
	trace.Show(v.win, "bar", elements)
}

// twoDigits draws two digits.
func twoDigits() string {
	n, err := rand.Int(rand.Reader, big.NewInt(100))
	if err != nil {
		panic(err) // never fails
	}
	return fmt.Sprintf("%02d", n)
}
