package console

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"assist/app/engineer"
	"assist/app/session"
	"assist/ui/chat"
	"assist/ui/text"
	"assist/ui/theme"
)

// panel is what stands beside the picture: who, which level, how the link does, the messages, and the end.
type panel struct {
	live    *livePage
	object  fyne.CanvasObject
	card    *customerCard
	elapsed *widget.Label
	link    *widget.Label
	numbers *linkCard
	level   *widget.Label
	asking  *widget.Label
	first   *theme.Button // the more wanted of the two other levels
	second  *theme.Button
	notice  *theme.Notice
	service *serviceSign
	screens *screens
	above   *theme.Scroll // all but the messages and the end
	high    float32       // what is in it, when the room was shared last
	chat    *chat.Panel
	place   *fyne.Container // where the chat stands
	end     *theme.Button
}

func newPanel(live *livePage, c *chat.Panel) *panel {
	p := &panel{
		live: live, card: newCard(), elapsed: theme.Line(""), link: theme.Line(""),
		level: theme.Strong(""), asking: theme.Text(text.L("console.ask.waiting")),
		notice: theme.NewNotice(theme.Note), service: newServiceSign(), chat: c, place: container.NewStack(c.Content),
	}
	p.link.Truncation = fyne.TextTruncateEllipsis
	p.first = theme.NewButton(text.L("console.ask.view"), func() { p.live.ask(p.others()[0]) })
	p.second = theme.NewButton(text.L("console.ask.control"), func() { p.live.ask(p.others()[1]) })
	p.numbers = newLinkCard(func() { p.settle() })
	p.screens = newScreens(p.show)
	p.end = theme.Danger(text.L("console.end"), live.view.actions.End)
	levels := container.NewVBox(
		container.NewBorder(nil, nil, theme.Line(text.L("console.level.heading")), nil, p.level),
		container.NewGridWithColumns(2, p.first, p.second), p.asking)
	top := container.NewVBox(theme.Card(p.card.object), container.NewBorder(nil, nil, p.elapsed, p.numbers.press, p.link), p.numbers.object,
		theme.Card(levels), p.notice, p.service.object, p.screens.object)
	p.above = theme.NewScroll(top)
	p.above.Follow(p.first, p.second, p.numbers.press)
	p.object = container.NewPadded(container.NewBorder(nil, theme.Feet(p.end), nil, nil,
		container.New(sharedLayout{}, p.above, theme.Feet(p.place))))
	p.update()
	p.setLink(engineer.LinkChanged{Up: true})
	return p
}

func (p *panel) elements() map[string]fyne.CanvasObject {
	all := p.chat.Elements()
	for name, o := range map[string]fyne.CanvasObject{
		"name": p.card.customer, "details": p.card.details, "elapsed": p.elapsed, "link": p.link, "link-show": p.numbers.press, "level": p.level,
		"level-first": p.first, "level-second": p.second, "asking": p.asking, "panel-notice": p.notice,
		"display": p.screens.choose, "end": p.end, "service": p.service.label,
	} {
		all[name] = o
	}
	return all
}

func (p *panel) setCard(c engineer.Card) { p.card.set(c) }

// others are the two levels that do not hold now, the one more likely to be wanted first.
func (p *panel) others() [2]session.Access {
	switch p.live.access {
	case session.ChatOnly:
		return [2]session.Access{session.ViewOnly, session.SharedControl}
	case session.ViewOnly:
		return [2]session.Access{session.SharedControl, session.ChatOnly}
	}
	return [2]session.Access{session.ViewOnly, session.ChatOnly}
}

// update shows the level, and what can be asked for.
func (p *panel) update() {
	now := p.live.access
	p.level.SetText(text.L("console.level." + levelName(now)))
	for i, b := range []*theme.Button{p.first, p.second} {
		to := p.others()[i]
		if to > now {
			b.SetText(text.L("console.ask." + levelName(to)))
		} else {
			b.SetText(text.L("console.down." + levelName(to)))
		}
		b.SetEnabled(to < now || p.live.asked == session.NoAccess)
	}
	visible(p.asking, p.live.asked != session.NoAccess)
	p.settle()
}

func (p *panel) setElapsed(d time.Duration) {
	p.elapsed.SetText(text.F("console.elapsed", map[string]any{"time": text.Elapsed(d)}))
}

func (p *panel) setLink(ev engineer.LinkChanged) {
	p.numbers.set(ev)
	visible(p.numbers.press, ev.Up) // else its room is for the words
	words := text.F("console.link.up", map[string]any{"ms": max(1, ev.RoundTrip.Milliseconds())})
	switch {
	case !ev.Up:
		words = text.L("console.link.down")
	case ev.RoundTrip == 0:
		words = text.L("console.link.starting")
	}
	if p.link.Text != words { // a text that is set is drawn again, with all of the window
		p.link.SetText(words)
	}
}

// settle shares the room anew when what stands above the messages has become higher or lower.
func (p *panel) settle() {
	for range 2 { // texts that wrap tell their height once they have their width
		high := p.above.Content.MinSize().Height
		if high == p.high {
			return
		}
		p.high = high
		p.object.Refresh()
		if !p.live.folded {
			p.chat.Open(true) // at the newest message
		}
	}
}

// show asks for another of the customer's monitors. What was said of the one before is settled.
func (p *panel) show(id uint8) {
	p.notice.Set("", "")
	p.settle()
	p.live.view.actions.ShowDisplay(id)
}

// reset forgets the session; c is the chat of the next one.
func (p *panel) reset(c *chat.Panel) {
	p.chat = c
	p.place.Objects = []fyne.CanvasObject{c.Content}
	p.place.Refresh()
	p.card.set(engineer.Card{})
	p.notice.Set("", "")
	p.elapsed.SetText("")
	p.screens.set(engineer.DisplaysChanged{})
	p.setLink(engineer.LinkChanged{Up: true})
	p.numbers.open(false)
	p.update()
}
