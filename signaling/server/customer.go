package server

import (
	"context"
	"errors"
	"time"

	"assist/signaling"
	"assist/signaling/audit"
	"assist/signaling/report"
	"assist/signaling/room"
)

// customer is a customer's app. It holds at most one claim; the connection that holds a claim is the one that
// gives the room back.
//
//	join -> joining --m2--> answered --confirm--> confirmed --accept--> (a session)
//
// Reject, leave, silence and a lost connection end every claim as a guess. Only when the engineer's app never answered it
// is none.
type customer struct {
	*conn
	claim    *claim
	over     signaling.Reason // how the last claim ended, for a request that crosses the news
	accepted string           // the last attempt that became a session, until it was told how it ended
	unlisten func()           // of the subject of the account that accepted; nil without
}

// claim is a room being connected to.
type claim struct {
	room      room.Room // as it was when it was claimed
	attempt   string
	token     string // for the report, should it become a session
	asked     uint32 // id of the join, until it is answered
	confirmed bool
}

func (x *customer) handle(ctx context.Context, id uint32, m signaling.Message) error {
	switch m := m.(type) {
	case signaling.Join:
		return x.join(ctx, id, m)
	case signaling.Confirm:
		return x.confirm(ctx, id, m)
	case signaling.Reject:
		if x.claim != nil && x.claim.asked != 0 {
			return errOrder
		}
		x.giveUp(ctx, "rejected")
		return x.answer(ctx, id, signaling.Done{})
	case signaling.Leave:
		x.giveUp(ctx, "left")
		return x.answer(ctx, id, signaling.Done{})
	case signaling.Renew:
		return x.answer(ctx, id, signaling.Relays{Relays: x.relays()})
	case signaling.Measured:
		return x.answer(ctx, id, x.measured(m))
	case signaling.Ended:
		if m.Attempt == x.accepted {
			x.endCredential()
			x.sessionOver()
			x.timer.Reset(x.s.times.idle)
		}
		return x.report(ctx, id, m)
	}
	return errOrder
}

func (x *customer) join(ctx context.Context, id uint32, m signaling.Join) error {
	if x.claim != nil {
		return errOrder
	}
	if x.s.joins.blocked(x.addr.key(), time.Now()) {
		return x.refuse(ctx, id, signaling.TooManyTries)
	}
	attempt, token := newID(), newID()
	r, err := x.s.Rooms.Claim(ctx, m.Room, attempt)
	if err != nil {
		x.s.joins.failed(x.addr.key(), time.Now())
		x.noteStranger(ctx, audit.Event{Type: audit.JoinRefused, Room: m.Room, Reason: string(reasonOf(err))})
		return x.fail(ctx, id, err)
	}
	x.claim = &claim{room: r, attempt: attempt, token: token, asked: id}
	e := audit.Event{Type: audit.Joined, Account: r.Account, Room: m.Room, Attempt: attempt, Customer: m.Form}
	if err := x.record(ctx, e); err != nil {
		x.release(ctx, false, "internal")
		return x.fail(ctx, id, err)
	}
	l := letter{
		Kind: "joined", Room: m.Room, Attempt: attempt, From: x.id, Address: x.addr.String(), Form: m.Form, Bytes: m.M1,
		Far: x.far.roundTrips(), Relay: x.first, Report: report.Hash(token),
	}
	if err := x.post(ctx, r.Owner, l); err != nil {
		x.log.Debug("engineer not there", "err", err)
		x.release(ctx, false, "engineer-gone")
		return x.refuse(ctx, id, signaling.EngineerGone)
	}
	x.timer.Reset(x.s.times.answer)
	return nil
}

func (x *customer) confirm(ctx context.Context, id uint32, m signaling.Confirm) error {
	if x.claim == nil {
		return x.crossed(ctx, id)
	}
	if x.claim.asked != 0 || x.claim.confirmed {
		return errOrder
	}
	err := x.post(ctx, x.claim.room.Owner, letter{Kind: "confirmed", Attempt: x.claim.attempt, Bytes: m.M3})
	if err != nil {
		x.release(ctx, true, "engineer-gone")
		return x.refuse(ctx, id, signaling.EngineerGone)
	}
	x.claim.confirmed = true
	x.timer.Reset(x.s.times.accept)
	return x.answer(ctx, id, signaling.Done{})
}

// crossed refuses a request about a claim that ended while the request was on its way.
func (x *customer) crossed(ctx context.Context, id uint32) error {
	if x.over == "" {
		return errOrder
	}
	return x.refuse(ctx, id, x.over)
}

func (x *customer) deliver(ctx context.Context, l letter) error {
	if l.Kind == "closed" {
		return x.revoked(ctx)
	}
	if x.claim == nil || l.Attempt != x.claim.attempt {
		return nil // news of a claim that is over
	}
	switch l.Kind {
	case "answered":
		return x.answered(ctx, l)
	case "accepted":
		if !x.claim.confirmed {
			return nil
		}
		return x.sessionBegun(ctx, l.Attempt)
	case "over":
		return x.lose(ctx, l.Reason, l.Reason == signaling.EngineerGone)
	}
	return nil
}

// sessionBegun tells the app that its claim is a session, which ends with the account that accepted it.
func (x *customer) sessionBegun(ctx context.Context, attempt string) error {
	x.sessionOver()
	name := x.claim.room.Account
	unlisten, err := x.s.Bus.Listen(accountSubject(name), x.take)
	if err != nil {
		return err
	}
	x.accepted, x.claim, x.over, x.unlisten = attempt, nil, signaling.Used, unlisten
	x.timer.Stop()
	x.keep()
	if err := x.tell(ctx, signaling.Accepted{Attempt: attempt}); err != nil {
		return err
	}
	// Closed in between: the news came before this connection listened.
	if a, err := x.s.Accounts.Get(ctx, name); err != nil || a.Disabled {
		return errors.Join(err, x.revoked(ctx))
	}
	return nil
}

// sessionOver forgets the session, if there is one.
func (x *customer) sessionOver() {
	x.accepted = ""
	if x.unlisten != nil {
		x.unlisten()
		x.unlisten = nil
	}
}

// revoked ends what this connection has for the session of an engineer whose account was closed.
func (x *customer) revoked(ctx context.Context) error {
	attempt := x.accepted
	if attempt == "" {
		return nil
	}
	x.endCredential()
	return x.tell(ctx, signaling.Revoked{Attempt: attempt})
}

// answered passes m2 on.
func (x *customer) answered(ctx context.Context, l letter) error {
	c := x.claim
	if c.asked == 0 {
		return nil
	}
	id := c.asked
	c.asked = 0
	x.timer.Reset(x.s.times.confirm)
	return x.answer(ctx, id, signaling.Reply{
		Attempt: c.attempt, Report: signaling.Token(c.token), M2: l.Bytes, Left: c.room.Left(), Remaining: x.s.Rooms.Remaining(c.room),
	})
}

func (x *customer) late(ctx context.Context) error {
	switch c := x.claim; {
	case c == nil:
		return errLate // the app makes another connection when it needs one
	case c.asked == 0 && !c.confirmed:
		return x.lose(ctx, signaling.TooSlow, true)
	default:
		return x.lose(ctx, signaling.EngineerSilent, true)
	}
}

// gone leaves nothing to an app that has no session. One that has goes on without the service.
func (x *customer) gone(ctx context.Context) {
	x.giveUp(ctx, "gone")
	if x.accepted == "" {
		x.endCredential()
	}
	x.sessionOver()
}

// lose ends the claim for a reason that is not the app's wish, and tells the app. release says whether the room must be given
// back; otherwise it has ended.
func (x *customer) lose(ctx context.Context, why signaling.Reason, release bool) error {
	c := x.claim
	if release {
		left, burnt := x.release(ctx, c.asked == 0, string(why))
		x.notify(ctx, c.room.Owner, letter{Kind: "left", Attempt: c.attempt, Left: left, Burnt: burnt})
	}
	x.claim, x.over = nil, why
	x.timer.Reset(x.s.times.idle)
	if c.asked != 0 {
		return x.refuse(ctx, c.asked, why)
	}
	return x.tell(ctx, signaling.RoomGone{Room: c.room.Digits, Reason: why})
}

// giveUp ends the claim, if there is one, as a guess.
func (x *customer) giveUp(ctx context.Context, how string) {
	c := x.claim
	if c == nil {
		return
	}
	left, burnt := x.release(ctx, true, how)
	l := letter{Kind: "left", Attempt: c.attempt, Left: left, Burnt: burnt}
	if how == "rejected" {
		l.Kind = "rejected"
	}
	x.notify(ctx, c.room.Owner, l)
}

// release gives the room back, for a reason that goes into the audit log, and returns how many guesses it has left, and whether it burnt.
func (x *customer) release(ctx context.Context, counts bool, why string) (left int, burnt bool) {
	c := x.claim
	x.claim, x.over = nil, signaling.Unknown
	x.timer.Reset(x.s.times.idle)
	x.s.joins.failed(x.addr.key(), time.Now())
	r, err := x.s.Rooms.Release(ctx, c.room.Digits, c.attempt, counts)
	if err != nil {
		if reasonOf(err) == signaling.Internal {
			x.log.Error("room not given back", "err", err) // the claim ends by itself
		}
		return 0, false
	}
	if counts {
		e := audit.Event{Type: audit.GuessFailed, Account: r.Account, Room: r.Digits, Attempt: c.attempt, Reason: why}
		x.note(ctx, e)
	}
	if r.State == room.Burnt {
		x.note(ctx, audit.Event{Type: audit.RoomBurnt, Account: r.Account, Room: r.Digits, Attempt: c.attempt})
	}
	return r.Left(), r.State == room.Burnt
}
