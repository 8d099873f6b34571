//go:build (linux && x11) || (windows && win) || (darwin && (mac || cgo))

package input

import (
	"errors"
	"fmt"
	"image"
	"log/slog"
	"slices"
	"sync"

	"github.com/go-vgo/robotgo"
)

func init() {
	openRobot = newRobot
	if openInjector == nil {
		openInjector = newRobot
	}
}

// robot injects with robotgo, which is there once in a process. Compared with an injector of our own, keys are names of
// US characters, the Japanese keys are missing, and a system that refuses is hardly noticed.
type robot struct {
	log      *slog.Logger
	watch    *Watchdog
	displays Displays

	mu      sync.Mutex
	closed  bool
	keys    []Usage
	buttons Buttons
	at      image.Point // where the pointer was put or seen last
	placed  bool
}

var (
	_ Hand     = (*robot)(nil)
	_ releaser = (*robot)(nil)
)

func newRobot(o InjectorOptions) (Injector, error) {
	robotReady()
	if w, h := robotgo.GetScreenSize(); w <= 0 || h <= 0 {
		return nil, fmt.Errorf("%w: robotgo finds no screen", ErrUnsupported)
	}
	return &robot{log: o.Log, watch: o.Watch}, nil
}

// SetDisplays implements Injector.
func (r *robot) SetDisplays(bounds []image.Rectangle) { r.displays.Set(bounds) }

// Key implements Sink. A key without a name is dropped, as is one that this layout lacks.
func (r *robot) Key(k Key) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	name, ok := robotNames[k.Usage]
	if r.closed {
		return ErrClosed
	}
	if !ok || slices.Contains(r.keys, k.Usage) == k.Down {
		return nil
	}
	if !k.Down {
		r.keys = slices.DeleteFunc(r.keys, func(u Usage) bool { return u == k.Usage })
		defer r.watch.tell(grip{gripKey, uint16(k.Usage)}, false)
		return robotKey(name, "up")
	}
	r.keys = append(r.keys, k.Usage)
	r.watch.tell(grip{gripKey, uint16(k.Usage)}, true)
	return robotKey(name, "down")
}

func robotKey(name, way string) error {
	err := robotgo.KeyToggle(name, way)
	if err != nil && !errors.Is(err, robotgo.ErrNotFound) {
		return fmt.Errorf("input: robotgo: %w", err)
	}
	return nil
}

// robotButtons are robotgo's names in the order of Buttons' bits. It has no more.
var robotButtons = [...]string{"left", "right", "center"}

// Pointer implements Sink.
func (r *robot) Pointer(p Pointer) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return ErrClosed
	}
	if !p.Stay {
		at, ok := r.displays.Place(p)
		if ok {
			r.at, r.placed = at, true
			robotgo.Move(at.X, at.Y)
		} else {
			p.Buttons &= r.buttons
			p.WheelX, p.WheelY = 0, 0
		}
	}
	err := r.setButtons(p.Buttons)
	if p.WheelX != 0 || p.WheelY != 0 {
		robotgo.Scroll(-int(p.WheelX), -int(p.WheelY), 0) // its signs are the other way round
	}
	return err
}

func (r *robot) setButtons(b Buttons) error {
	var errs []error
	for _, way := range []string{"up", "down"} {
		for i, name := range robotButtons {
			bit := Buttons(1) << i
			if (b^r.buttons)&bit == 0 || (b&bit != 0) != (way == "down") {
				continue
			}
			r.buttons ^= bit
			g := grip{gripButton, uint16(bit)}
			if way == "down" {
				r.watch.tell(g, true)
			}
			errs = append(errs, robotgo.Toggle(name, way))
			if way == "up" {
				r.watch.tell(g, false)
			}
		}
	}
	return errors.Join(errs...)
}

// Text implements Sink. A newline or tab is a key, another control character is dropped.
func (r *robot) Text(s string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return ErrClosed
	}
	for _, c := range s {
		switch {
		case c == '\n':
			robotgo.KeyTap("enter")
		case c == '\t':
			robotgo.KeyTap("tab")
		case c >= ' ' && c != 0x7f:
			robotgo.Type(string(c))
		}
	}
	return nil
}

// Moved implements Hand by the pointer alone: it is not where it was put.
func (r *robot) Moved() (bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return false, ErrClosed
	}
	at := image.Pt(robotgo.Location())
	d := at.Sub(r.at)
	moved := max(d.X, -d.X, d.Y, -d.Y) > 1
	first := !r.placed
	if first || moved {
		r.at, r.placed = at, true
	}
	return moved && !first, nil
}

// Close implements Injector.
func (r *robot) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil
	}
	r.closed = true
	var errs []error
	for _, u := range slices.Backward(r.keys) {
		errs = append(errs, robotKey(robotNames[u], "up"))
		r.watch.tell(grip{gripKey, uint16(u)}, false)
	}
	r.keys = nil
	errs = append(errs, r.setButtons(0))
	robotDone()
	return errors.Join(errs...)
}

// undo implements releaser.
func (r *robot) undo(left []grip) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var errs []error
	for _, g := range slices.Backward(left) {
		switch name := robotNames[Usage(g.code)]; {
		case g.kind == gripKey && name != "":
			errs = append(errs, robotKey(name, "up"))
		case g.kind == gripButton:
			r.buttons |= Buttons(g.code)
		}
	}
	return errors.Join(append(errs, r.setButtons(0))...)
}
