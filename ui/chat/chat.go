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
	"assist/ui/text"
	"assist/ui/theme"
)

// MaxMessage is the longest message that can be sent, in characters (runes).
const MaxMessage = 2000

// keep is how many messages are shown. Older ones go.
const keep = 500

// Panel is one chat. Its methods are called on Fyne's goroutine.
type Panel struct {
	Content fyne.CanvasObject
	Entry   *theme.Entry
	Send    *theme.Button
	Last    *widget.Label // the newest message's text

	send   func(string)
	list   *fyne.Container
	scroll *container.Scroll
	empty  *widget.Label
	wrong  *theme.Notice
}

// New makes a panel. send gets each message that is to be sent: trimmed, not empty, not too long. It does not appear
// in the panel before Add says so.
func New(send func(string)) *Panel {
	p := &Panel{send: send, list: container.New(messagesLayout{}), wrong: theme.NewNotice(theme.Wrong)}
	p.empty = theme.Text(text.L("chat.empty"))
	p.Last = theme.Text("")
	p.list.Add(p.empty)
	p.scroll = container.NewVScroll(p.list)
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
	p.list.Remove(p.empty)
	head := theme.Strong(text.F("chat.by", map[string]any{"name": text.Plain(who), "time": text.Time(at)}))
	p.Last = theme.Text(text.Lines(message))
	p.list.Add(head)
	p.list.Add(p.Last)
	if over := len(p.list.Objects) - 2*keep; over > 0 {
		p.list.Objects = append([]fyne.CanvasObject(nil), p.list.Objects[over:]...)
	}
	p.list.Refresh()
	p.Bottom()
}

// Bottom shows the newest message.
func (p *Panel) Bottom() {
	p.scroll.Refresh()
	p.scroll.ScrollToBottom()
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

// messagesLayout is a column of pairs, who and what, with a little room between two pairs.
type messagesLayout struct{}

const (
	closer = 14 // who and what stand closer than two labels would
	apart  = 6  // and two messages are this much nearer, too
)

func (messagesLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	for i, o := range objects {
		m := o.MinSize()
		size.Width = max(size.Width, m.Width)
		size.Height += m.Height - before(i)
	}
	return size
}

func (messagesLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	var y float32
	for i, o := range objects {
		y -= before(i)
		o.Resize(fyne.NewSize(size.Width, o.MinSize().Height))
		h := o.MinSize().Height // for this width
		o.Resize(fyne.NewSize(size.Width, h))
		o.Move(fyne.NewPos(0, y))
		y += h
	}
}

// before is how far the i-th object overlaps the one above it.
func before(i int) float32 {
	switch {
	case i == 0:
		return 0
	case i%2 == 1:
		return closer
	}
	return apart
}
