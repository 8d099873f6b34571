package transcript

import (
	"fmt"

	"assist/app/identity"
	"assist/app/wire"
)

// book is one end's copy.
type book struct {
	session  Session
	lines    []string // without their chain
	size     int
	head     head
	story    story
	customer signature
	engineer signature
}

func newBook(s Session) book { return book{session: s, head: begin} }

// number is how many entries there are.
func (b *book) number() int { return len(b.lines) }

// room reports whether another entry fits, with room for the two after it: that it is full, and the end.
func (b *book) room() bool {
	return b.number() < MaxEntries-2 && b.size < MaxSize-3*wire.MaxEntry
}

// append adds an entry that is known to be right in its place.
func (b *book) append(e *entry, text string) error {
	if err := b.story.take(e); err != nil {
		return fmt.Errorf("transcript: %s: %w", e.name, err)
	}
	b.lines = append(b.lines, text)
	b.size += len(text)
	b.head = b.head.next(text)
	return nil
}

// opening are the fields of the first entry that both ends know, but for the customer's own.
func (s *Session) opening() (engineer, customer []field) {
	engineer = []field{
		{"identity", hash(s.Identity)},
		{"engineer", clean(s.Engineer.Name)}, {"organisation", clean(s.Engineer.Organisation)}, {"account", clean(s.Engineer.Account)},
	}
	c := s.Customer
	customer = []field{{"name", clean(c.Name)}}
	for _, f := range []field{
		{"customer-number", c.Number}, {"case", c.Case}, {"branch", c.Branch}, {"country", c.Country}, {"product", c.Product},
	} {
		if f.value != "" {
			customer = append(customer, field{f.name, clean(f.value)})
		}
	}
	return engineer, customer
}

// names is what the chain says, as a transcript writes it.
func names(e identity.Engineer) Engineer {
	return Engineer{Name: clean(e.Name), Organisation: clean(e.Organisation), Account: clean(e.Account), Verified: e.Verified}
}
