package viewer

import (
	"image"
	"runtime"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"assist/app/engineer"
)

// The pane is not DoubleTappable (that would hold back every click) and is Draggable because a drag is how Fyne keeps
// reporting moves with a button down, beyond the pane's edge too.
var (
	_ desktop.Keyable    = (*pane)(nil)
	_ desktop.Mouseable  = (*pane)(nil)
	_ desktop.Hoverable  = (*pane)(nil)
	_ desktop.Cursorable = (*pane)(nil)
	_ fyne.Draggable     = (*pane)(nil)
	_ fyne.Scrollable    = (*pane)(nil)
	_ fyne.Tabbable      = (*pane)(nil)
	_ fyne.Shortcutable  = (*pane)(nil)
)

// notch is what Fyne reports for one notch of a wheel.
var notch = map[bool]float32{false: 25, true: 10}[runtime.GOOS == "darwin"]

// panStep is how far an arrow key moves a picture that is larger than the pane, in pixels.
const panStep = 64

// FocusGained implements fyne.Focusable.
func (p *pane) FocusGained() { p.setFocused(true) }

// FocusLost lets go of everything: the keyboard or the whole window went elsewhere.
func (p *pane) FocusLost() {
	p.hands.letGo()
	p.setFocused(false)
}

func (p *pane) setFocused(on bool) {
	p.focused = on
	if p.onFocus != nil {
		p.onFocus(on)
	}
}

// AcceptsTab sends Tab to the customer while the engineer has control, and to the next widget otherwise.
func (p *pane) AcceptsTab() bool { return p.hands.isOpen() }

// KeyDown sends a key, unless a Surface has sent it already. F11 stays here: it is the way out of full screen.
func (p *pane) KeyDown(ev *fyne.KeyEvent) {
	if ev.Name == fyne.KeyF11 {
		p.call(p.onFull)
		return
	}
	if !p.hands.isOpen() {
		if u, ok := p.hands.usage(ev.Physical.ScanCode); ok && printing(u) {
			p.call(p.onDenied)
		}
		return
	}
	p.hands.note(ev.Physical.ScanCode, true)
	if p.ears == nil || p.ears.left(ev.Physical.ScanCode, true) {
		p.hands.keyDown(ev.Physical.ScanCode)
	}
}

// KeyUp releases it.
func (p *pane) KeyUp(ev *fyne.KeyEvent) {
	p.hands.note(ev.Physical.ScanCode, false)
	if p.ears != nil && !p.ears.left(ev.Physical.ScanCode, false) {
		return
	}
	if p.hands.keyUp(ev.Physical.ScanCode) {
		p.call(p.onLeave)
	}
}

// TypedKey is called for the same press as KeyDown, and again while a key repeats.
func (p *pane) TypedKey(ev *fyne.KeyEvent) {
	if p.hands.isOpen() {
		p.hands.keyTyped(ev.Physical.ScanCode)
		return
	}
	switch ev.Name {
	case fyne.KeyLeft:
		p.panTo(p.pan.Sub(image.Pt(panStep, 0)))
	case fyne.KeyRight:
		p.panTo(p.pan.Add(image.Pt(panStep, 0)))
	case fyne.KeyUp:
		p.panTo(p.pan.Sub(image.Pt(0, panStep)))
	case fyne.KeyDown:
		p.panTo(p.pan.Add(image.Pt(0, panStep)))
	}
}

// TypedRune sends characters that no key sent by KeyDown made.
func (p *pane) TypedRune(r rune) { p.hands.typed(r) }

// TypedShortcut does nothing: the keys of a shortcut have been sent by KeyDown. Being there keeps the window's own
// shortcuts from acting on them.
func (p *pane) TypedShortcut(fyne.Shortcut) {}

// Cursor hides the local pointer where the customer's is drawn instead.
func (p *pane) Cursor() desktop.Cursor {
	if p.hands.isOpen() && p.hover && p.shape != nil {
		return desktop.HiddenCursor
	}
	return desktop.DefaultCursor
}

// MouseIn implements desktop.Hoverable.
func (p *pane) MouseIn(ev *desktop.MouseEvent) { p.MouseMoved(ev) }

// MouseMoved sends the pointer, while it is over the picture.
func (p *pane) MouseMoved(ev *desktop.MouseEvent) {
	at := p.under(ev.AbsolutePosition, ev.Position)
	p.hover = p.geo.over(at)
	if p.onTop != nil && p.buttons == 0 {
		p.onTop(ev.Position.Y)
	}
	if p.hover || p.hands.pressing() {
		p.hands.move(p.geo.pixel(at), p.size())
	}
}

// MouseOut lets go of buttons that were held: their release will be reported elsewhere. Ones that went down over a Surface are
// its own.
func (p *pane) MouseOut() {
	p.hover, p.buttons = false, 0
	if p.hands.pressing() && !p.native {
		p.hands.letGo()
	}
}

// Dragged sends the pointer while a button is down, at the picture's edge if it is beyond. Without control it
// moves a picture that is larger than the pane.
func (p *pane) Dragged(ev *fyne.DragEvent) {
	p.dragged = true
	if p.hands.pressing() {
		p.hands.move(p.geo.pixel(p.under(ev.AbsolutePosition, ev.Position)), p.size())
		return
	}
	if !p.hands.isOpen() {
		p.panTo(p.pan.Sub(image.Pt(roundInt(ev.Dragged.DX*p.ratio), roundInt(ev.Dragged.DY*p.ratio))))
	}
}

// DragEnd is called after a button was released. Beyond the pane's edge Fyne takes the focus away at that moment and
// does not call MouseUp: whatever is still down is released, and the keyboard taken back.
func (p *pane) DragEnd() {
	if !p.dragged {
		return // MouseUp was called
	}
	p.dragged, p.buttons = false, 0
	p.hands.lift()
	p.canvas.Focus(p)
}

// MouseDown takes the keyboard and presses the button.
func (p *pane) MouseDown(ev *desktop.MouseEvent) {
	p.buttons++
	p.canvas.Focus(p)
	at := p.under(ev.AbsolutePosition, ev.Position)
	if !p.geo.over(at) {
		return
	}
	if !p.hands.isOpen() {
		p.call(p.onDenied)
		return
	}
	p.hands.button(button(ev.Button), true, p.geo.pixel(at), p.size())
}

// MouseUp releases it, wherever the pointer is by now.
func (p *pane) MouseUp(ev *desktop.MouseEvent) {
	p.buttons, p.dragged = max(0, p.buttons-1), false
	p.hands.button(button(ev.Button), false, p.geo.pixel(p.under(ev.AbsolutePosition, ev.Position)), p.size())
}

// Scrolled turns the customer's wheel, or moves a picture that is larger than the pane.
func (p *pane) Scrolled(ev *fyne.ScrollEvent) {
	if !p.hands.isOpen() {
		p.panTo(p.pan.Sub(image.Pt(roundInt(ev.Scrolled.DX*p.ratio), roundInt(ev.Scrolled.DY*p.ratio))))
		return
	}
	at := p.under(ev.AbsolutePosition, ev.Position)
	if p.geo.over(at) {
		p.hands.wheel(-ev.Scrolled.DX/notch, -ev.Scrolled.DY/notch, p.geo.pixel(at), p.size())
	}
}

// button is Fyne's button as the session numbers it, 0 for one it does not know.
func button(b desktop.MouseButton) engineer.Buttons {
	switch b {
	case desktop.MouseButtonPrimary:
		return leftButton
	case desktop.MouseButtonSecondary:
		return rightButton
	case desktop.MouseButtonTertiary:
		return middleButton
	}
	return 0
}

func (p *pane) call(f func()) {
	if f != nil {
		f()
	}
}
