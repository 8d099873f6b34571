package client

import (
	"errors"
	"fmt"

	"assist/signaling"
)

// What the service refuses with.
var (
	ErrUnknown        = errors.New("client: no such room")
	ErrExpired        = errors.New("client: room expired")
	ErrUsed           = errors.New("client: room used already")
	ErrBurnt          = errors.New("client: room burnt by wrong guesses")
	ErrCancelled      = errors.New("client: room cancelled")
	ErrClaimed        = errors.New("client: somebody else is connecting with this room")
	ErrTooManyTries   = errors.New("client: too many tries from this address")
	ErrEngineerGone   = errors.New("client: engineer is not connected")
	ErrEngineerSilent = errors.New("client: engineer's app does not answer")
	ErrCustomerGone   = errors.New("client: customer is no longer there")
	ErrTooSlow        = errors.New("client: not heard from in time")
	ErrRoomsFull      = errors.New("client: no room is free")
	ErrExtended       = errors.New("client: room extended already")
	ErrSignInFailed   = errors.New("client: sign-in failed")
	ErrSignInRequired = errors.New("client: not signed in")
	ErrAccountClosed  = errors.New("client: account disabled or reset")
	ErrVersion        = errors.New("client: service speaks another version")
	ErrService        = errors.New("client: service cannot do its work now")
)

// What the connection itself fails with.
var (
	ErrUnreachable = errors.New("client: service cannot be reached")
	ErrUntrusted   = errors.New("client: service's certificate is not trusted")
	ErrFull        = errors.New("client: service is full")
	ErrLost        = errors.New("client: connection lost")
	ErrProtocol    = errors.New("client: service does not keep to the protocol")
	ErrClosed      = errors.New("client: connection closed")
)

var refusals = map[signaling.Reason]error{
	signaling.Unknown:        ErrUnknown,
	signaling.Expired:        ErrExpired,
	signaling.Used:           ErrUsed,
	signaling.Burnt:          ErrBurnt,
	signaling.Cancelled:      ErrCancelled,
	signaling.Claimed:        ErrClaimed,
	signaling.TooManyTries:   ErrTooManyTries,
	signaling.EngineerGone:   ErrEngineerGone,
	signaling.EngineerSilent: ErrEngineerSilent,
	signaling.CustomerGone:   ErrCustomerGone,
	signaling.TooSlow:        ErrTooSlow,
	signaling.RoomsFull:      ErrRoomsFull,
	signaling.Extended:       ErrExtended,
	signaling.SignInFailed:   ErrSignInFailed,
	signaling.SignInRequired: ErrSignInRequired,
	signaling.AccountClosed:  ErrAccountClosed,
	signaling.BadVersion:     ErrVersion,
	signaling.Internal:       ErrService,
}

// Error is the error that stands for a reason, so that RoomGone and a refusal can be treated alike.
func Error(r signaling.Reason) error {
	if err, ok := refusals[r]; ok {
		return err
	}
	return fmt.Errorf("%w: reason %q", ErrProtocol, r)
}
