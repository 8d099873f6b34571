package spine

import (
	"testing"
	"testing/synctest"

	"assist/app/customer"
	"assist/app/engineer"
	"assist/app/session"
)

// TestHeldOverALowerLevel holds a key and a button while control is taken back. When it is given again they can be pressed anew.
func TestHeldOverALowerLevel(t *testing.T) {
	play(t, nil, func(s *stage) {
		s.start(session.SharedControl)
		const shift = engineer.Usage(0xe1)
		press := func(down bool) {
			var buttons engineer.Buttons
			if down {
				buttons = 1
			}
			s.engineer.Pointer(engineer.Pointer{Display: 1, X: 40_000, Y: 40_000, Buttons: buttons})
			s.engineer.Key(engineer.Key{Usage: shift, Down: down})
		}
		both := func() bool { keys, buttons := s.keyboard.Held(); return len(keys) == 1 && buttons == 1 }
		press(true)
		s.await("key and button are down", both)
		s.customer.SetAccess(session.ViewOnly, customer.Proof{})
		needs := has[customer.AccessChanged](s, &s.toC, 2).Needs
		synctest.Wait()
		s.engineer.ReleaseAll()
		press(false)
		synctest.Wait()
		s.customer.SetAccess(session.SharedControl, customer.Proof{Called: true, Digits: needs.Digits})
		has[engineer.AccessChanged](s, &s.toE, 3)
		synctest.Wait()
		press(true)
		s.await("key and button are down again", both)
	})
}
