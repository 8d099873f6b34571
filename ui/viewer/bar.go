package viewer

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"assist/app/session"
	"assist/ui/text"
	"assist/ui/theme"
)

// bar is the row of buttons above the picture, and the line beneath it that says where the keyboard goes. In full
// screen the line is away and the buttons come when the pointer touches the top edge.
type bar struct {
	v                      *Viewer
	object, foot           fyne.CanvasObject
	fit, exact, full, keys *theme.Button
	ask                    *theme.Button
	status                 *widget.Label
}

func newBar(v *Viewer) *bar {
	b := &bar{v: v, status: theme.Line("")}
	b.fit = theme.NewSwitch(text.L("viewer.fit"), func() { v.setFit(true) })
	b.exact = theme.NewSwitch(text.L("viewer.exact"), func() { v.setFit(false) })
	b.full = theme.NewButton(text.L("viewer.full"), func() { v.SetFullScreen(!v.frame.full) })
	b.keys = theme.NewButton(text.L("viewer.keys"), b.openKeys)
	b.ask = theme.NewButton(text.L("viewer.ask.control"), func() { v.ask(session.SharedControl) })
	b.status.Truncation = fyne.TextTruncateEllipsis
	b.foot = container.NewStack(newShield(0), b.status)
	right := container.NewHBox(b.ask)
	if v.options.Trailing != nil {
		right.Add(v.options.Trailing)
	}
	row := container.NewBorder(nil, nil, container.NewHBox(b.fit, b.exact, b.full, b.keys), right)
	b.object = container.NewStack(newShield(0), container.NewPadded(row))
	return b
}

// update makes the bar agree with the viewer.
func (b *bar) update() {
	v := b.v
	chosen(b.fit, v.pane.fit)
	chosen(b.exact, !v.pane.fit)
	b.keys.SetEnabled(v.hands.isOpen())
	visible(b.ask, v.access == session.ViewOnly)
	b.ask.SetEnabled(!v.asked)
	b.status.SetText(b.sentence())
}

// sentence says where the keyboard goes.
func (b *bar) sentence() string {
	v := b.v
	switch {
	case v.access == session.ViewOnly && v.asked:
		return text.L("viewer.status.asked")
	case v.access == session.ViewOnly:
		return text.L("viewer.status.view")
	case !v.hands.isOpen():
		return ""
	case v.pane.focused:
		return text.L("viewer.status.typing")
	}
	return text.L("viewer.status.click")
}

// chosen marks a button, or takes the mark off. What is so already is not drawn again.
func chosen(button *theme.Button, on bool) {
	if on != (button.Importance == widget.HighImportance) {
		button.Mark(on)
	}
}

// setFull is told about full screen: the bar then lies over the picture, and waits to be called.
func (b *bar) setFull(on bool) {
	if on {
		b.full.SetText(text.L("viewer.full.back"))
	} else {
		b.full.SetText(text.L("viewer.full"))
	}
	visible(b.object, !on)
	visible(b.foot, !on)
}

// openKeys offers the keys that the engineer's own system would take for itself.
func (b *bar) openKeys() {
	menu := widget.NewPopUpMenu(b.keysMenu(), b.v.options.Canvas)
	menu.ShowAtRelativePosition(fyne.NewPos(0, b.keys.Size().Height), b.keys)
}

func (b *bar) keysMenu() *fyne.Menu {
	var items []*fyne.MenuItem
	for _, s := range special {
		items = append(items, fyne.NewMenuItem(text.L(s.text), func() {
			b.v.hands.press(s.keys)
			b.v.Focus() // to go on typing there
		}))
	}
	items = append(items, fyne.NewMenuItemSeparator(), fyne.NewMenuItem(text.L("viewer.keys.type"), b.typeClipboard))
	return fyne.NewMenu("", items...)
}

// typeClipboard types what is in the engineer's clipboard.
func (b *bar) typeClipboard() {
	s := fyne.CurrentApp().Clipboard().Content()
	switch {
	case s == "":
		b.v.sayFor(text.L("viewer.type.empty"))
	case !b.v.hands.text(s) && b.v.hands.isOpen():
		b.v.sayFor(text.F("viewer.type.cut", map[string]any{"most": maxTyped}))
	}
}
