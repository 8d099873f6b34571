//go:build linux && x11

package input

import (
	"github.com/go-vgo/robotgo"
	robotx11 "github.com/go-vgo/robotgo/x11"
)

// robotReady takes out the pauses. On X11 robotgo.KeySleep does nothing; the variable is here.
func robotReady() { robotx11.KeySleep = 0 }

func robotDone() { robotgo.Close() }
