package customer

import (
	"assist/app/customer"
	"assist/app/session"
	"assist/ui/consent"
)

// wishPause is the pause button. A pause is there at once; its end may have to be proved to come from the customer's hand.
func (v *View) wishPause(on bool) {
	switch {
	case on:
		v.actions.Pause()
	case v.needs.Digits == "":
		v.actions.Resume(customer.Proof{})
	default:
		v.refuseRequest()
		v.askResume(false)
	}
}

// askResume asks for what the end of a pause needs.
func (v *View) askResume(again bool) {
	w := consent.Wish{Access: v.access, Own: true, Resume: true, Needs: customer.Needs{Digits: v.needs.Digits}, Again: again}
	v.showRaise(w, func(yes bool, p customer.Proof) {
		if v.resuming = yes; yes {
			v.actions.Resume(p)
		}
	})
	v.own = session.NoAccess
}

// resumeAgain asks anew when what is needed has changed, or when what was given was not enough.
func (v *View) resumeAgain(changed bool) {
	if open := v.raise != nil; changed || !open {
		v.askResume(!open)
	}
}

// setPaused shows whether picture and input are paused.
func (v *View) setPaused(on bool) {
	if !on && v.resuming {
		v.closeRaise()
		v.resuming = false
	}
	v.bar.SetPaused(on)
	v.fit()
}
