package spine

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"assist/app/code"
	"assist/app/customer"
	"assist/app/engineer"
	"assist/signaling"
	"assist/signaling/client"
)

// service is the service in memory: one engineer, one room at a time. The real one has its own tests; this one
// only carries.
type service struct {
	account client.Account

	mu       sync.Mutex
	rooms    int
	room     string
	opened   time.Time
	life     time.Duration
	left     int
	reason   error // why the room leads nowhere; nil while it does
	attempt  int
	accepted map[string]bool // by attempt, if the engineer has accepted it
	said     map[string]bool // ends, by attempt and who said what
	engineer *engineerDesk
	customer *customerDesk
	joined   *customerDesk // whose the attempt is
	reply    chan signaling.Reply
	down     bool
	silent   bool     // engineers accept without a word to the service
	deaf     bool     // reports are taken, but the answers get lost
	ends     []string // reasons that customers gave
	closed   []string // reasons that engineers gave
}

// tokenOf is what an attempt's customer reports with.
func tokenOf(attempt string) signaling.Token { return signaling.Token("token of " + attempt) }

// ended takes how a session ended, from who may say so, once: as the real service does.
func (s *service) ended(e signaling.Ended, allowed bool, who string, ends *[]string) error {
	key := fmt.Sprint(e.Attempt, " ", who, " ", e.Reason == signaling.Alarm && who == "customer")
	switch {
	case s.down:
		return client.ErrLost
	case !allowed || !s.accepted[e.Attempt]:
		return client.ErrUnknown
	case s.said[key]:
		return client.ErrUsed
	}
	s.said[key] = true
	*ends = append(*ends, e.Reason)
	if s.deaf {
		return context.DeadlineExceeded
	}
	return nil
}

// deafen loses the answers to reports on their way, or no longer.
func (s *service) deafen(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deaf = on
}

// forget takes everything that the service knows of sessions away.
func (s *service) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.accepted)
}

// closes is how often an engineer's program said that a session ended so.
func (s *service) closes(reason string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.closed {
		if r == reason {
			n++
		}
	}
	return n
}

// reported reports whether a customer's session ended with the reason, and was told so once.
func (s *service) reported(reason string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	first := slices.Index(s.ends, reason)
	return first >= 0 && !slices.Contains(s.ends[first+1:], reason)
}

func (s *service) dialEngineer(context.Context) (engineer.Desk, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down {
		return nil, client.ErrUnreachable
	}
	s.engineer = &engineerDesk{s: s, events: make(chan signaling.Event, 16)}
	return s.engineer, nil
}

func (s *service) dialCustomer(context.Context) (customer.Desk, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down {
		return nil, client.ErrUnreachable
	}
	s.customer = &customerDesk{s: s, events: make(chan signaling.Event, 4)}
	return s.customer, nil
}

// fall takes the service away from everybody, until rise.
func (s *service) fall() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = true
	s.engineer.lose()
	s.customer.lose()
}

// mute makes engineers' programs accept without a word to the service.
func (s *service) mute() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.silent = true
}

// revoke closes the engineer's account.
func (s *service) revoke() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.joined.events <- signaling.Revoked{Attempt: fmt.Sprint(s.attempt)}
}

func (s *service) rise() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = false
}

// state is why the room leads nowhere, at this moment.
func (s *service) state() error {
	if s.reason == nil && time.Since(s.opened) >= s.life {
		s.reason = client.ErrExpired
	}
	return s.reason
}

type engineerDesk struct {
	s        *service
	events   chan signaling.Event
	signedIn bool
	over     bool
}

func (d *engineerDesk) lose() {
	if d != nil && !d.over {
		d.over = true
		d.events <- signaling.Lost{Err: client.ErrLost}
		close(d.events)
	}
}

func (d *engineerDesk) SignIn(_ context.Context, account, password string) (client.Account, error) {
	if account != "ada" || password != "right horse" {
		return client.Account{}, client.ErrSignInFailed
	}
	d.signedIn = true
	a := d.s.account
	a.ExportKey = append([]byte(nil), a.ExportKey...) // the console erases it
	return a, nil
}

func (d *engineerDesk) Relays(context.Context) ([]signaling.Relay, error) { return nil, nil }

func (d *engineerDesk) OpenRoom(context.Context) (signaling.Room, error) {
	s := d.s
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rooms++
	s.room, s.opened, s.life, s.reason, s.left = fmt.Sprintf("%03d", s.rooms), time.Now(), code.Validity, nil, code.MaxGuesses
	return signaling.Room{Digits: s.room, Remaining: s.life, CanExtend: true}, nil
}

func (d *engineerDesk) ExtendRoom(context.Context, string) (signaling.Room, error) {
	s := d.s
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.life > code.Validity {
		return signaling.Room{}, client.ErrExtended
	}
	s.life += code.Extension
	return signaling.Room{Digits: s.room, Remaining: s.life - time.Since(s.opened)}, nil
}

func (d *engineerDesk) CancelRoom(context.Context, string) error {
	d.s.mu.Lock()
	defer d.s.mu.Unlock()
	d.s.reason = client.ErrCancelled
	return nil
}

func (d *engineerDesk) Answer(_ context.Context, attempt string, m2 []byte) error {
	s := d.s
	s.mu.Lock()
	defer s.mu.Unlock()
	s.left--
	if attempt != fmt.Sprint(s.attempt) {
		return client.ErrCustomerGone
	}
	s.reply <- signaling.Reply{Attempt: attempt, Report: tokenOf(attempt), M2: m2, Left: s.left, Remaining: s.life - time.Since(s.opened)}
	return nil
}

func (d *engineerDesk) Accept(_ context.Context, attempt string) error {
	d.s.mu.Lock()
	defer d.s.mu.Unlock()
	if d.over {
		return client.ErrLost
	}
	if d.s.silent {
		return nil
	}
	d.s.reason = client.ErrUsed
	d.s.accepted[attempt] = true
	if c := d.s.joined; attempt == fmt.Sprint(d.s.attempt) && !c.over {
		c.events <- signaling.Accepted{Attempt: attempt}
	}
	return nil
}

func (d *engineerDesk) Ended(_ context.Context, e signaling.Ended) error {
	d.s.mu.Lock()
	defer d.s.mu.Unlock()
	if d.over {
		return client.ErrLost
	}
	return d.s.ended(e, d.signedIn && e.Report == "", "engineer", &d.s.closed)
}

func (d *engineerDesk) Events() <-chan signaling.Event { return d.events }

func (d *engineerDesk) Close() error {
	d.s.mu.Lock()
	defer d.s.mu.Unlock()
	d.lose()
	return nil
}

type customerDesk struct {
	s      *service
	events chan signaling.Event
	hello  bool
	over   bool
}

func (d *customerDesk) lose() {
	if d != nil && !d.over {
		d.over = true
		close(d.events)
	}
}

func (d *customerDesk) Hello(context.Context) (signaling.Welcome, error) {
	d.hello = true
	return signaling.Welcome{}, nil
}

func (d *customerDesk) Join(ctx context.Context, j signaling.Join) (signaling.Reply, error) {
	s := d.s
	s.mu.Lock()
	if j.Room != s.room {
		s.mu.Unlock()
		return signaling.Reply{}, client.ErrUnknown
	}
	if err := s.state(); err != nil {
		s.mu.Unlock()
		return signaling.Reply{}, err
	}
	s.attempt++
	s.joined = d
	s.reply = make(chan signaling.Reply, 1)
	reply := s.reply
	s.engineer.events <- signaling.Joined{Room: j.Room, Attempt: fmt.Sprint(s.attempt), Form: j.Form, M1: j.M1}
	s.mu.Unlock()
	select {
	case r := <-reply:
		return r, nil
	case <-ctx.Done():
		return signaling.Reply{}, ctx.Err()
	}
}

func (d *customerDesk) Confirm(_ context.Context, m3 []byte) error {
	d.s.mu.Lock()
	defer d.s.mu.Unlock()
	d.s.engineer.events <- signaling.Confirmed{Attempt: fmt.Sprint(d.s.attempt), M3: m3}
	return nil
}

func (d *customerDesk) Reject(context.Context) error {
	d.s.mu.Lock()
	defer d.s.mu.Unlock()
	if d.s.left == 0 {
		d.s.reason = client.ErrBurnt
	}
	d.s.engineer.events <- signaling.Rejected{Attempt: fmt.Sprint(d.s.attempt), Left: d.s.left}
	return nil
}

func (d *customerDesk) Ended(_ context.Context, e signaling.Ended) error {
	d.s.mu.Lock()
	defer d.s.mu.Unlock()
	if d.over {
		return client.ErrLost
	}
	return d.s.ended(e, d.hello && e.Report == tokenOf(e.Attempt), "customer", &d.s.ends)
}

func (d *customerDesk) Events() <-chan signaling.Event { return d.events }

func (d *customerDesk) Close() error {
	d.s.mu.Lock()
	defer d.s.mu.Unlock()
	d.lose()
	return nil
}
