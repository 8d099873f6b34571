package theme

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	base "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Choice is something to choose: one of several (round sign), or a tick box (square sign). It has a title and, if
// wanted, a line that explains it, and both go on in the next line where they must. Space and Return
// choose it while it has the focus; the arrow keys go to its neighbours of the same group and choose nothing.
type Choice struct {
	widget.DisableableWidget
	// OnChanged hears of every change made by hand.
	OnChanged func(chosen bool)
	// OnFocus hears when the choice gets the focus.
	OnFocus func()

	title, detail string
	question      string // that the title is an answer to, if it cannot be understood alone
	tick, card    bool
	chosen        bool
	focused       bool
	hovered       bool
	before, after *Choice
}

var (
	_ fyne.Focusable    = (*Choice)(nil)
	_ fyne.Tappable     = (*Choice)(nil)
	_ fyne.Accessible   = (*Choice)(nil)
	_ desktop.Hoverable = (*Choice)(nil)
)

// NewTick is a tick box.
func NewTick(title string, changed func(bool)) *Choice {
	return newChoice(&Choice{title: title, tick: true, OnChanged: changed})
}

// OneOf makes big cards of which one can be chosen; none is at first. Each pair is a title and an explanation.
// chosen hears which.
func OneOf(pairs [][2]string, chosen func(int)) []*Choice {
	cards := make([]*Choice, len(pairs))
	for i, p := range pairs {
		cards[i] = newChoice(&Choice{title: p[0], detail: p[1], card: true})
	}
	return group(cards, chosen)
}

// Answers makes the answers to a question, of which one can be chosen; none is at first. chosen hears which.
func Answers(question string, answers []string, chosen func(int)) []*Choice {
	list := make([]*Choice, len(answers))
	for i, a := range answers {
		list[i] = newChoice(&Choice{title: a, question: question})
	}
	return group(list, chosen)
}

// group makes the list one in which the arrow keys go around and only one is chosen.
func group(list []*Choice, chosen func(int)) []*Choice {
	for i, c := range list {
		if i > 0 {
			c.before, list[i-1].after = list[i-1], c
		}
		c.OnChanged = func(bool) {
			for _, other := range list {
				other.SetChosen(other == c)
			}
			chosen(i)
		}
	}
	return list
}

func newChoice(c *Choice) *Choice {
	c.ExtendBaseWidget(c)
	return c
}

// Chosen reports whether c is chosen.
func (c *Choice) Chosen() bool { return c.chosen }

// SetChosen chooses c or not. OnChanged is not called.
func (c *Choice) SetChosen(on bool) {
	if c.chosen != on {
		c.chosen = on
		c.Refresh()
	}
}

// Text is the title, for reading aloud and for tests.
func (c *Choice) Text() string { return c.title }

// AccessibilityLabel is the title with the question or the explanation.
func (c *Choice) AccessibilityLabel() string {
	switch {
	case c.question != "":
		return c.question + " " + c.title
	case c.detail != "":
		return c.title + ". " + c.detail
	}
	return c.title
}

// SetEnabled enables or disables the choice.
func (c *Choice) SetEnabled(on bool) {
	if on == !c.Disabled() {
		return
	}
	if on {
		c.Enable()
	} else {
		c.Disable()
	}
}

// AccessibilityRole is a button's, the nearest there is.
func (c *Choice) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

// Tapped chooses c.
func (c *Choice) Tapped(*fyne.PointEvent) {
	if c.Disabled() {
		return
	}
	on := !c.tick || !c.chosen
	if on == c.chosen {
		return
	}
	c.chosen = on
	c.Refresh()
	if c.OnChanged != nil {
		c.OnChanged(on)
	}
}

// TypedKey chooses c, or goes to a neighbour.
func (c *Choice) TypedKey(ev *fyne.KeyEvent) {
	switch ev.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		c.Tapped(nil)
	case fyne.KeyUp, fyne.KeyLeft:
		c.focus(c.before)
	case fyne.KeyDown, fyne.KeyRight:
		c.focus(c.after)
	case fyne.KeyEscape:
		escape(c, ev)
	}
}

func (c *Choice) focus(to *Choice) {
	if to == nil || to.Disabled() {
		return
	}
	if canvas := fyne.CurrentApp().Driver().CanvasForObject(c); canvas != nil {
		canvas.Focus(to)
	}
}

// TypedRune does nothing: Space comes as a key.
func (c *Choice) TypedRune(rune) {}

// FocusGained puts the ring on.
func (c *Choice) FocusGained() {
	c.focused = true
	c.Refresh()
	told(c.OnFocus)
}

// FocusLost takes the ring off.
func (c *Choice) FocusLost() {
	c.focused = false
	c.Refresh()
}

// MouseIn shows that c can be tapped.
func (c *Choice) MouseIn(*desktop.MouseEvent) {
	c.hovered = true
	c.Refresh()
}

// MouseMoved does nothing.
func (c *Choice) MouseMoved(*desktop.MouseEvent) {}

// MouseOut ends what MouseIn began.
func (c *Choice) MouseOut() {
	c.hovered = false
	c.Refresh()
}

// CreateRenderer draws ground, sign, texts and ring.
func (c *Choice) CreateRenderer() fyne.WidgetRenderer {
	c.ExtendBaseWidget(c)
	r := &choiceRenderer{
		c: c, ground: canvas.NewRectangle(color.Transparent), outline: canvas.NewRectangle(color.Transparent),
		dot: canvas.NewCircle(color.Transparent), down: canvas.NewLine(color.Transparent), up: canvas.NewLine(color.Transparent),
		title: Text(c.title), detail: Text(c.detail), ring: canvas.NewRectangle(color.Transparent),
	}
	r.title.TextStyle.Bold = c.card
	r.ring.CornerRadius = 10
	r.Refresh()
	return r
}

type choiceRenderer struct {
	c                     *Choice
	ground, outline, ring *canvas.Rectangle
	dot                   *canvas.Circle // one of several
	down, up              *canvas.Line   // tick
	title, detail         *widget.Label
}

// signSize is the size of the round or square sign.
const signSize = 24

func (r *choiceRenderer) Destroy() {}

func (r *choiceRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.ground, r.outline, r.dot, r.down, r.up, r.title, r.detail, r.ring}
}

// left is where the sign stands.
func (r *choiceRenderer) left() float32 {
	if r.c.card {
		return 12
	}
	return 4
}

func (r *choiceRenderer) MinSize() fyne.Size {
	size := r.title.MinSize()
	if r.c.detail != "" {
		d := r.detail.MinSize()
		size = fyne.NewSize(max(size.Width, d.Width), size.Height+d.Height-overlap)
	}
	return size.AddWidthHeight(r.left()+signSize+2, 2)
}

// overlap is how much closer title and explanation stand than two labels would.
const overlap = 14

func (r *choiceRenderer) Layout(size fyne.Size) {
	r.ground.Resize(size)
	placeRing(r.ring, size)
	left := r.left() + signSize + 2
	width := size.Width - left
	r.title.Resize(fyne.NewSize(width, r.title.MinSize().Height))
	r.title.Resize(fyne.NewSize(width, r.title.MinSize().Height))
	r.detail.Resize(fyne.NewSize(width, r.detail.MinSize().Height))
	r.detail.Resize(fyne.NewSize(width, r.detail.MinSize().Height))
	high := r.title.Size().Height
	if r.c.detail != "" {
		high += r.detail.Size().Height - overlap
	}
	top := (size.Height - high) / 2
	r.title.Move(fyne.NewPos(left, top))
	r.detail.Move(fyne.NewPos(left, top+r.title.Size().Height-overlap))
	first := fyne.MeasureText("M", textSize, fyne.TextStyle{}).Height + 2*base.InnerPadding()
	r.placeSign(fyne.NewPos(r.left(), top+(first-signSize)/2))
}

func (r *choiceRenderer) placeSign(at fyne.Position) {
	r.outline.Move(at)
	r.outline.Resize(fyne.NewSquareSize(signSize))
	r.dot.Move(at.AddXY(6, 6))
	r.dot.Resize(fyne.NewSquareSize(signSize - 12))
	r.down.Position1, r.down.Position2 = at.AddXY(5, 12), at.AddXY(10, 18)
	r.up.Position1, r.up.Position2 = at.AddXY(10, 18), at.AddXY(19, 6)
}

func (r *choiceRenderer) Refresh() {
	c := r.c
	accent, border := colour(c, base.ColorNamePrimary), colour(c, base.ColorNameInputBorder)
	fill := color.Color(colour(c, base.ColorNameInputBackground))
	importance := widget.MediumImportance
	if c.Disabled() {
		accent, importance = colour(c, base.ColorNameDisabled), widget.LowImportance
	}
	r.ground.Hidden = !c.card && !c.hovered
	r.ground.CornerRadius = 8
	r.ground.FillColor, r.ground.StrokeColor, r.ground.StrokeWidth = color.Transparent, border, 1
	if c.card {
		r.ground.FillColor = colour(c, ColorNameCard)
	} else {
		r.ground.StrokeWidth = 0
	}
	if c.hovered && !c.Disabled() {
		r.ground.FillColor = colour(c, base.ColorNameHover)
	}
	if c.chosen {
		r.ground.StrokeColor = accent
		r.ground.StrokeWidth = min(2, r.ground.StrokeWidth*2)
	}
	r.outline.FillColor, r.outline.StrokeColor, r.outline.StrokeWidth = fill, border, 2
	r.outline.CornerRadius = signSize / 2
	if c.tick {
		r.outline.CornerRadius = 5
	}
	if c.chosen {
		r.outline.StrokeColor = accent
	}
	r.dot.FillColor, r.dot.Hidden = accent, c.tick || !c.chosen
	for _, line := range []*canvas.Line{r.down, r.up} {
		line.StrokeColor, line.StrokeWidth, line.Hidden = accent, 3, !c.tick || !c.chosen
	}
	r.title.Importance, r.detail.Importance = importance, importance
	r.title.SetText(c.title)
	r.detail.SetText(c.detail)
	r.detail.Hidden = c.detail == ""
	paintRing(r.ring, c, c.focused)
	canvas.Refresh(c)
}
