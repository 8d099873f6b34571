//go:build linux

package stage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"assist/ui/trace"

	"github.com/jezek/xgb/xproto"
)

// settle is how long a window gets to take what the robot did: Fyne looks for events 60 times a second.
const settle = 120 * time.Millisecond

// Robot is somebody at a display: with a mouse, with keys, and with eyes for one program's windows.
type Robot struct {
	Display *Display
	Windows *Windows  // of the program that the robot uses; nil for none
	Pid     int       // of that program
	Clicked time.Time // when the last click on an element was made
}

// do runs xdotool.
func (r *Robot) do(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "xdotool", args...)
	cmd.Env = r.Display.Env("LC_ALL=C.UTF-8") // window titles may be in any script
	var out, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaint
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("stage: xdotool %s: %w: %s", args[0], err, strings.TrimSpace(complaint.String()))
	}
	return strings.TrimSpace(out.String()), nil
}

// Pause waits, for windows to settle.
func Pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// searches is how often a window is searched for: a search fails when any window goes away meanwhile.
const searches = 5

// window returns the X window with the title.
func (r *Robot) window(ctx context.Context, title string) (string, error) {
	var err error
	for range searches {
		var out string
		out, err = r.do(ctx, "search", "--onlyvisible", "--name", "^"+quote(title)+"$")
		if ids := strings.Fields(out); err == nil && len(ids) > 0 {
			return ids[len(ids)-1], nil
		}
		if pause := Pause(ctx, settle); pause != nil {
			return "", pause
		}
	}
	return "", errors.Join(errors.New("stage: no window "+title), err)
}

// quote makes a POSIX extended regular expression that matches s.
func quote(s string) string {
	return strings.NewReplacer(`.`, `\.`, `(`, `\(`, `)`, `\)`, `+`, `\+`, `*`, `\*`, `?`, `\?`, `[`, `\[`, `|`, `\|`).Replace(s)
}

// Place returns where the window with the title has its content on the display.
func (r *Robot) Place(ctx context.Context, title string) (image.Rectangle, error) {
	id, err := r.window(ctx, title)
	if err != nil {
		return image.Rectangle{}, err
	}
	n, err := strconv.ParseUint(id, 10, 32)
	if err != nil {
		return image.Rectangle{}, fmt.Errorf("stage: window %q: %w", id, err)
	}
	return r.Display.place(xproto.Window(n))
}

// Click clicks on an element of a screen, once it is there. While the screen's parts move the robot aims again.
func (r *Robot) Click(ctx context.Context, screen, element string) error {
	var aimed image.Point
	for try := 0; ; try++ {
		line, e, err := r.Windows.Element(ctx, screen, element)
		if err != nil {
			return err
		}
		at := image.Pt(e.X+e.W/2, e.Y+e.H/2)
		if try > 0 && at == aimed || try == searches {
			return r.press(ctx)
		}
		aimed = at
		if err := r.aim(ctx, line, at.X, at.Y); err != nil {
			return err
		}
	}
}

// clickTime is how long a click gets to show its effect before a person would click again.
const clickTime = 3 * time.Second

// ClickUntil clicks on an element until some window shows its effect, as people do who see that nothing happened: a window
// that is just moving swallows a click.
func (r *Robot) ClickUntil(ctx context.Context, screen, element string, done func(trace.Line) bool) error {
	return r.again(ctx, screen, element, func(ctx context.Context) error {
		_, err := r.Windows.Until(ctx, screen+"/"+element+" pressed", done)
		return err
	})
}

// ClickAway clicks on an element until its screen is gone.
func (r *Robot) ClickAway(ctx context.Context, screen, element string) error {
	return r.again(ctx, screen, element, func(ctx context.Context) error { return r.Windows.Gone(ctx, screen) })
}

// again clicks until wait sees the effect.
func (r *Robot) again(ctx context.Context, screen, element string, wait func(context.Context) error) (err error) {
	for range searches {
		if err = r.Click(ctx, screen, element); err != nil {
			return err
		}
		limited, cancel := context.WithTimeout(ctx, clickTime)
		err = wait(limited)
		cancel()
		if err == nil || ctx.Err() != nil {
			return err
		}
	}
	return err
}

// Chosen reports, for ClickUntil, whether an element is chosen.
func Chosen(element string) func(trace.Line) bool {
	return func(l trace.Line) bool { return l.Elements[element].Chosen }
}

// sizeTime is how long a window manager gets to give a window the size that the program wants.
const sizeTime = 2 * time.Second

// settled returns the window of a trace's line once it has the size that the line names: places in it mean something then.
func (r *Robot) settled(ctx context.Context, line trace.Line) (string, error) {
	for end := time.Now().Add(sizeTime); ; {
		id, err := r.window(ctx, line.Window)
		if err != nil {
			return "", err
		}
		place, err := r.Place(ctx, line.Window)
		if err == nil && place.Dx() == line.Size[0] && place.Dy() == line.Size[1] || time.Now().After(end) {
			return id, nil
		}
		if err := Pause(ctx, settle); err != nil {
			return "", err
		}
	}
}

// aim moves the mouse to a place in a window, and waits a moment.
func (r *Robot) aim(ctx context.Context, line trace.Line, x, y int) error {
	win, err := r.settled(ctx, line)
	if err != nil {
		return err
	}
	if _, err := r.do(ctx, "mousemove", "--window", win, strconv.Itoa(x), strconv.Itoa(y)); err != nil {
		return err
	}
	return Pause(ctx, settle)
}

// press clicks where the mouse is.
func (r *Robot) press(ctx context.Context) error {
	r.Clicked = time.Now()
	if _, err := r.do(ctx, "click", "1"); err != nil {
		return err
	}
	return Pause(ctx, settle)
}

// MoveTo moves the mouse to a place in a window.
func (r *Robot) MoveTo(ctx context.Context, line trace.Line, x, y int) error {
	win, err := r.window(ctx, line.Window)
	if err != nil {
		return err
	}
	_, err = r.do(ctx, "mousemove", "--window", win, strconv.Itoa(x), strconv.Itoa(y))
	return err
}

// Mouse moves the mouse to a place on the display and clicks there.
func (r *Robot) Mouse(ctx context.Context, x, y, button int) error {
	if _, err := r.do(ctx, "mousemove", strconv.Itoa(x), strconv.Itoa(y)); err != nil {
		return err
	}
	if err := Pause(ctx, settle); err != nil {
		return err
	}
	if _, err := r.do(ctx, "click", strconv.Itoa(button)); err != nil {
		return err
	}
	return Pause(ctx, settle)
}

// Type types text into whatever has the keyboard.
func (r *Robot) Type(ctx context.Context, text string) error {
	if _, err := r.do(ctx, "type", "--delay", "25", "--", text); err != nil {
		return err
	}
	return Pause(ctx, settle)
}

// Press presses keys by their X names, such as "Return" or "ctrl+a".
func (r *Robot) Press(ctx context.Context, keys ...string) error {
	for _, k := range keys {
		if _, err := r.do(ctx, "key", k); err != nil {
			return err
		}
		if err := Pause(ctx, settle); err != nil {
			return err
		}
	}
	return nil
}

// Do runs any other xdotool command.
func (r *Robot) Do(ctx context.Context, args ...string) error {
	_, err := r.do(ctx, args...)
	return err
}
