package theme

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

// Reader shows a long plain text that is scrolled by mouse or, while it has the focus, by the arrow and page keys.
type Reader struct {
	widget.BaseWidget
	// OnFocus hears when the reader gets the focus.
	OnFocus func()

	name    string
	body    *widget.Label
	scroll  *container.Scroll
	focused bool
}

var (
	_ fyne.Focusable  = (*Reader)(nil)
	_ fyne.Accessible = (*Reader)(nil)
)

// NewReader makes a reader of text. name is what the text is.
func NewReader(name, text string) *Reader {
	r := &Reader{name: name, body: Text(text)}
	r.scroll = container.NewVScroll(r.body)
	r.ExtendBaseWidget(r)
	return r
}

// AccessibilityLabel is the text itself.
func (r *Reader) AccessibilityLabel() string { return r.body.Text }

// AccessibilityRole is a text's.
func (r *Reader) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// Text is what the text is, for ui/trace: the whole would be long.
func (r *Reader) Text() string { return r.name }

// SetText shows another text, from its beginning.
func (r *Reader) SetText(text string) {
	r.body.SetText(text)
	r.scroll.ScrollToTop()
}

// FocusGained puts the ring on.
func (r *Reader) FocusGained() {
	r.focused = true
	r.Refresh()
	told(r.OnFocus)
}

// FocusLost takes the ring off.
func (r *Reader) FocusLost() {
	r.focused = false
	r.Refresh()
}

// TypedRune does nothing.
func (r *Reader) TypedRune(rune) {}

// TypedKey scrolls.
func (r *Reader) TypedKey(ev *fyne.KeyEvent) {
	const line = 40
	page := r.scroll.Size().Height - line
	end := max(0, r.scroll.Content.MinSize().Height-r.scroll.Size().Height)
	y := r.scroll.Offset.Y
	switch ev.Name {
	case fyne.KeyUp:
		y -= line
	case fyne.KeyDown:
		y += line
	case fyne.KeyPageUp:
		y -= page
	case fyne.KeyPageDown, fyne.KeySpace:
		y += page
	case fyne.KeyHome:
		y = 0
	case fyne.KeyEnd:
		y = end
	case fyne.KeyEscape:
		escape(r, ev)
		return
	default:
		return
	}
	r.scroll.ScrollToOffset(fyne.NewPos(0, max(0, min(y, end))))
}

// CreateRenderer puts the text on a card, with a ring around it.
func (r *Reader) CreateRenderer() fyne.WidgetRenderer {
	r.ExtendBaseWidget(r)
	ringed := &ringed{
		WidgetRenderer: widget.NewSimpleRenderer(Card(r.scroll)), of: r, focused: func() bool { return r.focused },
		ring: canvas.Rectangle{CornerRadius: 12},
	}
	ringed.paint()
	return ringed
}
