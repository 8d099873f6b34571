package engineer

import (
	"context"
	"log/slog"
	"time"

	"assist/app/link"
	"assist/signaling"
	"assist/signaling/client"
)

// How long the console waits.
const (
	signInTime  = 20 * time.Second
	requestTime = 10 * time.Second // for the service to answer anything else
	answerTime  = 15 * time.Second // to make an answer to a customer's offer
	consentTime = 90 * time.Second // for link and customer's answer: 60 s of silence, and room for a slow line
	redialPause = 2 * time.Second  // between attempts to reach a lost service
	goodbyeTime = time.Second      // for the last message to leave
)

// Desk is the engineer's place at the service. *client.Conn is one.
type Desk interface {
	SignIn(ctx context.Context, account, password string) (client.Account, error)
	// Relays returns relays with fresh credentials.
	Relays(context.Context) ([]signaling.Relay, error)
	OpenRoom(context.Context) (signaling.Room, error)
	ExtendRoom(ctx context.Context, digits string) (signaling.Room, error)
	CancelRoom(ctx context.Context, digits string) error
	Answer(ctx context.Context, attempt string, m2 []byte) error
	Accept(ctx context.Context, attempt string) error
	Ended(context.Context, signaling.Ended) error
	// Events yields what the service tells; the last one is signaling.Lost.
	Events() <-chan signaling.Event
	Close() error
}

// Config is what a [Console] is made of.
type Config struct {
	Dial    func(context.Context) (Desk, error)
	NewLink func([]signaling.Relay) (link.Carrier, error)
	// Redial reaches the service again in the middle of a session whose link is gone. Nil: such a session ends.
	Redial func(context.Context) (link.Place, error)
	// Program and System are told to the customer.
	Program, System string
	// Notify gets the events. It must not block.
	Notify func(Event)
	Log    *slog.Logger
}
