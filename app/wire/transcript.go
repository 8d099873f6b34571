package wire

import "encoding/binary"

// MaxEntry is the size of the longest line of a transcript, in bytes.
const MaxEntry = 8 << 10

// signatureSize is the size of an Ed25519 signature, in bytes.
const signatureSize = 64

// Entry is one line of the session's transcript, without its chain, with the customer's end's signature of the chain up
// to it. The engineer's end answers with Head.
type Entry struct {
	Text      string
	Signature [signatureSize]byte
}

func (*Entry) Type() Type { return TEntry }

func (m *Entry) Append(b []byte) []byte {
	b = appendString(append(b, byte(TEntry)), m.Text, MaxEntry)
	return append(b, m.Signature[:]...)
}

func (m *Entry) parse(r *reader) {
	m.Text = r.string(MaxEntry)
	r.check(m.Text != "")
	copy(m.Signature[:], r.take(signatureSize))
}

// Head is the engineer's end's signature of the transcript's chain up to entry Number.
type Head struct {
	Number    uint32
	Signature [signatureSize]byte
}

func (*Head) Type() Type { return THead }

func (m *Head) Append(b []byte) []byte {
	b = binary.BigEndian.AppendUint32(append(b, byte(THead)), m.Number)
	return append(b, m.Signature[:]...)
}

func (m *Head) parse(r *reader) {
	m.Number = r.u32()
	r.check(m.Number != 0)
	copy(m.Signature[:], r.take(signatureSize))
}
