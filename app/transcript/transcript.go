// Package transcript is the record of one session that both ends keep and sign: who was there, which levels held, what was
// asked and answered, and how it ended. Never chat, keys, codes, pictures or file contents.
//
// # Protocol, version 1
//
// The customer's end numbers the events, because everything that counts happens there. It is the [Author]: it writes
// each event as one line, an entry, signs the chain up to it, and sends both to the engineer's end (wire.Entry). That end is the
// [Witness]: it holds every entry against what it saw itself, and answers with its own signature of the same chain
// (wire.Head). An answer counts for all entries before it.
//
//	head 0 = SHA-256("assist transcript, format 1")
//	head n = SHA-256(head n-1 || line n up to " chain=")
//	customer's signature of n = Ed25519("assist transcript 1: customer's end\x00" || n[4] || head n)
//	engineer's signature of n = Ed25519("assist transcript 1: engineer's end\x00" || n[4] || head n)
//
// The customer's key is made for the session and named in the first entry. The engineer's is the one that the chain of
// package identity certifies; the first entry has the chain's hash. So the engineer's signature says whose key the customer's
// is, and the organisation's says whose the engineer's is.
//
// The Witness signs what it saw or cannot see, never what it saw otherwise: levels, requests and answers must be those that
// the session's messages told, names and form those of the handshake, and there must not be more chat messages of the
// engineer's than it sent. Pauses, interruptions and all times are the customer's word. An entry that contradicts is not
// signed, nor is any after it. An entry that no honest program makes ends the session.
//
// After a new link the Author sends again what was not answered ([Author.Again]). Entries that the Witness has are
// answered once more. What the old link lost, the Witness cannot have seen; until the link is restored in the
// record, too, it takes levels and answers on the customer's word.
//
// When the link is lost for good, each end closes its own copy. The common part is signed by both, the rest by the one whose
// copy it is, and [Verify] says how far that is.
//
// # File, version 1
//
// UTF-8 without a byte order mark, lines end in LF, every form has exactly one encoding.
//
//	assist transcript, format 1
//	2026-11-22T18:31:05.120+09:00 1 opened format="1" session="…" … chain=0f1e2d3c4b5a6978
//	2026-11-22T18:31:05.121+09:00 2 level access="view only" chain=…
//	…
//	2026-11-22T18:40:11.007+09:00 9 ended reason="customer-ended" by="customer" chain=…
//	signature customer entry="9" value="…"
//	signature engineer entry="9" identity="…" value="…"
//
// A line is time, number, name, and fields, each quoted as package journal does it; the chain is the start of the line's head.
// Times are the customer's, but in a last entry by="engineer". Keys, signatures, the identity's chain and its hash are
// base64url. The names are listed in story.go. A reader takes a name it does not know for an event it does not
// understand; the Witness does not sign one.
//
// # What it does not prove
//
// That a clock was right; that the customer is who the form says. Two ends that lie together can write anything, and each
// can forge the other's part of a session that never was, unless the other's copy, or the service's audit log, is asked.
//
// The package sends nothing itself, decides nothing in the session, shows no text, and writes a file only where it is
// told to.
package transcript

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"

	"assist/app/identity"
)

// Limits of a transcript. When it is full, it says so in an entry, and takes nothing more but the end: the other end can cause
// entries, and must not be able to fill memory or disk.
const (
	MaxEntries = 10_000
	MaxSize    = 4 << 20 // bytes of all lines
)

// Errors of keeping a transcript.
var (
	// ErrHostile means an entry or a signature that no honest program sends.
	ErrHostile = errors.New("transcript: not what an honest program sends")
	// ErrFull means that the transcript takes no more than its end.
	ErrFull = errors.New("transcript: full")
)

// Heading is how the first line of every transcript begins.
const Heading = "assist transcript, format "

const (
	version = "1"
	heading = Heading + version

	labelCustomer = "assist transcript 1: customer's end\x00"
	labelEngineer = "assist transcript 1: engineer's end\x00"
)

// Customer is what the customer wrote into the form: what they say, no more.
type Customer struct {
	Name    string `json:"name"`
	Number  string `json:"customer_number,omitempty"`
	Case    string `json:"case_number,omitempty"`
	Branch  string `json:"branch,omitempty"`
	Country string `json:"country,omitempty"`
	Product string `json:"product,omitempty"`
}

// Session is what a transcript is about. Both ends know it before the first entry.
type Session struct {
	ID       string // the public name of the session, as in all records
	Identity []byte // the engineer's chain, as in the handshake
	Engineer identity.Engineer
	Customer Customer
}

var encoding = base64.RawURLEncoding.Strict()

// hash is the SHA-256 of b as it stands in a transcript.
func hash(b []byte) string {
	sum := sha256.Sum256(b)
	return encoding.EncodeToString(sum[:])
}

// head is the sum of a chain up to some entry.
type head [sha256.Size]byte

var begin = head(sha256.Sum256([]byte(heading)))

// next is the head after a line.
func (h head) next(text string) (sum head) {
	s := sha256.New()
	s.Write(h[:])
	s.Write([]byte(text))
	s.Sum(sum[:0])
	return sum
}

// signed is what a signature of the chain up to entry number covers.
func (h head) signed(label string, number int) []byte {
	b := binary.BigEndian.AppendUint32([]byte(label), uint32(number))
	return append(b, h[:]...)
}

// signature is one end's word for the chain up to an entry.
type signature struct {
	number int // 0: none
	value  [ed25519.SignatureSize]byte
}

// checks reports whether the signature was made by the holder of key.
func (s signature) checks(key ed25519.PublicKey, label string, h head) bool {
	return len(key) == ed25519.PublicKeySize && ed25519.Verify(key, h.signed(label, s.number), s.value[:])
}
