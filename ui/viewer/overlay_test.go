package viewer

import (
	"fmt"
	"image"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"assist/app/engineer"
	"assist/app/session"
	"assist/ui/text"
)

func TestScenes(t *testing.T) {
	for _, tt := range []struct {
		name string
		do   func(*rig)
		want string
	}{
		{"nothing decided", func(r *rig) { r.SetAccess(session.NoAccess) }, "viewer.none.what"},
		{"chat only", func(r *rig) { r.SetAccess(session.ChatOnly) }, "viewer.chat.what"},
		{"no picture yet", func(r *rig) { r.Reset(); r.SetAccess(session.ViewOnly) }, "viewer.waiting.what"},
		{"paused", func(r *rig) { r.SetPaused(true) }, "viewer.paused.what"},
		{"interrupted goes before paused", func(r *rig) { r.SetPaused(true); r.SetLink(false, time.Time{}) }, "viewer.interrupted.what"},
		{"all well", func(*rig) {}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			r.live(image.Pt(64, 48))
			tt.do(r)
			r.queue.run()
			want := ""
			if tt.want != "" {
				want = text.L(tt.want)
			}
			if got := r.over.title.Text; got != want || r.over.card.Visible() != (want != "") {
				t.Errorf("says %q, want %q", got, want)
			}
			if seen := r.access >= session.ViewOnly && r.Viewer.picture; r.pane.picture.Visible() != seen {
				t.Errorf("the picture's visibility is not %v", seen)
			}
		})
	}
}

func TestWithoutControl(t *testing.T) {
	r := newRig(t)
	r.live(image.Pt(64, 48))
	r.SetAccess(session.ViewOnly)
	r.far.take()
	r.pane.KeyDown(key(keyA, fyne.KeyA))
	if !r.over.foot.Visible() || r.over.note.Text() != text.L("viewer.denied") {
		t.Errorf("a key that is not sent is answered with %q", r.over.note.Text())
	}
	r.pane.KeyUp(key(keyA, fyne.KeyA))
	r.pane.TypedRune('a')
	r.moved(r.on(0, 0))
	r.press(r.on(0, 0), desktop.MouseButtonPrimary)
	r.lift(r.on(0, 0), desktop.MouseButtonPrimary)
	expect(t, r.far)
	if r.pane.AcceptsTab() {
		t.Error("Tab is kept although it is not sent")
	}
	test.Tap(r.bar.ask)
	if len(r.asked) != 1 || r.asked[0] != session.SharedControl {
		t.Errorf("asked for %v", r.asked)
	}
	r.SetAsked(true)
	if !r.bar.ask.Disabled() || r.bar.status.Text != text.L("viewer.status.asked") {
		t.Error("it can be asked twice")
	}
}

func TestNotes(t *testing.T) {
	r := newRig(t)
	r.live(image.Pt(64, 48))
	for _, tt := range []struct {
		state engineer.InputState
		want  string
	}{
		{engineer.InputLocalHand, text.L("viewer.input.hand")},
		{engineer.InputPrompt, text.L("viewer.input.prompt")},
		{engineer.InputOn, ""},
	} {
		r.SetInput(tt.state)
		if got := r.over.note.Text(); got != tt.want || r.over.foot.Visible() != (tt.want != "") {
			t.Errorf("input state %d says %q, want %q", tt.state, got, tt.want)
		}
	}
}

func TestFullScreen(t *testing.T) {
	r := newRig(t)
	r.live(image.Pt(1920, 1080))
	r.pane.KeyDown(key(keyF11, fyne.KeyF11))
	r.settle()
	expect(t, r.far)
	if !r.FullScreen() || r.bar.object.Visible() || r.stage.Size() != r.content.Size() {
		t.Fatal("the picture does not fill the window")
	}
	if r.over.note.Text() != text.L("viewer.full.hint") {
		t.Error("nobody says how to get back")
	}
	r.moved(r.at(450, 0))
	if !r.bar.object.Visible() {
		t.Error("the top edge does not bring the bar")
	}
	r.moved(r.at(450, 300))
	if r.bar.object.Visible() {
		t.Error("the bar stays")
	}
	for _, u := range []engineer.Usage{keyLeftCtrl, keyLeftAlt, keyLeftShift} {
		r.pane.KeyDown(key(u, desktop.KeyControlLeft))
	}
	r.pane.KeyUp(key(keyLeftShift, desktop.KeyShiftLeft))
	if !r.bar.object.Visible() || r.win.Canvas().Focused() != fyne.Focusable(r.bar.full) {
		t.Error("the chord does not lead to the bar")
	}
	test.Tap(r.bar.full)
	if r.FullScreen() || !r.bar.object.Visible() {
		t.Error("the button does not lead back")
	}
	if fmt.Sprint(r.full) != "[true false]" {
		t.Errorf("the window was told %v", r.full)
	}
}

func TestInterruptedUntil(t *testing.T) {
	r := newRig(t)
	r.live(image.Pt(64, 48))
	until := time.Date(2026, 1, 2, 18, 31, 0, 0, time.Local)
	r.SetLink(false, until)
	if got, want := r.over.note.Text(), text.F("viewer.interrupted.until", map[string]any{"time": "18:31"}); got != want || !r.over.foot.Visible() {
		t.Errorf("says %q, want %q", got, want)
	}
	r.SetLink(true, time.Time{})
	if r.over.foot.Visible() {
		t.Errorf("still says %q", r.over.note.Text())
	}
}
