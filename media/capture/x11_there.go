//go:build linux || freebsd || netbsd || openbsd

package capture

import (
	"errors"

	"assist/media/internal/xconn"
)

func init() { there = x11There }

// x11There asks the X server what it is.
func x11There() error {
	c, err := xconn.Dial("", func([]byte) {})
	if err != nil {
		return noDisplay(err)
	}
	defer c.Close()
	if err := checkServer(c); !errors.Is(err, errFallback) {
		return err
	}
	return nil // the portable way may do
}
