package peer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/transport/v4/packetio"
	"github.com/pion/webrtc/v4"
)

// MaxMotion is the largest motion frame, in bytes.
const MaxMotion = 512 << 10

// Motion carries frames from the offering end to the other one, whole and in order, over one RTP track. A frame of which
// parts are lost is asked for again while it can still be in time, and then left out: who numbers its frames sees that.
//
// Both ends take the track for granted, as they do with the channels, so it costs nothing to set up.
type Motion struct {
	link *Link

	kick chan struct{} // what goes out has changed
	came chan struct{} // a frame may be ready
	lack chan struct{} // parts are missing

	mu     sync.Mutex
	track  *webrtc.TrackLocalStaticRTP // nil at the answering end
	out    outgo
	in     *gather
	stats  MotionStats
	packet []byte // of the goroutine that sends
	seq    uint16 // of the same
}

// MotionStats is what a link's Motion has done.
type MotionStats struct {
	// Frames were sent, or received; Skipped were not received in time. A frame that was lost on its way is one of
	// Skipped only once a later one has come.
	Frames, Skipped uint64
	// Packets were sent or received, Again of them because they had been lost. Only the sending end knows of Again.
	Packets, Again uint64
}

var errMotionWay = errors.New("peer: motion goes from the offering end to the other")

func newMotion(l *Link) *Motion {
	return &Motion{
		link: l,
		kick: make(chan struct{}, 1),
		came: make(chan struct{}, 1),
		lack: make(chan struct{}, 1),
		in:   newGather(),
	}
}

// motionCodec is what the track is said to carry. Nobody is told: the other end takes it for granted.
var motionCodec = webrtc.RTPCodecParameters{
	RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: "video/x-assist", ClockRate: motionClock},
	PayloadType:        motionType,
}

// motionClock is the rate of RTP timestamps, in Hertz.
const motionClock = 90000

// offer makes the track, once, at the end that offers.
func (m *Motion) offer(api *webrtc.API) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.track != nil {
		return nil
	}
	track, err := webrtc.NewTrackLocalStaticRTP(motionCodec.RTPCodecCapability, "motion", "motion")
	if err != nil {
		return err
	}
	sender, err := api.NewRTPSender(track, m.link.pc.SCTP().Transport())
	if err != nil {
		return err
	}
	coding := webrtc.RTPCodingParameters{SSRC: motionSSRC, PayloadType: motionType}
	err = sender.Send(webrtc.RTPSendParameters{Encodings: []webrtc.RTPEncodingParameters{{RTPCodingParameters: coding}}})
	if err == nil {
		m.track = track
	}
	return err
}

// SetRate sets how many bytes a second motion may put on the line, with all that stands around them. 0, at first,
// is as fast as the socket takes.
func (m *Motion) SetRate(bytesPerSecond float64) {
	m.mu.Lock()
	m.out.setRate(max(bytesPerSecond, 0), time.Now())
	m.mu.Unlock()
	m.link.net.limit(bytesPerSecond)
	poke(m.kick)
}

// Stats returns what was done so far.
func (m *Motion) Stats() MotionStats {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.stats
	s.Skipped, s.Again = m.in.skipped, m.out.sent
	return s
}

// poke tells somebody who waits to look.
func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Send sends a frame. It waits for [Link.Connect], and until the frame before has gone out at the rate set, and returns when
// frame is on its way: there is never more than one that still has to go. When ctx ends before that, the other end hears
// nothing of it. frame may be used again at once. Only the offering end sends.
func (m *Motion) Send(ctx context.Context, frame []byte) error {
	if len(frame) == 0 || len(frame) > MaxMotion {
		return fmt.Errorf("%w: motion frame of %d bytes", ErrTooLarge, len(frame))
	}
	if err := m.link.await(ctx, &m.link.ready); err != nil {
		return err
	}
	for {
		before, err := m.put(ctx, frame)
		if before == nil {
			return err
		}
		select {
		case <-before:
		case <-ctx.Done():
			return ctx.Err()
		case <-m.link.gone.done():
			return ErrClosed
		}
	}
}

// Abandon gives up what still has to go of the frame that was sent last. The other end leaves that frame out.
func (m *Motion) Abandon() {
	m.mu.Lock()
	m.out.giveUp()
	m.mu.Unlock()
	poke(m.kick)
}

// put takes a frame in. If one is still under way it returns what is closed when that has gone.
func (m *Motion) put(ctx context.Context, frame []byte) (before <-chan struct{}, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch f := m.out.last(); {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case m.track == nil:
		return nil, errMotionWay
	case m.link.gone.isSet(), m.out.count == maxFrame:
		return nil, ErrClosed
	case f != nil && f.under():
		return f.done, nil
	}
	m.stats.Frames++
	m.out.put(frame, time.Now())
	poke(m.kick)
	return nil, nil
}

// send writes packets until the link ends.
func (m *Motion) send() {
	defer m.link.guard()
	began := time.Now()
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		m.mu.Lock()
		now := time.Now()
		p, ok, at := m.out.next(now)
		if ok {
			m.stats.Packets++
		}
		m.mu.Unlock()
		if ok {
			m.write(p, now.Sub(began))
			if m.link.gone.isSet() {
				return
			}
			continue
		}
		var wake <-chan time.Time
		if !at.IsZero() {
			timer.Reset(at.Sub(now))
			wake = timer.C
		}
		select {
		case <-m.link.gone.done():
			return
		case <-m.kick:
		case <-wake:
		}
	}
}

// write gives a packet to the library. What it does not take is lost, as it may be on its way.
func (m *Motion) write(p part, since time.Duration) {
	m.packet = p.append(m.packet[:0], m.seq, uint32(since.Microseconds()*motionClock/1e6))
	m.seq++
	if _, err := m.track.Write(m.packet); err != nil {
		m.link.log.Debug("motion packet", "err", err)
	}
}

// Receive returns the next frame that came whole. It waits for [Link.Connect]. Frames that are not received in time are left
// out. Only the answering end receives.
func (m *Motion) Receive(ctx context.Context) ([]byte, error) {
	if err := m.link.await(ctx, &m.link.ready); err != nil {
		return nil, err
	}
	for {
		if frame, ok := m.take(); ok {
			return frame, nil
		}
		select {
		case <-m.came:
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-m.link.gone.done():
			return nil, ErrClosed
		}
	}
}

func (m *Motion) take() ([]byte, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	frame, ok := m.in.take(time.Now())
	if ok {
		m.stats.Frames++
		poke(m.came) // there may be another
	}
	return frame, ok
}

// received takes an RTP packet of the other end.
func (m *Motion) received(packet []byte) error {
	p, err := parsePart(packet)
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.stats.Packets++
	now := time.Now()
	if err := m.in.add(p, now); err != nil {
		return err
	}
	if z := m.in.frames[m.in.next]; z != nil && (z.whole() || z.forgot) {
		poke(m.came)
	}
	if m.in.waits(now) {
		poke(m.lack)
	}
	return nil
}

// lookTime is how often it is looked whether something is to be asked for, while something is missing.
const lookTime = 5 * time.Millisecond

// mend asks for what is missing until the link ends.
func (m *Motion) mend() {
	defer m.link.guard()
	tick := time.NewTicker(time.Hour)
	defer tick.Stop()
	for {
		select {
		case <-m.link.gone.done():
			return
		case <-m.lack:
		}
		trip := max(m.link.measure(), m.link.emptyTrip())
		tick.Reset(lookTime)
		for waits := true; waits; {
			select {
			case <-m.link.gone.done():
				return
			case now := <-tick.C:
				waits = m.look(now, trip)
			}
		}
		tick.Reset(time.Hour)
	}
}

// look asks for what is due, and reports whether anything is still missing.
func (m *Motion) look(now time.Time, trip time.Duration) bool {
	const most = 160 // spans in one packet of questions
	m.mu.Lock()
	m.in.trip = trip
	asks, waits := m.in.asks(now, most), m.in.waits(now)
	m.mu.Unlock()
	poke(m.came) // a frame may have waited long enough
	var packets []rtcp.Packet
	for _, a := range asks {
		packets = append(packets, &rtcp.ApplicationDefined{SSRC: motionSSRC, Name: askName, Data: a.append(nil)})
	}
	if len(packets) > 0 {
		if err := m.link.pc.WriteRTCP(packets); err != nil {
			m.link.log.Debug("motion question", "err", err)
		}
	}
	return waits
}

// controlled takes an RTCP packet of the other end.
func (l *Link) controlled(packet []byte) error {
	var app rtcp.ApplicationDefined
	if err := app.Unmarshal(packet); err != nil || app.SSRC != motionSSRC {
		return errAsk
	}
	switch app.Name {
	case askName:
		return l.motion.asked(app.Data)
	case beatName:
		return l.beats.take(app.Data, time.Now())
	default:
		return errAsk
	}
}

// asked takes a question of the other end.
func (m *Motion) asked(data []byte) error {
	a, err := parseAsk(data)
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.track == nil {
		return errMotionWay
	}
	if err := m.out.lacks(a); err != nil {
		return err
	}
	poke(m.kick)
	return nil
}

// tap makes what takes the RTP or RTCP packets of one synchronisation source. There is one of each; any other is nothing
// that an honest end sends.
func (l *Link) tap(kind packetio.BufferPacketType, ssrc uint32) io.ReadWriteCloser {
	l.mu.Lock()
	answers := l.remote != nil && l.remote.offer
	l.mu.Unlock()
	switch {
	case ssrc == motionSSRC && kind == packetio.RTCPBufferPacket:
		return &tap{take: l.controlled, link: l}
	case ssrc == motionSSRC && answers:
		return &tap{take: l.motion.received, link: l}
	default:
		return &tap{take: func([]byte) error { return errMotionWay }, link: l}
	}
}

// tap takes packets as they come. The library reads nothing back.
type tap struct {
	take func([]byte) error
	link *Link
}

// Write takes one packet.
func (t *tap) Write(packet []byte) (int, error) {
	defer t.link.guard()
	if err := t.take(packet); err != nil {
		t.link.down(fmt.Errorf("peer: from the other end: %w", err))
		return 0, io.ErrClosedPipe
	}
	return len(packet), nil
}

// Read implements io.Reader: nothing is left to be read.
func (t *tap) Read([]byte) (int, error) { return 0, io.EOF }

// Close implements io.Closer.
func (t *tap) Close() error { return nil }
