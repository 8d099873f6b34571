package trace

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"assist/ui/theme"
)

// screen makes a window with a label, a button, an entry and a tick box.
func screen(t *testing.T) (fyne.Window, map[string]fyne.CanvasObject) {
	t.Helper()
	test.NewTempApp(t).Settings().SetTheme(theme.New())
	m := map[string]fyne.CanvasObject{
		"title": widget.NewLabel("Hello"), "go": theme.NewButton("Go", nil),
		"name": theme.NewEntry("Your name"), "tick": theme.NewTick("Agree", nil),
	}
	w := test.NewTempWindow(t, container.NewVBox(m["title"], m["go"], m["name"], m["tick"]))
	w.SetTitle("Assist")
	w.SetPadded(false)
	w.Resize(fyne.NewSize(300, 200))
	return w, m
}

// lines parses what was written, strictly.
func lines(t *testing.T, out *bytes.Buffer) []Line {
	t.Helper()
	var all []Line
	d := json.NewDecoder(out)
	d.DisallowUnknownFields()
	for d.More() {
		var l Line
		if err := d.Decode(&l); err != nil {
			t.Fatal(err)
		}
		all = append(all, l)
	}
	return all
}

func TestNothingWithoutInstall(t *testing.T) {
	w, m := screen(t)
	Show(w, "form", m)
	Flush()
	Gone(w)
	if installed != nil {
		t.Error("it installed itself")
	}
}

func TestLines(t *testing.T) {
	w, m := screen(t)
	var out bytes.Buffer
	stop := Install(&out)
	defer stop()
	Show(w, "form", m)
	Flush()
	Flush() // nothing changed
	m["go"].(*theme.Button).Disable()
	test.Tap(m["tick"].(*theme.Choice))
	w.Canvas().Focus(m["name"].(fyne.Focusable))
	test.Type(m["name"].(fyne.Focusable), "secret")
	m["title"].Hide()
	if strings.Contains(out.String(), "secret") {
		t.Error("what was typed was written")
	}
	Flush()
	Gone(w)
	Gone(w)
	got := lines(t, &out)
	if len(got) != 3 {
		t.Fatalf("%d lines: %+v", len(got), got)
	}
	first, second, gone := got[0], got[1], got[2]
	if first.Window != "Assist" || first.Screen != "form" || first.Size != [2]int{300, 200} || len(first.Elements) != 4 {
		t.Errorf("%+v", first)
	}
	press := first.Elements["go"]
	if press.Text != "Go" || !press.Enabled || press.Focused || press.X != 0 || press.Y < 30 || press.W != 300 || press.H < 42 {
		t.Errorf("button: %+v", press)
	}
	name := second.Elements["name"]
	if name.Text != "Your name" || name.Typed != 6 || !name.Focused || first.Elements["name"].Typed != 0 {
		t.Errorf("entry: %+v", name)
	}
	if second.Elements["go"].Enabled || !second.Elements["tick"].Chosen || second.Elements["title"].Visible {
		t.Errorf("%+v", second.Elements)
	}
	if second.Elements["tick"].Text != "Agree" || first.Elements["title"].Text != "Hello" {
		t.Errorf("%+v", second.Elements)
	}
	if gone.Screen != "" || gone.Window != "Assist" {
		t.Errorf("%+v", gone)
	}
}

func TestPaceAndStop(t *testing.T) {
	w, m := screen(t)
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		stop := Install(&out)
		Show(w, "form", m)
		time.Sleep(time.Second)
		synctest.Wait()
		m["title"].(*widget.Label).SetText("Bye")
		time.Sleep(time.Second)
		synctest.Wait()
		stop()
		m["title"].(*widget.Label).SetText("Hello")
		time.Sleep(time.Second)
		synctest.Wait()
		if got := lines(t, &out); len(got) != 2 || got[1].Elements["title"].Text != "Bye" {
			t.Errorf("%+v", got)
		}
		if installed != nil {
			t.Error("still installed")
		}
	})
}

type broken struct{ n int }

func (b *broken) Write([]byte) (int, error) { b.n++; return 0, errors.New("full") }

func TestBrokenWriterEndsIt(t *testing.T) {
	w, m := screen(t)
	var b broken
	defer Install(&b)()
	Show(w, "form", m)
	Flush()
	Flush()
	if b.n != 1 || installed != nil {
		t.Errorf("written %d times", b.n)
	}
}
