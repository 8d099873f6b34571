package console

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	base "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"assist/ui/theme"
)

var update = flag.Bool("update", false, "write the masters anew")

// TestMarkup compares how every state is built, in English, with its master. Fyne measures Latin text with its own font, so
// places and sizes are the same everywhere.
func TestMarkup(t *testing.T) {
	for _, s := range states {
		t.Run(s.name, func(t *testing.T) {
			r := english(t)
			s.to(t, r)
			r.settle()
			master := filepath.Join("en", s.name+".xml")
			if *update {
				write(t, master, test.RenderToMarkup(r.win.Canvas()))
			}
			test.AssertRendersToMarkup(t, master, r.win.Canvas())
		})
	}
}

// TestOutlineJapanese compares every text that is seen, in order, with its master. Where Japanese lines break depends on the
// fonts of the system, so places and sizes are left out.
func TestOutlineJapanese(t *testing.T) {
	for _, s := range states {
		t.Run(s.name, func(t *testing.T) {
			r := newRig(t, "ja", base.VariantLight, Options{Service: "support.example.com:443", Account: "aengineer"})
			s.to(t, r)
			r.settle()
			var lines []string
			outline(r.win.Content(), &lines)
			got := strings.Join(lines, "\n") + "\n"
			master := filepath.Join("ja", s.name+".txt")
			if *update {
				write(t, master, got)
			}
			want, err := os.ReadFile(filepath.Join("testdata", master))
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("it says\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func write(t *testing.T, master, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join("testdata", master), []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// outline lists the texts of o that are seen.
func outline(o fyne.CanvasObject, lines *[]string) {
	if !o.Visible() {
		return
	}
	add := func(kind, s string) {
		if s != "" {
			*lines = append(*lines, kind+": "+strings.ReplaceAll(s, "\n", " / "))
		}
	}
	switch w := o.(type) {
	case *widget.Label:
		add("text", w.Text)
		return
	case *theme.Notice:
		add("notice", w.Text())
		return
	case *theme.Entry:
		add("entry", w.AccessibilityLabel())
		return
	case *theme.Button:
		kind := "button"
		if w.Disabled() {
			kind = "button off"
		}
		add(kind, w.Text)
		return
	case *widget.Select:
		add("choice", w.Selected)
		return
	case *fyne.Container:
		for _, child := range w.Objects {
			outline(child, lines)
		}
	case fyne.Widget:
		for _, child := range test.WidgetRenderer(w).Objects() {
			outline(child, lines)
		}
	}
}
