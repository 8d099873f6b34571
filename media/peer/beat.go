package peer

import (
	"encoding/binary"
	"errors"
	"math"
	"sync"
	"time"

	"github.com/pion/rtcp"
)

// From Connect on each end says every KeepAlive that it is there, in an RTCP packet of type APP (RFC 3550 section 6.7) with
// the name [beatName]. It takes 68 bytes with all that stands around it, where a STUN question and its answer take about 250, and
// tells the round trip as the reports of RTP do (section 6.4.1):
//
//	number  1 byte   one more with each; after 255 comes 1
//	echo    1 byte   the number of the other end's that came last, 0 for none
//	held    2 bytes  how long ago that was, big-endian, in heldUnit; 0xffff for longer
const (
	beatName = "BEAT"
	beatSize = 4
	heldUnit = time.Millisecond / 16
	// beatsKept is how many beats back an echo may be.
	beatsKept = 16
)

var errBeat = errors.New("peer: malformed beat")

// beats are this end's and what is known of the other end's.
type beats struct {
	mu     sync.Mutex
	number uint8
	sent   [beatsKept]time.Time
	echo   uint8
	came   time.Time
	trip   time.Duration // of the last echo, 0 for none
}

// next returns what to send now.
func (b *beats) next(now time.Time) []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.number = max(b.number+1, 1)
	b.sent[b.number%beatsKept] = now
	var held time.Duration
	if b.echo != 0 {
		held = now.Sub(b.came) / heldUnit
	}
	return binary.BigEndian.AppendUint16([]byte{b.number, b.echo}, uint16(min(max(held, 0), math.MaxUint16)))
}

// take takes one of the other end's. An echo that makes no sense says nothing of the round trip.
func (b *beats) take(data []byte, now time.Time) error {
	if len(data) != beatSize {
		return errBeat
	}
	number, echo, held := data[0], data[1], time.Duration(binary.BigEndian.Uint16(data[2:]))
	if number == 0 || echo == 0 && held != 0 {
		return errBeat
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.echo, b.came = number, now
	if echo == 0 || held == math.MaxUint16 || b.number-echo >= beatsKept || b.sent[echo%beatsKept].IsZero() {
		return nil
	}
	if trip := now.Sub(b.sent[echo%beatsKept]) - held*heldUnit; trip > 0 {
		b.trip = trip
	}
	return nil
}

// roundTrip returns the last one, or 0.
func (b *beats) roundTrip() time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.trip
}

// beat sends beats from Connect until the link ends.
func (l *Link) beat() {
	defer l.guard()
	select {
	case <-l.gone.done():
		return
	case <-l.ready.done():
	}
	l.net.beating.Store(true)
	tick := time.NewTicker(l.net.cfg.KeepAlive)
	defer tick.Stop()
	for {
		packet := &rtcp.ApplicationDefined{SSRC: motionSSRC, Name: beatName, Data: l.beats.next(time.Now())}
		if err := l.pc.WriteRTCP([]rtcp.Packet{packet}); err != nil {
			l.log.Debug("beat", "err", err)
		}
		select {
		case <-l.gone.done():
			return
		case <-tick.C:
		}
	}
}
