package network

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"assist/app/problem"
	"assist/ui/text"
	"assist/ui/uitest"

	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/test"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m, goleak.IgnoreCurrent()) }

// fakeWay is a way of a test.
type fakeWay struct {
	mu       sync.Mutex
	settings Settings
	used     string
	report   Report
	hold     bool // Test waits for the end of its ctx
}

func (f *fakeWay) Settings() Settings { return f.settings }
func (f *fakeWay) Used() string       { return f.used }

func (f *fakeWay) Use(s Settings) error {
	if strings.Contains(s.Proxy, " ") {
		return errors.New("malformed")
	}
	f.settings = s
	return nil
}

func (f *fakeWay) Test(ctx context.Context, told func(string)) Report {
	told("Proxy settings")
	if f.hold {
		<-ctx.Done()
	}
	return f.report
}

// direct runs what is to be run on Fyne's goroutine, where tests have but one.
type direct struct {
	mu    sync.Mutex
	queue []func()
}

func (d *direct) do(f func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.queue = append(d.queue, f)
}

// run runs what waits, until ok holds.
func (d *direct) until(t *testing.T, ok func() bool) {
	t.Helper()
	for range 2000 {
		d.mu.Lock()
		queue := d.queue
		d.queue = nil
		d.mu.Unlock()
		for _, f := range queue {
			f()
		}
		if ok() {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatal("it does not happen")
}

var trouble = Report{
	Fault: problem.ProxyForbids, Notes: []problem.Code{problem.ScriptMissing},
	Text: "Connection report\n\n 1. port 443, direct [ports-blocked]\n 2. port 443, http://proxy.example:3128 [proxy-forbids]\n",
}

func TestPanel(t *testing.T) {
	for _, language := range []string{"en", "ja"} {
		t.Run(language, func(t *testing.T) {
			uitest.App(t, language)
			d := &direct{}
			w := &fakeWay{used: text.F("network.used.direct", map[string]any{"port": "443"}), report: trouble}
			p := New(w, d.do)
			defer p.End()
			p.Show(false)
			if !strings.Contains(p.used.Text, "443") || p.proxy.Object.Visible() || !p.use.Disabled() {
				t.Error("what is shown at first")
			}
			uitest.Picture(t, "network", p.win)
			test.Tap(p.modes[ThisProxy])
			if !p.proxy.Object.Visible() {
				t.Error("no field for the proxy")
			}
			p.proxy.Entry.SetText("a b")
			test.Tap(p.use)
			if p.proxy.Wrong() == "" {
				t.Error("a malformed proxy is taken")
			}
			p.proxy.Entry.SetText("socks5://proxy.example:1080")
			test.Tap(p.use)
			if (w.settings != Settings{ThisProxy, "socks5://proxy.example:1080"}) || p.verdict.Text() == "" {
				t.Errorf("%+v, %q", w.settings, p.verdict.Text())
			}
			test.Tap(p.test)
			d.until(t, func() bool { return p.report != nil })
			what, do := text.Problem(problem.ProxyForbids)
			if said := p.verdict.Text(); !strings.Contains(said, what) || !strings.Contains(said, do) {
				t.Errorf("verdict: %q", said)
			}
			if p.notes.Text == "" || !strings.Contains(p.reader.AccessibilityLabel(), "proxy-forbids") {
				t.Error("the report is not shown")
			}
			uitest.Picture(t, "network-tested", p.win)
			p.Close()
			p.Show(false) // and opens again
			p.Close()
		})
	}
}

// TestSaved: the report is written for people and for programs.
func TestSaved(t *testing.T) {
	uitest.App(t, "en")
	p := New(&fakeWay{}, func(f func()) { f() })
	defer p.End()
	p.Show(false)
	report := trouble
	report.JSON = []byte(`{"works":false}`)
	for _, tt := range []struct {
		folder string
		ok     bool
	}{{t.TempDir(), true}, {filepath.Join(t.TempDir(), "none"), false}} {
		file := filepath.Join(tt.folder, FileName)
		w, err := storage.Writer(storage.NewFileURI(file))
		p.wrote(&report, w, err)
		for name, want := range map[string]string{file: report.Text, strings.TrimSuffix(file, "txt") + "json": string(report.JSON)} {
			if b, err := os.ReadFile(name); (string(b) == want) != tt.ok {
				t.Errorf("%s: %q, %v", name, b, err)
			}
		}
		if said := p.saved.Text(); strings.Contains(said, "Saved") != tt.ok || said == "" {
			t.Errorf("said: %q", said)
		}
	}
}

// TestStopped: a test can be ended, by its button and by closing the window, and nothing is left of it.
func TestStopped(t *testing.T) {
	uitest.App(t, "en")
	d := &direct{}
	p := New(&fakeWay{hold: true}, d.do)
	p.Show(true)
	d.until(t, func() bool { return strings.Contains(p.doing.Text, "Proxy settings") })
	test.Tap(p.test)
	d.until(t, func() bool { return p.stop == nil })
	if p.report != nil || p.doing.Text != "" {
		t.Error("a test that was ended has a result")
	}
	p.Show(true)
	p.Close()
	d.until(t, func() bool { return p.stop == nil })
	p.Show(true)
	p.End()
}

type login struct {
	user, password string
	err            error
}

func ask(q Question) (*loginWindow, <-chan login) {
	got := make(chan login, 1)
	return newLogin(q, func(a answer) { got <- login{a.user, a.password, a.err} }), got
}

func TestLogin(t *testing.T) {
	for _, language := range []string{"en", "ja"} {
		t.Run(language, func(t *testing.T) {
			uitest.App(t, language)
			w, got := ask(Question{Proxy: "proxy.example:3128", Clear: true, Again: true})
			uitest.Picture(t, "proxy-login", w.win)
			w.submit()
			if w.user.Wrong() == "" {
				t.Error("no user name is taken for one")
			}
			w.user.Entry.SetText("ann")
			w.password.Entry.SetText(" s3cret: x ")
			test.Tap(w.ok)
			if a := <-got; a != (login{"ann", " s3cret: x ", nil}) || w.password.Entry.Text != "" {
				t.Errorf("%+v, %q is left", a, w.password.Entry.Text)
			}
			w, got = ask(Question{Proxy: "proxy.example:3128"})
			w.win.(interface{ PressClose() }).PressClose()
			if a := <-got; !errors.Is(a.err, ErrDeclined) {
				t.Errorf("%+v", a)
			}
		})
	}
}

// TestNotNeeded: a question that nobody waits for any more goes away.
func TestNotNeeded(t *testing.T) {
	app := uitest.App(t, "en")
	d := &direct{}
	ctx, cancel := context.WithCancel(t.Context())
	before := len(app.Driver().AllWindows())
	windows := func() int { return len(app.Driver().AllWindows()) - before }
	over := make(chan error, 1)
	go func() {
		_, _, err := Ask(ctx, d.do, Question{Proxy: "p:1"})
		over <- err
	}()
	d.until(t, func() bool { return windows() == 1 })
	cancel()
	if err := <-over; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	d.until(t, func() bool { return windows() == 0 })
}
