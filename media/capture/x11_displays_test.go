//go:build linux || freebsd || netbsd || openbsd

package capture_test

import (
	"image"
	"testing"
	"time"

	"assist/media/capture"
	"assist/media/capture/capturetest"
)

// plugged opens the source that Open chooses on a server whose monitors can be plugged, started with these arguments.
func plugged(calm time.Duration, args ...string) capturetest.PlugOpener {
	return func(t *testing.T, o capture.Options, ready func(capturetest.Plugs)) (capture.Source, capturetest.Plugs) {
		t.Helper()
		stage := capturetest.Xorg(t, calm, args...)
		ready(stage)
		return open(t, o), stage
	}
}

func TestX11Displays(t *testing.T) { capturetest.RunDisplays(t, plugged(150*time.Millisecond)) }

func TestScreenshotDisplays(t *testing.T) {
	capturetest.RunDisplays(t, plugged(700*time.Millisecond, "-extension", "DAMAGE"))
}

// A large monitor that is made into two, and back, is told about although no output changed.
func TestSplit(t *testing.T) {
	stage := capturetest.Xorg(t, 0)
	whole := image.Rect(0, 0, 1000, 400)
	stage.Plug(0, whole)
	s := open(t, capture.Options{})
	first := next(t, s)
	upper, lower := image.Rect(0, 0, 600, 400), image.Rect(600, 0, 1000, 400)
	stage.Split(upper, lower)
	var u capture.Update
	for len(u.Displays) != 2 {
		u = next(t, s)
	}
	at := map[image.Rectangle]capture.Display{}
	for _, d := range u.Displays {
		at[d.Bounds] = d
	}
	if at[upper].ID == 0 || at[lower].ID == 0 || at[upper].ID == first.Displays[0].ID {
		t.Errorf("displays %+v after %+v", u.Displays, first.Displays)
	}
	if err := s.Select(at[lower].ID); err != nil {
		t.Fatal(err)
	}
	for u.Shown != at[lower].ID {
		u = next(t, s)
	}
	stage.Unsplit()
	for u = next(t, s); len(u.Displays) != 1; u = next(t, s) {
	}
	if u.Displays[0] != first.Displays[0] || u.Shown != first.Shown || u.Choice != first.Choice || u.Frame.Rect != whole {
		t.Errorf("%+v, chosen %d, shown %d after it was made one again; it was %+v", u.Displays, u.Choice, u.Shown, first.Displays)
	}
}

// Desktops switch a monitor off and on again in steps. As long as there is none at all, the screen is one.
func TestNoMonitorForAMoment(t *testing.T) {
	stage := capturetest.Xorg(t, 0)
	stage.Plug(0, image.Rect(0, 0, 640, 480))
	s := open(t, capture.Options{})
	first := next(t, s)
	stage.Unplug()
	u := next(t, s)
	for len(u.Displays) != 1 || u.Displays[0].ID == first.Shown {
		u = next(t, s)
	}
	stage.Plug(0, image.Rect(0, 0, 640, 480))
	for u = next(t, s); u.Shown != first.Shown; u = next(t, s) {
	}
	if u.Choice != first.Choice || len(u.Displays) != 1 || u.Displays[0] != first.Displays[0] {
		t.Errorf("chosen %d of %+v, want as before: %d of %+v", u.Choice, u.Displays, first.Choice, first.Displays)
	}
}
