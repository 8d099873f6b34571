package customer

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"assist/app/transcript"
	"assist/ui/summary"
	"assist/ui/text"
	"assist/ui/theme"
)

// record is the summary of the session, in the place of the ended screen when it is asked for.
type record struct {
	show, back, copied *theme.Button
	reader             *theme.Reader
	below, page        *fyne.Container
}

func newRecord(t *transcript.Finished) *record {
	r := &record{}
	words := summary.Text(t.Summary())
	r.reader = theme.NewReader(text.L("ended.summary"), words)
	r.show = theme.NewButton(text.L("ended.summary"), func() { r.open(true) })
	r.back = theme.Secondary(text.L("ended.summary-back"), func() { r.open(false) })
	r.copied = theme.Secondary(text.L("ended.summary-copy"), func() {
		fyne.CurrentApp().Clipboard().SetContent(words)
		r.copied.SetText(text.L("ended.copied"))
	})
	r.page = container.NewBorder(nil, container.NewGridWithColumns(2, r.copied, r.back), nil, nil, r.reader)
	r.page.Hide()
	return r
}

// over lays the summary over below.
func (r *record) over(below *fyne.Container) *fyne.Container {
	r.below = below
	return container.NewStack(below, r.page)
}

// open shows the summary, or what is below it again.
func (r *record) open(on bool) {
	next := fyne.Focusable(r.show)
	if on {
		r.below.Hide()
		r.page.Show()
		next = r.reader
	} else {
		r.page.Hide()
		r.below.Show()
	}
	if c := fyne.CurrentApp().Driver().CanvasForObject(r.show); c != nil {
		c.Focus(next)
	}
}
