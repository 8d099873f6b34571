package customer

import (
	"time"

	"assist/app/wire"
)

// probePad is how many bytes the second ping of a probe has more than the first.
const probePad = 2 << 10

// probe measures the link while the customer reads the question, so that the first picture need not find out how
// much may be on its way. A ping without and one with padding are as far apart as the padding takes.
type probe struct {
	asked time.Time
	pad   int
	trip  time.Duration // of next to nothing; 0 for unknown
	rate  int           // bytes a second; 0 for unknown
}

// begin sends the first ping.
func (p *probe) begin(m *meeting) { p.ask(m, 0) }

func (p *probe) ask(m *meeting, pad int) {
	p.asked, p.pad = time.Now(), pad
	m.turn.Post(&wire.Ping{Stamp: uint64(p.asked.UnixNano()), Pad: pad})
}

// answered takes a Pong.
func (p *probe) answered(m *meeting, pong *wire.Pong) {
	if p.asked.IsZero() || pong.Stamp != uint64(p.asked.UnixNano()) {
		return
	}
	took := time.Since(p.asked)
	p.asked = time.Time{}
	if p.pad == 0 {
		p.trip = took
		p.ask(m, probePad)
		return
	}
	const least = time.Millisecond // less is the machine's own time
	p.rate = int(probePad / max(took-p.trip, least).Seconds())
}
