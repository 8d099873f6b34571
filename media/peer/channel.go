package peer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/pion/datachannel"
	"github.com/pion/webrtc/v4"
)

// received is how many messages of a channel wait for Receive before the other end is slowed down. All
// channels share one such brake: a channel that nobody reads ends up stopping the others.
const received = 16

// A message goes in pieces, so that a large one does not stand in the way of other channels for longer than the
// window allows. The first byte of each piece says what follows:
const (
	pieceLast   = 0 // nothing: the message is whole
	pieceMore   = 1 // the message goes on
	pieceForget = 2 // nothing, and the pieces before are to be forgotten: the message was given up

	// A full packet has this many bytes of a piece, its first byte included.
	packetPiece  = 1156
	largestPiece = 16 << 10
)

// Channel carries messages of one kind, whole and in order; Pointer alone may lose and reorder them.
type Channel struct {
	link   *Link
	name   Name
	inbox  chan []byte
	turn   chan struct{} // held by the one Send that is under way
	room   chan struct{} // told when bytes have been acknowledged
	sent   uint64        // bytes given to raw; used by that Send
	piece  []byte        // what write gives to raw; used by that Send
	opened onceSignal
	raw    rawChannel // set before opened

	mu   sync.Mutex
	pace pace
}

// rawChannel is what a detached data channel offers.
type rawChannel interface {
	io.ReadWriteCloser
	BufferedAmount() uint64
	SetBufferedAmountLowThreshold(uint64)
	OnBufferedAmountLow(func())
}

var _ rawChannel = (*datachannel.DataChannel)(nil)

func newChannel(l *Link, name Name) *Channel {
	return &Channel{
		link:  l,
		name:  name,
		inbox: make(chan []byte, received),
		turn:  make(chan struct{}, 1),
		room:  make(chan struct{}, 1),
		pace:  pace{window: Window},
	}
}

// open makes a channel that both ends take for granted, so that no message is needed to open it.
func (l *Link) open(name Name) error {
	id, yes := uint16(name), true
	dc, err := l.pc.CreateDataChannel(name.String(), &webrtc.DataChannelInit{ID: &id, Negotiated: &yes, Ordered: &yes})
	if err != nil {
		return fmt.Errorf("peer: %v: %w", name, err)
	}
	c := newChannel(l, name)
	l.channels[name] = c
	c.follow(dc)
	return nil
}

// openPointer makes Pointer on the answering end, with a message that tells the other end of it (RFC 8832).
func (l *Link) openPointer() error {
	id, ordered, again := uint16(Pointer), false, uint16(0)
	dc, err := l.pc.CreateDataChannel("", &webrtc.DataChannelInit{ID: &id, Ordered: &ordered, MaxRetransmits: &again})
	if err != nil {
		return fmt.Errorf("peer: %v: %w", Pointer, err)
	}
	l.channels[Pointer].follow(dc)
	return nil
}

// accept takes the channel that the answering end opens. It may open no other.
func (l *Link) accept(dc *webrtc.DataChannel) {
	defer l.guard()
	l.mu.Lock()
	offered := l.remote != nil && !l.remote.offer
	l.mu.Unlock()
	again := dc.MaxRetransmits()
	fits := dc.ID() != nil && *dc.ID() == uint16(Pointer) && !dc.Ordered() && again != nil && *again == 0
	if !offered || !fits || l.channels[Pointer].opened.isSet() {
		l.down(errors.New("peer: the other end opens a channel it may not open"))
		return
	}
	l.channels[Pointer].follow(dc)
}

// follow takes dc over once it is open.
func (c *Channel) follow(dc *webrtc.DataChannel) {
	dc.OnOpen(func() {
		defer c.link.guard()
		detached, err := dc.Detach()
		if err != nil {
			c.link.down(fmt.Errorf("peer: %v: %w", c.name, err))
			return
		}
		raw, ok := detached.(rawChannel)
		if !ok || c.opened.isSet() {
			c.link.down(fmt.Errorf("peer: %v: opened twice", c.name))
			return
		}
		c.start(raw)
	})
}

// start begins to read from raw.
func (c *Channel) start(raw rawChannel) {
	c.raw = raw
	raw.OnBufferedAmountLow(func() {
		select {
		case c.room <- struct{}{}:
		default:
		}
	})
	c.opened.set()
	c.link.wg.Go(c.read)
	for name, other := range c.link.channels {
		if name != Pointer && !other.opened.isSet() {
			return
		}
	}
	c.link.opened.set()
}

// read passes messages on until the link ends. The end of one channel is the end of the link.
func (c *Channel) read() {
	defer c.link.guard()
	buf := make([]byte, 1+MaxMessage)
	var whole []byte
	for {
		n, err := c.raw.Read(buf)
		switch {
		case errors.Is(err, io.ErrShortBuffer):
			c.link.down(fmt.Errorf("%w: from the other end, on %v", ErrTooLarge, c.name))
			return
		case err != nil:
			c.link.down(ErrClosed)
			return
		}
		var done bool
		if whole, done, err = assemble(whole, buf[:n]); err != nil {
			c.link.down(fmt.Errorf("%w: from the other end, on %v", err, c.name))
			return
		}
		if !done {
			continue
		}
		select {
		case c.inbox <- whole:
			whole = nil
		case <-c.link.gone.done():
			return
		}
	}
}

// assemble adds a piece to what has come of a message, and says whether that is all of it.
func assemble(whole, piece []byte) (_ []byte, done bool, err error) {
	switch {
	case len(piece) == 0:
		return nil, false, errPiece
	case len(whole)+len(piece)-1 > MaxMessage:
		return nil, false, ErrTooLarge
	}
	switch piece[0] {
	case pieceForget:
		return nil, false, nil
	case pieceLast, pieceMore:
		return append(whole, piece[1:]...), piece[0] == pieceLast, nil
	default:
		return nil, false, errPiece
	}
}

var errPiece = errors.New("peer: malformed piece of a message")

// Window returns how many bytes may be sent and not yet acknowledged before Send blocks. It follows what the line
// carries in a round trip and a short queue.
func (c *Channel) Window() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.pace.window
}

// SetWindow fixes the window. A small one keeps what waits in the network short; one below rate times round
// trip slows the channel down. 0 lets it follow the line again.
func (c *Channel) SetWindow(bytes int) {
	c.mu.Lock()
	c.pace.fixed = bytes > 0
	if bytes > 0 {
		c.pace.window = bytes
	}
	c.mu.Unlock()
	select {
	case c.room <- struct{}{}: // a Send that waits looks again
	default:
	}
}

// look tells the pace how a Send finds the line, and returns how many bytes may wait for a message of size to go. With
// again, that Send has looked before.
func (c *Channel) look(size int, again bool) (free int) {
	waiting := uint64(c.Waiting())
	trip := c.link.emptyTrip()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pace.look(time.Now(), c.sent-waiting, trip, again)
	return max(c.pace.window-size, 0)
}

// Waiting returns how many bytes have been sent and not yet acknowledged by the other end.
func (c *Channel) Waiting() int {
	if !c.opened.isSet() {
		return 0
	}
	return int(c.raw.BufferedAmount())
}

// Send sends msg. It waits for [Link.Connect], and then while the window is full. It returns when all of msg is on its
// way, not when it has arrived. msg may be used again at once. When ctx ends in the middle, the other end gets nothing
// of msg. Messages on Pointer must fit into a packet, about 1,100 bytes.
func (c *Channel) Send(ctx context.Context, msg []byte) error {
	if len(msg) > MaxMessage || c.name == Pointer && len(msg) >= packetPiece {
		return ErrTooLarge
	}
	if err := c.link.await(ctx, &c.link.ready, &c.opened); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-c.link.gone.done():
		return ErrClosed
	case c.turn <- struct{}{}:
		defer func() { <-c.turn }()
	}
	for begun := false; ; begun = true {
		size := min(len(msg), min(max(c.Window()/2, packetPiece), largestPiece)-1)
		err := c.waitRoom(ctx, 1+size)
		if err != nil && begun && !c.link.gone.isSet() {
			_ = c.write(pieceForget, nil)
		}
		if err != nil {
			return err
		}
		if size == len(msg) {
			return c.write(pieceLast, msg)
		}
		if err := c.write(pieceMore, msg[:size]); err != nil {
			return err
		}
		msg = msg[size:]
	}
}

// waitRoom returns when size bytes fit into the window, or nothing waits at all.
func (c *Channel) waitRoom(ctx context.Context, size int) error {
	for again := false; ; again = true {
		if err := ctx.Err(); err != nil {
			return err
		}
		free := c.look(size, again)
		c.raw.SetBufferedAmountLowThreshold(uint64(free))
		if c.Waiting() <= free {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-c.link.gone.done():
			return ErrClosed
		case <-c.room:
		}
	}
}

// write gives a piece to the library, which copies it.
func (c *Channel) write(kind byte, p []byte) error {
	c.piece = append(append(c.piece[:0], kind), p...)
	c.sent += uint64(len(c.piece))
	if _, err := c.raw.Write(c.piece); err != nil || c.link.gone.isSet() {
		c.link.down(ErrClosed)
		return ErrClosed
	}
	return nil
}

// Receive returns the next message. It waits for [Link.Connect]. After the link's end it returns what had come
// before, and then [ErrClosed].
func (c *Channel) Receive(ctx context.Context) ([]byte, error) {
	if err := c.link.await(ctx, &c.link.ready); err != nil {
		return nil, err
	}
	select {
	case msg := <-c.inbox:
		return msg, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-c.link.gone.done():
	}
	select {
	case msg := <-c.inbox:
		return msg, nil
	default:
		return nil, ErrClosed
	}
}

// await waits for signals, in order.
func (l *Link) await(ctx context.Context, signals ...*onceSignal) error {
	for _, s := range signals {
		select {
		case <-s.done():
		case <-ctx.Done():
			return ctx.Err()
		case <-l.gone.done():
			if !s.isSet() {
				return ErrClosed
			}
		}
	}
	return nil
}
