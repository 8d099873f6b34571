// Package uitest is what the tests of the windows share: an app in memory in one language and one look, windows
// that are really laid out, what a window says in words, and pictures to look at. Only tests import it.
package uitest

import (
	"html"
	"image/png"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	base "fyne.io/fyne/v2/theme"

	"assist/ui/text"
	"assist/ui/theme"
)

// Pictures names the environment variable with the folder that Picture writes to.
const Pictures = "ASSIST_PICTURES"

// App starts an app in memory for the test, light, in language. The language is English again afterwards.
func App(t testing.TB, language string) fyne.App {
	t.Helper()
	app := &oneAtATime{App: test.NewTempApp(t)}
	app.driver.Driver = app.App.Driver()
	fyne.SetCurrentApp(app)
	app.Settings().SetTheme(theme.Fixed(base.VariantLight))
	Language(t, language)
	return app
}

// Opened is the address that the app opened last, nil for none.
func Opened(app fyne.App) *url.URL { return app.(*oneAtATime).opened }

// Refuse makes the app fail to open addresses.
func Refuse(app fyne.App, err error) { app.(*oneAtATime).refusal = err }

// oneAtATime is the app in memory with what it lacks: functions that are given to fyne.Do run one at a time, windows
// record what is done to them, and what is to be opened is remembered.
type oneAtATime struct {
	fyne.App
	driver  lockedDriver
	opened  *url.URL
	refusal error
}

func (a *oneAtATime) Driver() fyne.Driver { return &a.driver }

func (a *oneAtATime) NewWindow(title string) fyne.Window {
	return &Window{Window: a.App.NewWindow(title), inner: true}
}

func (a *oneAtATime) OpenURL(u *url.URL) error {
	a.opened = u
	return a.refusal
}

type lockedDriver struct {
	fyne.Driver
	lock sync.Mutex
}

func (d *lockedDriver) DoFromGoroutine(f func(), wait bool) {
	d.lock.Lock()
	defer d.lock.Unlock()
	d.Driver.DoFromGoroutine(f, wait)
}

// Pass lets time pass in a synctest bubble, and everything that is due happen.
func Pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// Language changes the language until the end of the test.
func Language(t testing.TB, language string) {
	t.Helper()
	if err := text.Load(language); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := text.Load("en"); err != nil {
			t.Error(err)
		}
	})
}

// Window records what is done to a window beyond its content. The window in memory has no close button and no
// frame: Close here is what the button would do.
type Window struct {
	fyne.Window
	Closed  bool
	Shown   bool
	Raised  int // how often the window asked to be in front
	OnTop   bool
	closing func()
	inner   bool // made by the app: really closed by Close
}

// NewWindow makes a window in memory.
func NewWindow(t testing.TB) *Window {
	t.Helper()
	w := &Window{Window: test.NewWindow(nil)}
	t.Cleanup(w.Window.Close)
	return w
}

// SetCloseIntercept keeps f for PressClose.
func (w *Window) SetCloseIntercept(f func()) { w.closing = f }

// PressClose is the window's close button.
func (w *Window) PressClose() { w.closing() }

// Close closes the window for good.
func (w *Window) Close() {
	w.Closed = true
	if w.inner {
		w.Window.Close()
	}
}

// Show is remembered.
func (w *Window) Show() {
	w.Shown = true
	w.Window.Show()
}

// Hide is remembered.
func (w *Window) Hide() {
	w.Shown = false
	w.Window.Hide()
}

// RequestFocus counts.
func (w *Window) RequestFocus() { w.Raised++ }

// RequestAlwaysOnTop is remembered.
func (w *Window) RequestAlwaysOnTop() { w.OnTop = true }

// RequestFullScreenSecondary does nothing.
func (w *Window) RequestFullScreenSecondary() {}

// RequestPosition does nothing.
func (w *Window) RequestPosition(int, int) {}

// Settle lays everything out as the real windows do before they paint: texts that wrap need to know their width first.
func Settle(w fyne.Window) {
	size := w.Canvas().Size()
	for range 3 {
		w.Resize(size.AddWidthHeight(1, 1))
		w.Resize(size)
	}
}

var texts = regexp.MustCompile(`(?s)<text[^>]*>(.*?)</text>`)

// Words is every text that is drawn in w, in order, one drawn line a line.
func Words(w fyne.Window) string {
	Settle(w)
	var lines []string
	for _, m := range texts.FindAllStringSubmatch(test.RenderToMarkup(w.Canvas()), -1) {
		if s := strings.TrimSpace(html.UnescapeString(m[1])); s != "" {
			lines = append(lines, s)
		}
	}
	return strings.Join(lines, "\n")
}

// Says fails the test if w does not say s, wherever its lines break.
func Says(t testing.TB, w fyne.Window, s string) {
	t.Helper()
	if words := Words(w); !strings.Contains(joined(words), joined(s)) {
		t.Errorf("the window does not say %q but\n%s", s, words)
	}
}

// SaysNot fails the test if w says s.
func SaysNot(t testing.TB, w fyne.Window, s string) {
	t.Helper()
	if words := Words(w); strings.Contains(joined(words), joined(s)) {
		t.Errorf("the window says %q:\n%s", s, words)
	}
}

// joined is s without white space, because where lines break depends on the fonts of the machine.
func joined(s string) string { return strings.Join(strings.Fields(s), "") }

// ends are signs that no line of Japanese begins with.
const ends = "。、）」』！？"

// Wraps fails the test if a line of w begins with a sign that belongs to the end of the one before: Fyne breaks Japanese anywhere.
// Another wording, or another width, moves it.
func Wraps(t testing.TB, w fyne.Window) {
	t.Helper()
	before := ""
	for line := range strings.Lines(Words(w)) {
		if strings.ContainsAny(string([]rune(line)[:1]), ends) {
			t.Errorf("a line begins with the end of the one before:\n%s%s", before, line)
		}
		before = line
	}
}

// Golden compares w with testdata/name.LANGUAGE.xml (English: everything as it is drawn) or .txt (others: the words,
// whose lines are right by [Wraps]). What differs is written to testdata/failed.
func Golden(t *testing.T, name string, w fyne.Window) {
	t.Helper()
	Settle(w)
	if text.Language() == "en" {
		test.AssertRendersToMarkup(t, name+".en.xml", w.Canvas())
		return
	}
	Wraps(t, w)
	file := name + "." + text.Language() + ".txt"
	got := strings.ReplaceAll(joined(Words(w)), "。", "。\n") + "\n"
	want, err := os.ReadFile(filepath.Join("testdata", file))
	if err == nil && string(want) == got {
		return
	}
	failed := filepath.Join("testdata", "failed", file)
	if err := os.MkdirAll(filepath.Dir(failed), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(failed, []byte(got), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Errorf("%s differs from what is shown now, see %s", file, failed)
}

// Picture writes what w looks like into the folder that the environment names, light and dark, and does nothing if
// it names none.
func Picture(t testing.TB, name string, w fyne.Window) {
	t.Helper()
	folder := os.Getenv(Pictures)
	if folder == "" {
		return
	}
	settings := fyne.CurrentApp().Settings()
	defer settings.SetTheme(theme.Fixed(base.VariantLight))
	for look, variant := range map[string]fyne.ThemeVariant{"light": base.VariantLight, "dark": base.VariantDark} {
		settings.SetTheme(theme.Fixed(variant))
		w.Canvas().Capture() // what was not drawn for long is made anew by this, without a place
		w.Content().Refresh()
		Settle(w)
		f, err := os.Create(filepath.Join(folder, name+"."+text.Language()+"."+look+".png"))
		if err != nil {
			t.Fatal(err)
		}
		if err := png.Encode(f, w.Canvas().Capture()); err != nil {
			t.Error(err)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
}

// Press types a key into what has the focus in w.
func Press(w fyne.Window, keys ...fyne.KeyName) {
	for _, key := range keys {
		if key == fyne.KeyTab {
			w.Canvas().FocusNext()
			continue
		}
		focused := w.Canvas().Focused()
		if focused == nil {
			continue
		}
		focused.TypedKey(&fyne.KeyEvent{Name: key})
		if key == fyne.KeySpace {
			focused.TypedRune(' ')
		}
	}
}
