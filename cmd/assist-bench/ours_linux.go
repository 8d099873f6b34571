package main

import (
	"context"
	"errors"
	"image"
	"strconv"
	"time"

	"assist/cmd/internal/play"
	"assist/cmd/internal/stage"
	"assist/ui/trace"
)

// contender is what is measured: it shows the customer's display on the engineer's.
type contender interface {
	// prepare does all that comes before the picture.
	prepare(ctx context.Context) error
	// show lets the picture come, and returns the moment at which it was let.
	show(ctx context.Context) (time.Time, error)
	// settle makes the picture fill the engineer's display, at its own size, ready for keys.
	settle(ctx context.Context) error
	// processes are the numbers of the two programs.
	processes() (customer, engineer int)
	// covered is what of the customer's display the engineer is not shown.
	covered(ctx context.Context) ([]image.Rectangle, error)
	close()
}

// Places of the pointers, out of the way: the customer's in a corner without text, the engineer's beside the picture.
var (
	customerPointer = image.Pt(1880, 140)
	engineerPointer = image.Pt(40, 640)
)

const (
	pointerRoom = 64 // pixels around the pointer that it may cover
	borderRoom  = 8  // pixels of the frame that is around a shared display
)

// ours is Assist.
type ours struct {
	t       *theatre
	session *play.Session
	pointer image.Point // where the customer's is
}

func newOurs(t *theatre) *ours { return &ours{t: t, session: &play.Session{Cast: t.cast}} }

// prepare brings both programs to the customer's question, with shared control chosen.
func (o *ours) prepare(ctx context.Context) error {
	if err := o.start(ctx); err != nil {
		return err
	}
	code, err := o.session.Code(ctx)
	if err != nil {
		return err
	}
	if err := o.enlarge(ctx); err != nil {
		return err
	}
	if err := o.session.Join(ctx, code); err != nil {
		return err
	}
	c := o.session.Customer
	if _, ok := c.Windows.Shown("consent"); !ok {
		return errors.New("the customer's program refused the code")
	}
	return errors.Join(c.ClickUntil(ctx, "consent", "shared-control", stage.Chosen("shared-control")),
		c.ClickUntil(ctx, "consent", "called-yes", stage.Chosen("called-yes")))
}

// enlarge makes the console as large as the display, so that the picture has room at its own size from the start.
func (o *ours) enlarge(ctx context.Context) error {
	console := &o.session.Engineer.Robot
	line, err := console.Windows.Screen(ctx, "home")
	if err != nil {
		return err
	}
	return console.Do(ctx, "search", "--sync", "--onlyvisible", "--name", "^"+line.Window+"$", "windowmove", "%1", "0", "0",
		"windowsize", "%1", strconv.Itoa(engineerScreen.X), strconv.Itoa(engineerScreen.Y))
}

// start starts both programs, each on its computer.
func (o *ours) start(ctx context.Context) error {
	for _, role := range []string{"engineer", "customer"} {
		script, err := o.t.cast.Elsewhere(o.t.command(role), o.t.assist)
		if err != nil {
			return err
		}
		o.t.cast.Assist = script
		if role == "engineer" {
			err = o.t.cast.StartConsole(ctx, o.t.engineer.Display, o.t.engineer.Env())
		} else {
			err = o.t.cast.StartCustomer(ctx, o.t.customer.Display)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// show presses Allow.
func (o *ours) show(ctx context.Context) (time.Time, error) {
	c := o.session.Customer
	x, y, err := o.session.OnScreen(ctx, c, "consent", "allow")
	if err != nil {
		return time.Time{}, err
	}
	for range 3 {
		if err := o.point(image.Pt(x, y)); err != nil {
			return time.Time{}, err
		}
		if err := stage.Pause(ctx, 300*time.Millisecond); err != nil {
			return time.Time{}, err
		}
		at, err := o.t.customer.hand.Click()
		if err != nil {
			return at, err
		}
		gone := within(ctx, 3*time.Second, func(ctx context.Context) error {
			_, err := c.Windows.Until(ctx, "the answer", func(l trace.Line) bool {
				return l.Screen == "wait" || l.Screen == "bar" || l.Screen == "ended"
			})
			return err
		})
		if gone == nil {
			return at, nil
		}
	}
	return time.Time{}, errors.New("the button Allow does nothing")
}

// settle fills the engineer's display and waits until the customer's own hand is out of the game.
func (o *ours) settle(ctx context.Context) error {
	if err := o.session.Engineer.Click(ctx, "session", "full"); err != nil {
		return err
	}
	if err := errors.Join(o.t.engineer.hand.Move(engineerPointer), o.point(customerPointer)); err != nil {
		return err
	}
	const calm = 2500 * time.Millisecond // the customer's own hand goes first for 2 s
	for since := time.Now(); time.Since(since) < calm; {
		line, ok := o.session.Engineer.Windows.Shown("session")
		if !ok {
			return errors.New("the session is gone")
		}
		if line.Elements["note"].Visible && line.Elements["note"].Text != "" && time.Since(since) > time.Second {
			since = time.Now().Add(-time.Second) // it goes by itself
		}
		if err := stage.Pause(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

// point moves the customer's pointer.
func (o *ours) point(to image.Point) error {
	o.pointer = to
	return o.t.customer.hand.Move(to)
}

func (o *ours) processes() (customer, engineer int) {
	return o.session.Customer.Process.Pid(), o.session.Engineer.Process.Pid()
}

// covered is the customer's windows of ours, the frame, and the pointer, which the engineer's window draws itself.
func (o *ours) covered(ctx context.Context) ([]image.Rectangle, error) {
	list, err := o.session.OwnWindows(ctx)
	if err != nil {
		return nil, err
	}
	at := image.Rectangle{Min: o.pointer, Max: o.pointer}
	list = append(list, at.Inset(-pointerRoom))
	return append(list, frameAround(image.Rect(0, 0, 1920, 1080), borderRoom)...), nil
}

// frameAround is the border of r.
func frameAround(r image.Rectangle, width int) []image.Rectangle {
	return []image.Rectangle{
		{r.Min, image.Pt(r.Max.X, r.Min.Y+width)}, {image.Pt(r.Min.X, r.Max.Y-width), r.Max},
		{r.Min, image.Pt(r.Min.X+width, r.Max.Y)}, {image.Pt(r.Max.X-width, r.Min.Y), r.Max},
	}
}

func (o *ours) close() { o.t.cast.Leave() }
