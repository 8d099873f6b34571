//go:build windows && win

package input

import "github.com/go-vgo/robotgo/win"

// robotReady takes out the pauses. With the tag win robotgo.KeySleep does nothing; the variable is here.
func robotReady() { win.KeySleep = 0 }

func robotDone() {}
