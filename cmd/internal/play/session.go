//go:build linux

package play

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"strings"
	"time"

	"assist/cmd/internal/stage"
	"assist/ui/trace"
)

// Sizes of the two displays.
const (
	EngineerDesk = "1600x900"
	CustomerDesk = "1280x800"
)

// Report is what a played session showed.
type Report struct {
	CodeToQuestion  time.Duration // from the last digit to the consent question
	AllowToPicture  time.Duration // from the click on Allow to the picture at the engineer
	TypedToFile     time.Duration // from the engineer's Return to the file on the customer's computer
	EngineerCPU     time.Duration // of the console, for the whole session
	CustomerCPU     time.Duration
	Link            string // what the console says of the link just before the end
	Steps, Pictures []string
}

// Session is one played session.
type Session struct {
	*Cast
	Report
	Out  string // folder for pictures; "" for none
	Tell func(string)
	// CustomerFlags are further flags of the customer's program.
	CustomerFlags []string
	work          string // home of the terminal on the customer's desktop
}

// step does one thing, takes a picture of both displays, and tells.
func (s *Session) step(name string, do func() error) error {
	if err := do(); err != nil {
		s.shoot(name + "-failed")
		return fmt.Errorf("%s: %w", name, err)
	}
	s.Steps = append(s.Steps, name)
	if s.Tell != nil {
		s.Tell(name)
	}
	return s.shoot(name)
}

// fileName makes a step's name one of a file.
var fileName = strings.NewReplacer(" ", "-", "'", "")

// shoot saves a picture of both displays.
func (s *Session) shoot(name string) error {
	if s.Out == "" {
		return nil
	}
	n := fmt.Sprintf("%02d-%s", len(s.Steps), fileName.Replace(name))
	for role, a := range map[string]*Actor{"engineer": s.Engineer, "customer": s.Customer} {
		if a == nil || a.Display == nil {
			continue
		}
		file := filepath.Join(s.Out, n+"-"+role+".png")
		if err := a.Display.Save(file); err != nil {
			return err
		}
		s.Pictures = append(s.Pictures, file)
	}
	return nil
}

// Curtain sets the stage: two desks, both programs, a terminal on the customer's desktop.
func (s *Session) Curtain(ctx context.Context) error {
	e, err := s.NewEngineerDesk(ctx)
	if err != nil {
		return err
	}
	c, err := s.NewCustomerDesk(ctx)
	if err != nil {
		return err
	}
	if s.work, err = s.Terminal(c, "78x14+40+360"); err != nil {
		return err
	}
	return errors.Join(s.StartConsole(ctx, e, e.Env()), s.StartCustomer(ctx, c, s.CustomerFlags...))
}

// Code waits for the code on the engineer's screen and returns its digits.
func (s *Session) Code(ctx context.Context) (string, error) {
	line, err := s.Engineer.Windows.Until(ctx, "a code", func(l trace.Line) bool {
		e, ok := l.Elements["code"]
		return ok && l.Screen == "home" && len(digits(e.Text)) == 7
	})
	return digits(line.Elements["code"].Text), err
}

// digits returns the decimal digits in text.
func digits(text string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
}

// Join types the code into the customer's form, accepts the terms and connects.
func (s *Session) Join(ctx context.Context, code string) error {
	c := s.Customer
	if err := c.Click(ctx, "form", "code"); err != nil {
		return err
	}
	if err := errors.Join(c.Press(ctx, "ctrl+a"), c.Type(ctx, code)); err != nil {
		return err
	}
	line, err := c.Windows.Screen(ctx, "form")
	if err != nil {
		return err
	}
	if !line.Elements["terms"].Chosen {
		if err := c.ClickUntil(ctx, "form", "terms", stage.Chosen("terms")); err != nil {
			return err
		}
	}
	if err := c.Click(ctx, "form", "connect"); err != nil {
		return err
	}
	if _, err = c.Windows.Until(ctx, "the consent question or a refusal", func(l trace.Line) bool {
		return l.Screen == "consent" || l.Screen == "form" && l.Elements["notice"].Visible
	}); err != nil {
		return err
	}
	s.CodeToQuestion = time.Since(c.Clicked)
	return nil
}

// Allow chooses a level in the consent question, says that the customer called where that is asked, and allows it. It
// waits for the picture unless the level has none.
func (s *Session) Allow(ctx context.Context, level string) error {
	c := s.Customer
	if err := c.ClickUntil(ctx, "consent", level, stage.Chosen(level)); err != nil {
		return err
	}
	if level == "shared-control" {
		if err := c.ClickUntil(ctx, "consent", "called-yes", stage.Chosen("called-yes")); err != nil {
			return err
		}
	}
	if err := c.ClickAway(ctx, "consent", "allow"); err != nil {
		return err
	}
	if _, err := s.Engineer.Windows.Screen(ctx, "session"); err != nil {
		return err
	}
	if level == "chat-only" {
		return nil
	}
	_, err := s.Engineer.Windows.Until(ctx, "the picture", func(l trace.Line) bool {
		p := l.Elements["picture"]
		return l.Screen == "session" && p.Visible && p.W > 0
	})
	s.AllowToPicture = time.Since(c.Clicked)
	return err
}

// View returns where the customer's screen is on the engineer's display.
func (s *Session) View(ctx context.Context) (line trace.Line, picture image.Rectangle, err error) {
	line, e, err := s.Engineer.Windows.Element(ctx, "session", "picture")
	return line, image.Rect(e.X, e.Y, e.X+e.W, e.Y+e.H), err
}

// ClickRemote lets the engineer click on a place of the customer's desktop. While the picture finds its place in the window,
// which takes a moment at first, the engineer aims again.
func (s *Session) ClickRemote(ctx context.Context, x, y, button int) error {
	size := desk(CustomerDesk)
	for aimed := (image.Rectangle{}); ; {
		line, view, err := s.View(ctx)
		if err != nil {
			return err
		}
		if view == aimed {
			return s.Engineer.Do(ctx, "click", fmt.Sprint(button))
		}
		aimed = view
		at := image.Pt(view.Min.X+(2*x+1)*view.Dx()/(2*size.X), view.Min.Y+(2*y+1)*view.Dy()/(2*size.Y))
		if err := s.Engineer.MoveTo(ctx, line, at.X, at.Y); err != nil {
			return err
		}
		if err := stage.Pause(ctx, 300*time.Millisecond); err != nil {
			return err
		}
	}
}

// desk reads a size like 1280x800.
func desk(size string) (p image.Point) {
	fmt.Sscanf(size, "%dx%d", &p.X, &p.Y)
	return p
}

// UseTerminal lets the engineer open a terminal from the menu of the customer's desktop and write a file with it.
func (s *Session) UseTerminal(ctx context.Context, text string) (took time.Duration, err error) {
	// An empty place of the desktop; the menu's only item appears just beneath.
	x, y := 1000, 250
	if err := s.ClickRemote(ctx, x, y, 3); err != nil {
		return 0, err
	}
	if err := stage.Pause(ctx, time.Second); err != nil {
		return 0, err
	}
	if err := s.ClickRemote(ctx, x+30, y+12, 1); err != nil {
		return 0, err
	}
	if err := s.waitWindow(ctx, "Terminal"); err != nil {
		return 0, err
	}
	if err := s.ClickRemote(ctx, 700, 560, 1); err != nil {
		return 0, err
	}
	if err := stage.Pause(ctx, 300*time.Millisecond); err != nil {
		return 0, err
	}
	return s.command(ctx, filepath.Join(s.homes[s.Customer.Display], "proof"), text)
}

// Write lets the engineer write a file with the terminal on the customer's desktop, which must have the keyboard.
func (s *Session) Write(ctx context.Context, text string) (took time.Duration, err error) {
	return s.command(ctx, filepath.Join(s.work, "proof"), text)
}

// command types a command that writes text to the file proof, which is file.
func (s *Session) command(ctx context.Context, file, text string) (took time.Duration, err error) {
	if err := errors.Join(s.Engineer.Press(ctx, "ctrl+u"), s.Engineer.Type(ctx, "printf '"+text+"' > proof")); err != nil {
		return 0, err
	}
	began := time.Now()
	if err := s.Engineer.Do(ctx, "key", "Return"); err != nil {
		return 0, err
	}
	return s.waitFile(ctx, file, text, began)
}

// waitWindow waits for a window on the customer's desktop.
func (s *Session) waitWindow(ctx context.Context, title string) error {
	return s.Customer.Do(ctx, "search", "--sync", "--onlyvisible", "--name", "^"+title+"$")
}

// waitFile waits until the file holds the text.
func (s *Session) waitFile(ctx context.Context, file, text string, since time.Time) (time.Duration, error) {
	for {
		b, err := os.ReadFile(file)
		if err == nil && bytes.Equal(b, []byte(text)) {
			return time.Since(since), nil
		}
		select {
		case <-ctx.Done():
			return 0, fmt.Errorf("file %s holds %q: %w", filepath.Base(file), b, ctx.Err())
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// Talk sends a chat message each way.
func (s *Session) Talk(ctx context.Context) error {
	chatOpen := func(l trace.Line) bool { return l.Elements["chat-entry"].Visible }
	if err := s.Customer.ClickUntil(ctx, "bar", "chat", chatOpen); err != nil {
		return err
	}
	for _, line := range []struct {
		from, to       *Actor
		screen, reader string
		text           string
	}{
		{s.Customer, s.Engineer, "bar", "session", "The printer light is red."},
		{s.Engineer, s.Customer, "session", "bar", "I see it. One moment."},
	} {
		if err := line.from.Click(ctx, line.screen, "chat-entry"); err != nil {
			return err
		}
		if err := errors.Join(line.from.Type(ctx, line.text), line.from.Press(ctx, "Return")); err != nil {
			return err
		}
		_, err := line.to.Windows.Until(ctx, "the message "+line.text, func(l trace.Line) bool {
			return l.Screen == line.reader && strings.Contains(l.Elements["chat-last"].Text, line.text)
		})
		if err != nil {
			return err
		}
	}
	return s.Customer.Click(ctx, "bar", "chat")
}

// Level lets the customer press a level, or take-back, in the session bar, and waits until it holds there.
func (s *Session) Level(ctx context.Context, button string) error {
	return s.Customer.Click(ctx, "bar", button)
}

// Stop lets the customer press Stop and waits until both say that it is over.
func (s *Session) Stop(ctx context.Context) error {
	errC := s.Customer.ClickUntil(ctx, "bar", "stop", func(l trace.Line) bool { return l.Screen == "ended" })
	if errC != nil {
		return errC
	}
	_, errE := s.Engineer.Windows.Screen(ctx, "ended")
	return errE
}

// Play plays a whole session.
func (s *Session) Play(ctx context.Context) error {
	if err := s.step("both programs", func() error { return s.Curtain(ctx) }); err != nil {
		return err
	}
	var code string
	for _, part := range []struct {
		name string
		do   func() error
	}{
		{"code on the engineer's screen", func() (err error) { code, err = s.Code(ctx); return err }},
		{"code typed and the question", func() error { return s.Join(ctx, code) }},
		{"control allowed and the picture", func() error { return s.Allow(ctx, "shared-control") }},
		{"engineer works in a terminal", func() (err error) {
			s.TypedToFile, err = s.UseTerminal(ctx, "written by the engineer")
			return err
		}},
		{"chat both ways", func() error { return s.Talk(ctx) }},
		{"control taken back", func() error { return s.Level(ctx, "take-back") }},
		{"nothing typed arrives", func() error { return s.typeInVain(ctx) }},
		{"customer stops", func() error {
			if line, ok := s.Engineer.Windows.Shown("session"); ok {
				s.Link = line.Elements["link"].Text
			}
			return s.Stop(ctx)
		}},
		{"the code leads nowhere again", func() error { return s.tryAgain(ctx, code) }},
	} {
		if err := s.step(part.name, part.do); err != nil {
			return err
		}
	}
	return s.count()
}

// typeInVain lets the engineer type after control was taken back, and looks for what comes of it.
func (s *Session) typeInVain(ctx context.Context) error {
	if err := s.ClickRemote(ctx, 700, 560, 1); err != nil {
		return err
	}
	if err := errors.Join(s.Engineer.Type(ctx, "touch forbidden"), s.Engineer.Press(ctx, "Return"), stage.Pause(ctx, time.Second)); err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(s.homes[s.Customer.Display], "forbidden")); err == nil {
		return errors.New("the engineer typed without control")
	}
	return nil
}

// tryAgain lets the customer type the used code once more.
func (s *Session) tryAgain(ctx context.Context, code string) error {
	if err := s.Customer.Click(ctx, "ended", "new-code"); err != nil {
		return err
	}
	if err := s.Join(ctx, code); err != nil {
		return err
	}
	if _, ok := s.Customer.Windows.Shown("consent"); ok {
		return errors.New("a used code was taken")
	}
	return nil
}

// count reads what the programs have used.
func (s *Session) count() (err error) {
	var errC, errE error
	s.CustomerCPU, errC = s.Customer.Process.CPU()
	s.EngineerCPU, errE = s.Engineer.Process.CPU()
	return errors.Join(errC, errE)
}
