package network

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/widget"

	"assist/ui/text"
	"assist/ui/theme"
	"assist/ui/trace"
)

// FileName is the report's, as people know it from IBM Assist On-Site. The same as JSON stands beside it.
const FileName = "connrpt.txt"

// Panel is the window about the network. Its methods are called on Fyne's goroutine, but for End.
type Panel struct {
	way  Way
	do   func(func()) // runs something on Fyne's goroutine, as long as there are windows
	life context.Context
	end  context.CancelFunc

	win     fyne.Window // nil while it is not open
	modes   []*theme.Choice
	proxy   *theme.Field
	use     *theme.Button
	used    *widget.Label
	test    *theme.Button
	save    *theme.Button
	verdict *theme.Notice
	notes   *widget.Label
	doing   *widget.Label
	holder  *fyne.Container // the report
	setup   *fyne.Container // how the way is looked for; hidden behind the result of a test
	back    *theme.Button   // shows it again
	report  *Report
	reader  *theme.Reader
	saved   *theme.Notice
	stop    context.CancelFunc // ends the test; nil while there is none
	running sync.WaitGroup
}

// New returns a panel that is not open yet.
func New(way Way, do func(func())) *Panel {
	p := &Panel{way: way, do: do}
	p.life, p.end = context.WithCancel(context.Background())
	return p
}

// End ends a test that runs, and waits for it: the program closes.
func (p *Panel) End() {
	p.end()
	p.running.Wait()
}

var (
	panelSize   = fyne.NewSize(640, 420)
	testedSize  = fyne.NewSize(640, 640)
	reportSpace = float32(260)
)

// Show opens the window, or brings it to the front. With a test, all ways are tried at once.
func (p *Panel) Show(test bool) {
	if p.win == nil {
		p.open()
	}
	p.win.Show()
	p.win.RequestFocus()
	p.refresh()
	if test && p.stop == nil {
		p.begin()
	}
}

func (p *Panel) open() {
	p.win = fyne.CurrentApp().NewWindow(text.L("network.title"))
	p.report, p.reader = nil, nil
	p.used, p.doing, p.notes = theme.Text(""), theme.Text(""), theme.Text("")
	p.verdict, p.saved = theme.NewNotice(theme.Note), theme.NewNotice(theme.Good)
	p.modes = theme.OneOf([][2]string{
		{text.L("network.automatic"), text.L("network.automatic.hint")},
		{text.L("network.no-proxy"), text.L("network.no-proxy.hint")},
		{text.L("network.this-proxy"), text.L("network.this-proxy.hint")},
	}, func(int) { p.chosen() })
	p.proxy = theme.NewField(text.L("network.proxy"), "proxy.example.com:8080")
	p.proxy.Entry.OnChanged = func(string) { p.proxy.SetWrong("") }
	p.proxy.Entry.OnSubmitted = func(string) { p.take() }
	p.use = theme.NewButton(text.L("network.use"), p.take)
	p.test = theme.Primary(text.L("network.test"), p.press)
	p.save = theme.NewButton(text.L("network.save"), p.ask)
	p.holder = container.NewVBox()
	now := p.way.Settings()
	p.modes[now.Mode].SetChosen(true)
	p.proxy.Entry.SetText(text.Plain(now.Proxy))

	p.setup = container.NewVBox()
	for _, m := range p.modes {
		p.setup.Add(m)
	}
	p.setup.Add(p.proxy.Object)
	p.setup.Add(container.NewHBox(p.use))
	p.back = theme.Quiet(text.L("network.settings"), func() { p.showSetup(true) })
	p.back.Hide()
	head := container.New(theme.Tight{}, theme.Strong(text.L("network.used.title")), p.used)
	scroll := theme.NewScroll(container.NewVBox(
		container.NewBorder(nil, nil, nil, container.NewVBox(p.back), head), p.setup, p.doing, p.verdict, p.notes, p.holder, p.saved,
	))
	scroll.Follow(p.proxy.Entry, p.use, p.save, p.back)
	for _, m := range p.modes {
		scroll.Follow(m)
	}
	p.win.SetPadded(false)
	p.win.SetContent(theme.Page(container.NewBorder(nil, theme.Feet(p.test), nil, nil, scroll)))
	p.win.Resize(panelSize)
	p.win.SetCloseIntercept(p.Close)
	theme.OnEscape(p.win.Canvas(), p.Close)
	p.chosen()
	p.clear()
	trace.Show(p.win, "network", p.elements())
}

func (p *Panel) elements() map[string]fyne.CanvasObject {
	m := map[string]fyne.CanvasObject{
		"used": p.used, "proxy": p.proxy.Entry, "use": p.use, "test": p.test, "doing": p.doing, "verdict": p.verdict, "notes": p.notes,
		"saved": p.saved, "settings": p.back, "automatic": p.modes[Automatic], "no-proxy": p.modes[NoProxy], "this-proxy": p.modes[ThisProxy],
	}
	if p.reader != nil {
		m["report"], m["save"] = p.reader, p.save
	}
	return m
}

// Close closes the window, and ends a test.
func (p *Panel) Close() {
	if p.win == nil {
		return
	}
	if p.stop != nil {
		p.stop()
	}
	trace.Gone(p.win)
	p.win.SetCloseIntercept(nil)
	p.win.Close()
	p.win = nil
}

// refresh says which way is used now.
func (p *Panel) refresh() {
	used := p.way.Used()
	if used == "" {
		used = text.L("network.used.none")
	}
	p.used.SetText(used)
}

// showSetup shows how the way is looked for, or hides it.
func (p *Panel) showSetup(on bool) {
	visible(p.setup, on)
	visible(p.back, !on)
}

func visible(o fyne.CanvasObject, on bool) {
	if on {
		o.Show()
	} else {
		o.Hide()
	}
}

// tell puts words into a label, which takes no room without any.
func tell(l *widget.Label, words string) {
	l.SetText(words)
	visible(l, words != "")
}

// mode is the one that is chosen in the window.
func (p *Panel) mode() Mode {
	for i, m := range p.modes {
		if m.Chosen() {
			return Mode(i)
		}
	}
	return Automatic
}

// chosen shows what the chosen mode needs.
func (p *Panel) chosen() {
	visible(p.proxy.Object, p.mode() == ThisProxy)
	now := p.way.Settings()
	p.use.SetEnabled(p.mode() == ThisProxy || p.mode() != now.Mode)
}

// take looks for the way as the window says from now on.
func (p *Panel) take() {
	s := Settings{Mode: p.mode()}
	if s.Mode == ThisProxy {
		s.Proxy = strings.TrimSpace(p.proxy.Entry.Text)
	}
	if err := p.way.Use(s); err != nil || s.Mode == ThisProxy && s.Proxy == "" {
		p.proxy.SetWrong(text.L("network.proxy.wrong"))
		p.win.Canvas().Focus(p.proxy.Entry)
		return
	}
	p.chosen()
	p.refresh()
	p.clear()
	p.verdict.SetTone(theme.Good, text.L("network.taken"), "")
}

// clear takes back what the last test said.
func (p *Panel) clear() {
	p.report, p.reader = nil, nil
	p.holder.RemoveAll()
	p.verdict.Set("", "")
	p.saved.Set("", "")
	tell(p.notes, "")
	tell(p.doing, "")
}

// press begins a test, or ends the one that runs.
func (p *Panel) press() {
	if p.stop != nil {
		p.stop()
		return
	}
	p.begin()
}

func (p *Panel) begin() {
	p.clear()
	p.showSetup(false)
	tell(p.doing, text.L("network.testing"))
	p.test.SetText(text.L("network.test.stop"))
	ctx, stop := context.WithCancel(p.life)
	p.stop = stop
	win := p.win
	p.running.Go(func() {
		defer stop()
		r := p.way.Test(ctx, func(what string) {
			p.do(func() {
				if p.win == win {
					tell(p.doing, text.F("network.testing.what", map[string]any{"what": what}))
				}
			})
		})
		given := ctx.Err() != nil
		p.do(func() {
			p.stop = nil
			if p.win == win {
				p.show(r, given)
			}
		})
	})
}

// show says what a test has found, unless it was given up.
func (p *Panel) show(r Report, given bool) {
	tell(p.doing, "")
	p.test.SetText(text.L("network.test"))
	if given {
		p.showSetup(true)
		return
	}
	p.report = &r
	p.verdict.SetTone(theme.Good, text.L("network.report.works"), "")
	if !r.Works {
		what, do := text.Problem(r.Fault)
		p.verdict.SetTone(theme.Wrong, what, do)
	}
	var notes []string
	for _, n := range r.Notes {
		what, do := text.Problem(n)
		notes = append(notes, text.Join(what, do))
	}
	tell(p.notes, strings.Join(notes, "\n"))
	p.reader = theme.NewReader(text.L("network.report.title"), r.Text)
	p.holder.Add(theme.High(p.reader, reportSpace))
	p.holder.Add(container.NewHBox(p.save))
	p.win.Resize(p.win.Canvas().Size().Max(testedSize))
	p.win.Canvas().Focus(p.save)
	p.refresh()
	trace.Show(p.win, "network", p.elements())
}

// ask lets the person choose where the report goes.
func (p *Panel) ask() {
	report := p.report
	d := dialog.NewFileSave(func(w fyne.URIWriteCloser, err error) {
		if w != nil || err != nil {
			p.wrote(report, w, err)
		}
	}, p.win)
	d.SetFileName(FileName)
	d.Show()
}

// wrote writes the report, and beside it the one for programs, and says how that went.
func (p *Panel) wrote(r *Report, w fyne.URIWriteCloser, err error) {
	if err == nil {
		_, err = io.WriteString(w, r.Text)
		err = errors.Join(err, w.Close())
	}
	if err == nil && w.URI().Scheme() == "file" {
		name := w.URI().Path()
		err = os.WriteFile(strings.TrimSuffix(name, filepath.Ext(name))+".json", r.JSON, 0o600)
	}
	if err != nil {
		p.saved.SetTone(theme.Wrong, text.L("network.save.failed"), "")
		return
	}
	p.saved.SetTone(theme.Good, text.F("network.saved", map[string]any{"file": text.Plain(w.URI().Path())}), text.L("network.saved.do"))
}
