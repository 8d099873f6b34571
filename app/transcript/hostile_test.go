package transcript

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"strings"
	"testing"

	"assist/app/problem"
	"assist/app/session"
	"assist/app/wire"
)

// forge makes the author write an entry that it would not, signed as any.
func (p *pair) forge(name string, fields ...field) *wire.Entry {
	a := p.author
	e := &entry{at: a.story.summary.Started, number: a.number() + 1, name: name, fields: fields}
	return p.forgeText(e.text())
}

func (p *pair) forgeText(text string) *wire.Entry {
	a := p.author
	h := a.head.next(text)
	m := &wire.Entry{Text: text}
	copy(m.Signature[:], ed25519.Sign(a.key, h.signed(labelCustomer, a.number()+1)))
	return m
}

// TestContradictions gives the witness entries that are well made and not true. It signs none, nor what follows, and closes
// its own copy, which both signed up to there.
func TestContradictions(t *testing.T) {
	for _, tt := range []struct {
		name  string
		event string
		with  []field
	}{
		{"a level it was not told", level, []field{{"access", "shared control"}}},
		{"a request it did not send", asked, []field{{"id", "9"}, {"access", "view only"}}},
		{"a request for another level", asked, []field{{"id", "1"}, {"access", "shared control"}}},
		{"an answer it was not told", answered, []field{{"id", "1"}, {"answer", "yes"}}},
		{"messages it did not send", chat, []field{{"customer", "0"}, {"engineer", "2"}}},
		{"an end that it did not make", ended, []field{{"reason", "engineer-ended"}, {"by", "customer"}}},
		{"an end in its name", ended, []field{{"reason", "link-lost"}, {"by", "engineer"}}},
		{"an event it does not know", "file-sent", []field{{"name", "x"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newPair(t)
			p.level(session.ChatOnly)
			p.carry()
			p.witness.SentRequest(1, session.ViewOnly)
			p.witness.SentChat()
			if tt.event == answered {
				p.must(p.author.Asked(1, session.ViewOnly))
				p.carry()
				p.witness.SawAnswer(1, wire.No)
			}
			n := p.author.number()
			head, err := p.witness.Take(p.forge(tt.event, tt.with...))
			if head != nil || !errors.Is(err, ErrContradiction) || errors.Is(err, ErrHostile) {
				t.Fatalf("%v, %v", head, err)
			}
			p.must(p.author.End(problem.CustomerEnded)) // true, but after what is not
			if head, err := p.witness.Take(p.line[0]); head != nil || err != nil {
				t.Errorf("what follows: %v, %v", head, err)
			}
			if !p.witness.Settled() {
				t.Error("waits for more")
			}
			r := p.verify(p.witness.Finish(problem.CustomerEnded))
			if r.Summary.Entries != n+1 || r.Summary.Signed != n {
				t.Errorf("%+v", r)
			}
		})
	}
}

// TestForeignOpening begins a transcript of another session, or about somebody else.
func TestForeignOpening(t *testing.T) {
	for _, tt := range []struct{ name, from, to string }{
		{"session", `session="00112233aabbccdd"`, `session="00112233aabbccde"`},
		{"engineer", `engineer="Ada Engineer"`, `engineer="Eve Engineer"`},
		{"account", `account="ada"`, `account="eve"`},
		{"customer", `number="4711"`, `number="4712"`},
		{"a field less", ` branch="789"`, ``},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newPair(t)
			was := p.line[0].Text
			text := strings.Replace(was, tt.from, tt.to, 1)
			if text == was {
				t.Fatal("nothing changed in", was)
			}
			m := &wire.Entry{Text: text}
			copy(m.Signature[:], ed25519.Sign(p.author.key, begin.next(text).signed(labelCustomer, 1)))
			if head, err := p.witness.Take(m); head != nil || !errors.Is(err, ErrContradiction) {
				t.Errorf("%v, %v", head, err)
			}
			if f := p.witness.Finish(problem.LinkLost); f != nil {
				t.Errorf("signed: %s", f.Bytes())
			}
		})
	}
}

// TestHostileEntries gives the witness what no honest program sends.
func TestHostileEntries(t *testing.T) {
	at := "2026-11-22T18:31:05.120+09:00 "
	for _, tt := range []struct{ name, text string }{
		{"nothing known", "hello"},
		{"no time", "yesterday 3 paused"},
		{"time in another form", "2026-11-22T18:31:05.12+09:00 3 paused"},
		{"number in another form", at + "03 paused"},
		{"a number left out", at + "4 paused"},
		{"a number again", at + "2 paused"},
		{"too high a number", at + "10001 paused"},
		{"a second beginning", at + `3 opened format="1"`},
		{"not paused, but resumed", at + "3 resumed"},
		{"a field too much", at + `3 paused why="x"`},
		{"a field too little", at + `3 ended by="customer"`},
		{"fields the other way round", at + `3 ended by="customer" reason="customer-ended"`},
		{"a quote left open", at + `3 ended reason="customer-ended" by="customer`},
		{"another quote", at + "3 ended reason=`customer-ended` by=\"customer\""},
		{"a needless escape", at + `3 ended reason="customer\x2dended" by="customer"`},
		{"two spaces", at + `3  paused`},
		{"space at the end", at + `3 paused `},
		{"two lines", at + "3 paused\n" + at + "4 resumed"},
		{"a name in capitals", at + "3 Paused"},
		{"a chain", at + "3 paused chain=0011223344556677"},
		{"a reason like no other", at + `3 ended reason="x y" by="customer"`},
		{"too long", at + `3 ended reason="` + strings.Repeat("x", wire.MaxEntry) + `" by="customer"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newPair(t)
			p.level(session.ChatOnly)
			p.carry()
			if head, err := p.witness.Take(p.forgeText(tt.text)); head != nil || !errors.Is(err, ErrHostile) {
				t.Errorf("%v, %v", head, err)
			}
			r := p.verify(p.witness.Finish(problem.PeerMisbehaved))
			if r.Summary.Signed != 2 || r.Summary.Entries != 3 {
				t.Errorf("%+v", r)
			}
		})
	}
}

// TestWrongSignatures gives each end signatures of something else.
func TestWrongSignatures(t *testing.T) {
	p := newPair(t)
	p.level(session.ChatOnly)
	first, second := p.line[0], p.line[1]
	for i := range 64 {
		bad := *first
		bad.Signature[i] ^= 0x20
		if _, err := p.witness.Take(&bad); !errors.Is(err, ErrHostile) {
			t.Fatalf("byte %d: %v", i, err)
		}
	}
	if _, err := p.witness.Take(second); !errors.Is(err, ErrHostile) {
		t.Error("the second entry first:", err)
	}
	one, err := p.witness.Take(first)
	p.must(err)
	two, err := p.witness.Take(second)
	p.must(err)
	for i := range 64 {
		bad := *two
		bad.Signature[i] ^= 0x20
		if err := p.author.Take(&bad); !errors.Is(err, ErrHostile) {
			t.Fatalf("byte %d: %v", i, err)
		}
	}
	for _, bad := range []*wire.Head{
		{Number: 1, Signature: two.Signature}, {Number: 2, Signature: one.Signature},
		{Number: 3, Signature: two.Signature}, {Number: 1<<32 - 1, Signature: two.Signature},
	} {
		if err := p.author.Take(bad); !errors.Is(err, ErrHostile) {
			t.Errorf("%d: %v", bad.Number, err)
		}
	}
	p.must(p.author.Take(two))
	p.must(p.author.Take(one)) // late, and of no use
	if !p.author.Settled() {
		t.Error("not settled")
	}
	p.verify(p.author.Finish(problem.CustomerEnded))
}

// TestFull makes more entries than fit.
func TestFull(t *testing.T) {
	p := newPair(t)
	p.level(session.ViewOnly)
	p.chat(TheEngineer)
	errs := 0
	for i := range MaxEntries + 10 {
		if err := p.author.Paused(i%2 == 0); errors.Is(err, ErrFull) {
			errs++
		} else {
			p.must(err)
		}
		p.carry()
	}
	if errs < 8 || p.author.number() != MaxEntries-1 {
		t.Errorf("%d refused, %d entries", errs, p.author.number())
	}
	p.chat(TheEngineer)
	p.must(p.author.End(problem.CustomerEnded))
	p.carry()
	f := p.author.Finish(problem.CustomerEnded)
	r := p.verify(f)
	if !r.Summary.Full || r.Summary.Entries != MaxEntries || r.Summary.Signed != MaxEntries {
		t.Errorf("%d entries, %d signed, full %v", r.Summary.Entries, r.Summary.Signed, r.Summary.Full)
	}
	if !bytes.Equal(f.Bytes(), p.witness.Finish(problem.CustomerEnded).Bytes()) {
		t.Error("the copies differ")
	}
}

// TestFullWitness has an author that does not know when to stop.
func TestFullWitness(t *testing.T) {
	p := newPair(t)
	p.carry()
	p.witness.size = MaxSize
	if _, err := p.witness.Take(p.forge(paused)); !errors.Is(err, ErrHostile) {
		t.Error(err)
	}
}

// TestLongestOpening has the longest names there are, of what takes most room.
func TestLongestOpening(t *testing.T) {
	long := strings.Repeat("\U000E0100", 100)
	p := newParty(t)
	p.session.ID = long
	p.session.Engineer.Name, p.session.Engineer.Organisation, p.session.Engineer.Account = long, long, long
	p.session.Customer = Customer{long, long, long, long, long, long}
	var sent *wire.Entry
	if _, err := Begin(p.session, long, func(e *wire.Entry) { sent = e }); err != nil {
		t.Fatal(err)
	}
	m, err := wire.Parse(wire.Control, sent.Append(nil))
	if err != nil || m.(*wire.Entry).Text != sent.Text {
		t.Errorf("%d bytes: %v", len(sent.Text), err)
	}
	if _, err := parseEntry(sent.Text); err != nil {
		t.Error(err)
	}
}

// TestErased keeps what was signed while there was a key.
func TestErased(t *testing.T) {
	p := newPair(t)
	p.level(session.ChatOnly)
	p.carry()
	p.self.Erase()
	p.must(p.author.End(problem.CustomerEnded))
	if head, err := p.witness.Take(p.line[0]); head != nil || err != nil {
		t.Errorf("%v, %v", head, err)
	}
	if r := p.verify(p.witness.Finish(problem.CustomerEnded)); r.Summary.Signed != 2 || r.Summary.Entries != 3 {
		t.Errorf("%+v", r)
	}

	p = newPair(t)
	p.carry()
	p.self.Erase()
	if f := p.witness.Finish(problem.LinkLost); f != nil {
		t.Errorf("an end that nobody signed:\n%s", f.Bytes())
	}
}
