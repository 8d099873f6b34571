package network

import (
	"testing"

	"fyne.io/fyne/v2"

	"assist/ui/uitest"
)

// TestEscapeCloses presses Escape in both windows: it does what closing and Cancel do.
func TestEscapeCloses(t *testing.T) {
	uitest.App(t, "en")
	p := New(&fakeWay{}, (&direct{}).do)
	p.Show(false)
	w := p.win
	w.Canvas().Focus(p.test)
	uitest.Press(w, fyne.KeyEscape)
	if p.win != nil || !w.(*uitest.Window).Closed {
		t.Error("the window about the connection stays")
	}

	var answers []answer
	login := newLogin(Question{Proxy: "proxy.example.com:8080"}, func(a answer) { answers = append(answers, a) })
	uitest.Press(login.win, fyne.KeyEscape)
	if len(answers) != 1 || answers[0].err != ErrDeclined || !login.shut {
		t.Errorf("%+v", answers)
	}
}
