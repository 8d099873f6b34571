package console

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"

	"assist/app/transcript"
	"assist/ui/summary"
	"assist/ui/text"
	"assist/ui/theme"
)

// summaryHeight is how much of the summary is seen at least.
const summaryHeight = 90

// recordPart is the summary of a session that is over, and the way to keep its signed record.
type recordPart struct {
	win      fyne.Window
	finished *transcript.Finished
	object   fyne.CanvasObject // the summary, which takes the room there is
	feet     *fyne.Container
	words    *theme.Reader
	save     *theme.Button
	notice   *theme.Notice
}

func newRecordPart(win fyne.Window) *recordPart {
	r := &recordPart{win: win, words: theme.NewReader(text.L("summary.title"), ""), notice: theme.NewNotice(theme.Note)}
	r.save = theme.NewButton(text.L("console.ended.save"), r.ask)
	r.object = theme.High(r.words, summaryHeight)
	r.feet = container.NewVBox(r.save, r.notice)
	r.set(nil)
	return r
}

// set shows the summary of a session; one that never was live has none.
func (r *recordPart) set(t *transcript.Finished) {
	r.finished = t
	r.notice.Set("", "")
	visible(r.object, t != nil)
	visible(r.feet, t != nil)
	if t != nil {
		r.words.SetText(summary.Text(t.Summary()))
	}
}

// ask lets the engineer choose a file for the record.
func (r *recordPart) ask() {
	record := r.finished
	d := dialog.NewFileSave(func(w fyne.URIWriteCloser, err error) {
		if w == nil && err == nil {
			return // thought better of it
		}
		r.saved(record, w, err)
	}, r.win)
	d.SetFileName("assist-" + record.Summary().Session + ".txt")
	d.Show()
}

// saved writes the record and says how that went.
func (r *recordPart) saved(record *transcript.Finished, w fyne.URIWriteCloser, err error) {
	if err == nil {
		_, err = w.Write(record.Bytes())
		if closeErr := w.Close(); err == nil {
			err = closeErr
		}
	}
	if err != nil {
		r.notice.SetTone(theme.Wrong, text.L("console.ended.save-failed"), text.L("console.ended.save-failed.do"))
		return
	}
	r.notice.SetTone(theme.Good, text.F("console.ended.saved", map[string]any{"file": text.Plain(w.URI().Path())}), "")
}
