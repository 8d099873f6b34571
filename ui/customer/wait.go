package customer

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"assist/ui/text"
	"assist/ui/theme"
)

// waitScreen says what is happening, and since when, and lets the customer give up. Nothing on it moves but the
// seconds.
type waitScreen struct {
	content fyne.CanvasObject
	cancel  *theme.Button
	elapsed *widget.Label
	since   time.Time
	ticker  *theme.Ticker
}

// newWaitScreen shows title and body. A nil cancel means that there is nothing to give up any more.
func newWaitScreen(title, body string, cancel func()) *waitScreen {
	w := &waitScreen{elapsed: theme.Text(""), since: time.Now()}
	w.cancel = theme.Secondary(text.L("wait.cancel"), func() {
		w.cancel.Disable()
		cancel()
	})
	if cancel == nil {
		w.cancel.Hide()
	}
	w.content = theme.Page(container.NewBorder(nil, w.cancel, nil, nil, container.NewVBox(
		layout.NewSpacer(),
		container.New(theme.Tight{}, theme.Heading(title), theme.Text(body), w.elapsed),
		layout.NewSpacer(),
	)))
	w.tick()
	w.ticker = theme.Every(time.Second, w.tick)
	return w
}

func (w *waitScreen) tick() {
	w.elapsed.SetText(text.F("wait.elapsed", map[string]any{"time": text.Elapsed(time.Since(w.since))}))
}

func (w *waitScreen) close() { w.ticker.Stop() }

func (w *waitScreen) elements() map[string]fyne.CanvasObject {
	return map[string]fyne.CanvasObject{"cancel": w.cancel, "elapsed": w.elapsed}
}
