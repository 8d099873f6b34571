package customer

import (
	"assist/app/problem"
	"assist/app/session"
	"assist/app/wire"
)

// able is what this computer cannot do: nil what it can.
type able struct{ screen, control *problem.Error }

// newAble asks the computer.
func newAble(d Doors) able {
	var a able
	if d.ScreenThere != nil {
		if err := d.ScreenThere(); err != nil {
			a.screen = screenProblem(err)
		}
	}
	a.control = a.screen // nobody works on what they cannot see
	if a.control == nil && d.ControlThere != nil {
		if err := d.ControlThere(); err != nil {
			a.control = inputProblem(err)
		}
	}
	return a
}

// refuses returns why there can be no such level, or nil.
func (a able) refuses(level session.Access) *problem.Error {
	switch {
	case level >= session.ViewOnly && a.screen != nil:
		return a.screen
	case level >= session.SharedControl:
		return a.control
	}
	return nil
}

// most is the highest level that there can be.
func (a able) most() session.Access {
	switch {
	case a.screen != nil:
		return session.ChatOnly
	case a.control != nil:
		return session.ViewOnly
	}
	return session.SharedControl
}

// faults are the problems that the engineer is told of.
var faults = map[problem.Code]wire.Fault{
	problem.ScreenUnsupported: wire.NoScreen, problem.ScreenWayland: wire.OnWayland,
	problem.InputUnsupported: wire.NoInput, problem.InputTerminal: wire.NoInput,
	problem.SignHidden: wire.SignHidden, problem.Unmarked: wire.Unmarked,
}

// tellTrouble tells both ends what does not work.
func (l *live) tellTrouble(p *problem.Error) {
	l.r.cfg.Log.Warn("trouble", "problem", p)
	l.r.cfg.Notify(Trouble{Problem: p})
	if fault, ok := faults[p.Code]; ok {
		l.send(&wire.Trouble{What: fault})
	}
}
