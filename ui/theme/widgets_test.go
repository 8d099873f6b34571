package theme

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/test"
	base "fyne.io/fyne/v2/theme"
)

// show puts o into a window in memory.
func show(t *testing.T, o fyne.CanvasObject) fyne.Window {
	t.Helper()
	test.NewTempApp(t).Settings().SetTheme(Fixed(base.VariantLight))
	w := test.NewTempWindow(t, o)
	w.Resize(fyne.NewSize(400, 300))
	w.Resize(fyne.NewSize(401, 300))
	return w
}

func key(o fyne.Focusable, names ...fyne.KeyName) {
	for _, n := range names {
		o.TypedKey(&fyne.KeyEvent{Name: n})
	}
}

func TestButtonKeys(t *testing.T) {
	n := 0
	b := Primary("Go", func() { n++ })
	w := show(t, b)
	w.Canvas().Focus(b)
	key(b, fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter)
	if n != 3 {
		t.Errorf("pressed %d times by three keys", n)
	}
	key(b, fyne.KeyEscape, fyne.KeyA, fyne.KeyUp)
	if n != 3 {
		t.Error("pressed by a key that should do nothing")
	}
	b.SetEnabled(false)
	key(b, fyne.KeyReturn, fyne.KeySpace)
	test.Tap(b)
	if n != 3 {
		t.Error("pressed while disabled")
	}
}

func TestRingFollowsFocus(t *testing.T) {
	b, c := NewButton("Go", nil), NewTick("Tick", nil)
	w := show(t, container.NewVBox(b, c))
	ring := func(o fyne.Widget) bool {
		objects := test.TempWidgetRenderer(t, o).Objects()
		return objects[len(objects)-1].Visible()
	}
	for _, o := range []interface {
		fyne.Widget
		fyne.Focusable
	}{b, c} {
		if ring(o) {
			t.Errorf("%T wears a ring without the focus", o)
		}
		w.Canvas().Focus(o)
		if !ring(o) {
			t.Errorf("%T has the focus and no ring", o)
		}
		w.Canvas().Unfocus()
		if ring(o) {
			t.Errorf("%T keeps the ring", o)
		}
	}
}

func TestOneOf(t *testing.T) {
	var got []int
	cards := OneOf([][2]string{{"A", "a"}, {"B", "b"}, {"C", ""}}, func(i int) { got = append(got, i) })
	w := show(t, container.NewVBox(cards[0], cards[1], cards[2]))
	for _, c := range cards {
		if c.Chosen() {
			t.Fatal("something is chosen beforehand")
		}
	}
	w.Canvas().Focus(cards[0])
	key(cards[0], fyne.KeyDown)
	if w.Canvas().Focused() != cards[1] || cards[1].Chosen() {
		t.Error("the arrow key must go on and choose nothing")
	}
	key(cards[1], fyne.KeySpace, fyne.KeySpace) // the second time nothing changes
	test.Tap(cards[2])
	key(cards[2], fyne.KeyDown, fyne.KeyEscape)
	if len(got) != 2 || got[0] != 1 || got[1] != 2 || cards[1].Chosen() || !cards[2].Chosen() {
		t.Errorf("chose %v", got)
	}
	cards[0].Disable()
	test.Tap(cards[0])
	if len(got) != 2 {
		t.Error("a disabled card was chosen")
	}
	if cards[0].AccessibilityLabel() != "A. a" || cards[2].AccessibilityLabel() != "C" {
		t.Error(cards[0].AccessibilityLabel(), cards[2].AccessibilityLabel())
	}
}

func TestTick(t *testing.T) {
	var got []bool
	c := NewTick("Tick", func(on bool) { got = append(got, on) })
	show(t, c)
	c.SetChosen(true) // not by hand: nobody is told
	test.Tap(c)
	key(c, fyne.KeySpace)
	if len(got) != 2 || got[0] || !got[1] || !c.Chosen() {
		t.Errorf("%v", got)
	}
}

func TestDigits(t *testing.T) {
	for _, tt := range []struct{ name, typed, want string }{
		{"as they come", "1234567", "123 4567"},
		{"few", "12", "12"},
		{"exactly a group", "123", "123"},
		{"with spaces and dashes", "123-45 67", "123 4567"},
		{"full-width", "１２３４５６７", "123 4567"},
		{"too many", "123456789", "123 4567"},
		{"letters", "a1b2c3", "123"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := NewDigits("Code", 3, 4)
			show(t, d)
			test.Type(d, tt.typed)
			if d.Text != tt.want {
				t.Errorf("typed: %q, want %q", d.Text, tt.want)
			}
			d.SetValue("")
			clipboard := fyne.CurrentApp().Clipboard()
			clipboard.SetContent(tt.typed)
			d.TypedShortcut(&fyne.ShortcutPaste{Clipboard: clipboard})
			if d.Text != tt.want {
				t.Errorf("pasted: %q, want %q", d.Text, tt.want)
			}
		})
	}
}

func TestDigitsCursor(t *testing.T) {
	d := NewDigits("Code", 3, 4)
	told := ""
	d.OnDigits = func(s string) { told = s }
	show(t, d)
	test.Type(d, "1234567")
	key(d, fyne.KeyBackspace, fyne.KeyBackspace, fyne.KeyBackspace, fyne.KeyBackspace)
	if d.Text != "123" || d.Value() != "123" || told != "123" || d.CursorColumn != 3 {
		t.Errorf("%q, told %q, cursor %d", d.Text, told, d.CursorColumn)
	}
	key(d, fyne.KeyLeft, fyne.KeyLeft)
	test.Type(d, "99")
	if d.Text != "199 23" || d.CursorColumn != 3 {
		t.Errorf("%q, cursor %d", d.Text, d.CursorColumn)
	}
	test.Type(d, "8")
	if d.Text != "199 823" || d.CursorColumn != 5 {
		t.Errorf("%q, cursor %d", d.Text, d.CursorColumn)
	}
	if strings.Contains(d.AccessibilityLabel(), "1") {
		t.Error("what is typed is read aloud")
	}
}

func TestFieldAndNotice(t *testing.T) {
	f := NewField("Name", "")
	show(t, container.NewVBox(f.Object))
	quiet := f.Object.MinSize().Height
	f.SetWrong("The name is missing.")
	if f.Wrong() == "" || f.Object.MinSize().Height <= quiet {
		t.Error("the error has no place")
	}
	f.SetWrong("")
	if f.Object.MinSize().Height != quiet {
		t.Error("no error still takes up room")
	}
	n := NewNotice(Mind)
	n.Set("What.", "Do.")
	if n.Text() != "What. Do." || n.AccessibilityLabel() != n.Text() || !n.Visible() {
		t.Error(n.Text())
	}
	n.Set("", "")
	if n.Visible() {
		t.Error("a notice that says nothing is shown")
	}
}

func TestCountdown(t *testing.T) {
	test.NewTempApp(t)
	synctest.Test(t, func(t *testing.T) {
		var shown []time.Duration
		c := NewCountdown(func(left time.Duration) string {
			shown = append(shown, left)
			return left.String()
		})
		c.Start(time.Now().Add(3 * time.Second))
		time.Sleep(time.Minute)
		synctest.Wait()
		if len(shown) != 4 || shown[0] != 3*time.Second || shown[3] != 0 || c.Text != "0s" {
			t.Errorf("%v, in the end %q", shown, c.Text)
		}
		c.Start(time.Now().Add(time.Hour))
		c.Stop()
		time.Sleep(time.Minute)
		synctest.Wait()
		if len(shown) != 5 {
			t.Errorf("it runs on after Stop: %v", shown[4:])
		}
	})
}

func TestAfter(t *testing.T) {
	test.NewTempApp(t)
	synctest.Test(t, func(t *testing.T) {
		n := 0
		After(time.Second, func() { n++ })
		stopped := After(time.Second, func() { n += 10 })
		stopped.Stop()
		(*Ticker)(nil).Stop()
		time.Sleep(time.Minute)
		synctest.Wait()
		if n != 1 {
			t.Errorf("%d", n)
		}
	})
}

func TestScrollReveals(t *testing.T) {
	top, middle, bottom := NewEntry("top"), NewTick("middle", nil), NewButton("bottom", nil)
	gap := func() fyne.CanvasObject {
		return container.New(layout.NewCustomPaddedLayout(400, 0, 0, 0))
	}
	s := NewScroll(container.NewVBox(top, gap(), middle, gap(), bottom))
	s.Follow(top, middle, bottom)
	w := show(t, s)
	for _, o := range []fyne.Focusable{bottom, middle, top} {
		w.Canvas().Focus(o)
		y := fyne.CurrentApp().Driver().AbsolutePositionForObject(o.(fyne.CanvasObject)).Y
		if y < 0 || y+o.(fyne.CanvasObject).Size().Height > 300 {
			t.Errorf("%T has the focus at %v, out of sight", o, y)
		}
	}
}

func TestReaderKeys(t *testing.T) {
	r := NewReader("Terms", strings.Repeat("Line.\n", 200))
	show(t, r)
	key(r, fyne.KeyUp)
	if r.scroll.Offset.Y != 0 {
		t.Error("above the beginning")
	}
	key(r, fyne.KeyEnd)
	end := r.scroll.Offset.Y
	key(r, fyne.KeyPageDown, fyne.KeyDown)
	if end == 0 || r.scroll.Offset.Y != end {
		t.Errorf("past the end: %v, %v", end, r.scroll.Offset.Y)
	}
	key(r, fyne.KeyPageUp)
	if r.scroll.Offset.Y >= end {
		t.Error("page up does nothing")
	}
	key(r, fyne.KeyHome, fyne.KeyDown)
	if y := r.scroll.Offset.Y; y <= 0 || y > 60 {
		t.Errorf("one line down: %v", y)
	}
}
