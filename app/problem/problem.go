// Package problem is a fault as people see it: a [Code] that picks a sentence saying what
// happened and one saying what to do, in every language of the text catalogue, under the keys
// "problem.CODE.what" and "problem.CODE.do".
//
// The code is also the fault's id in reports. The package holds no texts and shows nothing.
package problem

import (
	"errors"
	"log/slog"
)

// Error is err seen as a problem. Code picks the text and goes into the connection report; Err
// goes into the log only.
type Error struct {
	Code Code
	Err  error
}

// New returns err as the problem code. A nil err is allowed: the code says it all.
func New(code Code, err error) *Error { return &Error{code, err} }

func (e *Error) Error() string {
	if e.Err == nil {
		return "problem: " + string(e.Code)
	}
	return e.Err.Error()
}

func (e *Error) Unwrap() error { return e.Err }

// LogValue shows the code and the cause.
func (e *Error) LogValue() slog.Value {
	if e.Err == nil {
		return slog.StringValue(string(e.Code))
	}
	return slog.GroupValue(slog.String("code", string(e.Code)), slog.String("cause", e.Err.Error()))
}

// Of returns the code of the first *Error in err's tree, and [Internal] if there is none.
func Of(err error) Code {
	if p, ok := errors.AsType[*Error](err); ok {
		return p.Code
	}
	return Internal
}
