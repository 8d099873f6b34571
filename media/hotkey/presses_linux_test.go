package hotkey

import (
	"testing"

	"github.com/jezek/xgb/xproto"
)

func TestPresses(t *testing.T) {
	const pause, letter, other = 127, 38, 191
	type step struct {
		do   func(p *presses) bool
		want bool
	}
	grabbed := func(code xproto.Keycode, at xproto.Timestamp, want bool) step {
		return step{func(p *presses) bool { return p.grabbed(code, at) }, want}
	}
	raw := func(code xproto.Keycode, at xproto.Timestamp, device uint16, want bool) step {
		return step{func(p *presses) bool { return p.heard(code, at, device) }, want}
	}
	change := step{func(p *presses) bool { p.change(); return false }, false}
	learn := func(changes uint, want bool, codes ...xproto.Keycode) step {
		return step{func(p *presses) bool { return p.learn(changes, codes) }, want}
	}
	for _, tt := range []struct {
		name  string
		steps []step
	}{
		{"one press, told by its device, the master and the grab", []step{
			learn(0, false, pause), raw(pause, 5, 10, true), raw(pause, 5, 3, false), grabbed(pause, 5, false),
		}},
		{"the grab comes first", []step{learn(0, false, pause), grabbed(pause, 5, true), raw(pause, 5, 3, false)}},
		{"two presses", []step{
			learn(0, false, pause), raw(pause, 5, 3, true), grabbed(pause, 5, false), raw(pause, 6, 3, true), grabbed(pause, 6, false),
		}},
		{"two presses at the same time", []step{
			learn(0, false, pause), raw(pause, 5, 3, true), grabbed(pause, 5, false), raw(pause, 5, 3, true), grabbed(pause, 5, false),
		}},
		{"a press at the time of another key", []step{
			learn(0, false, pause, other), raw(pause, 5, 3, true), raw(other, 5, 3, true),
		}},
		{"other keys", []step{learn(0, false, pause), raw(letter, 5, 3, false), learn(0, false, pause)}},
		{"before anything is known", []step{
			raw(letter, 5, 3, false), raw(pause, 6, 3, false), learn(0, true, pause), learn(0, false, pause),
		}},
		{"the key moves", []step{
			learn(0, false, pause), change, raw(letter, 5, 3, false), raw(other, 6, 3, false), learn(1, true, other),
			raw(other, 7, 3, true), raw(pause, 8, 3, true),
		}},
		{"the key goes", []step{learn(0, false, pause), change, learn(1, false), raw(pause, 5, 3, true), raw(letter, 6, 3, false)}},
		{"the mapping changes while it is read", []step{
			learn(0, false, pause), change, raw(other, 5, 3, false), change, learn(1, false, pause), learn(2, true, other),
			change, raw(pause+1, 6, 3, false), change, learn(3, true, pause+1), learn(4, false, pause+1),
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var p presses
			for i, s := range tt.steps {
				if got := s.do(&p); got != s.want {
					t.Errorf("step %d: %v, want %v", i, got, s.want)
				}
			}
		})
	}
}
