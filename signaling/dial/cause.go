package dial

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
)

// Why a way failed. An [Attempt]'s error wraps exactly one of these. On the way through a proxy, the first six say
// that the proxy could not be reached.
var (
	ErrDNS         = errors.New("dial: name unknown")
	ErrRefused     = errors.New("dial: connection refused")
	ErrTimeout     = errors.New("dial: no answer in time")
	ErrUnreachable = errors.New("dial: network cannot be reached")
	ErrCut         = errors.New("dial: connection cut")
	ErrConnect     = errors.New("dial: no connection") // for any other reason

	ErrProxyRefused = errors.New("dial: proxy does not allow it")
	ErrProxyTarget  = errors.New("dial: proxy cannot reach the service")
	ErrProxyLogin   = errors.New("dial: proxy wants a login, or refuses the one it got")
	ErrProxyTicket  = errors.New("dial: proxy takes only Negotiate, for which there is no ticket")
	ErrProxyReply   = errors.New("dial: proxy's answer makes no sense")

	ErrTLSInspected = errors.New("dial: TLS is opened on the way")             // by a device that forges certificates
	ErrTLSUntrusted = errors.New("dial: service's certificate is not trusted") // nor is it clear whose fault that is
	ErrTLSName      = errors.New("dial: certificate is for another name")      // so this is not the service
	ErrTLSExpired   = errors.New("dial: service's certificate has expired")
	ErrClock        = errors.New("dial: this computer's clock is wrong")          // so certificates seem out of date
	ErrTLS          = errors.New("dial: TLS handshake failed")                    // for any other reason
	ErrNotTLS       = errors.New("dial: who answers is not the service")          // but speaks HTTP, for instance
	ErrCaptive      = errors.New("dial: network wants a visit to its page first") // hotel, airport, guest network

	ErrRelayLogin = errors.New("dial: relay refuses the credentials")
	ErrRelayFull  = errors.New("dial: relay has no room")
	ErrRelayReply = errors.New("dial: what answers is no relay")

	ErrOvertaken = errors.New("dial: another way was quicker") // or the call was given up
)

// What calls fail with before a way is tried.
var (
	ErrAddress      = errors.New("dial: malformed address")
	ErrProxyAddress = errors.New("dial: malformed proxy")
)

// telling lists the causes, those that say most about what to do first.
var telling = []error{
	ErrProxyLogin, ErrProxyTicket, ErrClock, ErrTLSInspected, ErrTLSExpired, ErrCaptive, ErrProxyRefused, ErrTLSName,
	ErrTLSUntrusted, ErrNotTLS, ErrTLS, ErrRelayLogin, ErrRelayFull, ErrRelayReply, ErrProxyTarget, ErrProxyReply, ErrCut, ErrRefused, ErrUnreachable, ErrTimeout,
	ErrDNS, ErrConnect, ErrOvertaken,
}

// Error says that no way led to the goal.
type Error struct {
	// Attempts are those of this call.
	Attempts []Attempt
	ended    error // what ended the call before its first attempt did
}

// Cause returns the one cause that says most about what is to be done.
func (e *Error) Cause() error {
	if i := slices.IndexFunc(telling, func(c error) bool { return errors.Is(e, c) }); i >= 0 {
		return telling[i]
	}
	return ErrTimeout
}

// Error is the most telling attempt's text.
func (e *Error) Error() string {
	cause := e.Cause()
	for _, a := range e.Attempts {
		if errors.Is(a.Err, cause) {
			return fmt.Sprintf("%v (%v; ways tried: %d)", a.Err, a.Way, len(e.Attempts))
		}
	}
	return cause.Error()
}

// Unwrap returns every attempt's error.
func (e *Error) Unwrap() []error {
	var list []error
	if len(e.Attempts) == 0 {
		list = append(list, ErrTimeout, e.ended)
	}
	for _, a := range e.Attempts {
		list = append(list, a.Err)
	}
	return list
}

// fault is err with its cause in front.
func fault(cause, err error) error {
	if err == nil {
		return cause
	}
	return fmt.Errorf("%w: %w", cause, err)
}

// connectFault names the cause of a connection that was not made, or did not last.
func connectFault(err error) error {
	for _, known := range telling {
		if errors.Is(err, known) {
			return err
		}
	}
	_, dns := errors.AsType[*net.DNSError](err)
	late, ok := errors.AsType[net.Error](err)
	switch {
	case dns:
		return fault(ErrDNS, err)
	case errors.Is(err, errRefused):
		return fault(ErrRefused, err)
	case errors.Is(err, errNetwork), errors.Is(err, errHost):
		return fault(ErrUnreachable, err)
	case errors.Is(err, errReset), errors.Is(err, errPipe), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF),
		errors.Is(err, io.ErrClosedPipe):
		return fault(ErrCut, err)
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded), ok && late.Timeout():
		return fault(ErrTimeout, err)
	}
	return fault(ErrConnect, err)
}

// plainText makes text from the other end fit for a report: printable, and not long.
func plainText(s string) string {
	const longest = 80
	clean := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, s)
	return clean[:min(len(clean), longest)]
}
