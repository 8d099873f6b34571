package peer

import (
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/webrtc/v4"
)

// Link is one connection to the other end. Its methods may be called from several goroutines.
type Link struct {
	log         *slog.Logger
	api         *webrtc.API
	pc          *webrtc.PeerConnection
	net         *network
	fingerprint [32]byte
	channels    map[Name]*Channel
	motion      *Motion
	beats       beats

	candidate onceSignal // a relayed address is there
	gathered  onceSignal // no further one will come
	opened    onceSignal // every channel but Pointer is open
	ready     onceSignal // Connect has succeeded
	gone      onceSignal // the link is going down
	ended     onceSignal // and everything it started has ended
	wg        sync.WaitGroup

	measure func() time.Duration // the round trip now, 0 for unknown
	trip    atomic.Int64         // the shortest one seen, nanoseconds; 0 for none

	mu     sync.Mutex
	remote *description
	cause  error // why the link is down
	unsent bool  // something was still to be acknowledged then
	states *watch
}

// New prepares a link and begins to ask the relays for addresses. The link must be closed.
func New(cfg Config) (*Link, error) {
	cfg.complete()
	targets, err := parseRelays(cfg.Relays)
	if err != nil {
		return nil, err
	}
	certificate, fingerprint, err := newCertificate()
	if err != nil {
		return nil, fmt.Errorf("peer: certificate: %w", err)
	}
	l := &Link{
		log:         cfg.Log,
		fingerprint: fingerprint,
		channels:    make(map[Name]*Channel),
		net:         newNetwork(cfg, targets),
		states:      newWatch(),
	}
	if err := l.build(targets, certificate); err != nil {
		l.net.close()
		return nil, err
	}
	l.wg.Go(l.watchSilence)
	l.wg.Go(l.beat)
	l.wg.Go(l.motion.send)
	l.wg.Go(l.motion.mend)
	go l.run()
	return l, nil
}

func (c *Config) complete() {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	for _, d := range []struct {
		set   *time.Duration
		usual time.Duration
	}{{&c.Silence, Silence}, {&c.Patience, Patience}, {&c.KeepAlive, KeepAlive}} {
		if *d.set <= 0 {
			*d.set = d.usual
		}
	}
}

// build makes the PeerConnection and its channels.
func (l *Link) build(targets []target, certificate webrtc.Certificate) error {
	l.motion = newMotion(l)
	l.api = newAPI(l)
	pc, err := newPeerConnection(l.api, targets, certificate)
	if err != nil {
		return fmt.Errorf("peer: connection: %w", err)
	}
	l.pc, l.measure = pc, l.roundTrip
	pc.OnICECandidate(func(c *webrtc.ICECandidate) {
		if c == nil {
			l.gathered.set()
		} else {
			l.candidate.set()
		}
	})
	pc.OnConnectionStateChange(l.changed)
	pc.OnDataChannel(l.accept)
	for _, name := range []Name{Control, Input, Exact, Chat} {
		if err := l.open(name); err != nil {
			_ = pc.Close()
			return err
		}
	}
	l.channels[Pointer] = newChannel(l, Pointer)
	return nil
}

// lastWords is how long what came before the other end's goodbye may take to be received.
const lastWords = time.Second

func (l *Link) changed(s webrtc.PeerConnectionState) {
	defer l.guard()
	switch s {
	case webrtc.PeerConnectionStateFailed:
		l.down(ErrClosed)
	case webrtc.PeerConnectionStateClosed:
		// The channels end too, each after its last message, and with them the link.
		time.AfterFunc(lastWords, func() { l.down(ErrClosed) })
	}
}

// goodbye is how long it may take to tell the other end of the link's end.
const goodbye = time.Second

// run ends everything once the link goes down.
func (l *Link) run() {
	<-l.gone.done()
	l.flush()
	if !l.opened.isSet() {
		l.net.close() // nobody is there to be told, and a relay that does not answer would keep us
	}
	stuck := time.AfterFunc(goodbye, l.net.close) // so would one that takes nothing any more
	defer stuck.Stop()
	if err := l.pc.GracefulClose(); err != nil {
		l.log.Debug("link close", "err", err)
	}
	l.net.close()
	l.wg.Wait()
	l.ended.set()
}

// Fingerprint returns the SHA-256 of this end's DTLS certificate.
func (l *Link) Fingerprint() [32]byte { return l.fingerprint }

// Offer returns this end's description for the other end's Answer. It returns as soon as a relay has given an
// address.
func (l *Link) Offer(ctx context.Context) ([]byte, error) {
	if err := l.motion.offer(l.api); err != nil {
		return nil, l.fault("motion", err)
	}
	offer, err := l.pc.CreateOffer(nil)
	if err != nil {
		return nil, l.fault("offer", err)
	}
	return l.describe(ctx, offer, true)
}

// Answer takes the other end's offer and returns this end's description for its Accept. From here on the two ends
// look for each other.
func (l *Link) Answer(ctx context.Context, offer []byte) ([]byte, error) {
	if err := l.setRemote(offer, true); err != nil {
		return nil, err
	}
	// The answering end opens Pointer, by which it also tells the other end how it is to work:
	// a channel that both ends take for granted is always ordered and reliable in pion/datachannel.
	if err := l.openPointer(); err != nil {
		return nil, err
	}
	answer, err := l.pc.CreateAnswer(nil)
	if err != nil {
		return nil, l.fault("answer", err)
	}
	return l.describe(ctx, answer, false)
}

// Accept takes the other end's answer. From here on the two ends look for each other.
func (l *Link) Accept(answer []byte) error { return l.setRemote(answer, false) }

func (l *Link) setRemote(raw []byte, offer bool) error {
	d, err := parseDescription(raw)
	if err != nil {
		return err
	}
	if d.offer != offer {
		return fmt.Errorf("%w: not an %s", ErrDescription, kind(offer))
	}
	l.mu.Lock()
	first := l.remote == nil
	if first {
		l.remote = &d
	}
	l.mu.Unlock()
	if !first {
		return fmt.Errorf("%w: a second one", ErrDescription)
	}
	sdp := webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: d.sdp()}
	if offer {
		sdp.Type = webrtc.SDPTypeOffer
	}
	if err := l.pc.SetRemoteDescription(sdp); err != nil {
		return l.fault("remote description", err)
	}
	return nil
}

// describe sets the local description and returns it when it has an address.
func (l *Link) describe(ctx context.Context, sdp webrtc.SessionDescription, offer bool) ([]byte, error) {
	if err := l.pc.SetLocalDescription(sdp); err != nil {
		return nil, l.fault("local description", err)
	}
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-l.gone.done():
		return nil, l.why()
	case <-l.candidate.done():
	case <-l.gathered.done():
		if !l.candidate.isSet() {
			return nil, ErrNoRelay
		}
	}
	d, err := extract(l.pc.LocalDescription().SDP, offer, l.fingerprint)
	if err != nil {
		return nil, err
	}
	return d.marshal(), nil
}

// Connect waits until every channel is open and the other end has proved to own the certificate with the SHA-256
// remote. Only then channels carry messages. Any other certificate, and an ended ctx, take the link down. Pointer
// may open one round trip later; its Send and Receive wait for it.
func (l *Link) Connect(ctx context.Context, remote [32]byte) error {
	l.mu.Lock()
	d := l.remote
	l.mu.Unlock()
	if d == nil {
		return fmt.Errorf("%w: none yet", ErrDescription)
	}
	if d.fingerprint != remote {
		l.down(ErrFingerprint)
		return ErrFingerprint
	}
	select {
	case <-ctx.Done():
		l.down(ctx.Err())
		return ctx.Err()
	case <-l.gone.done():
		return l.why()
	case <-l.opened.done():
	}
	certificate := l.pc.SCTP().Transport().GetRemoteCertificate()
	if len(certificate) == 0 || sha256.Sum256(certificate) != remote {
		l.down(ErrFingerprint)
		return ErrFingerprint
	}
	l.states.set(Up)
	l.net.heardNow()
	l.noteTrip()
	l.ready.set()
	return nil
}

// Channel returns a channel, or nil for one that is not opened.
func (l *Link) Channel(name Name) *Channel { return l.channels[name] }

// Motion returns the track for motion frames.
func (l *Link) Motion() *Motion { return l.motion }

// Watch returns the link's states as they come, from Connecting on. It is closed after Down. A reader that is
// slow misses the oldest. There is one such Go channel for a link.
func (l *Link) Watch() <-chan State { return l.states.out }

// State returns how the link is now.
func (l *Link) State() State { return l.states.now() }

// Stats returns what the link has done so far.
func (l *Link) Stats() Stats {
	return Stats{RoundTrip: l.measure(), Sent: l.net.sent.Load(), Received: l.net.received.Load()}
}

func (l *Link) roundTrip() time.Duration {
	if trip := l.beats.roundTrip(); trip > 0 {
		return trip
	}
	pair, ok := l.pc.SCTP().Transport().ICETransport().GetSelectedCandidatePairStats()
	if !ok {
		return 0
	}
	return time.Duration(pair.CurrentRoundTripTime * float64(time.Second))
}

// noteTrip keeps the shortest round trip: the others had to wait behind something.
func (l *Link) noteTrip() {
	trip, least := int64(l.measure()), l.trip.Load()
	if trip > 0 && (least == 0 || trip < least) {
		l.trip.Store(trip)
	}
}

// emptyTrip returns the round trip of the line with nothing in it, or a guess.
func (l *Link) emptyTrip() time.Duration {
	const guess = 50 * time.Millisecond
	if trip := time.Duration(l.trip.Load()); trip > 0 {
		return trip
	}
	return guess
}

// Close ends the link, tells the other end, and returns when everything the link started has ended. What is still to
// be sent on Control and Chat gets [farewell] to arrive; [ErrUnsent] means that some of it was not acknowledged.
func (l *Link) Close() error {
	l.down(ErrClosed)
	<-l.ended.done()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.unsent {
		return ErrUnsent
	}
	return nil
}

// farewell is how long Close waits for the last words.
const farewell = 300 * time.Millisecond

func (l *Link) flush() {
	if !l.ready.isSet() {
		return
	}
	waits := func() bool { return l.channels[Control].Waiting() > 0 || l.channels[Chat].Waiting() > 0 }
	by := time.Now()
	if l.states.last() == Up {
		by = by.Add(farewell)
	}
	for waits() && time.Now().Before(by) {
		time.Sleep(2 * time.Millisecond)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.unsent = waits()
}

// down ends the link. The first cause counts.
func (l *Link) down(cause error) {
	l.mu.Lock()
	if l.cause == nil {
		l.cause = cause
	}
	l.mu.Unlock()
	l.states.set(Down)
	l.gone.set()
}

// why returns the cause of the link being down.
func (l *Link) why() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cause == nil {
		return ErrClosed
	}
	return l.cause
}

// fault names an error of the library, or says that the link is down if that is the reason.
func (l *Link) fault(what string, err error) error {
	if l.gone.isSet() {
		return l.why()
	}
	return fmt.Errorf("peer: %s: %w", what, err)
}

// guard keeps a panic in a callback from taking the program down: it costs the link.
func (l *Link) guard() {
	if r := recover(); r != nil {
		l.log.Error("panic in the link", "panic", fmt.Sprint(r), "stack", string(debug.Stack()))
		l.down(fmt.Errorf("peer: panic: %v", r))
	}
}
