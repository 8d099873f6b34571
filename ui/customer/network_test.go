package customer

import (
	"testing"

	"fyne.io/fyne/v2/test"

	"assist/app/customer"
	"assist/app/problem"
	"assist/ui/uitest"
)

// TestNetworkButtons: the window about the network is one quiet button away, and the test is offered where it may help.
func TestNetworkButtons(t *testing.T) {
	for _, language := range []string{"en", "ja"} {
		uitest.App(t, language)
		w := uitest.NewWindow(t)
		var shown []bool
		v := New(w, &recorder{}, filled, Options{Service: "support.example.com", Network: func(test bool) { shown = append(shown, test) }})
		test.Tap(v.form.way)
		if v.form.offer.Visible() || len(shown) != 1 || shown[0] {
			t.Errorf("at first: %v", shown)
		}
		v.Handle(customer.Refused{Problem: problem.New(problem.CodeWrong, nil)})
		if v.form.offer.Visible() {
			t.Error("a wrong code is no fault of the network")
		}
		v.Handle(customer.Refused{Problem: problem.New(problem.ProxyForbids, nil)})
		if !v.form.offer.Visible() {
			t.Error("the test is not offered")
		}
		uitest.Picture(t, "customer-form-network", w)
		test.Tap(v.form.testWay)
		if len(shown) != 2 || !shown[1] {
			t.Errorf("pressed: %v", shown)
		}
		v.form.forget()
		if v.form.offer.Visible() {
			t.Error("the offer stays")
		}
	}
}
