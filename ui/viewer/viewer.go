// Package viewer shows the customer's screen to the engineer and takes the engineer's keys and mouse for it:
// the whole picture or its own size, in the window or filling the display, with the customer's pointer drawn on top,
// and a sentence over it whenever there is nothing to see or nothing is let through.
//
//	session's goroutine --> feed --(one hand-over at most)--> pane (sink) --> window library
//	                         '------------------------------> Surface, which reads from the feed
//	keyboard, mouse --> Surface --> ears --> hands --> Input
//	                '-> window library --> pane --'
//
// A Surface is a window of the system's own over the picture, which draws and hears at once; it steps aside whenever the window
// library has something to show there (native.go). Where there is none, the pane does all of it.
//
// The package decides nothing: whether keys are let through is for the customer's program to say, and is
// checked there again for each of them. It knows no code, no chat and no link.
package viewer

import (
	"image"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"assist/app/engineer"
	"assist/app/session"
	"assist/ui/text"
	"assist/ui/theme"
)

// noteTime is how long a sentence stays that answers something the engineer did.
const noteTime = 6 * time.Second

// Options say what the viewer's buttons do beyond the viewer.
type Options struct {
	// Canvas is that of the window the viewer is in.
	Canvas fyne.Canvas
	// Ask asks the customer for a level.
	Ask func(session.Access)
	// FullScreen makes the window fill the display with the viewer alone, or takes it back.
	FullScreen func(on bool)
	// Trailing stands at the right end of the bar, if it is not nil.
	Trailing fyne.CanvasObject
	// Surface makes a faster way to draw and to hear, once a session; nil for none. It says itself what went wrong.
	Surface OpenSurface
}

// Viewer is the customer's screen in the engineer's window. All methods but those of Screen belong to Fyne's goroutine.
type Viewer struct {
	options Options
	feed    *feed
	hands   *hands
	pane    *pane
	bar     *bar
	over    *overlay
	right   *slide
	bottom  *slide
	stage   *fyne.Container // pane and what lies over it
	content *fyne.Container
	frame   *frameLayout
	native  *native

	access  session.Access
	input   engineer.InputState
	up      bool
	until   time.Time // while not up: when the session is given up
	paused  bool
	picture bool
	asked   bool // an answer to Ask is open
	note    *theme.Ticker
}

// New makes a viewer that shows nothing yet and sends nothing.
func New(to Input, options Options) *Viewer {
	v := &Viewer{options: options, hands: newHands(to), up: true}
	v.pane = newPane(v.hands, options.Canvas)
	v.feed = &feed{post: fyne.Do, out: v.pane, shown: v.hands.setDisplay}
	v.native = &native{v: v, open: options.Surface}
	v.over = newOverlay(func(level session.Access) { v.ask(level) })
	v.bar = newBar(v)
	v.right = newSlide(true, func(at int) { v.pane.panTo(image.Pt(v.pane.pan.X, at)) })
	v.bottom = newSlide(false, func(at int) { v.pane.panTo(image.Pt(at, v.pane.pan.Y)) })
	v.pane.onArranged = v.arranged
	v.pane.onResized = func() { v.stage.Refresh() }
	v.pane.onPicture = func(shown bool) { v.setPicture(shown) }
	v.pane.onLeave = v.leave
	v.pane.onFocus = v.focused
	v.pane.onTop = v.nearTop
	v.pane.onFull = func() { v.SetFullScreen(!v.frame.full) }
	v.pane.onDenied = v.denied
	v.pane.onDrawn = v.native.onDrawn
	v.pane.onCursor = v.native.settle
	clip := container.NewClip(v.pane)
	clip.ExtendBaseWidget(clip) // or it would ignore its first size
	v.stage = container.New(&stageLayout{v.pane}, clip, v.over.object, v.right, v.bottom)
	v.frame = &frameLayout{}
	v.content = container.New(v.frame, v.stage, v.bar.object, v.bar.foot)
	v.update()
	return v
}

// Content is what to put into a window.
func (v *Viewer) Content() fyne.CanvasObject { return v.content }

// Screen is where the session delivers the picture. Its methods may be called from any one goroutine.
func (v *Viewer) Screen() engineer.Screen { return v.feed }

// Elements names what is on the viewer, for package trace.
func (v *Viewer) Elements() map[string]fyne.CanvasObject {
	return map[string]fyne.CanvasObject{
		"pane": v.pane, "picture": v.pane.picture, "pointer": v.pane.spot,
		"message": v.over.title, "note": v.over.note, "message-ask": v.over.ask,
		"fit": v.bar.fit, "exact": v.bar.exact, "full": v.bar.full, "keys": v.bar.keys,
		"status": v.bar.status, "ask-control": v.bar.ask,
	}
}

// Reset forgets the picture and everything that was said about the session before.
func (v *Viewer) Reset() {
	v.SetFullScreen(false)
	v.hands.setOpen(false)
	v.native.stop()
	v.hands.setDisplay(0)
	v.feed.Resize(image.Point{})
	v.access, v.input, v.up, v.paused, v.asked = session.NoAccess, engineer.InputOff, true, false, false
	v.say("")
	v.update()
}

// SetAccess says which level holds.
func (v *Viewer) SetAccess(a session.Access) { v.access, v.asked = a, false; v.update() }

// SetAsked says whether an answer to Ask is open.
func (v *Viewer) SetAsked(on bool) { v.asked = on; v.update() }

// SetInput says whether the customer's computer lets keys and pointer through.
func (v *Viewer) SetInput(s engineer.InputState) { v.input = s; v.update() }

// SetLink says whether the link is up, and if not, until when it is waited for; zero for unknown.
func (v *Viewer) SetLink(up bool, until time.Time) { v.up, v.until = up, until; v.update() }

// SetPaused says whether the customer paused the picture.
func (v *Viewer) SetPaused(on bool) { v.paused = on; v.update() }

// FullScreen reports whether the viewer fills the display.
func (v *Viewer) FullScreen() bool { return v.frame.full }

// SetFullScreen fills the display, or goes back into the window.
func (v *Viewer) SetFullScreen(on bool) {
	if v.frame.full == on {
		return
	}
	v.frame.full = on
	v.bar.setFull(on)
	if v.options.FullScreen != nil {
		v.options.FullScreen(on)
	}
	if on {
		v.sayFor(text.L("viewer.full.hint"))
	} else {
		v.say("")
	}
	v.content.Refresh()
	v.Focus()
}

// setPicture is told with each picture, so it does nothing most of the time.
func (v *Viewer) setPicture(shown bool) {
	if v.picture != shown {
		v.picture = shown
		v.update()
	}
}

// update makes everything agree with what is known of the session.
func (v *Viewer) update() {
	seen := v.access >= session.ViewOnly
	v.hands.setOpen(v.access == session.SharedControl && v.up && !v.paused && v.picture)
	v.pane.setCovered(!seen)
	v.over.show(v.scene())
	v.over.standing(v.standingNote())
	v.bar.update()
	v.stage.Refresh()
	if seen {
		v.native.start()
	}
	v.native.settle()
}

// scene is what is said over the picture now; at most one thing, the one that explains most.
func (v *Viewer) scene() scene {
	switch {
	case !v.up:
		return scene{key: "viewer.interrupted", veil: true}
	case v.access == session.NoAccess:
		return scene{key: "viewer.none"}
	case v.access == session.ChatOnly && v.asked:
		return scene{key: "viewer.chat"}
	case v.access == session.ChatOnly:
		return scene{key: "viewer.chat", ask: session.ViewOnly}
	case v.paused:
		return scene{key: "viewer.paused", veil: true}
	case !v.picture:
		return scene{key: "viewer.waiting"}
	}
	return scene{}
}

// standingNote is how long a link that is down is waited for, or why the engineer's input does not arrive although it is sent.
func (v *Viewer) standingNote() string {
	if !v.up && !v.until.IsZero() {
		return text.F("viewer.interrupted.until", map[string]any{"time": text.Time(v.until)})
	}
	if !v.hands.isOpen() {
		return ""
	}
	switch v.input {
	case engineer.InputLocalHand:
		return text.L("viewer.input.hand")
	case engineer.InputPrompt:
		return text.L("viewer.input.prompt")
	}
	return ""
}

// say shows a sentence at the foot of the picture, or takes it away.
func (v *Viewer) say(s string) {
	v.note.Stop()
	v.note = nil
	v.over.passing(s)
}

// sayFor shows it for a while.
func (v *Viewer) sayFor(s string) {
	v.say(s)
	v.note = theme.After(noteTime, func() { v.say("") })
}

// denied answers a key or click that is not sent.
func (v *Viewer) denied() {
	if v.access == session.ViewOnly && v.up && !v.paused && v.picture {
		v.sayFor(text.L("viewer.denied"))
	}
}

func (v *Viewer) ask(level session.Access) {
	if v.options.Ask != nil {
		v.options.Ask(level)
	}
}

// focused shows where the keyboard goes. It must not move the focus.
func (v *Viewer) focused(on bool) {
	if on && v.frame.full {
		v.bar.object.Hide()
	}
	v.bar.update()
	v.native.listen()
}

// leave takes the keyboard away from the customer and puts it on the bar. Losing the focus, the pane lets go of all keys.
func (v *Viewer) leave() {
	v.bar.object.Show()
	v.options.Canvas.Focus(v.bar.full)
}

// Focus gives the keyboard to the customer's screen.
func (v *Viewer) Focus() { v.options.Canvas.Focus(v.pane) }

// How near to the top edge, in full screen, the pointer brings the bar, and how far below the bar it takes it away again.
const (
	topEdge     = 2
	awayFromBar = 24
)

// nearTop brings the bar in full screen when the pointer touches the top edge, and takes it away again.
func (v *Viewer) nearTop(y float32) {
	if !v.frame.full {
		return
	}
	switch {
	case y <= topEdge && !v.bar.object.Visible():
		v.bar.object.Show()
		v.content.Refresh()
	case y > v.bar.object.Size().Height+awayFromBar && v.bar.object.Visible():
		v.bar.object.Hide()
	}
}

// arranged brings the scroll bars in line.
func (v *Viewer) arranged() {
	g := v.pane.geo
	v.right.set(g.pan().Y, g.view.Y, g.shown.Dy())
	v.bottom.set(g.pan().X, g.view.X, g.shown.Dx())
}

// setFit chooses between the whole picture and its own size.
func (v *Viewer) setFit(fit bool) {
	v.pane.setFit(fit)
	v.bar.update()
	v.stage.Refresh()
}

// frameLayout puts the bar above the stage and its line beneath, or in full screen the bar over the stage's top.
type frameLayout struct{ full bool }

func (l *frameLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	stage, bar, foot := objects[0].MinSize(), objects[1].MinSize(), objects[2].MinSize()
	return fyne.NewSize(max(stage.Width, bar.Width), stage.Height+bar.Height+foot.Height)
}

func (l *frameLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	stage, bar, foot := objects[0], objects[1], objects[2]
	top, under := float32(roundInt(bar.MinSize().Height)), float32(roundInt(foot.MinSize().Height))
	bar.Move(fyne.Position{})
	bar.Resize(fyne.NewSize(size.Width, top))
	foot.Move(fyne.NewPos(0, size.Height-under))
	foot.Resize(fyne.NewSize(size.Width, under))
	if l.full {
		top, under = 0, 0
	}
	stage.Move(fyne.NewPos(0, top))
	stage.Resize(size.SubtractWidthHeight(0, top+under))
}

// stageLayout gives the pane all the room but what the scroll bars need.
type stageLayout struct{ pane *pane }

func (l *stageLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return objects[0].MinSize().Max(objects[1].MinSize())
}

func (l *stageLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	room, ratio := size, l.pane.pixelRatio()
	wide, high := false, false
	if own := l.pane.size(); !l.pane.fit {
		width, height := float32(own.X)/ratio, float32(own.Y)/ratio
		for range 2 { // one bar may make the other one necessary
			if !wide && width > room.Width {
				wide, room.Height = true, room.Height-slideWidth
			}
			if !high && height > room.Height {
				high, room.Width = true, room.Width-slideWidth
			}
		}
	}
	objects[0].Resize(room)
	objects[1].Resize(room)
	show(objects[2], high, fyne.NewPos(room.Width, 0), fyne.NewSize(slideWidth, room.Height))
	show(objects[3], wide, fyne.NewPos(0, room.Height), fyne.NewSize(room.Width, slideWidth))
}

func show(o fyne.CanvasObject, on bool, at fyne.Position, size fyne.Size) {
	o.Move(at)
	o.Resize(size)
	if on != o.Visible() && on {
		o.Show()
	} else if on != o.Visible() {
		o.Hide()
	}
}

var _ fyne.Layout = (*stageLayout)(nil)
