package customer

import "fyne.io/fyne/v2"

// tellBar says which window the session bar is in, nil before that is closed.
func (v *View) tellBar(win fyne.Window) {
	if v.barIs != nil {
		v.barIs(win)
	}
}
