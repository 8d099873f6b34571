//go:build linux

package stage

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"

	"assist/ui/trace"
)

// maxLine is the longest line of a trace, in bytes.
const maxLine = 1 << 20

// Windows is what a program's windows show, read from its trace.
type Windows struct {
	mu      sync.Mutex
	shown   map[string]trace.Line // by window title
	seen    map[string]bool       // screens that were ever shown
	changed chan struct{}         // closed at the next line
	ended   bool
}

// ReadWindows follows a trace until r ends.
func ReadWindows(r io.Reader) *Windows {
	w := &Windows{shown: map[string]trace.Line{}, seen: map[string]bool{}, changed: make(chan struct{})}
	go func() {
		lines := bufio.NewScanner(r)
		lines.Buffer(nil, maxLine)
		for lines.Scan() {
			var l trace.Line
			if json.Unmarshal(lines.Bytes(), &l) == nil {
				w.put(l)
			}
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		w.ended = true
		close(w.changed)
	}()
	return w
}

func (w *Windows) put(l trace.Line) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if l.Screen == "" {
		delete(w.shown, l.Window)
	} else {
		w.shown[l.Window] = l
		w.seen[l.Screen] = true
	}
	close(w.changed)
	w.changed = make(chan struct{})
}

// Until waits until ok holds for what some window shows, and returns that.
func (w *Windows) Until(ctx context.Context, what string, ok func(trace.Line) bool) (found trace.Line, err error) {
	err = w.wait(ctx, what, func() bool {
		for _, l := range w.shown {
			if ok(l) {
				found = l
				return true
			}
		}
		return false
	})
	return found, err
}

// Gone waits until no window shows the screen.
func (w *Windows) Gone(ctx context.Context, screen string) error {
	return w.wait(ctx, "no more "+screen, func() bool {
		for _, l := range w.shown {
			if l.Screen == screen {
				return false
			}
		}
		return true
	})
}

// wait waits until ok, which is called with w.mu held.
func (w *Windows) wait(ctx context.Context, what string, ok func() bool) error {
	for {
		w.mu.Lock()
		done := ok()
		changed, ended, now := w.changed, w.ended, w.describe()
		w.mu.Unlock()
		if done {
			return nil
		}
		if ended {
			return fmt.Errorf("stage: %s: the program ended; it showed %s", what, now)
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("stage: %s: %w; shown is %s", what, ctx.Err(), now)
		}
	}
}

// Screen waits until some window shows the screen.
func (w *Windows) Screen(ctx context.Context, screen string) (trace.Line, error) {
	return w.Until(ctx, screen, func(l trace.Line) bool { return l.Screen == screen })
}

// Element waits until the screen shows the element, enabled and not empty in size.
func (w *Windows) Element(ctx context.Context, screen, element string) (trace.Line, trace.Element, error) {
	l, err := w.Until(ctx, screen+"/"+element, func(l trace.Line) bool {
		e, ok := l.Elements[element]
		return ok && l.Screen == screen && e.Visible && e.Enabled && e.W > 0 && e.H > 0
	})
	return l, l.Elements[element], err
}

// Shown returns what the screen shows now, if it is there.
func (w *Windows) Shown(screen string) (trace.Line, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, l := range w.shown {
		if l.Screen == screen {
			return l, true
		}
	}
	return trace.Line{}, false
}

// Seen reports whether the screen was ever shown.
func (w *Windows) Seen(screen string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.seen[screen]
}

// describe lists the screens, for error messages. w.mu is held.
func (w *Windows) describe() string {
	list := []string{}
	for title, l := range w.shown {
		list = append(list, fmt.Sprintf("%q: %s", title, l.Screen))
	}
	return fmt.Sprint(list)
}

// Titles lists the windows that are there.
func (w *Windows) Titles() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Sorted(maps.Keys(w.shown))
}
