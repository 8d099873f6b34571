package console

import (
	"image"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"assist/app/engineer"
	"assist/app/session"
	"assist/ui/text"
)

// screensOf are the options, and which of them is chosen.
func (r *rig) screensOf() (options []string, chosen string) {
	c := r.live.panel.screens.choose
	return c.Options, c.Selected
}

func TestScreens(t *testing.T) {
	r := english(t)
	r.liveAt(session.ViewOnly)
	r.feed(twoDisplays)
	r.done.take()
	want := "1: DP-1 – 1920 × 1080 (main)|2: HDMI-1 – 1280 × 800|All screens – 3200 × 1080|Follow the customer's pointer"
	options, chosen := r.screensOf()
	if strings.Join(options, "|") != want || chosen != options[1] {
		t.Errorf("options %q, chosen %q", options, chosen)
	}
	c := r.live.panel.screens.choose
	for i, did := range []string{"display 1", "display 2", "display 0", "display 255"} {
		c.SetSelectedIndex(i)
		r.did(t, did)
	}
	r.feed(engineer.DisplaysChanged{Displays: twoDisplays.Displays, Choice: engineer.FollowPointer, Shown: 1})
	if _, chosen := r.screensOf(); chosen != "Follow the pointer – now on 1" {
		t.Errorf("chosen %q", chosen)
	}
	r.feed(engineer.DisplaysChanged{Displays: twoDisplays.Displays, Choice: engineer.AllDisplays})
	if _, chosen := r.screensOf(); chosen != "All screens – 3200 × 1080" {
		t.Errorf("chosen %q", chosen)
	}
	r.did(t) // what was told is not asked for again
}

// The keyboard alone is enough: Tab leads to the choice, arrow keys choose, and Space opens the list.
func TestScreensByKeyboard(t *testing.T) {
	r := english(t)
	r.liveAt(session.ViewOnly)
	r.feed(twoDisplays)
	r.done.take()
	canvas := r.win.Canvas()
	c := r.live.panel.screens.choose
	canvas.Focus(r.live.panel.chat.Entry)
	for range 20 {
		if canvas.Focused() == fyne.Focusable(c) {
			break
		}
		canvas.FocusNext()
	}
	if canvas.Focused() != fyne.Focusable(c) {
		t.Fatal("Tab does not lead to the choice of screens")
	}
	c.TypedKey(&fyne.KeyEvent{Name: fyne.KeyRight})
	r.did(t, "display 0")
	c.TypedKey(&fyne.KeyEvent{Name: fyne.KeyLeft})
	r.did(t, "display 2")
	c.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
	if canvas.Overlays().Top() == nil {
		t.Error("Space does not open the list")
	}
}

func TestScreenGone(t *testing.T) {
	one, two := twoDisplays.Displays[:1], twoDisplays.Displays
	far := []engineer.Display{two[0], {ID: 3, Name: "far", Bounds: image.Rect(8000, 0, 9000, 800)}}
	for _, tt := range []struct {
		name          string
		before, after engineer.DisplaysChanged
		say           string
	}{
		{"the chosen one goes", twoDisplays, engineer.DisplaysChanged{Displays: one, Choice: 1, Shown: 1}, "console.display.gone"},
		{"another one goes", engineer.DisplaysChanged{Displays: two, Choice: 1, Shown: 1}, engineer.DisplaysChanged{Displays: one, Choice: 1, Shown: 1}, ""},
		{"another is chosen", twoDisplays, engineer.DisplaysChanged{Displays: two, Choice: 1, Shown: 1}, ""},
		{"the followed one goes", engineer.DisplaysChanged{Displays: two, Choice: engineer.FollowPointer, Shown: 2},
			engineer.DisplaysChanged{Displays: one, Choice: engineer.FollowPointer, Shown: 1}, ""},
		{"one of all goes", engineer.DisplaysChanged{Displays: two, Choice: engineer.AllDisplays},
			engineer.DisplaysChanged{Displays: one, Choice: engineer.AllDisplays}, ""},
		{"all become too large", engineer.DisplaysChanged{Displays: two, Choice: engineer.AllDisplays},
			engineer.DisplaysChanged{Displays: far, Choice: 1, Shown: 1}, "console.display.large"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := english(t)
			r.liveAt(session.ViewOnly)
			r.feed(tt.before)
			r.feed(tt.after)
			notice := r.live.panel.notice
			if tt.say == "" {
				if notice.Visible() {
					t.Errorf("it says %q", notice.Text())
				}
			} else if !strings.Contains(notice.Text(), text.L(tt.say)) {
				t.Errorf("it says %q, want %q", notice.Text(), text.L(tt.say))
			}
			if on := r.live.panel.screens.object.Visible(); on != (len(tt.after.Displays) > 1) {
				t.Errorf("%d screens, choice visible: %v", len(tt.after.Displays), on)
			}
			for _, o := range r.live.panel.screens.choose.Options {
				if strings.HasPrefix(o, "All") && len(tt.after.Displays) > 1 && tt.after.Displays[1].ID == 3 {
					t.Errorf("%q is offered", o)
				}
			}
		})
	}
}

// A monitor's name is the customer's text.
func TestScreenNameIsPlainAndShort(t *testing.T) {
	r := english(t)
	r.liveAt(session.ViewOnly)
	list := []engineer.Display{twoDisplays.Displays[0], {ID: 9, Name: "a\u202eb\n" + strings.Repeat("長", 60), Bounds: image.Rect(-100, -100, 0, 0)}}
	r.feed(engineer.DisplaysChanged{Displays: list, Choice: 9, Shown: 9})
	_, chosen := r.screensOf()
	if strings.ContainsAny(chosen, "\u202e\n") || len([]rune(chosen)) > 40 {
		t.Errorf("chosen %q", chosen)
	}
}
