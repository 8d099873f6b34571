package viewer

import (
	"image"
	"sync"
	"sync/atomic"
	"time"

	"assist/app/engineer"
)

// ears hear what a Surface hears and hand it to the hands at once; what concerns the window goes to the window's goroutine.
type ears struct {
	n     *native
	hands *hands
	post  func(func())
	keys  atomic.Bool // keys are for the customer

	mu    sync.Mutex
	doubt bool                    // whether keys are for the customer is for the window to say
	late  map[engineer.Usage]bool // keys that went down meanwhile, until it has heard that they came up
	at    spotted
	zone  zone        // that the pointer is in, in full screen
	held  int         // buttons that are down
	last  image.Point // of the pointer, in the window
	moved image.Point // by which to move the picture, not handed over yet
}

// zone is a part of the pane in full screen.
type zone uint8

const (
	unknown    zone = iota
	atEdge          // the top edge, which brings the bar
	nearBar         // where the bar is, if it is there, and a little below
	farFromBar      // where it goes away again
)

// spotted is where the picture is in the pane, as the ears need it.
type spotted struct {
	geo    geometry
	corner image.Point // of the Surface, in the pane
	size   image.Point // of the Surface
	full   bool
	top    int // pixels below the pane's top edge that belong to the bar
	ratio  float32
}

var _ Listener = (*ears)(nil)

// mouse is how X numbers the buttons.
var mouse = map[int]engineer.Buttons{1: leftButton, 2: middleButton, 3: rightButton, 8: backButton, 9: forwardButton}

func newEars(n *native) *ears {
	return &ears{n: n, hands: n.v.hands, post: n.v.feed.post, late: map[engineer.Usage]bool{}}
}

// set says where the picture is.
func (e *ears) set(at spotted) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.at = at
}

// forget forgets which buttons are down, and reports whether one was.
func (e *ears) forget() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	some := e.held > 0
	e.held, e.zone = 0, unknown
	return some
}

// Key implements Listener. F11 is the window's; so is every key after the sign to leave. What is not down for the
// customer does not come up there.
func (e *ears) Key(code int, down bool) {
	u, ok := e.hands.usage(code)
	switch {
	case !ok || u == keyF11:
	case !down && e.hands.keyUp(code):
		e.keys.Store(false)
		e.toWindow(func(v *Viewer) { v.leave() })
	case down && e.keys.Load() && !e.postpone(u):
		e.hands.keyDown(code)
	}
}

// postpone leaves a key to the window if there is doubt whom it is for.
func (e *ears) postpone(u engineer.Usage) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.doubt {
		e.late[u] = true
	}
	return e.doubt
}

// Elsewhere implements Listener. A click may have moved the keyboard to another widget, which the window hears in its own
// time: until it must have, keys go its way.
func (e *ears) Elsewhere() {
	e.mu.Lock()
	e.doubt = true
	e.mu.Unlock()
	e.post(func() { time.AfterFunc(twoTicks, func() { e.post(e.certain) }) })
}

// twoTicks is longer than the window library takes, when it is not busy, from one look at its events to the next.
const twoTicks = 35 * time.Millisecond

// certain ends the doubt.
func (e *ears) certain() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.doubt = false
}

// listen says whether keys are for the customer. When they are not, those that wait were for something else.
func (e *ears) listen(on bool) {
	e.keys.Store(on)
	if !on {
		e.mu.Lock()
		defer e.mu.Unlock()
		clear(e.late)
	}
}

// left reports whether the window, which has heard the same now, is to send the key.
func (e *ears) left(code int, down bool) bool {
	u, ok := e.hands.usage(code)
	e.mu.Lock()
	defer e.mu.Unlock()
	left := ok && e.late[u]
	if !down {
		delete(e.late, u)
	}
	return left
}

// Pointer implements Listener.
func (e *ears) Pointer(at image.Point) {
	e.mu.Lock()
	by, held := e.last.Sub(at), e.held
	e.last = at
	s := e.at
	e.mu.Unlock()
	pixel := s.geo.pixel(at.Add(s.corner))
	if at.In(image.Rectangle{Max: s.size}) || e.hands.pressing() {
		e.hands.move(pixel, s.geo.frame)
	}
	if held == 0 {
		e.nearTop(s, at.Y+s.corner.Y)
	} else if !e.hands.isOpen() {
		e.pan(by)
	}
}

// nearTop tells the window, in full screen, when the pointer comes to its top edge, and when it has left the bar there.
func (e *ears) nearTop(s spotted, y int) {
	if !s.full {
		return
	}
	z := nearBar
	if y <= roundInt(topEdge*s.ratio) {
		z = atEdge
	} else if y > s.top {
		z = farFromBar
	}
	e.mu.Lock()
	change := e.zone != z
	e.zone = z
	e.mu.Unlock()
	if change && z != nearBar {
		e.toWindow(func(v *Viewer) { v.nearTop(float32(y) / s.ratio) })
	}
}

// pan moves a picture that is larger than the pane. Moves that the window has not taken yet are added up.
func (e *ears) pan(by image.Point) {
	e.mu.Lock()
	first := e.moved == image.Point{}
	e.moved = e.moved.Add(by)
	some := e.moved != image.Point{}
	e.mu.Unlock()
	if !first || !some {
		return
	}
	e.toWindow(func(v *Viewer) {
		e.mu.Lock()
		by := e.moved
		e.moved = image.Point{}
		e.mu.Unlock()
		v.pane.panTo(v.pane.pan.Add(by))
	})
}

// Button implements Listener. A press takes the keyboard.
func (e *ears) Button(number int, down bool, at image.Point) {
	e.mu.Lock()
	if e.last = at; down {
		e.held++
	} else {
		e.held = max(0, e.held-1)
	}
	s := e.at
	e.mu.Unlock()
	open := e.hands.isOpen()
	if b := mouse[number]; b != 0 {
		e.hands.button(b, down, s.geo.pixel(at.Add(s.corner)), s.geo.frame)
	}
	if down {
		e.toWindow(func(v *Viewer) {
			v.Focus()
			if !open {
				v.denied()
			}
		})
	}
}

// Wheel implements Listener.
func (e *ears) Wheel(x, y int, at image.Point) {
	e.mu.Lock()
	s := e.at
	e.mu.Unlock()
	if e.hands.isOpen() {
		e.hands.wheel(float32(x), float32(y), s.geo.pixel(at.Add(s.corner)), s.geo.frame)
		return
	}
	e.pan(image.Pt(x, y).Mul(roundInt(notch * s.ratio)))
}

// Blur implements Listener.
func (e *ears) Blur() { e.hands.letGo() }

// Gone implements Listener.
func (e *ears) Gone() { e.post(func() { e.n.lost(e) }) }

// toWindow runs do on the window's goroutine, unless the Surface is another one by then.
func (e *ears) toWindow(do func(*Viewer)) {
	e.post(func() {
		if e.n.ears == e {
			do(e.n.v)
		}
	})
}
