package spine

import (
	"bytes"
	"fmt"
	"image"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"assist/app/customer"
	"assist/app/engineer"
	"assist/app/session"
)

// TestHostileServiceAtResume has the service say again, hold back and mix up what the ends say through it. It gets no
// picture, and no level rises.
func TestHostileServiceAtResume(t *testing.T) {
	for name, tamper := range map[string]func(words [][]byte, word []byte) [][]byte{
		"all again":    func(all [][]byte, w []byte) [][]byte { return append(slices.Clone(all), w, w) },
		"the old only": func(all [][]byte, _ []byte) [][]byte { return all },
		"backwards": func(all [][]byte, w []byte) [][]byte {
			all = append(all, w)
			slices.Reverse(all)
			return all
		},
		"mirrored": func(all [][]byte, w []byte) [][]byte { return [][]byte{bytes.Repeat(w, 2), w, nil} },
	} {
		t.Run(name, func(t *testing.T) {
			play(t, nil, func(s *stage) {
				s.start(session.SharedControl)
				s.await("the picture", s.shows)
				s.meeting.TamperWith(tamper)
				for i := range 3 {
					s.net.Kill()
					s.linkDown()
					s.customer.SetAccess(session.ViewOnly, customer.Proof{})
					s.desktop.paint(image.Rect(0, 0, 100+i, 100), byte(i), 2, 3)
					s.within(2*time.Minute, "another link", func() bool { return s.linkUp() && s.shows() })
				}
				for _, ev := range all[engineer.AccessChanged](&s.toE)[1:] {
					if ev.Access > session.ViewOnly {
						s.Errorf("the engineer was given %v", ev.Access)
					}
				}
				if opens := s.desktop.opens(); opens > 4 {
					s.Errorf("the screen was opened %d times for 4 links", opens)
				}
			})
		})
	}
}

// TestNothingLeadsBack says again, after a session has ended, all that was said through the service in it.
func TestNothingLeadsBack(t *testing.T) {
	for name, end := range map[string]func(*stage){
		"customer": func(s *stage) { s.customer.Stop() },
		"engineer": func(s *stage) { s.engineer.End() },
		"key":      func(s *stage) { s.panic() },
	} {
		t.Run(name, func(t *testing.T) {
			play(t, nil, func(s *stage) {
				s.start(session.SharedControl)
				s.await("the picture", s.shows)
				s.net.Kill()
				s.linkDown()
				s.within(5*time.Second, "another link", func() bool { return s.linkUp() && s.shows() })
				end(s)
				has[customer.Ended](s, &s.toC, 1)
				has[engineer.Ended](s, &s.toE, 1)
				s.within(time.Minute, "nobody at the service", func() bool { return s.meeting.Here() == 0 })
				opens, links := s.desktop.opens(), len(s.links)
				words := s.meeting.Words()
				if len(words) < 2 {
					s.Fatalf("%d words", len(words))
				}
				met := s.meeting.Met()
				s.meeting.Repeat()
				time.Sleep(time.Hour)
				synctest.Wait()
				if s.meeting.Met() != met || s.desktop.opens() != opens || len(s.links) > links+1 {
					s.Errorf("%d came back, the screen was opened %d times, %d links", s.meeting.Met()-met, s.desktop.opens(), len(s.links))
				}
			})
		})
	}
}

// TestManyCuts lets the network, the relay and the service fail at random while both people do things. In the end all is as
// the customer left it.
func TestManyCuts(t *testing.T) {
	for seed := range uint64(12) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			play(t, nil, func(s *stage) { s.stumble(rand.New(rand.NewPCG(seed, 1))) })
		})
	}
}

func (s *stage) stumble(r *rand.Rand) {
	s.start(session.SharedControl)
	cut, down, said, most := false, false, 0, session.SharedControl
	for range 300 {
		switch r.IntN(12) {
		case 0:
			if cut = !cut; cut {
				s.net.Cut()
			} else {
				s.net.Mend()
			}
		case 1:
			s.net.Kill()
		case 2:
			if down = !down; down {
				s.meeting.Fall()
			} else {
				s.meeting.Rise()
			}
		case 3:
			if r.IntN(20) == 0 {
				most = max(session.ChatOnly, most-1)
				s.customer.SetAccess(most, customer.Proof{})
			}
		case 4:
			said++
			s.customer.Say(fmt.Sprint(said))
			s.engineer.Say(fmt.Sprint(said))
		case 5:
			if s.resume(); r.IntN(2) == 0 {
				s.customer.Pause()
			}
		case 6:
			s.engineer.Key(engineer.Key{Usage: keyA, Down: r.IntN(2) == 0})
		case 7:
			s.desktop.paint(image.Rect(0, 0, 1+r.IntN(300), 1+r.IntN(180)), byte(r.Uint32()), 1, 2)
		case 8:
			s.engineer.Ask(session.SharedControl)
		default:
			time.Sleep(time.Duration(r.IntN(20_000)) * time.Millisecond)
		}
		synctest.Wait()
		if !lastOf[customer.LinkChanged](&s.toC).Up && len(all[customer.LinkChanged](&s.toC)) > 0 {
			if held, buttons := s.keyboard.Held(); len(held) != 0 || buttons != 0 {
				s.Fatal("a key is held without a link")
			}
		}
	}
	if cut {
		s.net.Mend()
	}
	s.meeting.Rise()
	s.resume()
	s.within(15*time.Second, "all as it was left", func() bool {
		return s.linkUp() && lastOf[engineer.AccessChanged](&s.toE).Access == most && s.shows() == (most >= session.ViewOnly)
	})
	s.within(time.Minute, "all messages", func() bool { c, e := s.said(); return len(c) >= said && len(e) >= said })
	time.Sleep(time.Minute)
	synctest.Wait()
	c, e := s.said()
	for i := range said {
		if c[i] != fmt.Sprint(i+1) || e[i] != c[i] {
			s.Fatalf("customer heard %q, engineer %q", c, e)
		}
	}
	if len(c) != said || len(e) != said {
		s.Errorf("%d and %d messages of %d", len(c), len(e), said)
	}
}
