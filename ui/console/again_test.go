package console

import (
	"testing"

	"fyne.io/fyne/v2/test"

	"assist/app/engineer"
	"assist/app/problem"
	"assist/app/session"
)

// A console that has to sign in again in a session must not lose the session.
func TestSignInFailedInASession(t *testing.T) {
	r := english(t)
	r.liveAt(session.ViewOnly)
	r.feed(engineer.SignInFailed{Problem: fault(problem.CertificateGone)}, signedIn)
	r.on(t, "session")
}

// TestCodeAfterSigningInAgain wants a code of a service that was away and asks to sign in again first.
func TestCodeAfterSigningInAgain(t *testing.T) {
	r := english(t)
	r.feed(signedIn)
	r.feed(engineer.ServiceChanged{Up: false})
	r.feed(engineer.ServiceChanged{Up: true})
	test.Tap(r.home.make)
	r.did(t, "new code")
	r.feed(engineer.SignInFailed{Problem: fault(problem.SignInRequired)})
	r.on(t, "signin")
	r.feed(signedIn)
	r.on(t, "home")
	r.did(t, "new code") // the one that was wanted
	r.feed(engineer.CodeFailed{Problem: fault(problem.ServiceLost)})
	if r.home.make.Disabled() {
		t.Error("after it failed no other code can be had")
	}
	r.feed(engineer.SignInFailed{Problem: fault(problem.SignInRequired)})
	r.feed(signedIn)
	if r.on(t, "home"); r.home.busy || r.home.make.Disabled() {
		t.Error("a code is made that nobody wants")
	}
}
