package console

import (
	"image"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"assist/app/engineer"
	"assist/app/problem"
	"assist/app/session"
	"assist/ui/text"
	"assist/ui/theme"
	"assist/ui/uitest"
)

// did compares what the window has done since the last time.
func (r *rig) did(t *testing.T, want ...string) {
	t.Helper()
	if got := r.done.take(); !slices.Equal(got, want) {
		t.Errorf("did %q, want %q", got, want)
	}
}

func (r *rig) on(t *testing.T, page string) {
	t.Helper()
	if got := r.shown.name(); got != page {
		t.Fatalf("the page is %s, want %s", got, page)
	}
}

func (r *rig) code(t *testing.T, digits string, life time.Duration) {
	t.Helper()
	r.feed(engineer.CodeReady{Code: mustCode(t, digits), Until: r.now.Add(life), CanExtend: true})
}

func TestSignIn(t *testing.T) {
	r := english(t)
	p := r.signin
	p.account.Entry.SetText("  ")
	p.submit()
	if p.account.Wrong() == "" || p.password.Wrong() == "" {
		t.Error("nothing is said beside the empty fields")
	}
	if r.win.Canvas().Focused() != fyne.Focusable(p.account.Entry) {
		t.Error("the keyboard is not where something is missing")
	}
	r.did(t)

	test.Type(p.account.Entry, "aengineer ")
	p.account.Entry.OnSubmitted("") // Return goes on to the password
	if r.win.Canvas().Focused() != fyne.Focusable(p.password.Entry) {
		t.Error("Return does not lead to the password")
	}
	test.Type(p.password.Entry, "secret")
	p.password.Entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	r.did(t, "sign in aengineer secret")
	p.submit() // a second Return while it is going on
	r.did(t)

	r.feed(engineer.SignInFailed{Problem: fault(problem.SignInFailed)})
	r.on(t, "signin")
	if p.account.Entry.Text == "" || p.password.Entry.Text != "" {
		t.Error("only the password should have to be typed again")
	}
	if what, _ := text.Problem(problem.SignInFailed); !strings.Contains(p.wrong.Text(), what) {
		t.Errorf("it says %q", p.wrong.Text())
	}
	test.Type(p.password.Entry, "x")
	if p.wrong.Visible() {
		t.Error("the old sentence stays while a new password is typed")
	}
	r.feed(signedIn)
	r.on(t, "home")
	if p.password.Entry.Text != "" {
		t.Error("the password is kept")
	}
}

func TestSignOut(t *testing.T) {
	r := english(t)
	r.feed(signedIn)
	r.code(t, "1234567", 5*time.Minute)
	test.Tap(r.home.out)
	r.did(t, "sign out")
	r.on(t, "signin")
	r.feed(signedIn)
	if r.home.digits.Text != "" {
		t.Error("the code of the one before is shown")
	}
}

func TestServiceSign(t *testing.T) {
	r := english(t)
	r.feed(engineer.ServiceChanged{Up: true})
	if r.signin.service.label.Visible() {
		t.Error("a service that is there is mentioned")
	}
	r.feed(engineer.ServiceChanged{Up: false}, signedIn)
	for _, s := range []*serviceSign{r.signin.service, r.home.service, r.live.panel.service} {
		if s.label.Text() != text.L("console.service.down") {
			t.Errorf("it says %q", s.label.Text())
		}
	}
	r.feed(engineer.ServiceChanged{Up: true})
	if r.home.service.label.Text() != text.L("console.service.up") {
		t.Error("nobody says that it is back")
	}
}

func TestWaiting(t *testing.T) {
	r := english(t)
	r.feed(signedIn)
	r.code(t, "1234567", 5*time.Minute)
	r.feed(customer, engineer.CodeGone{Problem: fault(problem.CodeUsed)})
	r.on(t, "waiting")
	if r.waiting.number.Text != "402 917" || r.waiting.card.customer.Text != "Maria Sato" {
		t.Errorf("check number %q, customer %q", r.waiting.number.Text, r.waiting.card.customer.Text)
	}
	if r.win.Canvas().Focused() != nil {
		t.Error("a key pressed out of habit would do something")
	}
	test.Tap(r.waiting.cancel)
	r.did(t, "end")
}

func TestPeerTextIsPlainAndShort(t *testing.T) {
	r := english(t)
	r.feed(signedIn, engineer.CustomerWaiting{Card: engineer.Card{
		Name: "[x](http://x)\u202e\n" + strings.Repeat("長", 5000), Product: "\x00"}})
	name := r.waiting.card.customer.Text
	if strings.ContainsAny(name, "\u202e\n") || len([]rune(name)) > longest || !strings.HasPrefix(name, "[x](http://x)") {
		t.Errorf("the name is shown as %q", name)
	}
	if got := r.waiting.card.details.Text; got != "Product: [U+0000]" {
		t.Errorf("the product is shown as %q", got)
	}
	r.feed(engineer.CustomerWaiting{})
	if r.waiting.card.customer.Text != text.L("console.card.nameless") || r.waiting.card.details.Visible() {
		t.Error("an empty form is not shown as one")
	}
}

// live brings the rig into a session.
func (r *rig) liveAt(a session.Access) {
	r.feed(signedIn, customer, level(a), linkUp, engineer.InputChanged{State: engineer.InputOn})
	r.picture(image.Pt(320, 200))
	r.settle()
	r.win.Canvas().Unfocus() // or the next tap would also tell that the keyboard left
	r.done.take()
}

func TestLevels(t *testing.T) {
	for _, tt := range []struct {
		now           session.Access
		first, second session.Access
		names         [2]string
	}{
		{session.ChatOnly, session.ViewOnly, session.SharedControl, [2]string{"Ask for view", "Ask for control"}},
		{session.ViewOnly, session.SharedControl, session.ChatOnly, [2]string{"Ask for control", "Down to chat only"}},
		{session.SharedControl, session.ViewOnly, session.ChatOnly, [2]string{"Down to view only", "Down to chat only"}},
	} {
		t.Run(tt.now.String(), func(t *testing.T) {
			r := english(t)
			r.liveAt(tt.now)
			p := r.live.panel
			if got := [2]string{p.first.Text, p.second.Text}; got != tt.names {
				t.Errorf("offered %q, want %q", got, tt.names)
			}
			test.Tap(p.second)
			r.did(t, "ask "+tt.second.String())
			if asked := tt.second > tt.now; p.asking.Visible() != asked || p.second.Disabled() != asked {
				t.Error("whether an answer is open is not shown")
			}
			r.feed(engineer.AskRefused{Access: tt.second})
			test.Tap(p.first)
			r.did(t, "ask "+tt.first.String())
			r.feed(level(tt.first))
			if p.level.Text != text.L("console.level."+levelName(tt.first)) || p.asking.Visible() {
				t.Errorf("the level shown is %q", p.level.Text)
			}
		})
	}
}

func TestAskRefused(t *testing.T) {
	for silence, want := range map[bool]string{false: "console.ask.refused", true: "console.ask.silence"} {
		r := english(t)
		r.liveAt(session.ViewOnly)
		test.Tap(r.live.panel.first)
		test.Tap(r.live.panel.first) // no second question
		r.did(t, "ask shared control")
		r.feed(engineer.AskRefused{Access: session.SharedControl, Silence: silence})
		if got := r.live.panel.notice.Text(); got != text.L(want) || r.live.panel.first.Disabled() {
			t.Errorf("silence %v: it says %q", silence, got)
		}
	}
}

func TestSession(t *testing.T) {
	r := english(t)
	r.liveAt(session.SharedControl)
	p := r.live.panel
	r.on(t, "session")
	r.pass(61 * time.Second)
	if p.elapsed.Text != "Time: 01:01" || p.link.Text != "47 ms" {
		t.Errorf("elapsed %q, link %q", p.elapsed.Text, p.link.Text)
	}
	r.feed(engineer.LinkChanged{})
	if p.link.Text != text.L("console.link.down") {
		t.Errorf("link %q", p.link.Text)
	}
	if p.screens.object.Visible() {
		t.Error("a choice of displays without displays")
	}
	r.feed(twoDisplays)
	r.did(t, "release") // by the link that went down
	if !p.screens.object.Visible() || p.screens.choose.Selected != "2: HDMI-1 – 1280 × 800" {
		t.Errorf("display %q", p.screens.choose.Selected)
	}
	p.screens.choose.SetSelectedIndex(0)
	r.did(t, "display 1")
	test.Type(p.chat.Entry, "Good morning")
	test.Tap(p.chat.Send)
	r.did(t, "say Good morning")
	r.feed(engineer.Said{Text: "Good morning", At: start})
	if p.chat.Last.Text != "Good morning" {
		t.Errorf("the last message is %q", p.chat.Last.Text)
	}
	test.Tap(p.end)
	r.did(t, "end")
}

func TestFolding(t *testing.T) {
	r := english(t)
	r.liveAt(session.ViewOnly)
	test.Tap(r.live.fold)
	r.settle()
	if r.live.side.Visible() || r.live.viewer.Content().Size().Width != startWidth {
		t.Error("the panel is not folded away")
	}
	r.feed(engineer.Said{FromCustomer: true, Text: "Hello", At: start}, engineer.Said{Text: "Mine", At: start})
	if r.live.fold.Text != "Show panel (1 new)" {
		t.Errorf("the button says %q", r.live.fold.Text)
	}
	r.feed(engineer.SaidTooMuch{At: start})
	uitest.SaysNot(t, r.win, "too much came at once")
	test.Tap(r.live.fold)
	uitest.Says(t, r.win, "Hello")
	uitest.Says(t, r.win, "too much came at once. Some of it is not shown.")
	if !r.live.side.Visible() || r.live.fold.Text != text.L("console.panel.hide") {
		t.Errorf("after unfolding the button says %q", r.live.fold.Text)
	}
}

func TestFullScreenTakesTheWindow(t *testing.T) {
	r := english(t)
	r.liveAt(session.SharedControl)
	r.live.viewer.SetFullScreen(true)
	if !r.win.FullScreen() || r.live.side.Visible() {
		t.Error("the window is not the viewer's")
	}
	r.feed(engineer.Ended{Problem: fault(problem.LinkLost), Started: start, Finished: start})
	if r.win.FullScreen() {
		t.Error("the end is shown in full screen")
	}
}

func TestEnded(t *testing.T) {
	for _, c := range problem.Codes() {
		t.Run(string(c), func(t *testing.T) {
			r := english(t)
			r.liveAt(session.ViewOnly)
			r.feed(engineer.Said{FromCustomer: true, Text: "private", At: start},
				engineer.Ended{Problem: fault(c), Started: start, Finished: start.Add(754 * time.Second)})
			r.on(t, "ended")
			if r.ended.what.Text == "" {
				t.Error("it does not say why")
			}
			if r.ended.lasted.Text != "It lasted 12:34." || r.ended.with.Text != "With Maria Sato" {
				t.Errorf("lasted %q, with %q", r.ended.lasted.Text, r.ended.with.Text)
			}
			if r.live.panel.chat.Last.Text != "" || r.card != (engineer.Card{}) {
				t.Error("something of the session is kept")
			}
			r.done.take()
			test.Tap(r.ended.again)
			r.did(t, "new code")
			r.on(t, "home")
		})
	}
}

func TestEndedBeforeItBegan(t *testing.T) {
	r := english(t)
	r.feed(signedIn, customer, engineer.Ended{Problem: fault(problem.ConsentDeclined), Finished: start})
	if r.ended.lasted.Text != text.L("console.ended.never") {
		t.Errorf("lasted %q", r.ended.lasted.Text)
	}
	r.code(t, "1234567", 5*time.Minute)
	r.on(t, "home")
	r.feed(engineer.Ended{})
	if r.ended.what.Text != text.L("problem.internal.what") || r.ended.with.Visible() {
		t.Errorf("without a problem it says %q", r.ended.what.Text)
	}
}

func TestClosing(t *testing.T) {
	for _, tt := range []struct {
		name string
		to   func(*testing.T, *rig)
		want []string
	}{
		{"signing in", func(*testing.T, *rig) {}, nil},
		{"no code", func(_ *testing.T, r *rig) { r.feed(signedIn) }, nil},
		{"a code", func(t *testing.T, r *rig) { r.feed(signedIn); r.code(t, "1234567", time.Minute) }, []string{"cancel code"}},
		{"a customer waits", func(_ *testing.T, r *rig) { r.feed(signedIn, customer) }, []string{"end"}},
		{"a session", func(_ *testing.T, r *rig) { r.liveAt(session.ViewOnly) }, []string{"end"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := english(t)
			tt.to(t, r)
			closed := 0
			r.close(func() { closed++ })
			r.did(t, tt.want...)
			if closed != 1 {
				t.Errorf("closed %d times", closed)
			}
		})
	}
}

func TestClockRunsOnlyWhenNeeded(t *testing.T) {
	r := english(t)
	started := 0
	r.every = func(time.Duration, func()) *theme.Ticker { started++; return theme.After(time.Hour, func() {}) }
	r.feed(signedIn)
	if started != 0 {
		t.Error("the clock runs without a code")
	}
	r.code(t, "1234567", 5*time.Minute)
	r.feed(customer)
	if started != 1 || r.ticker != nil {
		t.Errorf("started %d times, running %v", started, r.ticker != nil)
	}
	r.feed(level(session.ChatOnly))
	if started != 2 {
		t.Error("the clock does not run in a session")
	}
}

func TestAmount(t *testing.T) {
	for n, want := range map[uint64]string{0: "0 B", 999: "999 B", 1000: "1.0 kB", 3_140_000: "3.1 MB", 1_234_000_000: "1.23 GB"} {
		if got := amount(n); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
}

// TestTextsExist looks for texts that are shown as their keys, in every state and language.
func TestTextsExist(t *testing.T) {
	for _, language := range text.Languages() {
		for _, s := range states {
			r := newRig(t, language, 0, Options{})
			s.to(t, r)
			var lines []string
			outline(r.win.Content(), &lines)
			for _, l := range lines {
				for _, part := range []string{"console.", "viewer.", "problem.", "{{"} {
					if strings.Contains(l, part) {
						t.Errorf("%s, %s: %s", language, s.name, l)
					}
				}
			}
		}
	}
}
