package chat

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"assist/ui/uitest"
)

var at = time.Date(2026, 11, 22, 14, 5, 0, 0, time.Local)

func panel(t *testing.T) (*Panel, *[]string, fyne.Window) {
	t.Helper()
	uitest.App(t, "en")
	var sent []string
	p := New(func(s string) { sent = append(sent, s) })
	w := test.NewTempWindow(t, p.Content)
	w.Resize(fyne.NewSize(400, 300))
	return p, &sent, w
}

func TestSend(t *testing.T) {
	p, sent, w := panel(t)
	w.Canvas().Focus(p.Entry)
	test.Type(p.Entry, "  hello ")
	uitest.Press(w, fyne.KeyReturn)
	uitest.Press(w, fyne.KeyReturn) // nothing is typed now
	test.Type(p.Entry, "again")
	test.Tap(p.Send)
	if len(*sent) != 2 || (*sent)[0] != "hello" || (*sent)[1] != "again" {
		t.Errorf("sent %q", *sent)
	}
	uitest.SaysNot(t, w, "hello") // not before it is on its way
}

func TestTooLongIsKept(t *testing.T) {
	p, sent, w := panel(t)
	p.Entry.SetText(strings.Repeat("字", MaxMessage+1))
	test.Tap(p.Send)
	if len(*sent) != 0 || p.Entry.Text == "" {
		t.Error("it was sent, or lost")
	}
	uitest.Says(t, w, "The message is too long.")
	p.Entry.SetText(strings.Repeat("字", MaxMessage))
	uitest.SaysNot(t, w, "The message is too long.")
	test.Tap(p.Send)
	if len(*sent) != 1 {
		t.Error("the longest message was not sent")
	}
}

// TestPeerTextIsPlain shows what a hostile other end may write: it must appear letter for letter, in labels.
func TestPeerTextIsPlain(t *testing.T) {
	for _, message := range []string{
		"# title\n![x](http://192.0.2.1/a.png) [click](file:///etc/passwd)",
		"<b>bold</b> <a href='http://192.0.2.1'>x</a>", "http://192.0.2.1/", "**not bold** `code`",
	} {
		p, _, w := panel(t)
		p.Add("Mallory\u202e", message, at)
		uitest.Says(t, w, message)
		uitest.Says(t, w, "Mallory[U+202E]")
		walk(p.paper, func(o fyne.CanvasObject) {
			switch o := o.(type) {
			case *widget.Hyperlink, *canvas.Image:
				t.Errorf("%q is shown with a %T", message, o)
			case *widget.RichText:
				t.Errorf("%q is shown as rich text", message)
			}
		})
	}
	p, _, w := panel(t)
	p.Add("X", "a\u202egpj.exe\x1b[31m", at)
	uitest.Says(t, w, "a[U+202E]gpj.exe[U+001B][31m")
}

func walk(p *paper, f func(fyne.CanvasObject)) {
	for _, o := range p.seen {
		f(o)
	}
}

func TestNewestAtTheBottom(t *testing.T) {
	p, _, w := panel(t)
	for range 50 {
		p.Add("A", "line", at)
	}
	p.Add("B", "last "+strings.Repeat("long ", 60), at)
	uitest.Settle(w)
	p.settle()
	driver := fyne.CurrentApp().Driver()
	bottom := driver.AbsolutePositionForObject(p.Last).Y + p.Last.Size().Height
	if edge := driver.AbsolutePositionForObject(p.scroll).Y + p.scroll.Size().Height; bottom > edge+1 || bottom < edge-40 {
		t.Errorf("the newest message ends at %v, the panel at %v", bottom, edge)
	}
	if width := p.Last.Size().Width; width > 400 {
		t.Errorf("the message is %v wide and does not wrap", width)
	}
}

// numbered adds n messages that begin with their number.
func numbered(p *Panel, n, length int) {
	for i := range n {
		p.Add("A", fmt.Sprintf("no. %d %s", i, strings.Repeat("x", length)), at)
	}
}

func TestOldMessagesGo(t *testing.T) {
	const gone = "Earlier messages are no longer shown."
	for _, tt := range []struct {
		name      string
		n, length int
		kept      int // -1 for as many as there is room for
	}{
		{"all are there", keepMessages, 10, keepMessages},
		{"too many", keepMessages + 20, 10, keepMessages},
		{"too long", 30, 3000, -1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, _, w := panel(t)
			numbered(p, tt.n, tt.length)
			kept := len(p.paper.entries)
			if tt.kept >= 0 && kept != tt.kept || tt.kept < 0 && (kept == tt.n || kept < keepBytes/3100) {
				t.Errorf("%d messages are kept", kept)
			}
			size := 0
			for _, e := range p.paper.entries {
				size += e.size()
			}
			if size != p.paper.bytes || size > keepBytes {
				t.Errorf("%d bytes are kept, counted as %d", size, p.paper.bytes)
			}
			uitest.Says(t, w, fmt.Sprintf("no. %d ", tt.n-1))
			p.scroll.ScrollToTop()
			uitest.Says(t, w, fmt.Sprintf("no. %d ", tt.n-kept))
			if kept < tt.n {
				uitest.Says(t, w, gone)
			} else {
				uitest.SaysNot(t, w, gone)
			}
		})
	}
}

// TestSignsThatCannotBeSeen shows each by its number, which takes much more room than the sign: not without end.
func TestSignsThatCannotBeSeen(t *testing.T) {
	p, _, _ := panel(t)
	p.Add("A", strings.Repeat("\x01", MaxMessage), at)
	if n := utf8.RuneCountInString(p.Last.Text); n > maxShown+1 || !strings.HasSuffix(p.Last.Text, "…") {
		t.Errorf("%d characters are shown", n)
	}
	whole := strings.Repeat("\tA line, with a word or two.\n", MaxMessage/30)
	if p.Add("A", whole, at); strings.Contains(p.Last.Text, "…") {
		t.Error("an honest message is cut")
	}
}

// TestTooMuch says it without a name: nobody wrote it.
func TestTooMuch(t *testing.T) {
	p, _, w := panel(t)
	p.Add("A", "hello", at)
	p.TooMuch(at)
	p.Add("A", "again", at)
	uitest.Says(t, w, "hello 14:05: too much came at once. Some of it is not shown. A · 14:05 again")
	if p.Last.Text != "again" {
		t.Errorf("the last message is %q", p.Last.Text)
	}
}

func TestGolden(t *testing.T) {
	for _, language := range []string{"en", "ja"} {
		t.Run(language, func(t *testing.T) {
			p, _, w := panel(t)
			uitest.Language(t, language)
			p = New(func(string) {})
			w.SetContent(p.Content)
			p.Add("Aiko Engineer", "Hello, what can I do for you?", at)
			p.Add("You", "My printer is gone.", at)
			uitest.Golden(t, "chat", w)
		})
	}
}
