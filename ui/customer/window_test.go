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
