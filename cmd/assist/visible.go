package main

import (
	"context"
	"image"
	"log/slog"
	"slices"

	"assist/app/customer"
	"assist/app/problem"
	"assist/app/session"
	"assist/assets"
	"assist/media/overlay"
	"assist/ui/sign"
	"assist/ui/tray"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// visible shows outside the customer's window what an engineer can do: on every monitor, and in the tray.
type visible struct {
	over overlay.Overlay // nil where there is none
	tray *tray.Tray      // nil where there is none
	see  *sight
	do   show
	// What follows belongs to the session's goroutine.
	state  sign.State
	places []image.Rectangle // the monitors that are shared; nil until that is known
}

// visibly makes the customer's end of a session, which is seen on every monitor and in the tray as long as run runs. open is what the
// tray does to lead back to the window, nil for no tray. Fyne's loop must not run yet.
func visibly(open func(), do show, see *sight, cfg customer.Config) (runner *customer.Runner, run func(context.Context) error) {
	var lost func(problem.Code) // as long as nothing is shared, nothing is lost
	v := &visible{do: do, see: see, over: openOverlay(cfg.OwnWindows, func() { lost(problem.SignHidden) }, cfg.Log)}
	if v.over != nil {
		see.through(v.over.Owns)
		own, over := cfg.OwnWindows, v.over
		cfg.OwnWindows = func() []image.Rectangle { return slices.Concat(own(), over.Rects()) }
	}
	notify := cfg.Notify
	cfg.Notify = func(e customer.Event) {
		v.take(e)
		see.take(e)
		notify(e)
	}
	runner = customer.New(cfg)
	lost, see.lost = runner.Unseen, runner.Unseen
	if open != nil {
		v.tray = tray.New(fyne.CurrentApp(), tray.Presses{Open: open, Stop: runner.Stop})
	}
	return runner, func(ctx context.Context) error {
		defer v.close()
		return runner.Run(ctx)
	}
}

// openOverlay returns what lies over the screen. The session bar is on one monitor; bars says where it is. lost is told when others hide the
// overlay.
func openOverlay(bars func() []image.Rectangle, lost func(), log *slog.Logger) overlay.Overlay {
	font := theme.DefaultTheme().Font(fyne.TextStyle{Bold: true})
	fonts := [][]byte{font.Content(), assets.JapaneseBold}
	o, err := overlay.Open(overlay.Options{Fonts: fonts, Bars: bars, Lost: lost, Log: log})
	if err != nil {
		log.Warn("nothing can be laid over the screen", "error", err)
		return nil
	}
	return o
}

// take shows what e says. It runs on the session's goroutine and needs no window, so it works while that hangs.
func (v *visible) take(e customer.Event) {
	if !v.share(e) && !v.state.Take(e) {
		return
	}
	state := v.state
	v.do(func() { v.tray.Show(state) })
	if v.over == nil {
		return
	}
	if !state.Live {
		v.over.Hide()
		return
	}
	level := map[session.Access]overlay.Level{session.ViewOnly: overlay.Seen, session.SharedControl: overlay.Controlled}
	v.over.Show(overlay.Sign{Level: level[state.Access], Text: state.Plate(), Since: state.Since, Displays: v.places})
}

// share takes which monitors are shared, and reports whether others are now. Until that is known, all of them may be.
func (v *visible) share(e customer.Event) (changed bool) {
	switch e := e.(type) {
	case customer.Started:
		v.places = nil
	case customer.Sharing:
		changed = v.places == nil || !slices.Equal(v.places, e.Places)
		v.places = e.Places
	}
	return changed
}

func (v *visible) close() {
	v.see.close()
	v.do(v.tray.Close)
	if v.over != nil {
		v.over.Close()
	}
}
