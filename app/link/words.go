package link

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"

	"assist/app/e2e"
	"assist/app/wire"
)

// kind is what a word says.
type kind uint8

// The words.
const (
	here   kind = 1
	offer  kind = 2
	answer kind = 3
	over   kind = 4
)

// word is what one end says to the other through the service.
type word struct {
	kind        kind
	epoch       uint32      // of offer and answer, from 1
	fingerprint [32]byte    // of offer and answer
	description []byte      // of offer and answer
	reason      wire.Reason // of over
}

const offerHead = 1 + 4 + 32

var errWord = errors.New("link: malformed word")

func (w word) append(b []byte) []byte {
	b = append(b, byte(w.kind))
	switch w.kind {
	case offer, answer:
		b = binary.BigEndian.AppendUint32(b, w.epoch)
		b = append(append(b, w.fingerprint[:]...), w.description...)
	case over:
		b = append(b, byte(w.reason))
	}
	return b
}

// parseWord reads a word of the end from.
func parseWord(b []byte, from e2e.Side) (word, error) {
	if len(b) == 0 {
		return word{}, errWord
	}
	w := word{kind: kind(b[0])}
	switch {
	case w.kind == here && from == e2e.EngineerSide && len(b) == 1:
		return w, nil
	case w.kind == over && len(b) == 2 && b[1] <= byte(wire.WrongFormat):
		w.reason = wire.Reason(b[1])
		return w, nil
	case w.kind == offer && from == e2e.CustomerSide, w.kind == answer && from == e2e.EngineerSide:
		if len(b) <= offerHead || len(b) > offerHead+e2e.MaxSDP {
			return word{}, errWord
		}
		w.epoch, w.fingerprint = binary.BigEndian.Uint32(b[1:]), [32]byte(b[5:offerHead])
		w.description = append([]byte(nil), b[offerHead:]...)
		if w.epoch == 0 {
			return word{}, errWord
		}
		return w, nil
	}
	return word{}, errWord
}

// speech seals the words of one end and opens the other's, for the life of the session.
type speech struct {
	ticket string
	other  e2e.Side

	mu   sync.Mutex // a word's place in the order is taken when it is sealed
	seal *e2e.Sealer
	open *e2e.Opener
}

func newSpeech(keys *e2e.Keys) (*speech, error) {
	ticket, err := keys.Ticket()
	if err != nil {
		return nil, fmt.Errorf("link: ticket: %w", err)
	}
	seal, open, err := keys.Channel("resume", 0, e2e.Unordered)
	if err != nil {
		return nil, fmt.Errorf("link: words: %w", err)
	}
	return &speech{ticket: hex.EncodeToString(ticket[:]), other: keys.Side().Other(), seal: seal, open: open}, nil
}

// say passes a word to the other end.
func (s *speech) say(ctx context.Context, p Place, w word) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	record, err := s.seal.Seal(nil, w.append(nil))
	if err != nil {
		return err
	}
	return pass(ctx, p, record)
}

// hear opens what was passed. It is for one goroutine at a time.
func (s *speech) hear(record []byte) (word, error) {
	b, err := s.open.Open(nil, record)
	if err != nil {
		return word{}, err
	}
	return parseWord(b, s.other)
}

// last returns the sealed word that the session is over. No other word may follow it.
func (s *speech) last(reason wire.Reason) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seal.Seal(nil, word{kind: over, reason: reason}.append(nil))
}

func pass(ctx context.Context, p Place, record []byte) error {
	ctx, cancel := context.WithTimeout(ctx, passTime)
	defer cancel()
	return p.Pass(ctx, record)
}
