// Package link is the sealed link between the two ends of a session: it puts app/e2e's records around app/wire's
// messages and hands them to a [Carrier], which is media/peer in the program and memory in tests.
//
// It decides nothing: who may send what is app/session's, what a message does is the two ends' own.
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
	// Close ends the link, after what waits on the control channel has had a moment to leave.
	Close() error
}

// Over makes a WebRTC link a Carrier.
func Over(l *peer.Link) Carrier { return overPeer{l} }

type overPeer struct{ *peer.Link }

func (o overPeer) Pipe(ch wire.Channel) e2e.Pipe { return o.Channel(peerNames[ch]) }

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

// Seal seals every channel of c with keys.
func Seal(c Carrier, keys *e2e.Keys) (*Conn, error) {
	conn := &Conn{channels: make(map[wire.Channel]*channel)}
	for _, ch := range wire.Channels {
		order := e2e.Ordered
		if ch == wire.Pointer {
			order = e2e.Unordered
		}
		sealer, opener, err := keys.Channel(ch.String(), firstEpoch, order)
		if err != nil {
			return nil, fmt.Errorf("link: seal %v: %w", ch, err)
		}
		conn.channels[ch] = &channel{pipe: e2e.Secure(c.Pipe(ch), sealer, opener)}
	}
	return conn, nil
}

// firstEpoch is the epoch of the keys of a link that was never renewed.
const firstEpoch = 0

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
