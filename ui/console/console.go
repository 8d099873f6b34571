// Package console is the engineer's window: signing in, the code to read out, the customer who is deciding,
// the session with the customer's screen, and how it ended.
//
//	sign-in --SignedIn--> home --CustomerWaiting--> waiting --AccessChanged--> session
//	                       ^                           |                          |
//	                       '------- new code ------- ended <-------Ended----------'
//
// The window shows events and calls actions; it decides nothing and keeps nothing of a session once it is over. It owns the
// pages and the panel beside the screen; the screen is package viewer's, the messages are package chat's.
//
// For package trace the pages are called "signin", "home", "waiting", "session" and "ended"; the elements carry the names
// in each page's elements method.
package console

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"assist/app/engineer"
	"assist/app/problem"
	"assist/app/session"
	"assist/ui/text"
	"assist/ui/theme"
	"assist/ui/trace"
	"assist/ui/viewer"
)

// Size of the window when it opens, in Fyne's unit.
const (
	startWidth  = 1240
	startHeight = 780
)

// Options are what the window is told besides events.
type Options struct {
	// Service is the address of the service, as people write it.
	Service string
	// Account is filled in at sign-in.
	Account string
	// Network shows the window about the way to the service, and begins a test if wanted. Nil: there is no such window.
	Network func(test bool)
	// Closed is called after the window was asked to close and the session or code was ended. If it is nil the window
	// is closed.
	Closed func()
	// Now is the clock; nil is time.Now.
	Now func() time.Time
	// Surface makes a faster way to show the customer's screen; nil for none.
	Surface viewer.OpenSurface
}

// page is one of the window's pages.
type page interface {
	name() string
	object() fyne.CanvasObject
	elements() map[string]fyne.CanvasObject
	// enter is called when the page has become the window's; it puts the focus where it belongs.
	enter(fyne.Canvas)
}

// View is the window. All methods but those of Screen belong to Fyne's goroutine.
type View struct {
	win     fyne.Window
	actions engineer.Actions
	now     func() time.Time
	every   func(time.Duration, func()) *theme.Ticker // replaced in tests

	signin  *signinPage
	home    *homePage
	waiting *waitingPage
	live    *livePage
	ended   *endedPage
	shown   page
	holder  *fyne.Container

	signedIn bool
	wanted   bool // a code, when the service asked to sign in again
	card     engineer.Card
	ticker   *theme.Ticker
}

// New fills win and shows the sign-in page. What is done in the window goes to actions.
func New(win fyne.Window, actions engineer.Actions, o Options) *View {
	v := &View{win: win, actions: actions, now: o.Now, every: theme.Every, holder: container.NewStack()}
	if v.now == nil {
		v.now = time.Now
	}
	v.signin = newSignin(win.Canvas(), actions, o)
	v.home = newHome(v, o.Service)
	v.waiting = newWaiting(actions)
	v.live = newLive(v, o.Surface)
	v.ended = newEnded(v)
	win.SetTitle(text.L("console.title"))
	win.SetPadded(false)
	win.SetContent(v.holder)
	win.Resize(fyne.NewSize(startWidth, startHeight))
	win.SetCloseIntercept(func() { v.close(o.Closed) })
	v.show(v.signin)
	return v
}

// Screen is where the session delivers the customer's picture.
func (v *View) Screen() engineer.Screen { return v.live.viewer.Screen() }

// show makes p the window's page.
func (v *View) show(p page) {
	if v.shown == p {
		return
	}
	if v.shown == page(v.live) {
		v.live.leave()
	}
	v.shown = p
	v.holder.Objects = []fyne.CanvasObject{p.object()}
	v.holder.Refresh()
	v.retrace()
	p.enter(v.win.Canvas())
	v.clock()
}

// focus gives the keyboard to o, which must be on the page shown.
func (v *View) focus(o fyne.Focusable) { v.win.Canvas().Focus(o) }

// retrace tells package trace what is on the page.
func (v *View) retrace() { trace.Show(v.win, v.shown.name(), v.shown.elements()) }

// clock runs while the page shows a time that goes on.
func (v *View) clock() {
	running := v.shown == page(v.live) || v.shown == page(v.home) && v.home.counting()
	switch {
	case running && v.ticker == nil:
		v.ticker = v.every(time.Second, v.tick)
	case !running:
		v.ticker.Stop()
		v.ticker = nil
	}
}

func (v *View) tick() {
	v.home.tick()
	v.live.tick()
	v.clock()
}

// close ends what is going on, for good.
func (v *View) close(closed func()) {
	switch v.shown {
	case page(v.live), page(v.waiting):
		v.actions.End()
	case page(v.home):
		if v.home.code != "" {
			v.actions.CancelCode()
		}
	}
	v.ticker.Stop()
	v.live.viewer.Reset()
	trace.Gone(v.win)
	if closed != nil {
		closed()
		return
	}
	v.win.SetCloseIntercept(nil)
	v.win.Close()
}

// inSession reports whether a customer is there.
func (v *View) inSession() bool { return v.shown == page(v.live) || v.shown == page(v.waiting) }

// newCode asks for a code and goes to where it will be shown.
func (v *View) newCode() {
	v.home.making()
	v.actions.NewCode()
	v.show(v.home)
}

// Handle shows what happened. Call it on Fyne's goroutine, with every event in order.
func (v *View) Handle(ev engineer.Event) {
	switch ev := ev.(type) {
	case engineer.SignedIn:
		v.onSignedIn(ev)
	case engineer.SignInFailed:
		v.onSignInFailed(ev.Problem)
	case engineer.ServiceChanged:
		v.signin.service.set(ev.Up)
		v.home.service.set(ev.Up)
		v.live.setService(ev.Up)
	case engineer.CodeReady, engineer.CodeGone, engineer.CodeFailed, engineer.GuessFailed:
		v.onCode(ev)
	case engineer.CustomerWaiting:
		v.card = ev.Card
		v.waiting.set(ev.Card, ev.CheckNumber)
		v.show(v.waiting)
	case engineer.AccessChanged:
		v.onAccess(ev)
	case engineer.Ended:
		v.ended.set(ev, v.card, v.inSession())
		v.card = engineer.Card{}
		v.show(v.ended)
		v.live.reset()
	default:
		v.live.handle(ev)
	}
	v.live.panel.settle()
}

func (v *View) onSignedIn(ev engineer.SignedIn) {
	v.signedIn = true
	v.signin.done()
	v.home.setEngineer(ev.Engineer)
	wanted := v.wanted
	v.wanted = false
	switch {
	case wanted && !v.inSession():
		v.newCode()
	case v.shown == page(v.signin):
		v.show(v.home)
	}
}

// onSignInFailed goes back to the sign-in page, unless a customer is there: a session needs no service. A code that was on its way
// is made after signing in.
func (v *View) onSignInFailed(p *problem.Error) {
	v.wanted = v.wanted || v.home.busy
	v.home.stop()
	v.signedIn = false
	v.signin.failed(p)
	if !v.inSession() {
		v.show(v.signin)
		v.signin.enter(v.win.Canvas())
	}
}

func (v *View) signOut() {
	v.actions.SignOut()
	v.signedIn, v.wanted = false, false
	v.home.clear()
	v.show(v.signin)
}

func (v *View) onCode(ev engineer.Event) {
	switch ev := ev.(type) {
	case engineer.CodeReady:
		v.home.ready(ev)
		if v.shown == page(v.ended) {
			v.show(v.home)
		}
	case engineer.CodeGone:
		v.home.gone(ev.Problem)
	case engineer.CodeFailed:
		v.home.failed(ev.Problem)
	case engineer.GuessFailed:
		v.home.guess(ev.Left)
	}
	v.clock()
}

// onAccess starts the session with the first level, or changes it.
func (v *View) onAccess(ev engineer.AccessChanged) {
	if v.shown != page(v.live) {
		v.live.start(v.card, ev)
		v.show(v.live)
		return
	}
	v.live.setAccess(ev.Access)
}

// levelName is a level's name in keys of the catalogue.
func levelName(a session.Access) string {
	switch a {
	case session.ChatOnly:
		return "chat"
	case session.ViewOnly:
		return "view"
	case session.SharedControl:
		return "control"
	}
	return "none"
}
