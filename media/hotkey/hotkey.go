// Package hotkey takes one key from the whole desktop: the customer's way out, which must work whatever
// has the focus and while the windows of this program hang. What the key does is the caller's business.
//
// A Grab has a goroutine of its own and no part in any window. Where the system allows it, the key works while another program
// has taken the whole keyboard, and goes to no program in the usual case.
//
// A press that a program makes counts as one of the keyboard: that is how on-screen keyboards press keys, and no system tells
// them from other programs. So whoever injects input for somebody else must leave the key out. A program that presses it
// all the same ends what the customer could end as well.
package hotkey

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
)

var (
	// ErrUnsupported says that this system offers no such key.
	ErrUnsupported = errors.New("hotkey: unsupported")
	// ErrTaken says that another program has the key.
	ErrTaken = errors.New("hotkey: taken by another program")
)

// Key is a key that can be grabbed.
type Key uint8

// Pause is the Pause key, alone and with Ctrl (Break), whatever lock and modifier keys are on.
const Pause Key = 1

// String names the key.
func (k Key) String() string {
	if k == Pause {
		return "Pause"
	}
	return fmt.Sprintf("Key(%d)", uint8(k))
}

// grab is set by hotkey_GOOS.go.
var grab func(ctx context.Context, key Key, fn func()) (io.Closer, error)

// Grab calls fn whenever key goes down, until ctx ends or the result is closed. It is called on the grab's own
// goroutine and may be called again while the key repeats; presses while it runs count as one. Close returns when
// no call is running and none will come; fn must not call it.
//
// The error is ErrTaken if another program has the key and keeps it from everybody else. If it has only Ctrl with the key, that
// combination stays with it and Grab succeeds. Without an error the key works, whatever has the focus.
func Grab(ctx context.Context, key Key, fn func()) (io.Closer, error) {
	if grab == nil {
		return nil, fmt.Errorf("%w on %s", ErrUnsupported, runtime.GOOS)
	}
	if key != Pause {
		return nil, fmt.Errorf("%w: %v", ErrUnsupported, key)
	}
	return grab(ctx, key, fn)
}

// closer is a Close that is a function.
type closer func() error

func (c closer) Close() error { return c() }
