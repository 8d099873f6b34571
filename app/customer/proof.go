package customer

import (
	"crypto/rand"
	"math/big"
	"strconv"
	"time"

	"assist/app/problem"
	"assist/app/session"
)

// How often digits may be mistyped before raising a level has to wait, and before it is over for this session: a
// script could guess them.
const (
	maxMistyped  = 3
	mistypedWait = 30 * time.Second
	mostMistyped = 6
)

// raise guards what a higher level needs of the customer. It belongs to the session's loop.
type raise struct {
	check      string // the check number
	verified   bool   // the engineer is
	called     bool   // the customer said that they called
	hadControl bool   // the engineer has had shared control
	digits     string // what a person reads, and no script
	mistyped   int
	wait       time.Time // nothing is raised before
}

// newRaise returns the guard of a session that has not begun.
func newRaise(m *meeting) raise {
	r := raise{check: m.keys.CheckNumber(), verified: m.engineer.Verified}
	r.draw()
	return r
}

// draw draws other digits.
func (r *raise) draw() {
	for before := r.digits; r.digits == before; {
		n, err := rand.Int(rand.Reader, big.NewInt(100))
		if err != nil {
			panic(err) // crypto/rand never fails
		}
		r.digits = strconv.Itoa(int(n.Int64())/10) + strconv.Itoa(int(n.Int64())%10)
	}
}

// needs returns what level needs beyond a yes.
func (r *raise) needs(level session.Access) Needs {
	n := Needs{}
	if level == session.SharedControl {
		n.Check, n.Called = !r.verified, !r.called
	}
	if r.hadControl {
		n.Digits = r.digits
	}
	return n
}

// grant reports whether the proof is what a raise to level needs.
func (r *raise) grant(level session.Access, p Proof) bool {
	n := r.needs(level)
	if !r.person(p) {
		return false
	}
	if n.Called && !p.Called || n.Check && p.Check != r.check {
		return false
	}
	r.called = r.called || p.Called
	return true
}

// person reports whether the digits come from somebody who reads them, as far as that matters: once the engineer has had control.
// Digits are good for one try.
func (r *raise) person(p Proof) bool {
	switch digits := r.digits; {
	case r.blocked() != nil:
		return false
	case !r.hadControl:
		return true
	default:
		r.draw()
		if p.Digits == digits {
			return true
		}
	}
	if r.mistyped++; r.mistyped%maxMistyped == 0 {
		r.wait = time.Now().Add(mistypedWait)
	}
	return false
}

// blocked is why nothing can be raised at the moment, nil if it can.
func (r *raise) blocked() *problem.Error {
	switch {
	case r.mistyped >= mostMistyped:
		return problem.New(problem.DigitsLocked, nil)
	case time.Now().Before(r.wait):
		return problem.New(problem.DigitsWait, nil)
	}
	return nil
}

// granted notes the level that holds now.
func (r *raise) granted(level session.Access) {
	r.hadControl = r.hadControl || level == session.SharedControl
}
