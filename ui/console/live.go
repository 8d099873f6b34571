package console

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"assist/app/engineer"
	"assist/app/session"
	"assist/ui/chat"
	"assist/ui/text"
	"assist/ui/theme"
	"assist/ui/viewer"
)

// panelWidth is how wide the panel beside the picture is: enough for the buttons of every level, so that the picture keeps its size.
const panelWidth = 360

// livePage is a session: the customer's screen, and beside it the panel, which can be folded away.
type livePage struct {
	view    *View
	content fyne.CanvasObject
	viewer  *viewer.Viewer
	panel   *panel
	side    fyne.CanvasObject
	fold    *theme.Button

	started time.Time
	card    engineer.Card
	access  session.Access
	asked   session.Access // a level whose answer is open
	folded  bool
	before  bool // folded before full screen
	unread  int
}

func newLive(v *View, surface viewer.OpenSurface) *livePage {
	p := &livePage{view: v}
	p.fold = theme.NewButton(text.L("console.panel.hide"), func() { p.setFolded(!p.folded) })
	p.viewer = viewer.New(v.actions, viewer.Options{
		Canvas: v.win.Canvas(), Ask: p.ask, FullScreen: p.fullScreen, Trailing: p.fold, Surface: surface})
	p.panel = newPanel(p, chat.New(v.actions.Say))
	p.side = theme.Wide(p.panel.object, panelWidth)
	p.content = container.NewBorder(nil, nil, nil, p.side, p.viewer.Content())
	return p
}

func (p *livePage) name() string              { return "session" }
func (p *livePage) object() fyne.CanvasObject { return p.content }

func (p *livePage) elements() map[string]fyne.CanvasObject {
	all := p.panel.elements()
	for name, o := range p.viewer.Elements() {
		all[name] = o
	}
	all["fold"] = p.fold
	return all
}

// enter puts the keyboard where the session starts: at the customer's with control, else on the chat.
func (p *livePage) enter(fyne.Canvas) {
	if p.access == session.SharedControl {
		p.viewer.Focus()
	} else {
		p.view.focus(p.panel.chat.Entry)
	}
}

// start begins with the customer's first decision.
func (p *livePage) start(card engineer.Card, ev engineer.AccessChanged) {
	p.card, p.started = card, ev.At
	if p.started.IsZero() {
		p.started = p.view.now()
	}
	p.panel.setCard(card)
	p.access = ev.Access
	p.viewer.SetAccess(ev.Access)
	p.panel.update()
	p.tick()
}

// setAccess takes another level and says so.
func (p *livePage) setAccess(a session.Access) {
	changed := a != p.access
	p.access, p.asked = a, session.NoAccess
	p.viewer.SetAccess(a)
	if changed && a.Valid() {
		p.panel.notice.SetTone(theme.Note, text.L("console.changed."+levelName(a)), "")
	}
	p.panel.update()
}

// ask asks for a level, or goes down to it, which needs no answer.
func (p *livePage) ask(a session.Access) {
	if a == p.access || a > p.access && p.asked != session.NoAccess {
		return
	}
	p.panel.notice.Set("", "")
	if a > p.access {
		p.asked = a
		p.viewer.SetAsked(true)
	}
	p.panel.update()
	p.view.actions.Ask(a)
}

// handle shows what happens during a session.
func (p *livePage) handle(ev engineer.Event) {
	switch ev := ev.(type) {
	case engineer.AskRefused:
		p.refused(ev)
	case engineer.Trouble:
		p.trouble(ev)
	case engineer.Said:
		p.said(ev)
	case engineer.SaidTooMuch:
		p.panel.chat.TooMuch(ev.At)
	case engineer.InputChanged:
		p.viewer.SetInput(ev.State)
	case engineer.PictureChanged:
		p.viewer.SetPaused(ev.Paused)
	case engineer.DisplaysChanged:
		p.setDisplays(ev)
	case engineer.LinkChanged:
		p.viewer.SetLink(ev.Up, ev.Until)
		p.panel.setLink(ev)
	}
}

// setDisplays offers the customer's monitors, and says so when the one that was chosen has gone.
func (p *livePage) setDisplays(ev engineer.DisplaysChanged) {
	if lost := p.panel.screens.set(ev); lost != "" {
		p.panel.notice.SetTone(theme.Mind, text.L(lost), "")
	}
}

func (p *livePage) refused(ev engineer.AskRefused) {
	p.asked = session.NoAccess
	p.viewer.SetAsked(false)
	if ev.Silence {
		p.panel.notice.SetTone(theme.Mind, text.L("console.ask.silence"), "")
	} else {
		p.panel.notice.SetTone(theme.Mind, text.L("console.ask.refused"), "")
	}
	p.panel.update()
}

// trouble says what does not work over there. It comes after what came of it, and stands in its place.
func (p *livePage) trouble(ev engineer.Trouble) {
	p.panel.notice.SetTone(theme.Mind, text.Join(sentences(ev.Problem)), "")
	p.panel.update()
}

func (p *livePage) said(ev engineer.Said) {
	who := text.L("console.chat.me")
	if ev.FromCustomer {
		who = customerName(p.card)
		if p.folded || p.viewer.FullScreen() {
			p.unread++
			p.nameFold()
		}
	}
	p.panel.chat.Add(who, ev.Text, ev.At)
	if p.view.shown == page(p) {
		p.view.retrace()
	}
}

// setService says in the panel when the service is away: the session goes on without it.
func (p *livePage) setService(up bool) { p.panel.service.set(up) }

func (p *livePage) tick() {
	if !p.started.IsZero() {
		p.panel.setElapsed(p.view.now().Sub(p.started))
	}
}

// setFolded hides the panel, or shows it with the newest message.
func (p *livePage) setFolded(on bool) {
	p.folded = on
	if !on {
		p.unread = 0
	}
	p.nameFold()
	visible(p.side, !on)
	p.content.Refresh()
	p.panel.chat.Open(!on)
}

func (p *livePage) nameFold() {
	switch {
	case !p.folded && p.unread == 0:
		p.fold.SetText(text.L("console.panel.hide"))
	case p.unread == 0:
		p.fold.SetText(text.L("console.panel.show"))
	default:
		p.fold.SetText(text.F("console.panel.unread", map[string]any{"count": p.unread}))
	}
}

// fullScreen gives the whole display to the viewer, or takes it back. The panel can be had over the viewer's bar in
// both.
func (p *livePage) fullScreen(on bool) {
	p.view.win.SetFullScreen(on)
	if on {
		p.before = p.folded
	}
	p.setFolded(on || p.before)
}

// leave is called when another page comes.
func (p *livePage) leave() { p.viewer.SetFullScreen(false) }

// reset forgets everything about the session.
func (p *livePage) reset() {
	p.card, p.started, p.access, p.asked, p.unread = engineer.Card{}, time.Time{}, session.NoAccess, session.NoAccess, 0
	p.viewer.Reset()
	p.setFolded(false)
	p.panel.reset(chat.New(p.view.actions.Say))
}
