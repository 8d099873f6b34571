package customer

import (
	"testing"

	"assist/app/session"
)

// TestBrake asks for shared control between things that are taken back: only what comes after the wish counts.
func TestBrake(t *testing.T) {
	const chat, view, control, none = session.ChatOnly, session.ViewOnly, session.SharedControl, session.NoAccess
	lower := func(a session.Access) func(*brake) { return func(b *brake) { b.lower(a) } }
	for _, tt := range []struct {
		name          string
		before, after []func(*brake)
		most          session.Access
		hushed        bool
	}{
		{"nothing", nil, nil, control, false},
		{"before", []func(*brake){lower(chat), (*brake).hush}, nil, control, false},
		{"after", nil, []func(*brake){lower(view)}, view, false},
		{"the lowest counts, not the last", nil, []func(*brake){lower(chat), lower(view)}, chat, false},
		{"a wish for the highest takes nothing back", nil, []func(*brake){lower(control)}, control, false},
		{"paused", nil, []func(*brake){(*brake).hush}, control, true},
		{"paused and lowered", []func(*brake){lower(chat)}, []func(*brake){(*brake).hush, lower(view)}, view, true},
		{"lowered to nothing, before", []func(*brake){lower(none)}, nil, control, false},
		{"stopped, before", []func(*brake){(*brake).stop}, nil, none, false},
		{"stopped, after", nil, []func(*brake){(*brake).stop, lower(view)}, none, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var b brake
			for _, f := range tt.before {
				f(&b)
			}
			since := b.now
			for _, f := range tt.after {
				f(&b)
			}
			if got := b.most(since); got != tt.most {
				t.Errorf("most %v, want %v", got, tt.most)
			}
			if hushed := b.hushed > since; hushed != tt.hushed {
				t.Errorf("paused since: %v", hushed)
			}
		})
	}
}
