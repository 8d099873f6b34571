package transcript

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"os"
	"slices"
	"testing"
	"time"

	"assist/app/identity"
	"assist/app/problem"
	"assist/app/session"
	"assist/app/wire"
)

// TestMain gives every test the same zone, because entries are in the local one.
func TestMain(m *testing.M) {
	time.Local = time.FixedZone("JST", 9*60*60)
	os.Exit(m.Run())
}

// tester is what *testing.T and *rapid.T have in common.
type tester interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
	Errorf(string, ...any)
}

// party is the engineer and whom they work for.
type party struct {
	organisation identity.Organisation
	self         *identity.Session
	session      Session
}

func newParty(t tester) *party {
	t.Helper()
	org, root, err := identity.NewOrganisation()
	if err != nil {
		t.Fatal(err)
	}
	key := identity.AccountKey(make([]byte, 64))
	cert, err := identity.SignAccount(root, identity.Account{
		Account: "ada", Name: "Ada Engineer", Organisation: "Example Support", Key: key.Public().(ed25519.PublicKey),
		NotBefore: time.Now().Add(-time.Minute), NotAfter: time.Now().Add(30 * 24 * time.Hour),
	})
	if err != nil {
		t.Fatal(err)
	}
	self, err := identity.NewSession(key, cert, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	who := self.Engineer
	who.Verified = true
	return &party{org, self, Session{
		ID: "00112233aabbccdd", Identity: self.Chain, Engineer: who,
		Customer: Customer{Name: "山田　花子", Number: "4711", Case: "12345", Branch: "789", Country: "JP", Product: `Server "X"`},
	}}
}

// pair is both ends, with a line between them that holds what is on its way.
type pair struct {
	tester
	*party
	author  *Author
	witness *Witness
	line    []*wire.Entry
	answers []*wire.Head
	asks    uint32
}

func newPair(t tester) *pair {
	t.Helper()
	p := &pair{tester: t, party: newParty(t)}
	p.witness = NewWitness(p.session, p.self.Sign)
	var err error
	p.author, err = Begin(p.session, "Assist 1.0", func(e *wire.Entry) { p.line = append(p.line, e) })
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *pair) must(err error) {
	p.Helper()
	if err != nil {
		p.Fatal(err)
	}
}

// carry lets everything arrive.
func (p *pair) carry() {
	p.Helper()
	for len(p.line) > 0 {
		e := p.line[0]
		p.line = p.line[1:]
		head, err := p.witness.Take(e)
		p.must(err)
		if head == nil {
			p.Fatalf("not signed: %s", e.Text)
		}
		p.answers = append(p.answers, head)
	}
	p.carryBack()
}

func (p *pair) carryBack() {
	p.Helper()
	for _, h := range p.answers {
		p.must(p.author.Take(h))
	}
	p.answers = nil
}

// level, ask and answer are what the session's own messages tell, and the entries after them.
func (p *pair) level(a session.Access) {
	p.Helper()
	p.witness.SawLevel(a)
	p.must(p.author.Level(a))
}

func (p *pair) ask(a session.Access) uint32 {
	p.Helper()
	p.asks++
	p.witness.SentRequest(p.asks, a)
	p.must(p.author.Asked(p.asks, a))
	return p.asks
}

func (p *pair) answer(id uint32, how wire.Reply) {
	p.Helper()
	p.witness.SawAnswer(id, how)
	p.must(p.author.Answered(id, how))
}

func (p *pair) chat(by Person) {
	if by == TheEngineer {
		p.witness.SentChat()
	}
	p.author.Said(by)
}

// play is a session with one of everything.
func (p *pair) play(pause func()) {
	p.Helper()
	for _, step := range []func(){
		func() { p.level(session.ViewOnly) },
		func() { p.chat(TheEngineer); p.chat(TheCustomer); p.chat(TheEngineer) },
		func() { p.answer(p.ask(session.SharedControl), wire.No) },
		func() { p.ask(session.SharedControl) },
		func() { p.answer(p.asks, wire.Yes); p.level(session.SharedControl) },
		func() { p.must(p.author.Paused(true)); p.must(p.author.Paused(true)) },
		func() { p.must(p.author.Paused(false)) },
		func() { p.must(p.author.Link(false)) },
		func() { p.must(p.author.Link(true)); p.must(p.author.Link(true)) },
		func() { p.level(session.ChatOnly); p.level(session.ChatOnly) },
		func() { p.ask(session.ViewOnly); p.chat(TheCustomer) },
	} {
		step()
		p.carry()
		pause()
	}
}

// verify verifies the file of f.
func (p *pair) verify(f *Finished) Report {
	p.Helper()
	if f == nil {
		p.Fatal("no transcript")
	}
	r, err := Verify(bytes.NewReader(f.Bytes()), &p.organisation)
	if err != nil {
		p.Fatalf("%v\n%s", err, f.Bytes())
	}
	return r
}

// played is a whole session's file.
func played(t tester) (*pair, *Finished) {
	t.Helper()
	p := newPair(t)
	p.play(func() {})
	p.must(p.author.End(problem.CustomerEnded))
	p.carry()
	return p, p.author.Finish(problem.CustomerEnded)
}

func TestBothHaveTheSame(t *testing.T) {
	p, mine := played(t)
	if !p.author.Settled() || !p.witness.Settled() {
		t.Error("not settled")
	}
	theirs := p.witness.Finish(problem.Internal)
	if !bytes.Equal(mine.Bytes(), theirs.Bytes()) || mine.Head() != theirs.Head() {
		t.Errorf("customer's:\n%s\nengineer's:\n%s", mine.Bytes(), theirs.Bytes())
	}
	r := p.verify(mine)
	n := r.Summary.Entries
	if r.CustomerSigned != n || r.EngineerSigned != n || r.Summary.Signed != n || !r.Summary.Engineer.Verified {
		t.Errorf("%+v", r)
	}
	if r.Summary.Reason != problem.CustomerEnded || r.Summary.EndedBy != TheCustomer {
		t.Errorf("%+v", r.Summary)
	}
	if got := r.Summary.Chat; got != (Chat{Customer: 2, Engineer: 2}) {
		t.Errorf("chat %+v", got)
	}
	if got := mine.Summary(); got.Entries != n || len(got.Levels) != 3 || len(got.Requests) != 3 || len(got.Pauses) != 1 {
		t.Errorf("%+v", got)
	}
}

// TestLinkLost loses the link for good with entries and answers on their way: each end closes its own copy.
func TestLinkLost(t *testing.T) {
	p := newPair(t)
	p.level(session.ViewOnly)
	p.carry()
	p.level(session.SharedControl) // arrives, its answer does not
	head, err := p.witness.Take(p.line[0])
	if err != nil || head == nil {
		t.Fatal(head, err)
	}
	p.line = nil
	p.must(p.author.Paused(true)) // does not arrive
	mine, theirs := p.author.Finish(problem.LinkLost), p.witness.Finish(problem.LinkLost)

	r := p.verify(mine)
	if r.Summary.Entries != 5 || r.CustomerSigned != 5 || r.EngineerSigned != 2 || r.Summary.Signed != 2 {
		t.Errorf("customer's copy: %+v", r)
	}
	r = p.verify(theirs)
	if r.Summary.Entries != 4 || r.CustomerSigned != 3 || r.EngineerSigned != 4 || r.Summary.Signed != 3 {
		t.Errorf("engineer's copy: %+v", r)
	}
	if common := commonLines(mine.Bytes(), theirs.Bytes()); common != 1+3 {
		t.Errorf("%d lines in common", common)
	}
	if r.Summary.EndedBy != Nobody || r.Summary.Reason != problem.LinkLost {
		t.Errorf("%+v", r.Summary)
	}
}

func commonLines(a, b []byte) int {
	la, lb := bytes.Split(a, []byte("\n")), bytes.Split(b, []byte("\n"))
	for i := range la {
		if i == len(lb) || !bytes.Equal(la[i], lb[i]) {
			return i
		}
	}
	return len(la)
}

// TestNewLink loses entries, messages and answers with a link, and goes on over another.
func TestNewLink(t *testing.T) {
	for _, first := range []string{"messages first", "entries first"} {
		t.Run(first, func(t *testing.T) {
			p := newPair(t)
			p.level(session.ViewOnly)
			id := p.ask(session.SharedControl)
			p.carry()
			p.witness.SawAnswer(id, wire.Yes) // the entry is lost, and the level's message with its entry
			p.must(p.author.Answered(id, wire.Yes))
			p.must(p.author.Level(session.SharedControl))
			p.must(p.author.Level(session.ChatOnly))
			p.line = nil
			p.must(p.author.Link(false))
			p.line = nil

			p.witness.NewLink()
			if first == "messages first" {
				p.witness.SawLevel(session.ChatOnly)
			}
			p.author.Again()
			p.carry()
			p.must(p.author.Link(true))
			p.carry()
			if first == "entries first" {
				p.witness.SawLevel(session.ChatOnly)
			}
			p.level(session.ViewOnly)
			p.carry()
			p.author.Again() // nothing is left to send
			if len(p.line) != 0 || !p.author.Settled() {
				t.Error("not settled")
			}
			p.must(p.author.End(problem.EngineerEnded))
			p.witness.SentEnd()
			p.carry()
			mine, theirs := p.author.Finish(problem.LinkLost), p.witness.Finish(problem.LinkLost)
			if !bytes.Equal(mine.Bytes(), theirs.Bytes()) {
				t.Errorf("customer's:\n%s\nengineer's:\n%s", mine.Bytes(), theirs.Bytes())
			}
			p.verify(mine)
		})
	}
}

// TestDuplicates sends entries that arrived twice: they are answered again, and nothing else.
func TestDuplicates(t *testing.T) {
	p := newPair(t)
	p.level(session.ViewOnly)
	sent := slices.Clone(p.line)
	p.carry()
	for _, e := range sent {
		head, err := p.witness.Take(e)
		if err != nil || head == nil || head.Number != 2 {
			t.Errorf("%v, %v", head, err)
		}
		p.must(p.author.Take(head))
	}
	changed := *sent[1]
	changed.Text = changed.Text[:len(changed.Text)-1] + " "
	if _, err := p.witness.Take(&changed); !errors.Is(err, ErrHostile) {
		t.Errorf("a changed entry: %v", err)
	}
}
