package terminal

import (
	"context"
	"errors"
	"fmt"

	"assist/ui/text"
)

// ErrDeclined says that nobody gave a login.
var ErrDeclined = errors.New("terminal: no login was given")

// Login is a proxy's wish for a login.
type Login struct {
	Proxy string // host:port
	Clear bool   // others may read the password
	Again bool   // the last login was refused
}

// login is a wish that somebody waits for.
type login struct {
	Login
	ctx      context.Context // ends when nobody waits any more
	answered chan loginAnswer
	typed    string // the user name, once there is one
	named    bool
	restore  func() // not nil while typing is hidden
}

type loginAnswer struct {
	user, password string
	err            error
}

// Ask asks for a proxy's login, the password without an echo, and waits for the answer. It may be called from any goroutine, but not
// before Run. In the middle of a session nobody is asked: there, what is typed is for the session.
func (d *Dialogue) Ask(ctx context.Context, l Login) (user, password string, err error) {
	wish := &login{Login: l, ctx: ctx, answered: make(chan loginAnswer, 1)}
	d.logins.Put(wish)
	select {
	case a := <-wish.answered:
		return a.user, a.password, a.err
	case <-ctx.Done():
		d.logins.Put(wish) // so that the question is taken back
		return "", "", ctx.Err()
	}
}

// wantLogin asks, or takes the question back if nobody waits any more.
func (d *Dialogue) wantLogin(l *login) {
	switch {
	case l.ctx.Err() != nil:
		if d.login == l {
			d.dropLogin()
		}
	case d.login != nil, d.talk.on, d.eof, d.options.Hide == nil:
		l.answered <- loginAnswer{err: ErrDeclined}
	default:
		d.login = l
		if l.Again {
			d.say("", text.L("network.login.again"))
		}
		d.say("", text.F("network.login.ask", map[string]any{"proxy": text.Plain(l.Proxy)}))
		if l.Clear {
			d.say(text.L("network.login.clear"))
		}
		d.say(text.L("network.login.none"))
		d.waiting = false
	}
}

// prompt is what the next line is for.
func (l *login) prompt() string {
	if l.named {
		return text.L("network.login.password")
	}
	return text.L("network.login.user")
}

// takeLogin takes the user name, and then the password.
func (d *Dialogue) takeLogin(line string) {
	l := d.login
	switch {
	case l.named:
		d.dropLogin()
		l.answered <- loginAnswer{user: l.typed, password: line}
	case command(line) == "":
		d.dropLogin()
		l.answered <- loginAnswer{err: ErrDeclined}
	default:
		restore, err := d.options.Hide()
		if err != nil {
			d.dropLogin()
			l.answered <- loginAnswer{err: ErrDeclined}
			return
		}
		l.typed, l.named, l.restore = line, true, restore
	}
}

// dropLogin ends the question, and shows again what is typed.
func (d *Dialogue) dropLogin() {
	if d.login == nil {
		return
	}
	if d.login.restore != nil {
		d.login.restore()
		fmt.Fprintln(d.out)
	}
	d.login, d.waiting = nil, false
}
