// Package trace writes down what the windows show, for tests that drive the program from outside and for reading
// it aloud: one JSON line whenever a screen appears or changes.
//
//	{"window":"Assist","size":[520,680],"screen":"consent","elements":{
//	  "allow":{"x":300,"y":610,"w":180,"h":54,"text":"Allow","enabled":true,"focused":false,"visible":true}}}
//
// Positions and sizes are pixels of the window's content, from its top left corner. The line of a window that was
// closed has "screen":"". "visible" says that the thing itself is not hidden; what it stands in may be, or may be
// scrolled away, which its position tells. What is typed into an entry is never written, only how many characters there are
// ("typed").
//
// The package only writes: nothing can be pressed or changed through it. It does nothing at all until Install is
// called.
package trace

import (
	"encoding/json"
	"io"
	"maps"
	"reflect"
	"slices"
	"time"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// pace is how often the shown screens are compared with what was written of them.
const pace = 100 * time.Millisecond

// Element is one named thing on a screen.
type Element struct {
	X       int    `json:"x"`
	Y       int    `json:"y"`
	W       int    `json:"w"`
	H       int    `json:"h"`
	Text    string `json:"text"`
	Typed   int    `json:"typed,omitempty"`  // characters in an entry
	Chosen  bool   `json:"chosen,omitempty"` // ticked
	Enabled bool   `json:"enabled"`
	Focused bool   `json:"focused"`
	Visible bool   `json:"visible"`
}

// Line is one line of the trace.
type Line struct {
	Window   string             `json:"window"`
	Size     [2]int             `json:"size"`
	Screen   string             `json:"screen"`
	Elements map[string]Element `json:"elements"`
}

// shown is a window's screen.
type shown struct {
	screen   string
	elements map[string]fyne.CanvasObject
	last     Line
	written  bool
}

// tracer writes. It is used on Fyne's goroutine only.
type tracer struct {
	out     *json.Encoder
	windows map[fyne.Window]*shown
	timer   *time.Timer
	over    bool
}

var installed *tracer // used on Fyne's goroutine only

// Install starts writing to w and returns what ends it. Both are called on Fyne's goroutine, or before it runs. The
// first error of w ends it as well.
func Install(w io.Writer) (stop func()) {
	t := &tracer{out: json.NewEncoder(w), windows: map[fyne.Window]*shown{}}
	t.out.SetEscapeHTML(false)
	installed = t
	t.timer = time.AfterFunc(pace, func() { fyne.Do(t.tick) })
	return t.stop
}

// Show says which screen win shows from now on, and what is on it. It replaces what was said before of win, and
// costs nothing while no tracer is installed. Call it on Fyne's goroutine.
func Show(win fyne.Window, screen string, elements map[string]fyne.CanvasObject) {
	if installed == nil || win == nil {
		return
	}
	installed.windows[win] = &shown{screen: screen, elements: maps.Clone(elements)}
}

// Gone says that win was closed.
func Gone(win fyne.Window) {
	if installed == nil || installed.windows[win] == nil {
		return
	}
	delete(installed.windows, win)
	installed.write(Line{Window: win.Title()})
}

// Flush writes what has changed, without waiting for the next time.
func Flush() {
	if installed != nil {
		installed.check()
	}
}

func (t *tracer) tick() {
	if t.over {
		return
	}
	t.check()
	if !t.over {
		t.timer.Reset(pace)
	}
}

func (t *tracer) stop() {
	t.over = true
	t.timer.Stop()
	if installed == t {
		installed = nil
	}
}

// check writes every screen that is not as it was written last, windows in the order of their titles.
func (t *tracer) check() {
	windows := slices.SortedFunc(maps.Keys(t.windows), func(a, b fyne.Window) int {
		if a.Title() < b.Title() {
			return -1
		}
		return 1
	})
	for _, win := range windows {
		s := t.windows[win]
		line := look(win, s)
		if s.written && reflect.DeepEqual(line, s.last) {
			continue
		}
		s.last, s.written = line, true
		t.write(line)
	}
}

func (t *tracer) write(line Line) {
	if t.over {
		return
	}
	if err := t.out.Encode(line); err != nil {
		t.stop()
	}
}

// look reads what a screen is like now.
func look(win fyne.Window, s *shown) Line {
	canvas := win.Canvas()
	line := Line{Window: win.Title(), Screen: s.screen, Elements: map[string]Element{}}
	line.Size[0], line.Size[1] = canvas.PixelCoordinateForPosition(fyne.NewPos(canvas.Size().Width, canvas.Size().Height))
	for name, o := range s.elements {
		line.Elements[name] = element(canvas, o)
	}
	return line
}

func element(canvas fyne.Canvas, o fyne.CanvasObject) Element {
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(o)
	e := Element{Enabled: true, Visible: o.Visible()}
	e.X, e.Y = canvas.PixelCoordinateForPosition(at)
	right, bottom := canvas.PixelCoordinateForPosition(at.Add(o.Size()))
	e.W, e.H = max(0, right-e.X), max(0, bottom-e.Y)
	if d, ok := o.(fyne.Disableable); ok {
		e.Enabled = !d.Disabled()
	}
	if f, ok := o.(fyne.Focusable); ok {
		e.Focused = canvas.Focused() == f
	}
	if c, ok := o.(interface{ Chosen() bool }); ok {
		e.Chosen = c.Chosen()
	}
	e.Text, e.Typed = content(o)
	return e
}

// content is the text of o; of an entry it is its name, and how much was typed.
func content(o fyne.CanvasObject) (text string, typed int) {
	if t, ok := o.(interface{ Typed() int }); ok {
		typed = t.Typed()
	}
	switch o := o.(type) {
	case interface{ Text() string }:
		return o.Text(), typed
	case *widget.Entry:
		return o.PlaceHolder, utf8.RuneCountInString(o.Text)
	case *widget.Select:
		return o.Selected, 0
	case *widget.Check:
		return o.Text, 0
	case fyne.Accessible:
		return o.AccessibilityLabel(), typed
	}
	return "", typed
}
