// Package chat is the panel in which the two ends write to each other: the messages, newest at the bottom, and the
// entry beneath. The customer's bar and the engineer's console both use it.
//
// What the other end wrote is shown as plain text and nothing else: no links, no styles, no pictures, and signs
// that cannot be seen are shown by their numbers. The package sends nothing: it hands the text to its owner.
package chat

import (
	"strings"
	"time"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"assist/app/problem"
	"assist/app/wire"
	"assist/ui/text"
	"assist/ui/theme"
)

// MaxMessage is the longest message that can be sent, in characters (runes).
const MaxMessage = wire.MaxChat

// maxShown is how many characters of a message are shown: more than a message has, but for one of many signs that cannot be seen, which
// are shown by their numbers.
const maxShown = 2 * MaxMessage

// Panel is one chat. Its methods are called on Fyne's goroutine.
type Panel struct {
	Content fyne.CanvasObject
	Entry   *theme.Entry
	Send    *theme.Button
	Last    *widget.Label // the newest message's text; not always on the screen

	send    func(string)
	paper   *paper
	scroll  *container.Scroll
	wrong   *theme.Notice
	waiting bool // settle is on its way
}

// New makes a panel, which is open. send gets each message that is to be sent: trimmed, not empty, not too long. It does not appear
// in the panel before Add says so.
func New(send func(string)) *Panel {
	p := &Panel{send: send, paper: newPaper(), wrong: theme.NewNotice(theme.Wrong), Last: theme.Text("")}
	p.scroll = container.NewVScroll(p.paper)
	p.paper.window = func() float32 { return p.scroll.Size().Height }
	p.paper.bottom = p.scroll.ScrollToBottom
	p.Entry = theme.NewEntry(text.L("chat.write"))
	p.Entry.SetPlaceHolder(text.L("chat.write"))
	p.Entry.OnSubmitted = func(string) { p.submit() }
	p.Entry.OnChanged = func(string) { p.wrong.Set("", "") }
	p.Send = theme.NewButton(text.L("chat.send"), p.submit)
	write := container.NewBorder(nil, nil, nil, p.Send, p.Entry)
	p.Content = container.NewBorder(nil, container.NewVBox(p.wrong, write), nil, nil, p.scroll)
	return p
}

// Add shows a message of who, at the bottom. who and message may be peer text.
func (p *Panel) Add(who, message string, at time.Time) {
	e := &entry{who: text.F("chat.by", map[string]any{"name": text.Plain(who), "time": text.Time(at)}), what: shown(message)}
	p.Last = theme.Text(e.what)
	e.body = p.Last
	p.append(e)
}

// TooMuch says, in a line of its own, that some of what the other end wrote was left out.
func (p *Panel) TooMuch(at time.Time) {
	p.append(&entry{what: text.F("chat.too-much", map[string]any{"time": text.Time(at)})})
}

// shown is how a message is shown.
func shown(message string) string {
	s, n := text.Lines(message), 0
	for i := range s {
		if n++; n > maxShown {
			return s[:i] + "…"
		}
	}
	return s
}

func (p *Panel) append(e *entry) {
	p.paper.add(e)
	if !p.waiting && !p.paper.closed {
		p.waiting = true
		fyne.Do(p.settle) // later: of several that come at once all are laid out together
	}
}

// settle shows what has come.
func (p *Panel) settle() {
	p.waiting = false
	if size := p.scroll.Size(); !p.paper.closed && size.Width > 0 {
		p.paper.place(size.Width)
		p.paper.Resize(fyne.NewSize(size.Width, max(size.Height, p.paper.high)))
		p.scroll.ScrollToBottom()
	}
}

// Open says whether the panel can be seen: it is opened with the newest message. While it is closed nothing is laid out.
func (p *Panel) Open(on bool) {
	if p.paper.closed != on {
		return
	}
	p.paper.closed = !on
	p.paper.view()
	p.settle()
}

// Elements are the panel's named parts, for ui/trace.
func (p *Panel) Elements() map[string]fyne.CanvasObject {
	return map[string]fyne.CanvasObject{"chat-entry": p.Entry, "chat-send": p.Send, "chat-last": p.Last, "chat-wrong": p.wrong}
}

// submit hands over what is typed. What cannot be sent stays in the entry, with a sentence that says why.
func (p *Panel) submit() {
	message := strings.TrimSpace(p.Entry.Text)
	if message == "" {
		return
	}
	if utf8.RuneCountInString(message) > MaxMessage {
		p.wrong.Set(text.Problem(problem.MessageTooLong))
		return
	}
	p.Entry.SetText("")
	p.send(message)
}
