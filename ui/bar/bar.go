// Package bar is what the customer sees of a live session: one small strip that says who is there, what they can do and
// since when, and with which everything can be changed or ended by one press. Troubles, questions and the chat open
// beneath it; the strip itself is always there, and Stop is always on it.
//
// The package shows and asks; what follows from a press is its owner's business.
package bar

import (
	"maps"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"assist/app/customer"
	"assist/app/identity"
	"assist/app/problem"
	"assist/app/session"
	"assist/ui/chat"
	"assist/ui/text"
	"assist/ui/theme"
)

// Width is how wide the bar wants to be.
const Width = 900

// Room around the bar, and how wide its big button is at least.
const (
	edge      = 7
	stopWidth = 110
)

// How much the open chat adds, and how high the whole may become before the chat gets less: with its frame it has to fit a
// screen of 1024 x 600.
const (
	chatHeight  = 320
	chatAtLeast = 150
	maxHeight   = 540
)

// troubleTime is how long a trouble is shown at least. The level that it brought about comes right behind it.
const troubleTime = 5 * time.Second

// Presses is what the bar hands out. All are called on Fyne's goroutine.
type Presses struct {
	Level func(session.Access) // the level switch, or taking control back
	Say   func(message string)
	Pause func(on bool) // what comes of false is told by SetPaused
	Stop  func()
	Alarm func()              // something feels wrong
	Here  func(digits string) // somebody is at the computer
	// Resized says that Size has changed, as when the chat opens.
	Resized func()
}

// Bar is the strip and what opens beneath it. Its methods are called on Fyne's goroutine.
type Bar struct {
	Content  fyne.CanvasObject
	Levels   []*theme.Button // in the order of session.Levels
	TakeBack *theme.Button
	PauseIt  *theme.Button
	ChatIt   *theme.Button
	Stop     *theme.Button
	Alarm    *theme.Button
	Chat     *chat.Panel

	engineer identity.Engineer
	presses  Presses
	access   session.Access
	since    time.Time
	input    customer.InputState
	linkDown bool
	slow     bool      // the line
	waiting  time.Time // until when, while the link is down
	paused   bool
	stopping bool
	panicKey bool // it ends the session
	open     bool // the chat
	unread   int

	who, can *widget.Label
	elapsed  *widget.Label
	notice   *theme.Notice
	trouble  *theme.Notice
	troubled time.Time       // when the trouble came
	still    *still          // nil while it is not asked
	asks     *fyne.Container // for still
	question *fyne.Container
	foot     *fyne.Container
	ticker   *theme.Ticker
}

// New makes the bar of a session that is live since at. Close it in the end.
func New(e identity.Engineer, access session.Access, at time.Time, p Presses) *Bar {
	b := &Bar{engineer: e, presses: p, access: access, since: at, open: access == session.ChatOnly}
	b.makeTexts()
	b.makeButtons()
	b.Chat = chat.New(p.Say)
	b.Chat.Open(false) // until Size finds room for it
	b.trouble = theme.NewNotice(theme.Wrong)
	b.asks = container.NewVBox()
	b.question = container.NewVBox()
	b.asks.Hide()
	b.question.Hide()
	b.foot = container.NewStack(b.Chat.Content)
	b.foot.Hide()
	b.Content = container.New(layout.NewCustomPaddedLayout(edge, edge, edge, edge),
		container.NewBorder(container.NewVBox(b.strip(), b.trouble, b.asks, b.question), nil, nil, nil, b.foot))
	b.update()
	b.tick()
	b.ticker = theme.Every(time.Second, b.tick)
	return b
}

func (b *Bar) makeTexts() {
	who := "bar.who"
	if !b.engineer.Verified {
		who = "bar.who-unverified"
	}
	b.who = theme.Strong(text.F(who, map[string]any{
		"name": text.Plain(b.engineer.Name), "organisation": text.Plain(b.engineer.Organisation),
	}))
	b.who.Wrapping, b.who.Truncation = fyne.TextWrapOff, fyne.TextTruncateEllipsis
	b.can = theme.Line("")
	b.elapsed = theme.Line("")
	b.notice = theme.NewNotice(theme.Note)
}

func (b *Bar) makeButtons() {
	for i, key := range []string{"level.chat", "level.view", "level.control"} {
		b.Levels = append(b.Levels, theme.NewSwitch(text.L(key), func() { b.press(session.Levels[i]) }))
	}
	b.TakeBack = theme.NewButton(text.L("bar.take-back"), func() { b.press(session.ViewOnly) })
	b.PauseIt = theme.NewButton(text.L("bar.pause"), b.pressPause)
	b.ChatIt = theme.NewButton("", func() { b.OpenChat(!b.open) })
	b.Stop = theme.Danger(text.L("bar.stop"), func() { b.end(b.presses.Stop) })
	b.Alarm = theme.Quiet(text.L("alarm.press"), func() { b.end(b.presses.Alarm) })
}

// strip is the part that is always there.
func (b *Bar) strip() fyne.CanvasObject {
	levels := container.NewHBox()
	for _, l := range b.Levels {
		levels.Add(l)
	}
	press := container.NewHBox(levels, b.TakeBack, layout.NewSpacer(), b.PauseIt, b.ChatIt)
	alarm := container.New(layout.NewCustomPaddedLayout(7, 0, 0, 0), b.Alarm)
	feel := container.NewBorder(nil, nil, nil, container.NewVBox(alarm), b.notice)
	rows := container.New(theme.Tight{By: 4}, b.sayRow(), press, feel)
	return container.NewBorder(nil, nil, nil, theme.Wide(b.Stop, stopWidth), rows)
}

// press hands a level out if it is another one.
func (b *Bar) press(a session.Access) {
	if a != b.access && !b.stopping {
		b.presses.Level(a)
	}
}

// pressPause shows a pause at once, and the end of it when it has come.
func (b *Bar) pressPause() {
	if b.paused {
		b.presses.Pause(false)
		return
	}
	b.SetPaused(true)
	b.presses.Pause(true)
}

// end ends the session by stop.
func (b *Bar) end(stop func()) {
	b.stopping = true
	b.update()
	stop()
}

// SetAccess shows the level that holds from now on. A trouble is over with another level, unless it brought that about.
func (b *Bar) SetAccess(a session.Access) {
	if a != b.access && time.Since(b.troubled) > troubleTime {
		b.trouble.Set("", "")
		defer b.resized()
	}
	b.access = a
	b.update()
}

// Trouble says what does not work on this computer, and what to do. It stays until the level changes.
func (b *Bar) Trouble(c problem.Code) {
	b.troubled = time.Now()
	b.trouble.Set(text.Problem(c))
	b.resized()
}

// SetInput shows whether the engineer's keys and pointer come through.
func (b *Bar) SetInput(s customer.InputState) {
	b.input = s
	b.update()
}

// SetPaused shows whether picture and input are paused.
func (b *Bar) SetPaused(on bool) {
	b.paused = on
	b.update()
}

// SetLink shows whether the engineer can be reached, and if not, until when that is waited for.
func (b *Bar) SetLink(up bool, until time.Time) {
	b.linkDown, b.waiting = !up, until
	b.update()
}

// SetPanicKey says whether the Pause key ends the session, too.
func (b *Bar) SetPanicKey(on bool) {
	b.panicKey = on
	b.update()
}

// SetSlow shows whether the line is so slow that the picture lags at the engineer's.
func (b *Bar) SetSlow(on bool) {
	b.slow = on
	b.update()
}

// Said shows a chat message.
func (b *Bar) Said(s customer.Said) {
	who := text.L("chat.you")
	if s.FromEngineer {
		who = b.engineer.Name
		if !b.open {
			b.unread++
		}
	}
	b.Chat.Add(who, s.Text, s.At)
	b.update()
}

// SaidTooMuch says in the chat that some of what the engineer wrote was left out.
func (b *Bar) SaidTooMuch(s customer.SaidTooMuch) { b.Chat.TooMuch(s.At) }

// OpenChat opens the chat or closes it.
func (b *Bar) OpenChat(on bool) {
	b.open = on
	b.unread = 0
	b.update()
	b.resized()
	if on {
		if c := fyne.CurrentApp().Driver().CanvasForObject(b.ChatIt); c != nil {
			fyne.Do(func() { c.Focus(b.Chat.Entry) }) // later: the Space that opened it must not be typed into it
		}
	}
}

// Ask shows a question beneath the strip; nil takes it away.
func (b *Bar) Ask(question fyne.CanvasObject) {
	b.question.RemoveAll()
	if question != nil {
		b.question.Add(question)
	}
	setShown(b.question, question != nil)
	b.resized()
}

// StillThere asks whether somebody is at the computer: who types the digits is. The focus stays where it is: whoever types at this
// moment must not answer by it. Asked again after an answer, it says that this was not right.
func (b *Bar) StillThere(until time.Time, digits string) {
	again := b.still != nil && b.still.tried
	b.StillGone()
	b.still = newStill(until, digits, again, b.presses.Here)
	b.asks.Add(b.still.content)
	b.asks.Show()
	b.resized()
}

// StillGone takes the question away.
func (b *Bar) StillGone() {
	if b.still == nil {
		return
	}
	b.still.close()
	b.still = nil
	b.asks.RemoveAll()
	b.asks.Hide()
	b.resized()
}

// Size is how big the window should be for what is open. Texts that wrap tell their height only once they have their
// width, so the content is given that first. The chat makes room for what is asked, and goes while there is none for it.
func (b *Bar) Size() fyne.Size {
	b.foot.Hide()
	width := max(b.Content.MinSize().Width, Width)
	for range 2 {
		b.Content.Resize(fyne.NewSize(width, b.Content.MinSize().Height))
	}
	size := fyne.NewSize(width, b.Content.MinSize().Height)
	if room := maxHeight - size.Height; b.open && room >= chatAtLeast {
		b.foot.Show()
		size.Height += min(chatHeight, room)
	}
	b.Chat.Open(b.foot.Visible())
	return size
}

// Close stops the clocks.
func (b *Bar) Close() {
	b.ticker.Stop()
	if b.still != nil {
		b.still.close()
	}
}

// Elements are the named parts that are there now, for ui/trace.
func (b *Bar) Elements() map[string]fyne.CanvasObject {
	m := map[string]fyne.CanvasObject{
		"chat-only": b.Levels[0], "view-only": b.Levels[1], "shared-control": b.Levels[2],
		"take-back": b.TakeBack, "pause": b.PauseIt, "chat": b.ChatIt, "stop": b.Stop, "alarm": b.Alarm,
		"who": b.who, "can": b.can, "elapsed": b.elapsed, "notice": b.notice, "trouble": b.trouble,
	}
	if b.still != nil {
		m["here"], m["here-left"], m["here-digits"] = b.still.yes, b.still.left.Label, b.still.digits
	}
	if b.open {
		maps.Copy(m, b.Chat.Elements())
	}
	return m
}

func (b *Bar) resized() {
	if b.presses.Resized != nil {
		b.presses.Resized()
	}
}

func (b *Bar) tick() {
	b.elapsed.SetText(since(b.since, time.Since(b.since)))
}

// update shows the state in every part that depends on it.
func (b *Bar) update() {
	b.can.SetText(text.L(canKeys[b.access]))
	for i, l := range b.Levels {
		l.Mark(session.Levels[i] == b.access)
		l.SetEnabled(!b.stopping)
	}
	b.Alarm.SetEnabled(!b.stopping)
	setShown(b.TakeBack, b.access == session.SharedControl)
	setShown(b.PauseIt, b.access > session.ChatOnly || b.paused)
	b.PauseIt.SetText(text.L(choose(b.paused, "bar.resume", "bar.pause")))
	b.ChatIt.Importance = widget.MediumImportance
	switch {
	case b.open:
		b.ChatIt.SetText(text.L("bar.chat-hide"))
	case b.unread > 0:
		b.ChatIt.Importance = widget.HighImportance
		b.ChatIt.SetText(text.F("bar.chat-unread", map[string]any{"count": b.unread}))
	default:
		b.ChatIt.SetText(text.L("bar.chat"))
	}
	before := b.notice.Text()
	b.notice.SetTone(b.state())
	if before != b.notice.Text() {
		b.resized() // it may have another number of lines
	}
}
