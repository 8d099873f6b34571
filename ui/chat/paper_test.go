package chat

import (
	"fmt"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"assist/ui/uitest"
)

// later is the app in memory, with functions that are given to fyne.Do kept until run: as on a real screen.
type later struct {
	fyne.App
	driver laterDriver
}

type laterDriver struct {
	fyne.Driver
	queue []func()
}

func (a *later) Driver() fyne.Driver                    { return &a.driver }
func (d *laterDriver) DoFromGoroutine(f func(), _ bool) { d.queue = append(d.queue, f) }
func (a *later) run() (n int) {
	for _, f := range a.driver.queue {
		f()
	}
	n = len(a.driver.queue)
	a.driver.queue = nil
	return n
}

// TestAddCostsOnlyItself holds what a message costs against how many there are, in pieces of memory: they come with every label.
func TestAddCostsOnlyItself(t *testing.T) {
	for _, length := range []int{20, MaxMessage / 2} {
		cost := func(kept int) float64 {
			p, _, _ := panel(t)
			numbered(p, kept, length)
			return testing.AllocsPerRun(5, func() { p.Add("A", strings.Repeat("word ", length/5), at) })
		}
		few, many := cost(5), cost(keepBytes/(length+100))
		if few == 0 || many > 2*few {
			t.Errorf("%d characters: %.0f pieces with a few messages there, %.0f with many", length, few, many)
		}
	}
}

// TestManyAtOnce lays out once what comes at once.
func TestManyAtOnce(t *testing.T) {
	p, _, w := panel(t)
	app := &later{App: fyne.CurrentApp()}
	app.driver.Driver = app.App.Driver()
	fyne.SetCurrentApp(app)
	defer fyne.SetCurrentApp(app.App)
	for round := range 3 {
		for i := range 50 {
			p.Add("A", fmt.Sprintf("round %d, number %d.", round, i), at)
		}
		if e := p.paper.entries[len(p.paper.entries)-1]; e.high != 0 {
			t.Error("it is laid out at once")
		}
		if n := app.run(); n != 1 {
			t.Errorf("%d times for 50 messages", n)
		}
		uitest.Says(t, w, fmt.Sprintf("round %d, number 49.", round))
	}
}

// TestClosed adds to a panel that nobody sees.
func TestClosed(t *testing.T) {
	p, _, w := panel(t)
	p.Add("A", "before", at)
	p.Open(false)
	high := p.paper.high
	numbered(p, 50, 500)
	p.paper.Refresh()
	if p.paper.high != high || len(p.paper.seen) != 0 {
		t.Error("it is laid out though it is closed")
	}
	if !strings.HasPrefix(p.Last.Text, "no. 49") {
		t.Errorf("the last message is %q", p.Last.Text)
	}
	p.Open(true)
	uitest.Says(t, w, "no. 49")
	if p.paper.high < 50*30 || len(p.paper.seen) == 0 || len(p.paper.seen) > 10 {
		t.Errorf("%v high, %d labels", p.paper.high, len(p.paper.seen))
	}
}

// TestScrolling reaches every message, by wheel and by bar, and shows each where it belongs.
func TestScrolling(t *testing.T) {
	p, _, w := panel(t)
	const n = 24
	for i := range n {
		p.Add("A", fmt.Sprintf("number %d. %s", i, strings.Repeat("word ", i*7%40)), at)
	}
	for name, scroll := range map[string]func(to float32){
		"wheel": func(to float32) {
			p.scroll.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, p.scroll.Offset.Y-to)})
		},
		"bar": func(to float32) { p.scroll.ScrollToOffset(fyne.NewPos(0, to)) },
	} {
		for i, e := range p.paper.entries {
			scroll(min(e.top, p.paper.high-p.scroll.Size().Height))
			if words := uitest.Words(w); !strings.Contains(words, fmt.Sprintf("number %d.", i)) {
				t.Errorf("%s: message %d is not there:\n%s", name, i, words)
			}
			if len(p.paper.seen) > 30 {
				t.Errorf("%s: %d labels at message %d", name, len(p.paper.seen), i)
			}
			if at := e.head.Position().Y; at != e.top || e.body.Position().Y != at+e.head.Size().Height-closer {
				t.Errorf("%s: message %d is at %v, not %v", name, i, at, e.top)
			}
		}
	}
}

// TestAnotherSize measures anew in another width, and fills a higher panel.
func TestAnotherSize(t *testing.T) {
	p, _, w := panel(t)
	for range 40 {
		p.Add("A", strings.Repeat("word ", 30), at)
	}
	high, seen := p.paper.high, len(p.paper.seen)
	w.Resize(fyne.NewSize(400, 900))
	if p.paper.high != high || len(p.paper.seen) <= seen {
		t.Errorf("higher: %v high, %d labels", p.paper.high, len(p.paper.seen))
	}
	w.Resize(fyne.NewSize(1200, 900))
	if p.paper.high >= high {
		t.Errorf("wider, and still %v high", p.paper.high)
	}
	for _, e := range p.paper.entries {
		if e.body != nil && e.body.Size().Width != p.scroll.Size().Width {
			t.Errorf("a message is %v wide", e.body.Size().Width)
		}
	}
}

// TestBottomStays keeps the newest message in view in any size, unless somebody reads further up.
func TestBottomStays(t *testing.T) {
	p, _, w := panel(t)
	p.Open(false)
	numbered(p, 40, 100)
	p.Open(true)
	sizes := []fyne.Size{{Width: 400, Height: 300}, {Width: 400, Height: 200}, {Width: 250, Height: 200}, {Width: 800, Height: 600}, {Width: 300, Height: 150}}
	for _, size := range sizes {
		w.Resize(size)
		if words := uitest.Words(w); !strings.Contains(words, "no. 39") {
			t.Errorf("in %v it says\n%s", size, words)
		}
	}
	p.scroll.ScrollToTop()
	w.Resize(sizes[1])
	uitest.Says(t, w, "no. 0 ")
	uitest.SaysNot(t, w, "no. 39")
	p.Add("A", "newest", at)
	uitest.Says(t, w, "newest")
}

// TestReopened shows all as before. The labels are others: those that are hidden for long lose the places of their letters.
func TestReopened(t *testing.T) {
	p, _, w := panel(t)
	numbered(p, 30, 300)
	before, label := test.RenderToMarkup(w.Canvas()), p.paper.seen[0]
	p.Open(false)
	p.Open(true)
	if p.paper.seen[0] == label {
		t.Error("a label was kept")
	}
	if after := test.RenderToMarkup(w.Canvas()); after != before {
		t.Errorf("before\n%s\nafter\n%s", before, after)
	}
}
