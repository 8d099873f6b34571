package viewer

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"assist/app/session"
	"assist/ui/text"
	"assist/ui/theme"
)

// scene is what is said over the picture: the texts key+".what" and key+".do", over a veil or not, with a button
// that asks for a level or none. The zero scene is nothing at all.
type scene struct {
	key  string
	veil bool
	ask  session.Access
}

// Looks of what lies over the picture.
const (
	messageWidth = 420 // of the card in the middle
	cardRadius   = 10  // of its corners, as package theme rounds them
)

// overlay lies over the picture: a veil, a card in the middle, and a note at the foot.
type overlay struct {
	object fyne.CanvasObject
	veil   *canvas.Rectangle
	card   fyne.CanvasObject
	title  *widget.Label
	detail *widget.Label
	ask    *theme.Button
	note   *theme.Notice
	foot   fyne.CanvasObject

	now           scene
	first, second string // passing and standing note
}

func newOverlay(ask func(session.Access)) *overlay {
	o := &overlay{
		veil:   canvas.NewRectangle(color.NRGBA{R: 0x60, G: 0x66, B: 0x6e, A: 0xb8}),
		title:  theme.Subheading(""),
		detail: theme.Text(""),
		note:   theme.NewNotice(theme.Note),
	}
	o.ask = theme.NewButton(text.L("viewer.ask.view"), func() { ask(o.now.ask) })
	o.title.Alignment, o.detail.Alignment = fyne.TextAlignCenter, fyne.TextAlignCenter
	column := container.NewVBox(o.title, o.detail, container.NewCenter(o.ask))
	o.card = container.NewStack(newShield(cardRadius), theme.Card(theme.Wide(column, messageWidth)))
	o.foot = theme.Card(theme.Wide(o.note, messageWidth))
	o.object = container.NewStack(o.veil, container.NewCenter(o.card),
		container.NewBorder(nil, container.NewPadded(container.NewCenter(o.foot)), nil, nil))
	o.show(scene{})
	o.passing("")
	return o
}

// show says s, or nothing.
func (o *overlay) show(s scene) {
	o.now = s
	visible(o.veil, s.veil)
	visible(o.card, s.key != "")
	visible(o.ask, s.ask != session.NoAccess)
	if s.key == "" {
		o.title.SetText("")
		return
	}
	o.title.SetText(text.L(s.key + ".what"))
	o.detail.SetText(text.L(s.key + ".do"))
	if s.ask != session.NoAccess {
		o.ask.SetText(text.L("viewer.ask." + level(s.ask)))
	}
}

// passing says something that goes away again, standing what holds until it is taken back. A passing note goes first.
func (o *overlay) passing(s string) { o.first = s; o.notes() }

func (o *overlay) standing(s string) { o.second = s; o.notes() }

func (o *overlay) notes() {
	s := o.first
	if s == "" {
		s = o.second
	}
	o.note.Set(s, "")
	visible(o.foot, s != "")
}

func visible(o fyne.CanvasObject, on bool) {
	if on {
		o.Show()
	} else {
		o.Hide()
	}
}

// level is a level's name in keys of the catalogue.
func level(a session.Access) string {
	switch a {
	case session.ChatOnly:
		return "chat"
	case session.ViewOnly:
		return "view"
	case session.SharedControl:
		return "control"
	}
	return "none"
}
