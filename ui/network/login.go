package network

import (
	"context"
	"errors"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"assist/ui/text"
	"assist/ui/theme"
	"assist/ui/trace"
)

// ErrDeclined says that the person gave no login.
var ErrDeclined = errors.New("network: no login was given")

// answer is what came of a question.
type answer struct {
	user, password string
	err            error
}

// Ask asks the person for a proxy's login in a window of its own, and waits for the answer. It is called from any goroutine but
// Fyne's. Do runs a function on that one, as long as there are windows. What is typed is kept nowhere.
func Ask(ctx context.Context, do func(func()), q Question) (user, password string, err error) {
	answered := make(chan answer, 1)
	var w *loginWindow
	do(func() {
		if ctx.Err() == nil {
			w = newLogin(q, func(a answer) {
				select {
				case answered <- a:
				default: // it has been answered
				}
			})
		}
	})
	select {
	case a := <-answered:
		return a.user, a.password, a.err
	case <-ctx.Done():
		do(func() {
			if w != nil {
				w.close()
			}
		})
		return "", "", ctx.Err()
	}
}

// loginWindow is one question.
type loginWindow struct {
	win      fyne.Window
	user     *theme.Field
	password *theme.Field
	ok, no   *theme.Button
	notice   *theme.Notice
	answer   func(answer)
	shut     bool
}

var loginSize = fyne.NewSize(480, 460)

func newLogin(q Question, answered func(answer)) *loginWindow {
	w := &loginWindow{
		win: fyne.CurrentApp().NewWindow(text.L("network.login.title")), notice: theme.NewNotice(theme.Mind), answer: answered,
		user: theme.NewField(text.L("network.login.user"), ""),
	}
	entry := theme.NewPassword(text.L("network.login.password"))
	w.password = theme.FieldOf(text.L("network.login.password"), entry, entry)
	w.ok = theme.Primary(text.L("network.login.ok"), w.submit)
	w.no = theme.Secondary(text.L("network.login.cancel"), w.decline)
	w.user.Entry.OnSubmitted = func(string) { w.win.Canvas().Focus(w.password.Entry) }
	entry.OnSubmitted = func(string) { w.submit() }
	w.user.Entry.OnChanged = func(string) { w.user.SetWrong("") }
	if q.Again {
		w.notice.SetTone(theme.Wrong, text.L("network.login.again"), "")
	}
	body := container.NewVBox(
		theme.Text(text.F("network.login.ask", map[string]any{"proxy": text.Plain(q.Proxy)})), w.notice,
		w.user.Object, w.password.Object,
	)
	said := text.L("network.login.kept")
	if q.Clear {
		said = text.Join(text.L("network.login.clear"), said)
	}
	body.Add(theme.Text(said))
	w.win.SetPadded(false)
	w.win.SetContent(theme.Page(container.NewBorder(nil, container.NewGridWithColumns(2, w.no, w.ok), nil, nil, body)))
	w.win.Resize(loginSize)
	w.win.SetCloseIntercept(w.decline)
	theme.OnEscape(w.win.Canvas(), w.decline)
	w.win.Show()
	w.win.RequestFocus()
	w.win.Canvas().Focus(w.user.Entry)
	trace.Show(w.win, "proxy-login", w.elements())
	return w
}

func (w *loginWindow) elements() map[string]fyne.CanvasObject {
	return map[string]fyne.CanvasObject{
		"user": w.user.Entry, "password": w.password.Entry, "ok": w.ok, "cancel": w.no, "notice": w.notice,
	}
}

func (w *loginWindow) submit() {
	if w.user.Entry.Text == "" {
		w.user.SetWrong(text.L("network.login.no-user"))
		w.win.Canvas().Focus(w.user.Entry)
		return
	}
	a := answer{user: w.user.Entry.Text, password: w.password.Entry.Text}
	w.close()
	w.answer(a)
}

func (w *loginWindow) decline() {
	w.close()
	w.answer(answer{err: ErrDeclined})
}

// close forgets what was typed, too.
func (w *loginWindow) close() {
	if w.shut {
		return
	}
	w.shut = true
	w.password.Entry.SetText("")
	trace.Gone(w.win)
	w.win.SetCloseIntercept(nil)
	w.win.Close()
}
