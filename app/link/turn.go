package link

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"assist/app/e2e"
	"assist/app/mailbox"
	"assist/app/wire"
	"assist/media/peer"
)

// maxWaiting is how many messages may wait to be sent on control or chat. An end that does not read for so long is taken for
// one that is gone.
const maxWaiting = 2048

// Turn is one carrier of a session, sealed with the keys of its epoch. What is sent on control and chat goes in the order
// in which it was given to Post and Send.
type Turn struct {
	// Control and Chat read these channels from the beginning.
	Control, Chat *Feed

	conn    *Conn
	carrier Carrier
	out     map[wire.Channel]*outbox
	log     *slog.Logger
	ctx     context.Context // ends with the turn
	cancel  context.CancelFunc
	lost    chan struct{} // closed when nothing can be sent any more
	lose    func()
	wg      sync.WaitGroup
	shut    sync.Once
}

// Open makes the first turn of a session. It comes up by itself: then Control.Up is closed. remote is the fingerprint of the
// other end's certificate.
func Open(c Carrier, keys *e2e.Keys, remote [32]byte, log *slog.Logger) (*Turn, error) {
	return newTurn(c, keys, 0, log, func(ctx context.Context) error { return c.Connect(ctx, remote) })
}

// newTurn seals a carrier that is up, or that connect brings up.
func newTurn(c Carrier, keys *e2e.Keys, epoch uint32, log *slog.Logger, connect func(context.Context) error) (*Turn, error) {
	conn, err := Seal(c, keys, epoch)
	if err != nil {
		return nil, err
	}
	t := &Turn{conn: conn, carrier: c, log: log, out: map[wire.Channel]*outbox{}, lost: make(chan struct{})}
	t.lose = sync.OnceFunc(func() {
		close(t.lost)
		t.wg.Go(func() { c.Close() }) // so that the other end learns of it
	})
	t.ctx, t.cancel = context.WithCancel(context.Background())
	t.Control, t.Chat = conn.Feed(t.ctx, wire.Control, connect), conn.Feed(t.ctx, wire.Chat, nil)
	for _, ch := range []wire.Channel{wire.Control, wire.Chat} {
		o := &outbox{box: mailbox.New[post](), done: make(chan struct{})}
		t.out[ch] = o
		t.wg.Go(func() { t.serve(o) })
	}
	return t, nil
}

// outbox is what waits to be sent on one channel.
type outbox struct {
	box     *mailbox.Box[post]
	waiting atomic.Int32
	done    chan struct{} // closed when nothing more is sent
}

// post is one message, nil for none. sent is told when its turn has come.
type post struct {
	m    wire.Message
	sent chan error
}

func (o *outbox) put(p post) {
	o.waiting.Add(1)
	o.box.Put(p)
}

// serve sends what is put into o until the turn ends.
func (t *Turn) serve(o *outbox) {
	defer close(o.done)
	for {
		select {
		case <-t.ctx.Done():
			return
		case <-o.box.Ready():
		}
		for _, p := range o.box.Take() {
			var err error
			if p.m != nil {
				err = t.conn.Send(t.ctx, p.m)
			}
			o.waiting.Add(-1)
			if p.sent != nil {
				p.sent <- err
			}
			if err != nil {
				t.failed(p.m, err)
				return
			}
		}
	}
}

// failed takes a message that could not be sent: no further one can.
func (t *Turn) failed(m wire.Message, err error) {
	if t.ctx.Err() == nil && !errors.Is(err, peer.ErrClosed) {
		t.log.Info("not sent", "type", m.Type(), "error", err)
	}
	t.lose()
}

// Post sends a message on control or chat and does not wait. That it cannot be sent, the Line tells.
func (t *Turn) Post(m wire.Message) {
	o := t.out[m.Type().Channel()]
	if o.waiting.Load() >= maxWaiting {
		t.log.Warn("other end does not read", "type", m.Type())
		t.lose()
		return
	}
	o.put(post{m: m})
}

// Send sends a message and waits until it is on its way. The message is not to be changed before that, which is at the
// latest when the turn is over, whatever ctx does.
func (t *Turn) Send(ctx context.Context, m wire.Message) error {
	o := t.out[m.Type().Channel()]
	if o == nil {
		return t.conn.Send(ctx, m)
	}
	p := post{m: m, sent: make(chan error, 1)}
	o.put(p)
	return o.wait(ctx, p)
}

// wait waits until p was sent.
func (o *outbox) wait(ctx context.Context, p post) error {
	select {
	case err := <-p.sent:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-o.done:
	}
	select {
	case err := <-p.sent:
		return err
	default:
		return peer.ErrClosed
	}
}

// Receive returns the next message of channel ch, which is neither control nor chat. See [Conn.Receive].
func (t *Turn) Receive(ctx context.Context, ch wire.Channel) (wire.Message, error) {
	return t.conn.Receive(ctx, ch)
}

// Farewell sends the last message and returns when it, and all chat, is on its way, or when ctx ends.
func (t *Turn) Farewell(ctx context.Context, m wire.Message) {
	t.Post(m)
	t.drain(ctx)
}

// drain waits until all that was posted is on its way. Who is gone need not hear it.
func (t *Turn) drain(ctx context.Context) {
	for _, o := range t.out {
		p := post{sent: make(chan error, 1)}
		o.put(p)
		o.wait(ctx, p)
	}
}

// Stats is what the carrier has done.
func (t *Turn) Stats() peer.Stats { return t.carrier.Stats() }

// Track steers the motion channel.
func (t *Turn) Track() Track { return t.carrier.Track() }

// Over is closed when the turn has ended.
func (t *Turn) Over() <-chan struct{} { return t.ctx.Done() }

// Context returns a copy of parent that ends with the turn, too.
func (t *Turn) Context(parent context.Context) context.Context {
	ctx, cancel := context.WithCancelCause(parent)
	context.AfterFunc(t.ctx, func() { cancel(peer.ErrClosed) })
	return ctx
}

// drainTime is how long what was posted last has to get on its way.
const drainTime = 300 * time.Millisecond

// Close ends the turn and its carrier, after all that was posted is on its way, and waits for everything they started. It
// is idempotent. [peer.ErrUnsent] means that not all of it has arrived.
func (t *Turn) Close() error {
	ctx, cancel := context.WithTimeout(t.ctx, drainTime)
	defer cancel()
	t.drain(ctx)
	return t.abandon()
}

// abandon is Close for a turn that nothing is to be said on.
func (t *Turn) abandon() (err error) {
	t.shut.Do(func() {
		t.cancel()
		err = t.carrier.Close()
	})
	t.wg.Wait()
	t.Control.Wait()
	t.Chat.Wait()
	return err
}
