package theme

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	base "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Heights of buttons.
const (
	quietHeight  = 34
	buttonHeight = 42
	bigHeight    = 54
)

// Button is Fyne's button that is pressed by Return as well as by Space, wears a ring while it has the focus, and is
// big enough to hit. Only the button that has the focus can be pressed by a key.
type Button struct {
	widget.Button
	// OnFocus hears when the button gets the focus.
	OnFocus func()

	height  float32
	marks   bool // keeps room for a tick
	focused bool
}

var (
	_ fyne.Focusable  = (*Button)(nil)
	_ fyne.Accessible = (*Button)(nil)
)

// NewButton is an ordinary button.
func NewButton(text string, tapped func()) *Button {
	return button(text, widget.MediumImportance, buttonHeight, tapped)
}

// Quiet is a lower button, which is there when it is looked for and does not call for attention.
func Quiet(text string, tapped func()) *Button {
	return button(text, widget.MediumImportance, quietHeight, tapped)
}

// NewSwitch is an ordinary button that can be marked as the one that holds. It is as wide with the mark as without, so that
// nothing moves.
func NewSwitch(text string, tapped func()) *Button {
	b := NewButton(text, tapped)
	b.marks = true
	return b
}

// Mark puts the mark on the button, by sign and colour, or takes it off.
func (b *Button) Mark(on bool) {
	b.Importance, b.Icon = widget.MediumImportance, nil
	if on {
		b.Importance, b.Icon = widget.HighImportance, base.ConfirmIcon()
	}
	b.Refresh()
}

// Primary is the big button a screen is about. A screen has one.
func Primary(text string, tapped func()) *Button {
	return button(text, widget.HighImportance, bigHeight, tapped)
}

// Secondary is as big as Primary, and plain.
func Secondary(text string, tapped func()) *Button {
	return button(text, widget.MediumImportance, bigHeight, tapped)
}

// Danger is the big red button that ends something.
func Danger(text string, tapped func()) *Button {
	return button(text, widget.DangerImportance, bigHeight, tapped)
}

func button(text string, importance widget.Importance, height float32, tapped func()) *Button {
	b := &Button{height: height}
	b.Text, b.Importance, b.OnTapped = text, importance, tapped
	b.ExtendBaseWidget(b)
	return b
}

// MinSize is the size the text needs, but never too small to hit.
func (b *Button) MinSize() fyne.Size {
	b.ExtendBaseWidget(b)
	size := b.Button.MinSize()
	if b.marks { // Fyne's answer depends on whether there ever was an icon
		size.Width = fyne.MeasureText(b.Text, textSize, fyne.TextStyle{Bold: true}).Width +
			base.IconInlineSize() + base.Padding() + 2*base.InnerPadding()
	}
	return size.Max(fyne.NewSize(b.height*1.2, b.height))
}

// SetEnabled enables or disables the button.
func (b *Button) SetEnabled(on bool) {
	if on == !b.Disabled() {
		return
	}
	if on {
		b.Enable()
	} else {
		b.Disable()
	}
}

// FocusGained puts the ring on.
func (b *Button) FocusGained() {
	b.focused = true
	b.Button.FocusGained()
	told(b.OnFocus)
}

// FocusLost takes the ring off.
func (b *Button) FocusLost() {
	b.focused = false
	b.Button.FocusLost()
}

// TypedKey presses the button with Return as with Space. The focus stays, where Fyne's own button loses it: who goes by the
// keyboard would have to begin anew.
func (b *Button) TypedKey(ev *fyne.KeyEvent) {
	switch ev.Name {
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace:
		if !b.Disabled() {
			told(b.OnTapped)
		}
	case fyne.KeyEscape:
		escape(b, ev)
	}
}

// escape hands Escape on to the window that w is in: what has the focus has no use for it.
func escape(w fyne.CanvasObject, ev *fyne.KeyEvent) {
	canvas := fyne.CurrentApp().Driver().CanvasForObject(w)
	if canvas == nil {
		return
	}
	if hears := canvas.OnTypedKey(); hears != nil {
		hears(ev)
	}
}

// OnEscape calls f when Escape is pressed in a window whose focusable things are this package's: what a button Cancel, Back or No
// on it would do. Nil: nothing.
func OnEscape(c fyne.Canvas, f func()) {
	c.SetOnTypedKey(func(ev *fyne.KeyEvent) {
		if ev.Name == fyne.KeyEscape {
			told(f)
		}
	})
}

// CreateRenderer adds the ring to Fyne's renderer.
func (b *Button) CreateRenderer() fyne.WidgetRenderer {
	b.ExtendBaseWidget(b)
	r := &ringed{WidgetRenderer: b.Button.CreateRenderer(), of: b, focused: func() bool { return b.focused }}
	r.ring.CornerRadius = base.CurrentForWidget(b).Size(base.SizeNameButtonRadius) + 2
	r.paint()
	return r
}

// ringed is a renderer with a ring on top for what has the focus.
type ringed struct {
	fyne.WidgetRenderer
	of      fyne.Widget
	ring    canvas.Rectangle
	focused func() bool
}

// ringWidth is the width of the ring, drawn just outside the widget.
const ringWidth = 3

func (r *ringed) Objects() []fyne.CanvasObject {
	return append(r.WidgetRenderer.Objects(), &r.ring)
}

func (r *ringed) Layout(size fyne.Size) {
	r.WidgetRenderer.Layout(size)
	placeRing(&r.ring, size)
}

func (r *ringed) Refresh() {
	r.WidgetRenderer.Refresh()
	r.paint()
}

func (r *ringed) paint() { paintRing(&r.ring, r.of, r.focused()) }

func placeRing(ring *canvas.Rectangle, size fyne.Size) {
	ring.Move(fyne.NewPos(-ringWidth/2-1, -ringWidth/2-1))
	ring.Resize(size.AddWidthHeight(ringWidth, ringWidth))
}

func paintRing(ring *canvas.Rectangle, of fyne.Widget, focused bool) {
	ring.FillColor = color.Transparent
	ring.StrokeWidth = ringWidth
	ring.StrokeColor = colour(of, ColorNameRing)
	ring.Hidden = !focused
	ring.Refresh()
}
