package console

import (
	"image"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	base "fyne.io/fyne/v2/theme"

	"assist/app/code"
	"assist/app/engineer"
	"assist/app/identity"
	"assist/app/problem"
	"assist/app/session"
	"assist/ui/text"
	"assist/ui/theme"
)

// start is when every test begins; the clock stands still unless a test moves it.
var start = time.Date(2026, 11, 22, 14, 5, 0, 0, time.Local)

// rig is a console in a test window, with a clock that a test moves and actions that are only written down.
type rig struct {
	*View
	win  fyne.Window
	done *recorder
	now  time.Time
}

func newRig(t *testing.T, language string, variant fyne.ThemeVariant, o Options) *rig {
	t.Helper()
	if err := text.Load(language); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = text.Load("en") })
	test.NewTempApp(t).Settings().SetTheme(theme.Fixed(variant))
	r := &rig{win: test.NewTempWindow(t, nil), done: &recorder{}, now: start}
	o.Now = func() time.Time { return r.now }
	r.View = New(r.win, r.done, o)
	r.View.every = func(time.Duration, func()) *theme.Ticker { return nil }
	r.win.Resize(fyne.NewSize(startWidth, startHeight))
	return r
}

func english(t *testing.T) *rig {
	return newRig(t, "en", base.VariantLight, Options{Service: "support.example.com:443", Account: "aengineer"})
}

// feed hands events to the window.
func (r *rig) feed(events ...engineer.Event) {
	for _, ev := range events {
		r.Handle(ev)
	}
}

// settle lays everything out, as a real window does before each picture.
func (r *rig) settle() {
	for range 3 { // wrapped lines know their height only once they know their width
		r.win.Content().Refresh()
	}
}

func (r *rig) pass(d time.Duration) {
	r.now = r.now.Add(d)
	r.tick()
}

func mustCode(t *testing.T, s string) code.Code {
	t.Helper()
	c, err := code.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func fault(c problem.Code) *problem.Error { return problem.New(c, nil) }

var (
	signedIn = engineer.SignedIn{Engineer: identity.Engineer{
		Name: "Aiko Engineer", Organisation: "Example Support", Account: "aengineer", Verified: true}}
	card = engineer.Card{Name: "Maria Sato", CustomerNumber: "C-204417", CaseNumber: "48211", Branch: "07",
		Country: "JP", Product: "Server 9009"}
	customer = engineer.CustomerWaiting{Card: card, CheckNumber: "402917"}
)

func level(a session.Access) engineer.AccessChanged {
	return engineer.AccessChanged{Access: a, At: start}
}

// desktop is a small picture of a customer's screen.
func desktop(size image.Point) *engineer.Frame {
	f := &engineer.Frame{Pix: make([]byte, 4*size.X*size.Y), Stride: 4 * size.X, Rect: image.Rectangle{Max: size}}
	f.Fill(f.Rect, 0x90, 0x60, 0x30)
	f.Fill(image.Rect(size.X/8, size.Y/6, size.X*5/8, size.Y*4/5), 0xf4, 0xf4, 0xf4)
	f.Fill(image.Rect(size.X/8, size.Y/6, size.X*5/8, size.Y/6+24), 0x60, 0x30, 0x20)
	f.Fill(image.Rect(0, size.Y-32, size.X, size.Y), 0x30, 0x30, 0x30)
	for y := size.Y/6 + 48; y < size.Y*3/4; y += 20 {
		f.Fill(image.Rect(size.X/8+16, y, size.X*5/8-80-(y*37)%140, y+8), 0x50, 0x50, 0x50)
	}
	return f
}

// picture shows a customer's screen of size pixels.
func (r *rig) picture(size image.Point) {
	f := desktop(size)
	r.Screen().Resize(size)
	r.Screen().Paint(f, []image.Rectangle{f.Rect})
	arrow := &engineer.Cursor{Serial: 1, Size: image.Pt(12, 12), Pix: make([]byte, 12*12*4)}
	for y := range 12 {
		for x := range y + 1 {
			o := 4 * (12*y + x)
			arrow.Pix[o], arrow.Pix[o+1], arrow.Pix[o+2], arrow.Pix[o+3] = 0, 0, 0, 0xff
		}
	}
	r.Screen().CursorShape(arrow)
	r.Screen().CursorAt(size.Div(3))
}

// states are the pages in every state that looks different, and how to get there.
var states = []struct {
	name string
	to   func(*testing.T, *rig)
}{
	{"signin", func(*testing.T, *rig) {}},
	{"signin-missing", func(_ *testing.T, r *rig) { r.signin.submit() }},
	{"signin-failed", func(_ *testing.T, r *rig) {
		r.signin.password.Entry.SetText("wrong")
		r.signin.submit()
		r.feed(engineer.SignInFailed{Problem: fault(problem.SignInFailed)})
	}},
	{"signin-offline", func(_ *testing.T, r *rig) { r.feed(engineer.ServiceChanged{Up: false}) }},
	{"home", func(_ *testing.T, r *rig) { r.feed(signedIn) }},
	{"home-offline", func(_ *testing.T, r *rig) { r.feed(signedIn, engineer.ServiceChanged{Up: false}) }},
	{"code", func(t *testing.T, r *rig) {
		r.feed(signedIn, engineer.CodeReady{Code: mustCode(t, "1234567"), Until: start.Add(5 * time.Minute), CanExtend: true})
		r.pass(83 * time.Second)
	}},
	{"code-guess", func(t *testing.T, r *rig) {
		r.feed(signedIn, engineer.CodeReady{Code: mustCode(t, "1234567"), Until: start.Add(5 * time.Minute), CanExtend: true},
			engineer.GuessFailed{Left: 2})
	}},
	{"code-burnt", func(t *testing.T, r *rig) {
		r.feed(signedIn, engineer.CodeReady{Code: mustCode(t, "1234567"), Until: start.Add(5 * time.Minute), CanExtend: true},
			engineer.CodeGone{Problem: fault(problem.CodeBurnt)},
			engineer.CodeReady{Code: mustCode(t, "8060042"), Until: start.Add(5 * time.Minute), CanExtend: true})
	}},
	{"code-expired", func(t *testing.T, r *rig) {
		r.feed(signedIn, engineer.CodeReady{Code: mustCode(t, "1234567"), Until: start.Add(5 * time.Minute)},
			engineer.CodeGone{Problem: fault(problem.CodeExpired)})
	}},
	{"waiting", func(_ *testing.T, r *rig) { r.feed(signedIn, customer) }},
	{"session-first", func(_ *testing.T, r *rig) { r.feed(signedIn, customer, level(session.ViewOnly)) }},
	{"session-chat", func(_ *testing.T, r *rig) {
		r.feed(signedIn, customer, level(session.ChatOnly),
			engineer.Said{Text: "Good afternoon. What do you see?", At: start},
			engineer.Said{FromCustomer: true, Text: "The light on the left is red.", At: start.Add(time.Minute)})
	}},
	{"session-view", func(_ *testing.T, r *rig) {
		r.feed(signedIn, customer, level(session.ViewOnly), linkUp)
		r.picture(image.Pt(1280, 800))
		r.pass(4 * time.Minute)
	}},
	{"session-asked", func(_ *testing.T, r *rig) {
		r.feed(signedIn, customer, level(session.ViewOnly), linkUp)
		r.picture(image.Pt(1280, 800))
		r.live.ask(session.SharedControl)
	}},
	{"session-refused", func(_ *testing.T, r *rig) {
		r.feed(signedIn, customer, level(session.ViewOnly), linkUp)
		r.picture(image.Pt(1280, 800))
		r.live.ask(session.SharedControl)
		r.feed(engineer.AskRefused{Access: session.SharedControl})
	}},
	{"session-control", func(_ *testing.T, r *rig) {
		r.feed(signedIn, customer, level(session.ViewOnly), linkUp, twoDisplays, engineer.InputChanged{State: engineer.InputOn})
		r.picture(image.Pt(1280, 800))
		r.feed(level(session.SharedControl))
		r.live.viewer.Focus()
	}},
	{"session-follow", func(_ *testing.T, r *rig) {
		r.feed(signedIn, customer, level(session.SharedControl), linkUp, engineer.DisplaysChanged{
			Choice: engineer.FollowPointer, Shown: 2, Displays: twoDisplays.Displays}, engineer.InputChanged{State: engineer.InputOn})
		r.picture(image.Pt(1280, 800))
		r.live.panel.screens.choose.Tapped(&fyne.PointEvent{})
	}},
	{"session-unplugged", func(_ *testing.T, r *rig) {
		r.feed(signedIn, customer, level(session.ViewOnly), linkUp, twoDisplays)
		r.picture(image.Pt(1920, 1080))
		r.feed(engineer.DisplaysChanged{Choice: 1, Shown: 1, Displays: twoDisplays.Displays[:1]})
	}},
	{"session-link", func(_ *testing.T, r *rig) {
		r.feed(signedIn, customer, level(session.SharedControl), engineer.LinkChanged{
			Up: true, RoundTrip: 47 * time.Millisecond, Received: 3_140_000, Sent: 126_000, Exact: 1_200_000, Motion: 1_700_000,
			Pictures: 23.8, Rate: 246_000, Queue: 40 * time.Millisecond,
		})
		r.picture(image.Pt(1280, 800))
		test.Tap(r.live.panel.numbers.press)
	}},
	{"session-hand", func(_ *testing.T, r *rig) {
		r.feed(signedIn, customer, level(session.SharedControl), linkUp)
		r.picture(image.Pt(1280, 800))
		r.feed(engineer.InputChanged{State: engineer.InputLocalHand})
	}},
	{"session-paused", func(_ *testing.T, r *rig) {
		r.feed(signedIn, customer, level(session.SharedControl), linkUp)
		r.picture(image.Pt(1280, 800))
		r.feed(engineer.PictureChanged{Paused: true}, engineer.InputChanged{State: engineer.InputPaused})
	}},
	{"session-interrupted", func(_ *testing.T, r *rig) {
		r.feed(signedIn, customer, level(session.SharedControl), linkUp)
		r.picture(image.Pt(1280, 800))
		r.feed(engineer.LinkChanged{Up: false}, engineer.ServiceChanged{Up: false})
	}},
	{"session-folded", func(_ *testing.T, r *rig) {
		r.feed(signedIn, customer, level(session.SharedControl), linkUp)
		r.picture(image.Pt(1280, 800))
		r.live.setFolded(true)
		r.feed(engineer.Said{FromCustomer: true, Text: "Are you there?", At: start})
	}},
	{"session-full", func(_ *testing.T, r *rig) {
		r.feed(signedIn, customer, level(session.SharedControl), linkUp)
		r.picture(image.Pt(1280, 800))
		r.live.viewer.SetFullScreen(true)
	}},
	{"ended", func(_ *testing.T, r *rig) {
		r.feed(signedIn, customer, level(session.ViewOnly),
			engineer.Ended{Problem: fault(problem.CustomerEnded), Started: start, Finished: start.Add(754 * time.Second)})
	}},
	{"ended-declined", func(_ *testing.T, r *rig) {
		r.feed(signedIn, customer, engineer.Ended{Problem: fault(problem.ConsentDeclined), Finished: start})
	}},
}

var (
	linkUp      = engineer.LinkChanged{Up: true, RoundTrip: 47 * time.Millisecond, Received: 3_140_000}
	twoDisplays = engineer.DisplaysChanged{Choice: 2, Shown: 2, Displays: []engineer.Display{
		{ID: 1, Name: "DP-1", Bounds: image.Rect(0, 0, 1920, 1080), Primary: true},
		{ID: 2, Name: "HDMI-1", Bounds: image.Rect(1920, 0, 3200, 800)},
	}}
)
