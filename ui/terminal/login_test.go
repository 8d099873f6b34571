package terminal

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"assist/app/customer"
)

// asked is what came of a question for a login.
type asked struct {
	user, password string
	err            error
}

func TestLogin(t *testing.T) {
	hidden := 0
	hide := func() (func(), error) { hidden++; return func() { hidden-- }, nil }
	play(t, Options{Hide: hide}, func(r *rig) {
		got := make(chan asked, 1)
		ctx, cancel := context.WithCancel(r.t.Context())
		put := func(l Login) {
			go func() {
				user, password, err := r.d.Ask(ctx, l)
				got <- asked{user, password, err}
			}()
			synctest.Wait()
		}
		put(Login{Proxy: "proxy.example:3128", Clear: true})
		r.says("Code", "The proxy proxy.example:3128 wants", "can read this password", "User name >")
		r.line("ann")
		r.says("Password >")
		if hidden != 1 {
			t.Error("the password is shown as it is typed")
		}
		r.line(" s3cret: x ")
		if a := <-got; a != (asked{"ann", " s3cret: x ", nil}) || hidden != 0 {
			t.Errorf("%+v, hidden %d", a, hidden)
		}
		r.says("Code") // the question before is asked again

		put(Login{Proxy: "proxy.example:3128", Again: true})
		r.says("did not take the last ones", "User name >")
		r.line("")
		if a := <-got; !errors.Is(a.err, ErrDeclined) {
			t.Errorf("%+v", a)
		}
		put(Login{Proxy: "p:1"})
		r.line("ann")
		cancel() // not needed any more
		synctest.Wait()
		if a := <-got; !errors.Is(a.err, context.Canceled) || hidden != 0 {
			t.Errorf("%+v, hidden %d", a, hidden)
		}
		r.says("Code")
		ctx = r.t.Context()
		r.feed(customer.Asked{Engineer: ada})
		put(Login{Proxy: "p:1"})
		if a := <-got; !errors.Is(a.err, ErrDeclined) {
			t.Errorf("asked in the middle of a session: %+v", a)
		}
	})
}

func TestLoginNotHidden(t *testing.T) {
	play(t, Options{}, func(r *rig) {
		if _, _, err := r.d.Ask(r.t.Context(), Login{Proxy: "p:1"}); !errors.Is(err, ErrDeclined) {
			t.Error(err)
		}
	})
}
