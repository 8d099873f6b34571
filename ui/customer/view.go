// Package customer is the customer's windows: the form, the waiting screen, the consent question and the ended screen, one
// after the other in one window, and in its place, while a session is live, the session bar in a window of its own.
//
// It owns which screen is shown when. It decides nothing about the session: what is pressed goes to
// [customer.Actions], and what follows comes back as [customer.Event].
package customer

import (
	"fyne.io/fyne/v2"

	"assist/app/customer"
	"assist/app/problem"
	"assist/app/session"
	"assist/ui/bar"
	"assist/ui/consent"
	"assist/ui/text"
	"assist/ui/theme"
	"assist/ui/trace"
)

// Sizes of the window for each screen: with its frame it has to fit a screen that shows everything one and a half times as large,
// 1280 x 720, beside a task bar.
var (
	formSize  = fyne.NewSize(640, 640)
	askSize   = formSize // nothing moves while somebody is about to press
	endedSize = fyne.NewSize(640, 440)
)

// Options are what the window shows beyond the session.
type Options struct {
	// Service is the address that is shown beneath the form.
	Service string
	// Problem is shown on the form at first, as when the program was started by a link that says nothing.
	Problem *problem.Error
	// Network shows the window about the way to the service, and begins a test if wanted. Nil: there is no such window.
	Network func(test bool)
	// Bar is told of the window of the session bar once it is shown, and nil before it is closed. Nil: nobody wants to know.
	Bar func(fyne.Window)
}

// View is the customer's windows. All its methods are called on Fyne's goroutine.
type View struct {
	win     fyne.Window
	actions customer.Actions

	shown  bool      // there is content in the window
	wanted fyne.Size // how big the window was to be last
	room   float32   // how high it may be: that much was given when more was asked for; 0 if all was given

	form  *formScreen
	wait  *waitScreen
	ask   *consent.Ask
	bar   *bar.Bar
	ended *endedScreen

	barIs func(fyne.Window) // Options.Bar

	live // what is known of the session that is beginning or live
}

// New makes the window's content: the form. The window is shown by its owner.
func New(win fyne.Window, actions customer.Actions, prefill customer.Form, options Options) *View {
	v := &View{win: win, actions: actions, barIs: options.Bar}
	v.form = newFormScreen(prefill, options, actions.Join)
	win.SetPadded(false)
	win.SetCloseIntercept(v.closed)
	theme.OnEscape(win.Canvas(), v.escape)
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
	case customer.Reported:
		if v.ended != nil {
			v.ended.reported(e.Alarm)
		}
	default:
		if v.bar != nil {
			v.handleLive(e)
		}
	}
}

// Raise brings the window in front that matters now: the bar during a session.
func (v *View) Raise() {
	win := v.win
	if v.strip != nil {
		win = v.strip
	}
	win.Show()
	win.RequestFocus()
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
	v.closeStrip()
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
	v.wait, v.ask, v.bar, v.ended = nil, nil, nil, nil
}

// show puts another screen into the window. What had the focus on the old one must lose it first, or it would wear
// its ring for ever; the new one must be laid out before something on it can get the focus; and the window must be
// wide enough before, or texts that wrap in the old width keep it from becoming as low as the new one needs.
func (v *View) show(content fyne.CanvasObject, size fyne.Size) {
	v.win.Canvas().Unfocus()
	size = v.fitting(size)
	content.Resize(size)
	if v.shown {
		v.win.Resize(v.win.Canvas().Size().Max(size))
	}
	v.shown = true
	v.win.SetContent(content)
	v.win.Resize(size)
	if v.strip != nil {
		v.win.Show()
		v.closeStrip()
	}
}

// fitting returns the size for a window that shall be as big as size. A window manager makes a window lower that does not fit
// the screen when it comes up, but not one that grows later: what it took away once is not asked for again.
func (v *View) fitting(size fyne.Size) fyne.Size {
	if now := v.win.Canvas().Size(); v.shown && v.strip == nil {
		switch {
		case now.Height < v.wanted.Height:
			v.room = now.Height
		case now.Height > v.room: // made higher by hand: there is room
			v.room = 0
		}
	}
	v.wanted = size
	if v.room > 0 {
		size.Height = min(size.Height, v.room)
	}
	return size
}

// escape is the key Escape: it leads back where a button on the screen does, and nothing is lost by it.
func (v *View) escape() {
	switch {
	case v.form.page.Visible():
		v.form.showTerms(false)
	case v.ended != nil && v.ended.record != nil && v.ended.record.page.Visible():
		v.ended.record.open(false)
	}
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
	v.live = live{strip: v.strip, asked: e, engineer: e.Engineer}
	v.ask = consent.NewAsk(e, func(c customer.Consent) {
		if c.Access == session.NoAccess {
			v.showWait(text.L("wait.answered"), "", nil)
		} else {
			v.showWait(text.L("wait.answered"), text.L("wait.answered-text"), v.actions.Stop)
		}
		v.actions.Answer(c)
	}, func() {
		v.showWait(text.L("wait.answered"), "", nil)
		v.actions.Alarm()
	})
	v.show(v.ask.Content, askSize)
	v.ask.Focus(v.win.Canvas())
	v.win.RequestFocus()
	trace.Show(v.win, "consent", v.ask.Elements())
}

func (v *View) showEnded(e customer.Ended) {
	v.leaveScreen()
	v.ended = newEndedScreen(e, met{v.engineer, v.levels}, v.newCode, v.closed)
	v.live = live{strip: v.strip}
	v.show(v.ended.content, v.ended.size())
	if v.ended.own {
		v.win.Canvas().Focus(v.ended.closeIt) // else somebody may be typing at this moment
	}
	trace.Show(v.win, "ended", v.ended.elements())
}

func (v *View) newCode() {
	v.form.clearCode()
	v.showForm()
}
