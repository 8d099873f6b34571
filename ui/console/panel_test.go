package console

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	base "fyne.io/fyne/v2/theme"

	"assist/app/engineer"
	"assist/app/problem"
	"assist/app/session"
)

// TestPanelKeepsItsWidth holds that no level and no sentence makes the panel wider: the picture beside it would change its size.
func TestPanelKeepsItsWidth(t *testing.T) {
	for _, language := range []string{"en", "ja"} {
		r := newRig(t, language, base.VariantLight, Options{})
		r.feed(signedIn, customer, level(session.ChatOnly), linkUp)
		for _, access := range session.Levels {
			r.feed(level(access))
			if got := r.live.panel.object.MinSize().Width; got > panelWidth {
				t.Errorf("%s, %v: the panel wants %v of %v", language, access, got, panelWidth)
			}
		}
	}
}

// TestPanelFitsLowWindows opens all there is in the panel, in a low window: the window need not grow, and the messages and the end of the
// session stay where they are seen.
func TestPanelFitsLowWindows(t *testing.T) {
	const low = 560
	r := english(t)
	r.feed(signedIn, customer, level(session.ViewOnly), linkUp)
	r.win.Resize(fyne.NewSize(1000, low))
	r.settle()
	test.Tap(r.live.panel.numbers.press)
	r.feed(engineer.Trouble{Problem: fault(problem.InputUnsupported)}, engineer.ServiceChanged{Up: false})
	r.settle()
	if got := r.win.Canvas().Size().Height; got > low {
		t.Errorf("the window has grown to %v", got)
	}
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject
	for name, o := range map[string]fyne.CanvasObject{"end": r.live.panel.end, "entry": r.live.panel.chat.Entry} {
		if y := at(o).Y; y < 0 || y+o.Size().Height > low {
			t.Errorf("%s is at %v", name, y)
		}
	}
	p := r.live.panel
	if entry, end := p.chat.Entry, p.end; at(entry).Y+entry.Size().Height > at(end).Y {
		t.Error("the entry is behind the end")
	}
	if above := at(p.above).Y + p.above.Size().Height; above > at(p.chat.Entry).Y || p.place.Size().Height < chatLeast {
		t.Errorf("what is above ends at %v, the entry begins at %v, the messages have %v", above, at(p.chat.Entry).Y, p.place.Size().Height)
	}
}

// TestPanelGrows holds that what is said in the panel moves the messages down, as long as there is room for both.
func TestPanelGrows(t *testing.T) {
	r := english(t)
	r.feed(signedIn, customer, level(session.ViewOnly), linkUp)
	r.settle()
	p := r.live.panel
	before := p.above.Size().Height
	r.feed(engineer.AskRefused{})
	if p.above.Size().Height <= before || p.above.Size().Height < p.above.Content.MinSize().Height {
		t.Errorf("%v high before, %v of %v after", before, p.above.Size().Height, p.above.Content.MinSize().Height)
	}
	test.Tap(p.first)
	if got := p.above.Content.MinSize().Height; p.above.Size().Height != got {
		t.Errorf("%v high for %v", p.above.Size().Height, got)
	}
}

// TestLinkWordsAreWhole holds that what is said of the link beside the time is not cut, however long it is.
func TestLinkWordsAreWhole(t *testing.T) {
	for _, language := range []string{"en", "ja"} {
		r := newRig(t, language, base.VariantLight, Options{})
		r.feed(signedIn, customer, level(session.ViewOnly))
		for _, ev := range []engineer.LinkChanged{{Up: true}, {Up: true, RoundTrip: 12345e6}, {}} {
			r.feed(ev)
			r.live.panel.setElapsed(99 * 3600e9)
			r.settle()
			l := r.live.panel.link
			if want := fyne.MeasureText(l.Text, base.TextSize(), l.TextStyle).Width + 2*base.InnerPadding(); l.Size().Width < want {
				t.Errorf("%s: %q is cut at %v of %v", language, l.Text, l.Size().Width, want)
			}
		}
	}
}

// TestEndedFitsLowWindows looks for summary and buttons in a low window; the summary can be read by keyboard.
func TestEndedFitsLowWindows(t *testing.T) {
	r := english(t)
	r.feed(signedIn, customer, level(session.ViewOnly))
	r.feed(engineer.Ended{Problem: fault(problem.CustomerEnded), Started: start, Finished: start})
	r.ended.record.words.SetText("a\nb\nc\n")
	r.ended.record.object.Show()
	r.ended.record.feet.Show()
	r.win.Resize(fyne.NewSize(1000, 540))
	r.settle()
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject
	for name, o := range r.ended.elements() {
		if y := at(o).Y; o.Visible() && (y < 0 || y+o.Size().Height > 540) {
			t.Errorf("%s is at %v", name, y)
		}
	}
	r.win.Canvas().Focus(r.ended.again)
	r.win.Canvas().FocusPrevious()
	r.win.Canvas().FocusPrevious()
	if r.win.Canvas().Focused() != r.ended.record.words {
		t.Errorf("two steps before the new code there is %T", r.win.Canvas().Focused())
	}
}
