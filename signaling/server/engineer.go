package server

import (
	"context"
	"encoding/hex"
	"errors"
	"time"

	"assist/signaling"
	"assist/signaling/account"
	"assist/signaling/audit"
	"assist/signaling/report"
	"assist/signaling/room"
)

// engineer is an engineer's app: first a sign-in, then rooms and the customers who claim them.
type engineer struct {
	*conn
	account string // empty before the sign-in

	typed   string           // account of the sign-in that is going on
	attempt *account.Attempt // between its two messages

	rooms    map[string]time.Time // when each room ends, by a clock that cannot jump
	attempts map[string]*guest
	unlisten func() // of the account's subject; nil before the sign-in
}

// guest is a customer who has claimed one of the rooms.
type guest struct {
	room      string
	conn      string // the customer's connection
	report    string // hash of the customer's token
	answered  bool
	confirmed bool
}

func newEngineer(c *conn) *engineer {
	return &engineer{conn: c, rooms: map[string]time.Time{}, attempts: map[string]*guest{}}
}

func (x *engineer) handle(ctx context.Context, id uint32, m signaling.Message) error {
	switch m := m.(type) {
	case signaling.SignInStart:
		return x.signInStart(ctx, id, m)
	case signaling.SignInFinish:
		return x.signInFinish(ctx, id, m)
	}
	if x.account == "" {
		return x.refuse(ctx, id, signaling.SignInRequired)
	}
	switch m := m.(type) {
	case signaling.OpenRoom:
		return x.openRoom(ctx, id)
	case signaling.ExtendRoom:
		r, err := x.s.Rooms.Extend(ctx, m.Room, x.id)
		return x.hold(ctx, id, r, err, audit.RoomExtended)
	case signaling.ResumeRoom:
		r, err := x.s.Rooms.Resume(ctx, m.Room, x.account, x.id)
		return x.hold(ctx, id, r, err, audit.RoomResumed)
	case signaling.CancelRoom:
		return x.endRoom(ctx, id, m.Room, room.Cancelled, signaling.Cancelled, audit.RoomCancelled)
	case signaling.BurnRoom:
		return x.endRoom(ctx, id, m.Room, room.Burnt, signaling.Burnt, audit.RoomBurnt)
	case signaling.Answer:
		return x.replyTo(ctx, id, m)
	case signaling.Accept:
		return x.accept(ctx, id, m)
	case signaling.Renew:
		return x.answer(ctx, id, signaling.Relays{Relays: x.relays()})
	case signaling.Measured:
		return x.answer(ctx, id, x.measured(m))
	case signaling.Ended:
		return x.settle(ctx, id, report.EngineerEnd, report.Proof{Account: x.account}, m)
	}
	return errOrder
}

func (x *engineer) openRoom(ctx context.Context, id uint32) error {
	r, err := x.s.Rooms.Open(ctx, x.account, x.id)
	return x.hold(ctx, id, r, err, audit.RoomOpened)
}

// hold takes note of a room that is this connection's now, and tells the app.
func (x *engineer) hold(ctx context.Context, id uint32, r room.Room, err error, what audit.Type) error {
	if err != nil {
		return x.fail(ctx, id, err)
	}
	if err := x.record(ctx, audit.Event{Type: what, Account: x.account, Room: r.Digits}); err != nil {
		if _, ended := x.s.Rooms.End(ctx, r.Digits, x.account, room.Cancelled); ended != nil {
			err = errors.Join(err, ended)
		}
		return x.fail(ctx, id, err)
	}
	remaining := x.s.Rooms.Remaining(r)
	x.rooms[r.Digits] = time.Now().Add(remaining)
	x.setTimer()
	return x.answer(ctx, id, signaling.Room{Digits: r.Digits, Remaining: remaining, CanExtend: !r.Extended})
}

// setTimer makes the timer run out with the first room.
func (x *engineer) setTimer() {
	x.timer.Stop()
	var first time.Time
	for _, end := range x.rooms {
		if first.IsZero() || end.Before(first) {
			first = end
		}
	}
	if !first.IsZero() {
		x.timer.Reset(time.Until(first))
	}
}

// endRoom ends a room at the app's wish, and tells whoever is connecting to it.
func (x *engineer) endRoom(ctx context.Context, id uint32, digits string, how room.State, why signaling.Reason, what audit.Type) error {
	_, err := x.s.Rooms.End(ctx, digits, x.account, how)
	if err != nil {
		return x.fail(ctx, id, err)
	}
	x.note(ctx, audit.Event{Type: what, Account: x.account, Room: digits})
	x.drop(ctx, digits, why)
	return x.answer(ctx, id, signaling.Done{})
}

// drop forgets a room that has ended, and tells whoever is connecting to it.
func (x *engineer) drop(ctx context.Context, digits string, why signaling.Reason) {
	delete(x.rooms, digits)
	x.setTimer()
	for attempt, g := range x.attempts {
		if g.room == digits {
			delete(x.attempts, attempt)
			x.notify(ctx, g.conn, letter{Kind: "over", Room: digits, Attempt: attempt, Reason: why})
		}
	}
}

// replyTo sends m2 to a customer.
func (x *engineer) replyTo(ctx context.Context, id uint32, m signaling.Answer) error {
	g := x.attempts[m.Attempt]
	if g == nil {
		return x.refuse(ctx, id, signaling.CustomerGone)
	}
	if g.answered {
		return errOrder
	}
	g.answered = true
	if err := x.post(ctx, g.conn, letter{Kind: "answered", Attempt: m.Attempt, Bytes: m.M2}); err != nil {
		return x.refuse(ctx, id, signaling.CustomerGone)
	}
	return x.answer(ctx, id, signaling.Done{})
}

// accept ends the room well. Nothing is accepted that is not in the audit log, or whose end could not be.
func (x *engineer) accept(ctx context.Context, id uint32, m signaling.Accept) error {
	g := x.attempts[m.Attempt]
	if g == nil {
		return x.refuse(ctx, id, signaling.CustomerGone)
	}
	if !g.confirmed {
		return errOrder
	}
	if _, err := x.s.Rooms.Use(ctx, g.room, x.account, m.Attempt); err != nil {
		return x.fail(ctx, id, err)
	}
	e := audit.Event{Type: audit.SessionStarted, Account: x.account, Room: g.room, Attempt: m.Attempt}
	err := x.s.Reports.Open(ctx, m.Attempt, x.account, g.report)
	if err == nil {
		err = x.record(ctx, e)
	}
	if err != nil {
		x.drop(ctx, g.room, signaling.Internal)
		return x.fail(ctx, id, err)
	}
	delete(x.attempts, m.Attempt)
	x.notify(ctx, g.conn, letter{Kind: "accepted", Attempt: m.Attempt})
	x.drop(ctx, g.room, signaling.Used)
	return x.answer(ctx, id, signaling.Done{})
}

func (x *engineer) deliver(ctx context.Context, l letter) error {
	switch l.Kind {
	case "closed":
		x.endCredential()
		return errAccount
	case "joined":
		return x.joined(ctx, l)
	}
	g := x.attempts[l.Attempt]
	if g == nil {
		return nil // news of a claim that is over
	}
	switch l.Kind {
	case "confirmed":
		g.confirmed = true
		return x.tell(ctx, signaling.Confirmed{Attempt: l.Attempt, M3: l.Bytes})
	case "rejected", "left":
		return x.left(ctx, g, l)
	}
	return nil
}

func (x *engineer) joined(ctx context.Context, l letter) error {
	if _, mine := x.rooms[l.Room]; !mine {
		x.notify(ctx, l.From, letter{Kind: "over", Room: l.Room, Attempt: l.Attempt, Reason: signaling.EngineerGone})
		return nil
	}
	x.attempts[l.Attempt] = &guest{room: l.Room, conn: l.From, report: l.Report}
	return x.tell(ctx, signaling.Joined{
		Room: l.Room, Attempt: l.Attempt, Form: l.Form, M1: l.Bytes, From: l.Address,
		Relays: x.relaysWith(l.Relay, distancesOf(l.Far)),
	})
}

// left tells the app that a customer is no longer connecting, and the room open again or burnt.
func (x *engineer) left(ctx context.Context, g *guest, l letter) error {
	delete(x.attempts, l.Attempt)
	var news signaling.Message = signaling.CustomerLeft{Attempt: l.Attempt, Left: l.Left}
	if l.Kind == "rejected" {
		news = signaling.Rejected{Attempt: l.Attempt, Left: l.Left}
	}
	if err := x.tell(ctx, news); err != nil || !l.Burnt {
		return err
	}
	x.drop(ctx, g.room, signaling.Burnt)
	return x.tell(ctx, signaling.RoomGone{Room: g.room, Reason: signaling.Burnt})
}

// late ends the rooms whose time is over. It goes by this process's clock that only ever runs forward; the time stored with a
// room is what counts when nobody holds it.
func (x *engineer) late(ctx context.Context) error {
	if x.account == "" {
		return errLate
	}
	for digits, end := range x.rooms {
		if time.Until(end) > 0 {
			continue
		}
		if err := x.expire(ctx, digits); err != nil {
			return err
		}
	}
	x.setTimer()
	return nil
}

func (x *engineer) expire(ctx context.Context, digits string) error {
	err := x.s.Rooms.Expire(ctx, digits, x.id)
	if errors.Is(err, room.ErrUnknown) { // another connection of the account has resumed it
		x.drop(ctx, digits, signaling.EngineerGone)
		return nil
	}
	if err != nil && reasonOf(err) == signaling.Internal {
		x.log.Error("room not ended", "err", err)
	}
	x.note(ctx, audit.Event{Type: audit.RoomExpired, Account: x.account, Room: digits})
	x.drop(ctx, digits, signaling.Expired)
	return x.tell(ctx, signaling.RoomGone{Room: digits, Reason: signaling.Expired})
}

// gone tells every customer who is connecting. The rooms stay open for the app to come back to.
func (x *engineer) gone(ctx context.Context) {
	x.s.consoles.forget(x.conn)
	if x.unlisten != nil {
		x.unlisten()
	}
	if x.attempt != nil { // left without an answer to the challenge, as one does who sees that the password is wrong
		x.signInFailed(ctx)
	}
	for attempt, g := range x.attempts {
		x.notify(ctx, g.conn, letter{Kind: "over", Room: g.room, Attempt: attempt, Reason: signaling.EngineerGone})
	}
	for {
		select {
		case l := <-x.letters:
			if l.Kind == "joined" {
				x.notify(ctx, l.From, letter{Kind: "over", Room: l.Room, Attempt: l.Attempt, Reason: signaling.EngineerGone})
			}
		default:
			return
		}
	}
}

// accountSubject is where every connection of an account listens.
func accountSubject(name string) string { return "account." + hex.EncodeToString([]byte(name)) }
