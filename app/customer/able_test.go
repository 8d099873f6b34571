package customer

import (
	"errors"
	"fmt"
	"testing"

	"assist/app/problem"
	"assist/app/session"
	"assist/media/capture"
	"assist/media/input"
)

func TestAble(t *testing.T) {
	yes := func() error { return nil }
	fails := func(err error) func() error { return func() error { return err } }
	for _, tt := range []struct {
		name            string
		screen, control func() error
		most            session.Access
		view, share     problem.Code // "" for none
	}{
		{"nobody asks", nil, nil, session.SharedControl, "", ""},
		{"everything", yes, yes, session.SharedControl, "", ""},
		{"Wayland", fails(fmt.Errorf("x: %w", capture.ErrWayland)), yes, session.ChatOnly, problem.ScreenWayland, problem.ScreenWayland},
		{"no screen, no input", fails(capture.ErrUnsupported), fails(input.ErrUnsupported), session.ChatOnly, problem.ScreenUnsupported, problem.ScreenUnsupported},
		{"no input", yes, fails(input.ErrUnsupported), session.ViewOnly, "", problem.InputUnsupported},
		{"a terminal", nil, fails(problem.New(problem.InputTerminal, errors.New("x"))), session.ViewOnly, "", problem.InputTerminal},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := newAble(Doors{ScreenThere: tt.screen, ControlThere: tt.control})
			if a.most() != tt.most {
				t.Errorf("most %v, want %v", a.most(), tt.most)
			}
			for level, want := range map[session.Access]problem.Code{
				session.NoAccess: "", session.ChatOnly: "", session.ViewOnly: tt.view, session.SharedControl: tt.share,
			} {
				p := a.refuses(level)
				if p == nil && want != "" || p != nil && p.Code != want {
					t.Errorf("%v: %v, want %q", level, p, want)
				}
				if p != nil {
					if _, ok := faults[p.Code]; !ok {
						t.Errorf("the engineer is not told of %s", p.Code)
					}
				}
				if (p == nil) != (level <= tt.most) {
					t.Errorf("%v is refused: %v; the most is %v", level, p != nil, tt.most)
				}
			}
		})
	}
}
