// Package link is the sealed link between the two ends of a session, over as many carriers as it takes: it puts app/e2e's
// records around app/wire's messages and hands them to a [Carrier], which is media/peer in the program and memory in
// tests. When a carrier is gone, the two ends find each other at the service and make another.
//
//	link.go (records) -> turn.go (one carrier) -> line.go (one after the other) -> offer.go, answer.go (the next one)
//
// # Turns
//
// A session has one pair of keys and a [Line]. Each carrier is a [Turn] of it, with an epoch: 0 for the first, and
// higher for each that takes the place of another. Every channel of every turn has its own keys (app/e2e), so nothing of one
// turn is of use in another. A new turn begins everything anew; only the level that the customer allowed, and the count
// of chat messages that have come ([Mail]), cross from one to the next, in the first messages of each end.
//
// # Words
//
// What the two ends say to each other through the service, where they meet with the ticket of the session, are
// words, each an unordered record of the channel "resume", epoch 0: what is repeated, held back or forged is not heard.
// Numbers are big endian.
//
//	1 here    from the engineer   nothing: there is somebody to answer
//	2 offer   from the customer   epoch u32, fingerprint[32], description
//	3 answer  from the engineer   epoch u32, fingerprint[32], description
//	4 over    from either         reason u8 as in wire.End: the session has ended; said back by who hears it
//
// The customer offers, as at first. Every offer has a higher epoch than all before it; an answer names the epoch it is
// for. So each description and each certificate is bound to the keys of the session and to one place in its life. A turn that
// comes up takes the place of the one before, even if that is back by then: both ends decide alike.
//
// Words can be lost: the customer repeats an offer that is not answered, and the engineer says that it is there. Nothing else is
// asked of the service, which may lie, restart, or be another one. It learns that two apps with the same ticket came,
// and how long the words are.
//
// The package decides nothing: who may send what is app/session's, what a message does is the two ends' own.
package link

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"assist/app/e2e"
	"assist/app/wire"
	"assist/media/peer"
)

// ErrHostile says that the other end sent bytes that no honest program sends: a record that does not
// open, or a message that does not read.
var ErrHostile = errors.New("link: hostile bytes")

// Carrier is a link before it is sealed. *peer.Link is one, through [Over].
type Carrier interface {
	// Fingerprint is the SHA-256 of this end's DTLS certificate.
	Fingerprint() [32]byte
	// Offer describes this end; Answer takes the other's offer and describes this end; Accept takes the answer.
	Offer(context.Context) ([]byte, error)
	Answer(ctx context.Context, offer []byte) ([]byte, error)
	Accept(answer []byte) error
	// Connect waits until messages can flow to the end whose certificate has the fingerprint.
	Connect(ctx context.Context, remote [32]byte) error
	// Pipe is the channel's pipe. It may be asked for before Connect.
	Pipe(wire.Channel) e2e.Pipe
	// Watch tells how the link does, from now on.
	Watch() <-chan peer.State
	Stats() peer.Stats
	// Track steers what the motion channel's pipe carries.
	Track() Track
	// Close ends the link, after what waits on the control channel has had a moment to leave.
	Close() error
}

// Track is how the frames of the motion channel go. See [peer.Motion].
type Track interface {
	// SetRate sets how many bytes a second they may put on the line; 0, at first, is no limit.
	SetRate(bytesPerSecond float64)
	// Abandon gives up what still has to go of the last one.
	Abandon()
	Stats() peer.MotionStats
}

// Over makes a WebRTC link a Carrier.
func Over(l *peer.Link) Carrier { return overPeer{l} }

type overPeer struct{ *peer.Link }

func (o overPeer) Pipe(ch wire.Channel) e2e.Pipe {
	if ch == wire.MotionChannel {
		return o.Motion()
	}
	return o.Channel(peerNames[ch])
}

func (o overPeer) Track() Track { return o.Motion() }

// peerNames says which data channel carries which messages.
var peerNames = map[wire.Channel]peer.Name{
	wire.Control: peer.Control,
	wire.Input:   peer.Input,
	wire.Pointer: peer.Pointer,
	wire.Exact:   peer.Exact,
	wire.Chat:    peer.Chat,
}

// Conn is a sealed link. Its methods may be called from any goroutine; one goroutine a channel receives.
type Conn struct {
	channels map[wire.Channel]*channel
}

// channel is one sealed pipe and the buffer its messages are made in.
type channel struct {
	pipe e2e.Pipe
	mu   sync.Mutex // a record's place in the order is taken when it is sealed
	buf  []byte
}

// Seal seals every channel of c with the keys of an epoch, which are good for one carrier.
func Seal(c Carrier, keys *e2e.Keys, epoch uint32) (*Conn, error) {
	conn := &Conn{channels: make(map[wire.Channel]*channel)}
	for _, ch := range wire.Channels {
		pipe, err := secure(c.Pipe(ch), ch, keys, epoch)
		if err != nil {
			return nil, fmt.Errorf("link: seal %v: %w", ch, err)
		}
		conn.channels[ch] = &channel{pipe: pipe}
	}
	return conn, nil
}

// secure seals one channel. What is lost on the way ends none but those that lose nothing.
func secure(p e2e.Pipe, ch wire.Channel, keys *e2e.Keys, epoch uint32) (e2e.Pipe, error) {
	order := e2e.Ordered
	switch ch {
	case wire.MotionChannel:
		sealer, opener, err := keys.Media(epoch)
		if err != nil {
			return nil, err
		}
		return e2e.SecureFrames(p, sealer, opener), nil
	case wire.Pointer:
		order = e2e.Unordered
	}
	sealer, opener, err := keys.Channel(ch.String(), epoch, order)
	if err != nil {
		return nil, err
	}
	return e2e.Secure(p, sealer, opener), nil
}

// Send sends m on its channel. It blocks while more waits there than the carrier takes, and returns ctx's cause.
func (c *Conn) Send(ctx context.Context, m wire.Message) error {
	ch := c.channels[m.Type().Channel()]
	ch.mu.Lock()
	defer ch.mu.Unlock()
	ch.buf = m.Append(ch.buf[:0])
	if err := ch.pipe.Send(ctx, ch.buf); err != nil {
		return fmt.Errorf("link: send: %w", err)
	}
	return nil
}

// Receive returns the next message of channel ch. A record or message that an honest end does not make is [ErrHostile].
// A Part's bytes are valid until the next call for the same channel.
func (c *Conn) Receive(ctx context.Context, ch wire.Channel) (wire.Message, error) {
	b, err := c.channels[ch].pipe.Receive(ctx)
	if errors.Is(err, e2e.ErrRecord) {
		return nil, fmt.Errorf("%w: %w", ErrHostile, err)
	}
	if err != nil {
		return nil, fmt.Errorf("link: receive: %w", err)
	}
	m, err := wire.Parse(ch, b)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrHostile, err)
	}
	return m, nil
}
