package peer

import (
	"sync"
	"time"
)

// onceSignal is a channel that is closed at most once. The zero value works.
type onceSignal struct {
	born, shut sync.Once
	c          chan struct{}
}

func (s *onceSignal) done() <-chan struct{} {
	s.born.Do(func() { s.c = make(chan struct{}) })
	return s.c
}

func (s *onceSignal) set() {
	s.done()
	s.shut.Do(func() { close(s.c) })
}

func (s *onceSignal) isSet() bool {
	select {
	case <-s.done():
		return true
	default:
		return false
	}
}

// moves lists every legal move between states.
var moves = map[State][]State{
	Connecting:  {Up, Down},
	Up:          {Interrupted, Down},
	Interrupted: {Up, Down},
}

// watch holds the state and tells of its changes.
type watch struct {
	out    chan State
	mu     sync.Mutex
	state  State
	before State // the one before state
}

func newWatch() *watch {
	w := &watch{out: make(chan State, 8)}
	w.out <- Connecting
	return w
}

func (w *watch) now() State {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.state
}

// last returns the state before the present one.
func (w *watch) last() State {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.before
}

// set moves to s if that is a legal move.
func (w *watch) set(s State) {
	w.mu.Lock()
	defer w.mu.Unlock()
	legal := false
	for _, to := range moves[w.state] {
		legal = legal || to == s
	}
	if !legal {
		return
	}
	w.before, w.state = w.state, s
	for sent := false; !sent; {
		select {
		case w.out <- s:
			sent = true
		default: // full: the oldest makes room
			select {
			case <-w.out:
			default:
			}
		}
	}
	if s == Down {
		close(w.out)
	}
}

// watchSilence moves between Up and Interrupted.
func (l *Link) watchSilence() {
	defer l.guard()
	select {
	case <-l.gone.done():
		return
	case <-l.ready.done():
	}
	silence := l.net.cfg.Silence
	tick := time.NewTicker(silence / 8)
	defer tick.Stop()
	for {
		select {
		case <-l.gone.done():
			return
		case now := <-tick.C:
			l.noteTrip()
			if now.Sub(l.net.heard()) > silence {
				l.states.set(Interrupted)
			} else {
				l.states.set(Up)
			}
		}
	}
}
