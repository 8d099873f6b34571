package customer

import (
	"maps"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"assist/app/customer"
	"assist/app/identity"
	"assist/app/session"
	"assist/ui/bar"
	"assist/ui/consent"
	"assist/ui/text"
	"assist/ui/theme"
	"assist/ui/trace"
)

// live is what the windows know of the session that is beginning or live.
type live struct {
	strip fyne.Window // of the bar; nil before and after

	engineer identity.Engineer
	asked    customer.Asked
	access   session.Access
	levels   []session.Access // that were allowed, each once
	needs    customer.Needs   // of a higher level
	stopping bool

	raise     *consent.Raise // the open question
	requested bool           // it is the engineer's
	request   uint32         // of the engineer, the last one
	agreed    bool           // it was answered with yes
	own       session.Access // level of the customer's own question, or what it asked for last
	proved    bool           // for own something was typed
	resuming  bool           // the customer's own question, or wish, is the end of a pause
}

// handleLive shows what concerns a live session only.
func (v *View) handleLive(e customer.Event) {
	switch e := e.(type) {
	case customer.AccessChanged:
		v.setAccess(e)
	case customer.Requested:
		v.showRequest(e)
	case customer.RequestGone:
		if v.requested && v.request == e.ID {
			v.closeRaise()
		}
	case customer.StillThere:
		v.bar.StillThere(e.Until, e.Digits)
	case customer.StillThereGone:
		v.bar.StillGone()
	case customer.Said:
		v.bar.Said(e)
		v.traceBar() // the newest message is another label now
	case customer.SaidTooMuch:
		v.bar.SaidTooMuch(e)
	case customer.PauseChanged:
		v.setPaused(e.Paused)
	case customer.InputChanged:
		v.bar.SetInput(e.State)
	case customer.Trouble:
		v.own, v.resuming = session.NoAccess, false // what came of it is told
		v.bar.Trouble(e.Problem.Code)
	case customer.LinkChanged:
		v.bar.SetLink(e.Up, e.Until)
	case customer.LineChanged:
		v.bar.SetSlow(e.Slow)
	}
}

// showBar shows the bar in a window of its own: one that stays in front of others can never be an ordinary window
// again, and the screen after the session must not stay in front.
func (v *View) showBar(e customer.Started) {
	v.leaveScreen()
	v.closeStrip()
	v.live = live{asked: v.asked, engineer: e.Engineer, access: e.Access, levels: []session.Access{e.Access}}
	v.bar = bar.New(e.Engineer, e.Access, e.At, bar.Presses{
		Level: v.wishLevel, Say: v.actions.Say, Pause: v.wishPause, Resized: v.fit,
		Here: func(digits string) { v.actions.StillHere(customer.Proof{Digits: digits}) },
		Stop: v.stopBy(v.actions.Stop), Alarm: v.stopBy(v.actions.Alarm),
	})
	v.bar.SetPanicKey(e.PanicKey)
	trace.Gone(v.win)
	v.win.Hide() // at once: it is blank in the picture that the engineer sees
	v.strip = fyne.CurrentApp().NewWindow(v.win.Title())
	v.strip.SetPadded(false)
	v.strip.SetCloseIntercept(v.closed)
	v.strip.SetContent(v.bar.Content)
	v.strip.Resize(v.bar.Size())
	if d, ok := v.strip.(desktop.Window); ok {
		d.RequestAlwaysOnTop()
		d.RequestPosition(8, 40) // of the content: there must be room for the frame above, and for the whole bar
	}
	theme.OnEscape(v.strip.Canvas(), v.sayNo)
	v.strip.Show()
	v.tellBar(v.strip)
	v.traceBar()
}

// closeStrip closes the bar's window, if it is there.
func (v *View) closeStrip() {
	if v.strip != nil {
		trace.Gone(v.strip)
		v.tellBar(nil)
		v.strip.Close()
		v.strip = nil
	}
}

func (v *View) stopBy(stop func()) func() {
	return func() {
		v.stopping = true
		v.closeRaise()
		stop()
	}
}

// setAccess shows the level that holds now. What the customer asked for and did not get is asked again, with what is needed
// now.
func (v *View) setAccess(e customer.AccessChanged) {
	before, needed := v.access, v.needs
	v.access, v.needs = e.Access, e.Needs
	if !slices.Contains(v.levels, e.Access) {
		v.levels = append(v.levels, e.Access)
	}
	v.bar.SetAccess(e.Access)
	if v.resuming {
		v.resumeAgain(before != e.Access || needed != e.Needs)
	}
	own, open := v.own, v.raise != nil && !v.requested && !v.resuming
	switch {
	case open && own <= e.Access:
		v.closeRaise()
		v.own = session.NoAccess
	case open && needed != e.Needs:
		v.askOwn(own, false)
	case open:
	case v.raise == nil && own > e.Access && before == e.Access:
		v.askOwn(own, v.proved)
	default:
		v.own = session.NoAccess
	}
	v.fit()
}

// wishLevel is the level switch. Down is done at once; up may have to be proved to come from the customer's hand.
func (v *View) wishLevel(a session.Access) {
	v.refuseRequest()
	if a > v.access && v.needsOf(a) != (customer.Needs{}) {
		v.askOwn(a, false)
		return
	}
	v.closeRaise()
	v.own, v.proved, v.resuming = a, false, false
	v.actions.SetAccess(a, customer.Proof{})
}

// needsOf returns what the customer's own wish for a needs.
func (v *View) needsOf(a session.Access) customer.Needs {
	if a == session.SharedControl {
		return v.needs
	}
	return customer.Needs{Digits: v.needs.Digits}
}

// askOwn asks for what the customer's own wish for a needs.
func (v *View) askOwn(a session.Access, again bool) {
	v.showRaise(consent.Wish{Access: a, Own: true, Needs: v.needsOf(a), Again: again}, func(yes bool, p customer.Proof) {
		if v.own = session.NoAccess; yes {
			v.own, v.proved = a, true
			v.actions.SetAccess(a, p)
		}
	})
	v.own = a
}

// showRequest asks what the engineer asks. The same question comes again when the answer was not enough.
func (v *View) showRequest(e customer.Requested) {
	again := v.agreed && v.request == e.ID
	if v.request != e.ID {
		v.refuseRequest()
	}
	v.own = session.NoAccess
	v.showRaise(consent.Wish{Access: e.Access, Until: e.Until, Needs: e.Needs, Again: again}, func(yes bool, p customer.Proof) {
		v.requested, v.agreed = false, yes
		v.actions.AnswerRequest(e.ID, yes, p)
	})
	v.request, v.requested, v.agreed = e.ID, true, false
}

// showRaise asks about w beneath the bar.
func (v *View) showRaise(w consent.Wish, answer func(yes bool, p customer.Proof)) {
	v.closeRaise()
	v.resuming = w.Resume
	w.Name, w.CheckNumber = v.engineer.Name, v.asked.CheckNumber
	v.raise = consent.NewRaise(w, func(yes bool, p customer.Proof) {
		v.closeRaise()
		answer(yes, p)
	})
	v.raise.Resized = v.fit
	v.bar.Ask(v.raise.Content)
	v.raise.Focus(v.strip.Canvas())
	v.strip.RequestFocus()
}

// sayNo is the key Escape while a question is open beneath the bar.
func (v *View) sayNo() {
	if v.raise != nil {
		v.raise.Refuse()
	}
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

// settleTime is how long a window needs to learn that its content has become smaller.
const settleTime = 100 * time.Millisecond

// fit makes the bar's window as big as the bar and what is open beneath it. A window that is to become smaller must know
// first that its content has, so it is told twice.
func (v *View) fit() {
	if v.strip == nil {
		return
	}
	strip, size := v.strip, v.bar.Size()
	smaller := size.Height < strip.Canvas().Size().Height
	strip.Resize(size)
	v.traceBar()
	if smaller {
		theme.After(settleTime, func() {
			if v.strip == strip && v.bar != nil {
				strip.Resize(v.bar.Size())
			}
		})
	}
}

func (v *View) traceBar() {
	elements := v.bar.Elements()
	if v.raise != nil {
		maps.Copy(elements, v.raise.Elements())
	}
	trace.Show(v.strip, "bar", elements)
}

// levelNames are the names of the levels, lowest first.
func levelNames(levels []session.Access) []string {
	var names []string
	for i, key := range []string{"level.chat", "level.view", "level.control"} {
		if slices.Contains(levels, session.Levels[i]) {
			names = append(names, text.L(key))
		}
	}
	return names
}
