package consent

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"assist/ui/text"
	"assist/ui/theme"
)

// Called is the question whether the customer called the engineer, on a number they know. Who was called by a stranger is
// told what that means, and cannot share control. Nothing is answered beforehand.
type Called struct {
	No, Yes *theme.Choice

	object  fyne.CanvasObject
	notice  *theme.Notice
	changed func()
}

func newCalled(changed func()) *Called {
	c := &Called{notice: theme.NewNotice(theme.Mind), changed: changed}
	question := text.L("called.question")
	answers := theme.Answers(question, []string{text.L("called.no"), text.L("called.yes")}, func(int) { c.answered() })
	c.No, c.Yes = answers[0], answers[1]
	row := container.NewHBox(theme.Wide(c.No, answerWidth), theme.Wide(c.Yes, answerWidth))
	c.object = container.New(theme.Tight{By: 6}, theme.Strong(question), row, c.notice)
	return c
}

// answerWidth is how wide an answer is.
const answerWidth = 150

func (c *Called) answered() {
	if c.No.Chosen() {
		c.notice.Set(text.L("called.stranger"), text.L("called.stranger-do"))
	} else {
		c.notice.Set("", "")
	}
	c.changed()
}

// show shows the question or takes it away. Its answers know by themselves whether they are there.
func (c *Called) show(on bool) {
	for _, o := range []fyne.CanvasObject{c.object, c.No, c.Yes} {
		if on {
			o.Show()
		} else {
			o.Hide()
		}
	}
}

// Said reports whether the customer said yes.
func (c *Called) Said() bool { return c.Yes.Chosen() }

// Stranger reports whether the customer said no.
func (c *Called) Stranger() bool { return c.No.Chosen() }

func (c *Called) elements(m map[string]fyne.CanvasObject) {
	m["called-no"], m["called-yes"], m["called-notice"] = c.No, c.Yes, c.notice
}
