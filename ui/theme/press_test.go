package theme

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
)

// TestFocusStaysOnThePressedButton: who goes by the keyboard goes on from where they were.
func TestFocusStaysOnThePressedButton(t *testing.T) {
	test.NewTempApp(t)
	pressed := 0
	b := NewButton("Go", func() { pressed++ })
	w := test.NewTempWindow(t, container.NewVBox(NewButton("Other", nil), b))
	w.Canvas().Focus(b)
	for _, key := range []fyne.KeyName{fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter, fyne.KeyA} {
		b.TypedKey(&fyne.KeyEvent{Name: key})
	}
	if pressed != 3 || w.Canvas().Focused() != b {
		t.Errorf("pressed %d times, the focus is on %T", pressed, w.Canvas().Focused())
	}
	b.Disable()
	b.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
	if pressed != 3 {
		t.Error("pressed while disabled")
	}
}

func TestSwitchKeepsItsWidth(t *testing.T) {
	test.NewTempApp(t)
	b := NewSwitch("View only", nil)
	w := test.NewTempWindow(t, b)
	before := b.MinSize()
	b.Mark(true)
	w.Canvas().Capture()
	marked := b.MinSize()
	b.Mark(false)
	if marked != before || b.MinSize() != before || NewButton("View only", nil).MinSize().Width >= before.Width {
		t.Errorf("%v, marked %v, after that %v", before, marked, b.MinSize())
	}
}

func TestAnswers(t *testing.T) {
	test.NewTempApp(t)
	var got []int
	list := Answers("Sure?", []string{"No", "Yes"}, func(i int) { got = append(got, i) })
	w := test.NewTempWindow(t, container.NewHBox(list[0], list[1]))
	if list[0].Chosen() || list[1].Chosen() {
		t.Error("chosen beforehand")
	}
	w.Canvas().Focus(list[0])
	list[0].TypedKey(&fyne.KeyEvent{Name: fyne.KeyRight})
	if w.Canvas().Focused() != list[1] || len(got) != 0 {
		t.Error("an arrow key chooses, or goes nowhere")
	}
	test.Tap(list[1])
	test.Tap(list[0])
	test.Tap(list[0]) // nothing new
	if len(got) != 2 || got[0] != 1 || got[1] != 0 || list[1].Chosen() || !list[0].Chosen() {
		t.Errorf("chose %v", got)
	}
	list[1].SetEnabled(false)
	test.Tap(list[1])
	if len(got) != 2 {
		t.Error("a disabled answer was taken")
	}
	if label := list[1].AccessibilityLabel(); label != "Sure? Yes" {
		t.Errorf("read aloud: %q", label)
	}
}
