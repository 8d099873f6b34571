//go:build darwin && (mac || cgo)

package input

import "github.com/go-vgo/robotgo"

// robotReady takes out the pauses.
func robotReady() { robotgo.KeySleep = 0 }

func robotDone() {}
