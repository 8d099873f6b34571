package theme

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/test"
)

// TestRevealWhatWasHidden scrolls to something that no window has drawn yet.
func TestRevealWhatWasHidden(t *testing.T) {
	test.NewTempApp(t)
	late := NewButton("late", nil)
	digits := NewDigits("code", 3, 4)
	s := NewScroll(container.NewVBox(
		container.New(layout.NewCustomPaddedLayout(800, 0, 0, 0)), container.NewHBox(late), Sized(digits, 34),
	))
	s.Resize(fyne.NewSize(300, 200))
	for _, o := range []fyne.CanvasObject{late, digits} {
		s.ScrollToTop()
		s.Reveal(o)
		if s.Offset.Y < 600 {
			t.Errorf("%T: scrolled to %v", o, s.Offset.Y)
		}
	}
	s.ScrollToTop()
	s.Reveal(NewButton("elsewhere", nil))
	if s.Offset.Y != 0 {
		t.Error("something that is not in it moves the area")
	}
}

// TestRowSaysFaultsBelow holds that what is wrong with a narrow field has the room of the whole row, and comes into view.
func TestRowSaysFaultsBelow(t *testing.T) {
	first, second, third := NewField("Case number", ""), NewField("Branch", ""), NewField("Country", "")
	row := Row(first, second, third)
	s := NewScroll(container.NewVBox(container.New(layout.NewCustomPaddedLayout(400, 0, 0, 0)), row))
	s.FollowFields(first, second, third)
	w := show(t, s)
	const sentence = "This is not a country code. Type two letters."
	third.SetWrong(sentence)
	s.Refresh()
	if first.wrong.Visible() || !third.wrong.Visible() || third.Wrong() != sentence {
		t.Error("the wrong one complains")
	}
	if got := third.wrong.Size().Width; got < row.Size().Width {
		t.Errorf("%v of %v are for the sentence", got, row.Size().Width)
	}
	high := row.MinSize().Height
	w.Canvas().Focus(third.Entry)
	driver := fyne.CurrentApp().Driver()
	foot := driver.AbsolutePositionForObject(s).Y + s.Size().Height
	if bottom := driver.AbsolutePositionForObject(third.wrong).Y + third.wrong.Size().Height; bottom > foot {
		t.Errorf("the sentence ends at %v of %v", bottom, foot)
	}
	third.SetWrong("")
	if got := row.MinSize().Height; got >= high {
		t.Errorf("without a fault the row is %v high, with it %v", got, high)
	}
}

// TestEscape presses Escape on everything that can have the focus.
func TestEscape(t *testing.T) {
	list := []fyne.Focusable{
		NewButton("button", nil), NewTick("tick", nil), NewEntry("entry"), NewDigits("digits", 2), NewReader("reader", "text"),
		OneOf([][2]string{{"a", "b"}}, func(int) {})[0],
	}
	box := container.NewVBox()
	for _, o := range list {
		box.Add(o.(fyne.CanvasObject))
	}
	w := show(t, box)
	escaped := 0
	for i, o := range list {
		o.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape}) // nobody hears it
		OnEscape(w.Canvas(), func() { escaped++ })
		o.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
		o.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
		if escaped != i+1 {
			t.Errorf("%T: Escape was heard %d times", o, escaped-i)
		}
		OnEscape(w.Canvas(), nil)
	}
	NewButton("in no window", nil).TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
}

// TestFeet holds buttons beneath a scroll area against what is in it.
func TestFeet(t *testing.T) {
	inside, beneath := NewButton("inside", nil), NewButton("beneath", nil)
	show(t, container.NewBorder(nil, Feet(beneath), nil, nil, NewScroll(container.NewVBox(inside))))
	place := fyne.CurrentApp().Driver().AbsolutePositionForObject
	if place(inside).X != place(beneath).X || inside.Size().Width != beneath.Size().Width {
		t.Errorf("%v, %v wide, and %v, %v wide", place(inside).X, inside.Size().Width, place(beneath).X, beneath.Size().Width)
	}
}
