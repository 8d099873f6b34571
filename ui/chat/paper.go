package chat

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	base "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"assist/ui/text"
	"assist/ui/theme"
)

// How much is kept. Older messages go.
const (
	keepMessages = 200
	keepBytes    = 64 << 10 // of text, as it is shown
)

const (
	closer = 14 // who and what stand closer than two labels would
	apart  = 6  // and two messages are this much nearer, too
)

// paper is the column of messages. A message that comes costs only itself, whatever is there: each one's height is remembered, and
// only what is in view has labels. It is the content of a scroll area, which moves it.
type paper struct {
	widget.BaseWidget

	window  func() float32 // how high the part is that can be seen
	bottom  func()         // scrolls there
	entries []*entry
	first   *entry // stands above them: that there is nothing yet, or that older ones have gone; nil for neither
	bytes   int
	closed  bool // nobody can see it: nothing is laid out
	high    float32
	seen    []fyne.CanvasObject
	last    extent // at the last Move
	away    bool   // from the bottom
}

// entry is one message, or a line about them, which is nobody's.
type entry struct {
	who, what  string
	head, body *widget.Label // nil while it is not in view
	look       look          // that the height is for
	top, high  float32
}

// extent is how high a paper and its window are.
type extent struct{ paper, window float32 }

// look is what a height depends on.
type look struct{ width, text float32 }

func newPaper() *paper {
	p := &paper{first: &entry{what: text.L("chat.empty")}}
	p.ExtendBaseWidget(p)
	return p
}

// add puts e at the end, without a place as yet, and lets the oldest go when there are too many.
func (p *paper) add(e *entry) {
	if len(p.entries) == 0 {
		p.first = nil
	}
	p.entries = append(p.entries, e)
	p.bytes += e.size()
	old := 0
	for len(p.entries)-old > keepMessages || p.bytes > keepBytes && len(p.entries)-old > 1 {
		p.bytes -= p.entries[old].size()
		old++
	}
	if old > 0 {
		p.entries = slices.Delete(p.entries, 0, old)
		if p.first == nil {
			p.first = &entry{what: text.L("chat.gone")}
		}
	}
}

func (e *entry) size() int { return len(e.who) + len(e.what) }

// all yields what stands on the paper, from the top.
func (p *paper) all(yield func(*entry) bool) {
	if p.first != nil && !yield(p.first) {
		return
	}
	for _, e := range p.entries {
		if !yield(e) {
			return
		}
	}
}

// place gives everything its place on a paper of a width. Only what is new is measured, unless the paper looks different now.
func (p *paper) place(width float32) {
	if p.closed {
		return
	}
	now := look{width, base.SizeForWidget(base.SizeNameText, p)}
	p.high = 0
	for e := range p.all {
		if p.high > 0 {
			p.high -= apart
		}
		if e.look != now {
			e.measure(now)
		}
		e.top = p.high
		p.high += e.high
	}
	p.view()
}

// view gives labels to what can be seen, and takes them from the rest: what is hidden for long would lose the places of its letters.
func (p *paper) view() {
	top, width := -p.Position().Y, p.Size().Width
	bottom := top + p.window()
	var seen []fyne.CanvasObject
	for e := range p.all {
		if p.closed || e.look.width != width || e.top >= bottom || e.top+e.high <= top {
			e.head, e.body = nil, nil
			continue
		}
		seen = append(seen, e.labels()...)
		e.move()
	}
	p.seen = seen
}

// labels are what shows e.
func (e *entry) labels() (both []fyne.CanvasObject) {
	if e.body == nil {
		e.body = theme.Text(e.what)
	}
	if e.who == "" {
		return []fyne.CanvasObject{e.body}
	}
	if e.head == nil {
		e.head = theme.Strong(e.who)
	}
	return []fyne.CanvasObject{e.head, e.body}
}

// measure lays e out for a look and remembers how high it is.
func (e *entry) measure(now look) {
	e.look, e.high = now, 0
	for i, o := range e.labels() {
		o.Resize(fyne.NewSize(now.width, 0))
		h := o.MinSize().Height // for this width
		o.Resize(fyne.NewSize(now.width, h))
		if i > 0 {
			e.high -= closer
		}
		e.high += h
	}
}

// move puts the labels where e stands. Those that were made since it was measured are laid out by it.
func (e *entry) move() {
	y := e.top
	for _, o := range e.labels() {
		if o.Size().Width != e.look.width {
			o.Resize(fyne.NewSize(e.look.width, 0))
			o.Resize(fyne.NewSize(e.look.width, o.MinSize().Height))
		}
		o.Move(fyne.NewPos(0, y))
		y += o.Size().Height - closer
	}
}

// Move is how the scroll area scrolls. It comes with every change of sizes, too: then the newest message stays in view, if it was.
func (p *paper) Move(to fyne.Position) {
	p.BaseWidget.Move(to)
	if now := (extent{p.high, p.window()}); now != p.last {
		if p.last = now; !p.away {
			p.bottom()
		}
	}
	p.away = -p.Position().Y+p.last.window < p.last.paper-1
	p.view()
}

// CreateRenderer is for Fyne.
func (p *paper) CreateRenderer() fyne.WidgetRenderer { return paperRenderer{p} }

type paperRenderer struct{ p *paper }

func (r paperRenderer) Destroy()                     {}
func (r paperRenderer) Layout(size fyne.Size)        { r.p.place(size.Width) }
func (r paperRenderer) MinSize() fyne.Size           { return fyne.NewSize(0, r.p.high) }
func (r paperRenderer) Objects() []fyne.CanvasObject { return r.p.seen }

// Refresh shows everything in the look of now.
func (r paperRenderer) Refresh() {
	r.p.place(r.p.Size().Width)
	for _, o := range r.p.seen {
		o.Refresh()
	}
	canvas.Refresh(r.p)
}
