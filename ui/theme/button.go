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
	return b.Button.MinSize().Max(fyne.NewSize(b.height*1.2, b.height))
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

// TypedKey presses the button with Return as with Space.
func (b *Button) TypedKey(ev *fyne.KeyEvent) {
	switch ev.Name {
	case fyne.KeyReturn, fyne.KeyEnter:
		b.Button.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
	default:
		b.Button.TypedKey(ev)
	}
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
