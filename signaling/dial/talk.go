package dial

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"assist/signaling/dial/stun"
)

const (
	// resend is when a packet that was not answered is sent again, twice that later once more, and so on.
	resend = 250 * time.Millisecond
	// packetTime is how long a relay may take to answer packets.
	packetTime = 4 * time.Second
	// talkTime is how long a whole conversation may take.
	talkTime = 8 * time.Second
)

// talk is a conversation with a relay.
type talk struct {
	conn    net.Conn
	packets bool // conn carries whole messages, and may lose them
}

// ask returns the relay's answer to a question. Over UDP the question is repeated.
func (t talk) ask(question []byte, id stun.ID) (stun.Answer, error) {
	if !t.packets {
		if _, err := t.conn.Write(question); err != nil {
			return stun.Answer{}, err
		}
		return t.read(id)
	}
	end := time.Now().Add(packetTime)
	for wait := resend; ; wait *= 2 {
		if _, err := t.conn.Write(question); err != nil {
			return stun.Answer{}, err
		}
		by := time.Now().Add(wait)
		if by.After(end) {
			by = end
		}
		if err := t.conn.SetReadDeadline(by); err != nil {
			return stun.Answer{}, err
		}
		a, err := t.read(id)
		if late, ok := errors.AsType[net.Error](err); !ok || !late.Timeout() || !time.Now().Before(end) {
			return a, err
		}
	}
}

// read reads answers until that to id.
func (t talk) read(id stun.ID) (stun.Answer, error) {
	const mostOthers = 16
	for range mostOthers {
		p, err := t.next()
		if err != nil {
			return stun.Answer{}, err
		}
		a, err := stun.Parse(p, id)
		switch {
		case errors.Is(err, stun.ErrOther):
		case err != nil && t.packets: // anybody can send a packet
		case err != nil:
			return stun.Answer{}, fault(ErrRelayReply, err)
		default:
			return a, nil
		}
	}
	return stun.Answer{}, fmt.Errorf("%w: no answer among %d messages", ErrRelayReply, mostOthers)
}

// next reads one message.
func (t talk) next() ([]byte, error) {
	var buf [stun.MaxMessage]byte
	if t.packets {
		n, err := t.conn.Read(buf[:])
		return buf[:n], err
	}
	if _, err := io.ReadFull(t.conn, buf[:stun.Header]); err != nil {
		return nil, err
	}
	n, err := stun.Size([stun.Header]byte(buf[:]))
	if err != nil {
		return nil, fault(ErrRelayReply, fmt.Errorf("it says %q", plainText(string(buf[:stun.Header]))))
	}
	_, err = io.ReadFull(t.conn, buf[stun.Header:n])
	return buf[:n], err
}

// greet asks for an address without saying who wants it: who answers no is a relay.
func (t talk) greet() (stun.Answer, error) {
	id := stun.NewID()
	return t.ask(stun.Allocate(id, nil), id)
}

// allocate asks for an address, and gives it back.
func (t talk) allocate(username, password string) error {
	no, err := t.greet()
	if err != nil {
		return err
	}
	login := stun.Login{Username: username, Password: password, Realm: no.Realm, Nonce: no.Nonce}
	for range 2 { // once more with a fresh nonce
		id := stun.NewID()
		a, err := t.ask(stun.Allocate(id, &login), id)
		if err != nil {
			return err
		}
		switch a.Code {
		case 0:
			id := stun.NewID()
			_, err := t.ask(stun.Release(id, login), id)
			return err
		case stun.StaleNonce:
			login.Nonce = a.Nonce
			continue
		case stun.Unauthorized, stun.Forbidden, stun.WrongUser, stun.BadRequest: // the last where the password is wrong
			return fmt.Errorf("%w: code %d", ErrRelayLogin, a.Code)
		}
		return fmt.Errorf("%w: code %d", ErrRelayFull, a.Code)
	}
	return fmt.Errorf("%w: code %d", ErrRelayLogin, stun.StaleNonce)
}

// relayTry makes a connection to a relay along a way, on which the relay has answered.
func (d *Dialer) relayTry(ctx context.Context, r *race, w Way, alive func(time.Duration)) (net.Conn, error) {
	var said stun.Answer
	c, err := d.relayTalk(ctx, r, w, alive, func(t talk) (err error) {
		said, err = t.greet()
		return err
	})
	if err != nil || w.Carry == TURNUDP || said.Code != stun.Unauthorized || said.Nonce == "" {
		return c, err
	}
	return newAnswered(c, said), nil
}

// relayTalk makes a connection to a relay along a way and says something on it.
func (d *Dialer) relayTalk(ctx context.Context, r *race, w Way, alive func(time.Duration), say func(talk) error) (net.Conn, error) {
	var c net.Conn
	var err error
	switch w.Carry {
	case TURNUDP:
		c, err = d.openPackets(ctx, r.goal.host, []uint16{w.Port})
	case TURNTCP:
		c, err = d.reach(ctx, r, w, alive)
	case TURNTLS:
		c, err = d.prove(ctx, r, w, alive)
	case TURNWS:
		c, err = d.upgrade(ctx, r, w, alive)
	default:
		err = fmt.Errorf("%w: %v is no way to a relay", ErrAddress, w)
	}
	if err != nil {
		return nil, err
	}
	t := talk{c, w.Carry == TURNUDP}
	if t.packets { // which sets deadlines of its own
		stop := context.AfterFunc(ctx, func() { _ = c.Close() })
		defer stop()
	}
	within, cancel := context.WithTimeout(ctx, talkTime)
	defer cancel()
	if err := during(within, c, func() error { return say(t) }); err != nil {
		_ = c.Close()
		return nil, err
	}
	return c, nil
}
