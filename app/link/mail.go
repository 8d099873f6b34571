package link

import "assist/app/wire"

// maxKept is how many messages of its own an end keeps until it is known that they arrived, far more than fit on a
// link.
const maxKept = 4096

// Mail is what one person writes to the other, each message once and in order, whatever becomes of the link. It is for one
// goroutine.
type Mail struct {
	turn  *Turn
	open  bool             // the other end has said what it has, or it is the first turn
	first uint32           // number of the first of sent
	sent  []*wire.ChatText // what may have to be sent again
	heard uint32
}

// NewMail returns the mail of a session that begins with first.
func NewMail(first *Turn) *Mail { return &Mail{turn: first, open: true} }

// Send sends a message, now or when there is a link again.
func (m *Mail) Send(text *wire.ChatText) {
	m.sent = append(m.sent, text)
	if extra := len(m.sent) - maxKept; extra > 0 {
		m.sent, m.first = m.sent[extra:], m.first+uint32(extra)
	}
	if m.open {
		m.turn.Post(text)
	}
}

// Arrived counts a message of the other end.
func (m *Mail) Arrived() { m.heard++ }

// Heard is how many messages of the other end have come, for the Hello of a new turn.
func (m *Mail) Heard() uint32 { return m.heard }

// Move goes on with another turn. Nothing is sent before the other end's Hello.
func (m *Mail) Move(to *Turn) { m.turn, m.open = to, false }

// Settle takes from the other end's Hello how many messages it has, and sends it the others.
func (m *Mail) Settle(heard uint32) {
	if m.open {
		return
	}
	m.open = true
	have := min(heard-m.first, uint32(len(m.sent)))
	if heard < m.first { // it lies
		have = 0
	}
	m.sent, m.first = m.sent[have:], m.first+have
	for _, text := range m.sent {
		m.turn.Post(text)
	}
}
