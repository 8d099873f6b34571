package customer

import (
	"testing"

	"assist/app/customer"
	"assist/app/problem"
	"assist/app/session"
	"assist/ui/uitest"
)

func TestClosingTheWindow(t *testing.T) {
	for name, tt := range map[string]struct {
		before func(v *View)
		done   []string
		closed bool
	}{
		"form":    {func(*View) {}, nil, true},
		"waiting": {func(v *View) { v.Handle(customer.Connecting{}) }, []string{"leave"}, true},
		"consent": {func(v *View) { v.Handle(ask(sure)) }, []string{"answer none false false"}, true},
		"session": {func(v *View) { start(v, sure, session.SharedControl) }, []string{"stop"}, false},
		"twice": {func(v *View) {
			start(v, sure, session.SharedControl)
			v.closed()
		}, []string{"stop"}, true},
		"ended": {func(v *View) { v.Handle(customer.Ended{Problem: problem.New(problem.EngineerEnded, nil)}) }, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			with(t, "en", filled, func(v *View, w *uitest.Window, r *recorder) {
				tt.before(v)
				pressed := w
				if v.strip != nil {
					pressed = strip(v)
				}
				pressed.PressClose()
				r.expect(t, tt.done...)
				if w.Closed != tt.closed || pressed.Closed != tt.closed {
					t.Errorf("closed: %v, %v", w.Closed, pressed.Closed)
				}
			})
		})
	}
}

// TestRaise brings in front what somebody needs who has lost the window: during a session the bar with Stop on it.
func TestRaise(t *testing.T) {
	with(t, "en", filled, func(v *View, w *uitest.Window, _ *recorder) {
		v.Raise()
		if !w.Shown || w.Raised != 1 {
			t.Errorf("the form's window is shown %v, raised %d times", w.Shown, w.Raised)
		}
		bar := start(v, sure, session.SharedControl)
		before := w.Raised
		v.Raise()
		if !bar.Shown || bar.Raised == 0 || w.Shown || w.Raised != before {
			t.Errorf("in a session the bar is shown %v, raised %d times; the window behind is shown %v", bar.Shown, bar.Raised, w.Shown)
		}
		v.Handle(customer.Ended{Problem: problem.New(problem.EngineerEnded, nil)})
		before = w.Raised
		if v.Raise(); !w.Shown || w.Raised != before+1 {
			t.Error("after it the window does not come")
		}
	})
}
