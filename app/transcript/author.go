package transcript

import (
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"strconv"
	"time"

	"assist/app/identity"
	"assist/app/problem"
	"assist/app/session"
	"assist/app/wire"
)

// Author is the customer's end of a transcript. It belongs to one goroutine. Events that change nothing are no entries.
type Author struct {
	book
	send     func(*wire.Entry)
	key      ed25519.PrivateKey
	engineer ed25519.PublicKey
	waiting  []waiting // entries that the engineer's end has not signed, oldest first
	access   session.Access
	chat     Chat
	told     Chat // as the last entry has it
}

// waiting is an entry on its way to being signed.
type waiting struct {
	message *wire.Entry
	number  int
	head    head
}

// Begin makes the key of the session and writes the first entry. Every entry is given to send once, in order. The chain in s
// must be the one that the handshake checked.
func Begin(s Session, program string, send func(*wire.Entry)) (*Author, error) {
	_, engineer, err := identity.Verify(s.Identity, nil, time.Now())
	if err != nil {
		return nil, fmt.Errorf("transcript: begin: %w", err)
	}
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("transcript: begin: %w", err)
	}
	a := &Author{book: newBook(s), send: send, key: private, engineer: engineer}
	verified := no
	if s.Engineer.Verified {
		verified = yes
	}
	fields := []field{
		{"format", version}, {"session", clean(s.ID)}, {"program", clean(program)}, {"key", encoding.EncodeToString(public)},
	}
	engineerFields, customerFields := s.opening()
	fields = append(append(fields, engineerFields...), field{"verified", verified})
	if err := a.write(opened, append(fields, customerFields...)...); err != nil {
		return nil, err
	}
	return a, nil
}

// Level says which level holds from now on, after the engineer's end was told.
func (a *Author) Level(access session.Access) error {
	if access == a.access {
		return nil
	}
	err := a.add(level, field{"access", access.String()})
	if err == nil {
		a.access = access
	}
	return err
}

// Asked says that the customer is asked for a level by the engineer's request id.
func (a *Author) Asked(id uint32, access session.Access) error {
	return a.add(asked, field{"id", strconv.FormatUint(uint64(id), 10)}, field{"access", access.String()})
}

// replies is how a transcript names an answer.
var replies = map[wire.Reply]Answer{wire.No: No, wire.Yes: Yes, wire.Silence: Silence}

// Answered says how the request ended, after the engineer's end was told.
func (a *Author) Answered(id uint32, how wire.Reply) error {
	if number := strconv.FormatUint(uint64(id), 10); a.story.id == number {
		return a.add(answered, field{"id", number}, field{"answer", string(replies[how])})
	}
	return nil
}

// Paused says that the customer paused picture and input, or let them go on.
func (a *Author) Paused(on bool) error {
	if on == a.story.paused {
		return nil
	}
	if on {
		return a.add(paused)
	}
	return a.add(resumed)
}

// Link says that the link is interrupted, or is back.
func (a *Author) Link(up bool) error {
	if up != a.story.down {
		return nil
	}
	if up {
		return a.add(restored)
	}
	return a.add(interrupted)
}

// Said counts a chat message. The numbers so far stand before the next entry, if they changed.
func (a *Author) Said(by Person) {
	if by == TheCustomer {
		a.chat.Customer++
	} else {
		a.chat.Engineer++
	}
}

// End is the last entry: why the session ends. A second end is none.
func (a *Author) End(why problem.Code) error {
	if a.story.ended {
		return nil
	}
	if err := a.count(); err != nil {
		return err
	}
	return a.write(ended, field{"reason", string(why)}, field{"by", byCustomer})
}

// add writes one entry, if there is room for it.
func (a *Author) add(name string, fields ...field) error {
	if a.story.full {
		return ErrFull
	}
	if err := a.count(); err != nil {
		return err
	}
	if !a.room() {
		if err := a.write(full); err != nil {
			return err
		}
		return ErrFull
	}
	return a.write(name, fields...)
}

// count writes the numbers of chat messages, if they changed and there is room for more than the end.
func (a *Author) count() error {
	if a.chat == a.told || !a.room() {
		return nil
	}
	a.told = a.chat
	return a.write(chat, field{"customer", strconv.Itoa(a.chat.Customer)}, field{"engineer", strconv.Itoa(a.chat.Engineer)})
}

// write writes, signs and sends an entry.
func (a *Author) write(name string, fields ...field) error {
	e := &entry{at: time.Now(), number: a.number() + 1, name: name, fields: fields}
	text := e.text()
	if err := a.append(e, text); err != nil {
		return err
	}
	a.customer.number = e.number
	copy(a.customer.value[:], ed25519.Sign(a.key, a.head.signed(labelCustomer, e.number)))
	m := &wire.Entry{Text: text, Signature: a.customer.value}
	a.waiting = append(a.waiting, waiting{m, e.number, a.head})
	a.send(m)
	return nil
}

// Take takes the engineer's end's signature. One that does not check, or is for an entry that there is not, is [ErrHostile];
// one that came before is nothing.
func (a *Author) Take(m *wire.Head) error {
	number := int(m.Number)
	if number <= a.book.engineer.number {
		return nil
	}
	if number > a.number() {
		return fmt.Errorf("%w: signature of entry %d, of %d", ErrHostile, number, a.number())
	}
	for a.waiting[0].number < number {
		a.waiting = a.waiting[1:]
	}
	s := signature{number, m.Signature}
	if !s.checks(a.engineer, labelEngineer, a.waiting[0].head) {
		return fmt.Errorf("%w: signature of entry %d does not check", ErrHostile, number)
	}
	a.waiting = a.waiting[1:]
	a.book.engineer = s
	return nil
}

// Again sends what was not answered once more, over a new link.
func (a *Author) Again() {
	for _, w := range a.waiting {
		a.send(w.message)
	}
}

// Settled reports whether the engineer's end has signed everything there is.
func (a *Author) Settled() bool { return len(a.waiting) == 0 }

// Finish ends the transcript, if [Author.End] has not, forgets the key, and returns what there is.
func (a *Author) Finish(why problem.Code) *Finished {
	if err := a.End(why); err != nil {
		return nil
	}
	clear(a.key)
	return finish(&a.book)
}
