package spine

import (
	"context"
	"errors"
	"io"
	"testing"

	"assist/app/customer"
	"assist/app/session"
)

// TestNoPanicKey has no Pause key that could be had: nobody is told of one.
func TestNoPanicKey(t *testing.T) {
	for name, grab := range map[string]func(context.Context, func()) (io.Closer, error){
		"no such key": nil,
		"taken":       func(context.Context, func()) (io.Closer, error) { return nil, errors.New("taken") },
	} {
		t.Run(name, func(t *testing.T) {
			play(t, func(_ *stage, c *customer.Config) { c.GrabPanicKey = grab }, func(s *stage) {
				s.start(session.ViewOnly)
				if has[customer.Started](s, &s.toC, 1).PanicKey {
					s.Error("the customer is told of a key that does nothing")
				}
			})
		})
	}
}
