package customer

import (
	"context"
	"image"
	"io"
	"log/slog"
	"time"

	"assist/app/cleanup"
	"assist/app/identity"
	"assist/app/journal"
	"assist/app/link"
	"assist/media/capture"
	"assist/media/input"
	"assist/signaling"
)

// How long people and programs are waited for.
const (
	AnswerTime  = 60 * time.Second // silence after this is no
	connectTime = 20 * time.Second // for the link to come up once the customer said yes
	joinTime    = 30 * time.Second // for the engineer's program to answer
	prepareTime = 15 * time.Second // for the service and its relay to answer
	prepareLife = 8 * time.Minute  // relay credentials of an unpaired customer are good for longer
	goodbyeTime = time.Second      // for the last message to leave
)

// Desk is the customer's place at the service. *client.Conn is one.
type Desk interface {
	Hello(context.Context) (signaling.Welcome, error)
	Join(context.Context, signaling.Join) (signaling.Reply, error)
	Confirm(ctx context.Context, m3 []byte) error
	Reject(context.Context) error
	Ended(context.Context, signaling.Ended) error
	// Events yields what the service tells, and is closed when the service is gone.
	Events() <-chan signaling.Event
	Close() error
}

// Control is the way of the engineer's keys and pointer to this computer: input.Chain.
type Control interface {
	input.Sink
	// Open lets input through; Shut stops it and releases what is held, before it returns.
	Open()
	Shut() error
	// SetPrompt says whether a question is open, which pauses input.
	SetPrompt(bool) error
	// SetDisplays says where the displays are that pointer events name.
	SetDisplays([]image.Rectangle)
	Close() error
}

// Doors are the ways out of the program that a session needs: to the service, the other end and the
// customer's computer. Tests put others in their place.
type Doors struct {
	Dial    func(context.Context) (Desk, error)
	NewLink func([]signaling.Relay) (link.Carrier, error)
	// Redial reaches the service again in the middle of a session whose link is gone. Nil: such a session ends.
	Redial func(context.Context) (link.Place, error)
	// OpenScreen starts reading the screen. It is not called before the customer allowed it.
	OpenScreen func(capture.Options) (capture.Source, error)
	// ScreenThere and ControlThere say why there can be no picture of this computer, and no input, before anybody asks for it. They
	// answer at once and open nothing; nil for a computer where nothing speaks against it.
	ScreenThere, ControlThere func() error
	// OpenControl starts the way in for input, shut. onState is told whenever it starts or stops letting input
	// through.
	OpenControl func(onState func(input.State)) (Control, error)
	// OwnWindows are the parts of the desktop that are this program's own.
	OwnWindows func() []image.Rectangle
	// OpenJournal begins the log that the customer asked for, and CleanUp removes what the program left on this computer; journal
	// is the log's file, "" if there is none.
	OpenJournal func(journal.Session) (*journal.Journal, error)
	CleanUp     func(journal string) cleanup.Report
	// GrabPanicKey calls fn when the customer presses the Pause key; nil where there is no such key.
	GrabPanicKey func(ctx context.Context, fn func()) (io.Closer, error)
}

// Config is what a [Runner] is made of.
type Config struct {
	Doors
	// Trusted is the organisation whose engineers may be believed; nil if none is known.
	Trusted *identity.Organisation
	// Program and System are told to the engineer.
	Program, System string
	// Confirm is how long shared control lasts before the customer is asked whether somebody is there. Zero, and more than
	// ConfirmTime, mean ConfirmTime.
	Confirm time.Duration
	// Notify gets the events. It must not block.
	Notify func(Event)
	Log    *slog.Logger
}

func (c *Config) confirmTime() time.Duration {
	if c.Confirm > 0 {
		return min(c.Confirm, ConfirmTime)
	}
	return ConfirmTime
}
