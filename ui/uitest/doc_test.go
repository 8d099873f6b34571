package uitest

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"assist/ui/theme"
)

func TestWordsAcrossLines(t *testing.T) {
	App(t, "en")
	w := NewWindow(t)
	w.SetContent(container.NewVBox(theme.Text("one two three four five six seven & <eight>"), theme.NewButton("Go", nil)))
	w.Resize(fyne.NewSize(150, 300))
	Says(t, w, "one two three four five six seven & <eight> Go")
	SaysNot(t, w, "nine")
}

func TestWindowRecords(t *testing.T) {
	App(t, "en")
	w := NewWindow(t)
	closed := 0
	w.SetCloseIntercept(func() { closed++ })
	w.PressClose()
	w.RequestFocus()
	if closed != 1 || w.Raised != 1 || w.Closed {
		t.Errorf("%d, %+v", closed, w)
	}
}
