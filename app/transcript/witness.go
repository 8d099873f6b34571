package transcript

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"assist/app/problem"
	"assist/app/session"
	"assist/app/wire"
)

// ErrContradiction means an entry that does not say what this end saw. It is not signed.
var ErrContradiction = errors.New("transcript: not what this end saw")

// Witness is the engineer's end of a transcript. It belongs to one goroutine, which tells it what it sees (Saw…, Sent…)
// before it gives it the entries that came later.
type Witness struct {
	book
	sign   func([]byte) []byte
	denied bool // an entry contradicted what this end saw: no more are taken

	level    session.Access            // as the entries have it
	levels   []session.Access          // that this end was told, and that no entry has said yet, oldest first
	requests map[string]session.Access // that this end sent, by their number
	answers  map[string]Answer         // that this end was told
	said     int                       // chat messages sent
	ending   bool                      // this end ends the session
	missed   bool                      // something may have been lost with a link
}

// NewWitness waits for the first entry of s. Sign signs for the chain in s; once it returns nothing, nothing more is signed.
func NewWitness(s Session, sign func([]byte) []byte) *Witness {
	return &Witness{book: newBook(s), sign: sign, requests: map[string]session.Access{}, answers: map[string]Answer{}}
}

// SawLevel says that this end was told a level. Levels that no entry follows are kept up to [MaxEntries].
func (w *Witness) SawLevel(access session.Access) {
	last := w.level
	if n := len(w.levels); n > 0 {
		last = w.levels[n-1]
	}
	if access != last && len(w.levels) < MaxEntries {
		w.levels = append(w.levels, access)
	}
}

// SawAnswer says that this end was told how its request ended.
func (w *Witness) SawAnswer(id uint32, how wire.Reply) {
	number := strconv.FormatUint(uint64(id), 10)
	if _, sent := w.requests[number]; sent {
		w.answers[number] = replies[how]
	}
}

// SentRequest says that this end asks for a level.
func (w *Witness) SentRequest(id uint32, access session.Access) {
	w.requests[strconv.FormatUint(uint64(id), 10)] = access
}

// SentChat counts a chat message of this end's.
func (w *Witness) SentChat() { w.said++ }

// SentEnd says that this end ends the session.
func (w *Witness) SentEnd() { w.ending = true }

// NewLink says that what the last link carried may not all have arrived.
func (w *Witness) NewLink() { w.missed = true }

// Take takes an entry of the customer's end and returns the answer to send, nil for none. [ErrHostile] is the end of the
// session. [ErrContradiction], which comes once, is not: this end's copy stops there, and is closed by itself.
func (w *Witness) Take(m *wire.Entry) (*wire.Head, error) {
	if w.denied {
		return nil, nil
	}
	e, err := parseEntry(m.Text)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrHostile, err)
	}
	switch {
	case e.number <= w.number() && w.lines[e.number-1] == m.Text:
		return w.answer(), nil
	case e.number != w.number()+1:
		return nil, fmt.Errorf("%w: entry %d after %d", ErrHostile, e.number, w.number())
	case w.size+len(m.Text) > MaxSize:
		return nil, fmt.Errorf("%w: more than %d bytes", ErrHostile, MaxSize)
	}
	key := w.story.key
	if e.number == 1 {
		key, _ = encoding.DecodeString(e.get("key")) // of a wrong size, if at all: then no signature checks
	}
	s := signature{e.number, m.Signature}
	if !s.checks(key, labelCustomer, w.head.next(m.Text)) {
		return nil, fmt.Errorf("%w: signature of entry %d does not check", ErrHostile, e.number)
	}
	if err := w.witness(&e); err != nil {
		w.denied = true
		return nil, err
	}
	if err := w.append(&e, m.Text); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrHostile, err)
	}
	w.customer = s
	return w.answer(), nil
}

// answer signs everything there is.
func (w *Witness) answer() *wire.Head {
	if !w.signAll() {
		return nil
	}
	return &wire.Head{Number: uint32(w.engineer.number), Signature: w.engineer.value}
}

func (w *Witness) signAll() bool {
	if w.engineer.number == w.number() {
		return w.number() > 0
	}
	value := w.sign(w.head.signed(labelEngineer, w.number()))
	if len(value) != len(w.engineer.value) {
		return false
	}
	w.engineer = signature{w.number(), [len(w.engineer.value)]byte(value)}
	return true
}

// witness holds an entry against what this end saw.
func (w *Witness) witness(e *entry) error {
	if _, known := kinds[e.name]; !known {
		return fmt.Errorf("%w: unknown event %s", ErrContradiction, e.name)
	}
	ok := true
	switch e.name {
	case opened:
		ok = e.number > 1 || w.sameSession(e) // a second one is no entry at all
	case level:
		ok = w.sameLevel(e)
	case asked:
		access, sent := w.requests[e.get("id")]
		ok = sent && access.String() == e.get("access")
	case answered:
		ok = w.sameAnswer(e)
	case chat:
		n, err := strconv.Atoi(e.get("engineer"))
		ok = err == nil && n <= w.said
	case restored:
		w.missed = false
	case ended:
		mine := endedBy(problem.Code(e.get("reason"))) == TheEngineer
		ok = e.get("by") == byCustomer && (!mine || w.ending)
	}
	if !ok {
		return fmt.Errorf("%w: entry %d, %s", ErrContradiction, e.number, e.name)
	}
	return nil
}

// sameSession reports whether the first entry is about this session.
func (w *Witness) sameSession(e *entry) bool {
	if e.get("session") != clean(w.session.ID) {
		return false
	}
	engineer, customer := w.session.opening()
	form := slices.IndexFunc(e.fields, func(f field) bool { return f.name == "name" })
	if form < 0 || !slices.Equal(e.fields[form:], customer) {
		return false
	}
	for _, f := range engineer {
		if e.get(f.name) != f.value {
			return false
		}
	}
	return true
}

// sameLevel takes the level of an entry off those that this end was told.
func (w *Witness) sameLevel(e *entry) bool {
	access, ok := parseAccess(e.get("access"))
	if !ok {
		return false
	}
	switch {
	case len(w.levels) > 0 && w.levels[0] == access:
		w.levels = w.levels[1:]
	case !w.missed:
		return false
	}
	w.level = access
	return true
}

// sameAnswer takes the answer of an entry off those that this end was told.
func (w *Witness) sameAnswer(e *entry) bool {
	id := e.get("id")
	told, known := w.answers[id]
	if !known {
		return w.missed
	}
	delete(w.answers, id)
	delete(w.requests, id)
	return told == Answer(e.get("answer"))
}

// Settled reports whether the end is there, or will not come.
func (w *Witness) Settled() bool { return w.story.ended || w.denied }

// Finish returns the transcript as far as this end signs it. If the customer's end did not close it, this one does, for why.
// It is nil if there is nothing to sign, or nothing to sign with.
func (w *Witness) Finish(why problem.Code) *Finished {
	if w.number() == 0 {
		return nil
	}
	if !w.story.ended {
		e := &entry{at: time.Now(), number: w.number() + 1, name: ended, fields: []field{{"reason", string(why)}, {"by", byEngineer}}}
		if err := w.append(e, e.text()); err != nil {
			return nil
		}
	}
	if !w.signAll() && (w.story.by == byEngineer || w.engineer.number == 0) {
		return nil
	}
	return finish(&w.book)
}
