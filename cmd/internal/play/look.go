//go:build linux

package play

import (
	"context"
	"errors"
	"image"
	"time"

	"assist/cmd/internal/stage"
)

// frameWidth is more than any window manager puts around a window, in pixels.
const frameWidth = 40

// Comparison is the engineer's window held against the customer's screen.
type Comparison struct {
	Compared  image.Rectangle // part of the customer's screen that the engineer's window shows
	Different int             // pixels
	First     image.Point     // on the customer's screen
}

// Compare holds what the engineer's window shows 1:1 against the customer's screen, without the customer's own windows,
// which are blank at the engineer's, and without the pointer, which the engineer's window draws itself.
func (s *Session) Compare(ctx context.Context) (c Comparison, err error) {
	theirs, err := s.Customer.Display.Picture()
	if err != nil {
		return c, err
	}
	ours, err := s.Engineer.Display.Picture()
	if err != nil {
		return c, err
	}
	line, view, err := s.View(ctx)
	if err != nil {
		return c, err
	}
	window, err := s.Engineer.Place(ctx, line.Window)
	if err != nil {
		return c, err
	}
	pane, pointer := line.Elements["pane"], line.Elements["pointer"]
	visible := view.Intersect(image.Rect(pane.X, pane.Y, pane.X+pane.W, pane.Y+pane.H))
	c.Compared = visible.Sub(view.Min).Intersect(theirs.Rect)
	skip := []image.Rectangle{image.Rect(pointer.X, pointer.Y, pointer.X+pointer.W, pointer.Y+pointer.H).Sub(view.Min)}
	own, err := s.ownWindows(ctx)
	if err != nil {
		return c, err
	}
	c.Different, c.First = stage.Differences(theirs, c.Compared, ours, window.Min.Add(visible.Min), append(skip, own...)...)
	return c, nil
}

// ownWindows returns where the customer's program has its windows, with their frames.
func (s *Session) ownWindows(ctx context.Context) (list []image.Rectangle, err error) {
	for _, title := range s.Customer.Windows.Titles() {
		r, err := s.Customer.Place(ctx, title)
		if err != nil {
			return nil, err
		}
		list = append(list, r.Inset(-frameWidth))
	}
	return list, nil
}

// OnScreen returns the middle of an element on its display.
func (s *Session) OnScreen(ctx context.Context, a *Actor, screen, element string) (x, y int, err error) {
	line, e, err := a.Windows.Element(ctx, screen, element)
	if err != nil {
		return 0, 0, err
	}
	window, err := a.Place(ctx, line.Window)
	return window.Min.X + e.X + e.W/2, window.Min.Y + e.Y + e.H/2, err
}

// HandsFree gives the picture the keyboard, and waits until the customer's own hand, which goes first, has been still for
// long enough that the engineer's keys and pointer get through.
func (s *Session) HandsFree(ctx context.Context) error {
	if err := s.FocusView(ctx); err != nil {
		return err
	}
	calm := time.Now()
	for time.Since(calm) < time.Second {
		if line, ok := s.Engineer.Windows.Shown("session"); !ok || line.Elements["note"].Visible {
			calm = time.Now()
		}
		if err := stage.Pause(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

// FocusView gives the picture in the engineer's window the keyboard, by a click on an empty place of the customer's desktop:
// what has the customer's keyboard keeps it.
func (s *Session) FocusView(ctx context.Context) error {
	return s.ClickRemote(ctx, 1200, 760, 1)
}

// FocusTerminal lets the engineer click on the terminal on the customer's desktop.
func (s *Session) FocusTerminal(ctx context.Context) error {
	return errors.Join(s.HandsFree(ctx), s.ClickRemote(ctx, 300, 500, 1), stage.Pause(ctx, 300*time.Millisecond))
}
