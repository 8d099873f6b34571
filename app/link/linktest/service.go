package linktest

import (
	"bytes"
	"context"
	"slices"
	"sync"
	"time"

	"assist/app/link"
	"assist/signaling"
	"assist/signaling/client"
)

// Service is where the two ends of a session meet, in memory. It is as reachable as its network.
type Service struct {
	net *Network

	mu     sync.Mutex
	places []*Place
	down   bool
	met    int
	passed [][]byte
	tamper func(words [][]byte, word []byte) [][]byte
}

// NewService returns a service on the network.
func NewService(n *Network) *Service { return &Service{net: n} }

// TamperWith makes f see every word from now on: word is the newest, words are all before it. What f returns arrives.
func (s *Service) TamperWith(f func(words [][]byte, word []byte) [][]byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tamper = f
}

// Fall takes the service away, until Rise.
func (s *Service) Fall() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = true
	for _, p := range slices.Clone(s.places) {
		p.lose()
	}
}

// Rise brings the service back. It remembers nothing.
func (s *Service) Rise() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = false
}

// Repeat says to everybody who is there, or comes within a second, all that was ever said.
func (s *Service) Repeat() {
	for range 10 {
		s.mu.Lock()
		for _, p := range s.places {
			for _, w := range s.passed {
				if len(p.events) < cap(p.events) {
					p.events <- signaling.Passed{Bytes: w}
				}
			}
		}
		s.mu.Unlock()
		time.Sleep(100 * time.Millisecond)
	}
}

// Met is how often somebody came.
func (s *Service) Met() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.met
}

// Here is how many are there now.
func (s *Service) Here() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.places)
}

// Words returns every word that was passed.
func (s *Service) Words() [][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.passed)
}

// Dial reaches the service. What is sent into a cut network is lost: the call hangs.
func (s *Service) Dial(ctx context.Context) (link.Place, error) {
	if s.net.isCut() {
		<-ctx.Done()
		return nil, client.ErrUnreachable
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down {
		return nil, client.ErrUnreachable
	}
	return &Place{s: s, events: make(chan signaling.Event, 64)}, nil
}

// Place is one connection to the service.
type Place struct {
	s      *Service
	ticket string
	events chan signaling.Event
	over   bool
}

// Meet implements link.Place.
func (p *Place) Meet(_ context.Context, ticket string) ([]signaling.Relay, error) {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	if p.over {
		return nil, client.ErrLost
	}
	p.ticket = ticket
	p.s.met++
	p.s.places = append(p.s.places, p)
	return nil, nil
}

// Pass implements link.Place.
func (p *Place) Pass(ctx context.Context, word []byte) error {
	s := p.s
	if s.net.isCut() {
		<-ctx.Done()
		return ctx.Err()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.over {
		return client.ErrLost
	}
	word = bytes.Clone(word)
	arrive := [][]byte{word}
	if s.tamper != nil {
		arrive = s.tamper(slices.Clone(s.passed), word)
	}
	s.passed = append(s.passed, word)
	for _, other := range s.places {
		for _, w := range arrive {
			if other != p && other.ticket == p.ticket && len(other.events) < cap(other.events) {
				other.events <- signaling.Passed{Bytes: w}
			}
		}
	}
	return nil
}

// Events implements link.Place.
func (p *Place) Events() <-chan signaling.Event { return p.events }

// Close implements link.Place.
func (p *Place) Close() error {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	p.lose()
	return nil
}

func (p *Place) lose() {
	if p.over {
		return
	}
	p.over = true
	p.s.places = slices.DeleteFunc(p.s.places, func(other *Place) bool { return other == p })
	close(p.events)
}
