package inputtest

import (
	"fmt"
	"image"
	"strings"
	"unicode"

	"assist/media/input"
)

// Log is the Observer of a Recorder: what a system would see of it.
type Log struct {
	r    *Recorder
	from int // events before are cleared
}

var _ Observer = (*Log)(nil)

// NewLog returns the log of r.
func NewLog(r *Recorder) *Log { return &Log{r: r} }

// Clear implements Observer.
func (l *Log) Clear() { l.from = len(l.r.Events()) }

// Typed implements Observer.
func (l *Log) Typed() string {
	var s strings.Builder
	for _, e := range l.r.Events()[l.from:] {
		s.WriteString(e.Text)
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, s.String())
}

// system is what a system knows of the keyboard and the pointer.
type system struct {
	displays input.Displays
	keys     map[input.Usage]bool
	buttons  input.Buttons
	at       image.Point
	log      []string
}

// Log implements Observer.
func (l *Log) Log() []string {
	s := &system{keys: make(map[input.Usage]bool), at: image.Pt(-1, -1)}
	s.displays.Set(l.r.Displays())
	events := l.r.Events()
	for i, e := range events {
		if i == l.from {
			s.log = nil
		}
		switch {
		case e.Key != nil:
			s.key(*e.Key)
		case e.Pointer != nil:
			s.pointer(*e.Pointer)
		}
	}
	if l.from >= len(events) {
		return nil
	}
	return s.log
}

func (s *system) key(k input.Key) {
	if s.keys[k.Usage] == k.Down || k.Usage > 0xe7 {
		return
	}
	s.keys[k.Usage] = k.Down
	s.log = append(s.log, fmt.Sprintf("%c%02x", sign(k.Down), k.Usage))
}

func sign(down bool) rune {
	if down {
		return '+'
	}
	return '-'
}

func (s *system) pointer(p input.Pointer) {
	if !p.Stay {
		at, ok := s.displays.Place(p)
		if ok && at != s.at {
			s.at = at
			s.log = append(s.log, fmt.Sprintf("@%d,%d", at.X, at.Y))
		}
		if !ok {
			p.Buttons &= s.buttons
			p.WheelX, p.WheelY = 0, 0
		}
	}
	for _, down := range []bool{false, true} {
		for i, n := range []int{1, 3, 2, 8, 9} {
			bit := input.Buttons(1) << i
			if (p.Buttons^s.buttons)&bit != 0 && (p.Buttons&bit != 0) == down {
				s.log = append(s.log, fmt.Sprintf("b%c%d", sign(down), n))
			}
		}
	}
	s.buttons = p.Buttons
	s.notches(p.WheelY, 4, 5)
	s.notches(p.WheelX, 6, 7)
}

func (s *system) notches(n int8, back, on int) {
	button := on
	if n < 0 {
		n, button = -n, back
	}
	for range n {
		s.log = append(s.log, fmt.Sprintf("b+%d b-%d", button, button))
	}
}
