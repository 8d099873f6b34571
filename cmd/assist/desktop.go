package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"assist/assets"
	"assist/ui/theme"
	"assist/ui/trace"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
)

// appID names the program to the desktop.
const appID = "org.assist.desktop"

// goodbyeTime is how long a closed window waits for the last message to leave.
const goodbyeTime = 3 * time.Second

// show runs a function on the window's goroutine, as long as there is a window.
type show func(func())

// desktop shows one window until it is closed or ctx ends. What build returns runs behind it, and is given the time to say
// goodbye before desktop returns. The caller has asked windowsThere.
func (c *common) desktop(ctx context.Context, log *slog.Logger, title string, build func(fyne.Window, show) func(context.Context) error) error {
	defer quiet(log)()
	a := app.NewWithID(appID)
	a.Settings().SetTheme(theme.New())
	a.SetIcon(fyne.NewStaticResource("icon.png", assets.Icon))
	if c.Trace > 0 {
		out := os.NewFile(uintptr(c.Trace), "trace")
		if out == nil {
			return fmt.Errorf("trace: file %d is not open", c.Trace)
		}
		defer trace.Install(out)()
	}
	win := a.NewWindow(title)
	win.SetMaster()
	var over atomic.Bool
	run := build(win, func(f func()) {
		if !over.Load() {
			fyne.Do(f)
		}
	})

	behind, cancel := context.WithCancel(ctx)
	defer cancel()
	var wg sync.WaitGroup
	wg.Go(func() { run(behind) })
	defer context.AfterFunc(ctx, func() { fyne.Do(a.Quit) })()
	win.ShowAndRun()

	over.Store(true)
	cancel()
	ended := make(chan struct{})
	go func() { defer close(ended); wg.Wait() }()
	select {
	case <-ended:
	case <-time.After(goodbyeTime):
	}
	return nil
}
