package theme

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	base "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Tone is what kind of thing a notice says. Each has a sign and a colour of its own.
type Tone uint8

// The tones.
const (
	Note  Tone = iota // good to know
	Good              // as it should be
	Mind              // be careful
	Wrong             // something is wrong
)

// Notice says something with a sign beside it: a sentence, and beneath it, in plain colour, what to do. It hides itself while it has nothing
// to say.
type Notice struct {
	widget.BaseWidget
	tone     Tone
	what, do *widget.Label
}

var _ fyne.Accessible = (*Notice)(nil)

// NewNotice is a notice that has nothing to say yet.
func NewNotice(tone Tone) *Notice {
	n := &Notice{tone: tone, what: Text(""), do: Text("")}
	n.Hidden = true
	n.do.Hidden = true
	n.ExtendBaseWidget(n)
	return n
}

// Set says what, and do if it is not "". Nothing at all hides the notice.
func (n *Notice) Set(what, do string) { n.SetTone(n.tone, what, do) }

// SetTone is Set in another tone.
func (n *Notice) SetTone(tone Tone, what, do string) {
	if tone == n.tone && what == n.what.Text && do == n.do.Text && n.Hidden == (what == "") {
		return
	}
	n.tone = tone
	n.what.SetText(what)
	n.do.SetText(do)
	n.do.Hidden = do == ""
	if n.Hidden = what == ""; n.Hidden {
		n.BaseWidget.Hide()
	} else {
		n.BaseWidget.Show()
	}
	n.Refresh()
}

// Text is everything the notice says.
func (n *Notice) Text() string {
	if n.do.Text == "" {
		return n.what.Text
	}
	return n.what.Text + " " + n.do.Text
}

// AccessibilityLabel is everything the notice says.
func (n *Notice) AccessibilityLabel() string { return n.Text() }

// AccessibilityRole is a text's.
func (n *Notice) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// CreateRenderer draws sign and texts.
func (n *Notice) CreateRenderer() fyne.WidgetRenderer {
	n.ExtendBaseWidget(n)
	r := &noticeRenderer{n: n, sign: canvas.NewImageFromResource(nil)}
	r.sign.FillMode = canvas.ImageFillContain
	r.paint()
	return r
}

type noticeRenderer struct {
	n    *Notice
	sign *canvas.Image
}

func (r *noticeRenderer) Destroy() {}

func (r *noticeRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.sign, r.n.what, r.n.do}
}

func (r *noticeRenderer) MinSize() fyne.Size {
	size := r.n.what.MinSize()
	if !r.n.do.Hidden {
		d := r.n.do.MinSize()
		size = fyne.NewSize(max(size.Width, d.Width), size.Height+d.Height-overlap)
	}
	return size.AddWidthHeight(signSize, 0)
}

func (r *noticeRenderer) Layout(size fyne.Size) {
	width := size.Width - signSize
	for _, l := range []*widget.Label{r.n.what, r.n.do} {
		l.Resize(fyne.NewSize(width, l.MinSize().Height))
		l.Resize(fyne.NewSize(width, l.MinSize().Height)) // the height for this width
	}
	r.n.what.Move(fyne.NewPos(signSize, 0))
	r.n.do.Move(fyne.NewPos(signSize, r.n.what.Size().Height-overlap))
	first := fyne.MeasureText("M", textSize, fyne.TextStyle{}).Height + 2*base.InnerPadding()
	r.sign.Resize(fyne.NewSquareSize(signSize - 2))
	r.sign.Move(fyne.NewPos(2, (first-signSize+2)/2))
}

func (r *noticeRenderer) Refresh() {
	r.paint()
	r.Layout(r.n.Size())
	canvas.Refresh(r.n)
}

func (r *noticeRenderer) paint() {
	icon, name, importance := base.InfoIcon(), base.ColorNamePrimary, widget.MediumImportance
	switch r.n.tone {
	case Good:
		icon, name, importance = base.ConfirmIcon(), base.ColorNameSuccess, widget.SuccessImportance
	case Mind:
		icon, name, importance = base.WarningIcon(), base.ColorNameWarning, widget.WarningImportance
	case Wrong:
		icon, name, importance = base.ErrorIcon(), base.ColorNameError, widget.DangerImportance
	}
	r.sign.Resource = base.NewColoredResource(icon, name)
	r.sign.Refresh()
	r.n.what.Importance = importance
	r.n.what.Refresh()
}
