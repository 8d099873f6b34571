package console

import (
	"fmt"

	"assist/app/engineer"
	"assist/app/session"
)

// recorder writes down what the window does.
type recorder struct{ did []string }

var _ engineer.Actions = (*recorder)(nil)

func (r *recorder) add(format string, args ...any) {
	r.did = append(r.did, fmt.Sprintf(format, args...))
}

// take returns what was done since the last time.
func (r *recorder) take() []string {
	did := r.did
	r.did = nil
	return did
}

func (r *recorder) SignIn(account, password string) { r.add("sign in %s %s", account, password) }
func (r *recorder) SignOut()                        { r.add("sign out") }
func (r *recorder) NewCode()                        { r.add("new code") }
func (r *recorder) ExtendCode()                     { r.add("extend") }
func (r *recorder) CancelCode()                     { r.add("cancel code") }
func (r *recorder) Ask(a session.Access)            { r.add("ask %v", a) }
func (r *recorder) Say(s string)                    { r.add("say %s", s) }
func (r *recorder) ShowDisplay(id uint8)            { r.add("display %d", id) }
func (r *recorder) Key(k engineer.Key)              { r.add("key %02x %v", k.Usage, k.Down) }
func (r *recorder) Pointer(p engineer.Pointer)      { r.add("pointer %d %d", p.X, p.Y) }
func (r *recorder) Text(s string)                   { r.add("text %s", s) }
func (r *recorder) ReleaseAll()                     { r.add("release") }
func (r *recorder) End()                            { r.add("end") }
