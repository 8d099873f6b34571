// Package tray is the program's icon where the desktop keeps small icons: who is connected, Stop, and a way back to the
// window. While control is shared, the icon flashes.
//
// A desktop may have no such place, or hide it, so everything here can be done elsewhere as well, and nothing that raises a level
// is here: the menu belongs to the desktop, where the engineer can press.
package tray

import (
	"time"

	"fyne.io/fyne/v2"

	"assist/app/session"
	"assist/ui/sign"
	"assist/ui/text"
	"assist/ui/theme"
)

// flash is how long each of the two icons is shown while control is shared.
const flash = time.Second

// App is the part of desktop.App that the tray needs.
type App interface {
	SetSystemTrayMenu(*fyne.Menu)
	SetSystemTrayIcon(fyne.Resource)
}

// Presses is what the menu hands out. All are called on Fyne's goroutine.
type Presses struct {
	Open func() // the window
	Stop func() // the session
}

// Tray is the icon with its menu. Its methods are called on Fyne's goroutine. A nil Tray does nothing.
type Tray struct {
	app     App
	presses Presses
	state   sign.State
	icon    fyne.Resource // what is shown
	ticker  *theme.Ticker
}

// New shows the icon. Fyne starts its tray with its loop, so that must not run yet. It returns nil where there is no place
// for an icon.
func New(app fyne.App, p Presses) *Tray {
	a, ok := app.(App)
	if !ok || !there() {
		return nil
	}
	return start(a, p)
}

func start(app App, p Presses) *Tray {
	t := &Tray{app: app, presses: p}
	t.setIcon(icons().plain)
	t.setMenu()
	return t
}

// Show shows who can do what.
func (t *Tray) Show(s sign.State) {
	if t == nil || s == t.state {
		return
	}
	t.state = s
	t.setMenu()
	t.ticker.Stop()
	t.ticker = nil
	switch {
	case s.Live && s.Access == session.SharedControl:
		t.setIcon(icons().control)
		t.ticker = theme.Every(flash, t.turn)
	case s.Live && s.Access == session.ViewOnly:
		t.setIcon(icons().view)
	default:
		t.setIcon(icons().plain)
	}
}

// turn shows the other icon.
func (t *Tray) turn() {
	if t.icon == icons().control {
		t.setIcon(icons().plain)
	} else {
		t.setIcon(icons().control)
	}
}

func (t *Tray) setIcon(r fyne.Resource) {
	if t.icon != r {
		t.icon = r
		t.app.SetSystemTrayIcon(r)
	}
}

// setMenu makes the menu. Its last entry is marked as the one that quits, or Fyne would add one in the system's language.
func (t *Tray) setMenu() {
	who := fyne.NewMenuItem(text.L("tray.nobody"), nil)
	last := fyne.NewMenuItem(text.L("tray.quit"), nil)
	if t.state.Live {
		who.Label = t.state.Text()
		last = fyne.NewMenuItem(text.L("tray.stop"), t.presses.Stop)
	}
	who.Disabled, last.IsQuit = true, true
	t.app.SetSystemTrayMenu(fyne.NewMenu(text.L("app.title"),
		who, fyne.NewMenuItemSeparator(), fyne.NewMenuItem(text.L("tray.open"), t.presses.Open), last))
}

// Close stops the flashing.
func (t *Tray) Close() {
	if t != nil {
		t.ticker.Stop()
	}
}
