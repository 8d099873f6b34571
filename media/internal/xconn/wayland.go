package xconn

import (
	"strings"

	"github.com/jezek/xgb/randr"
)

// Xwayland reports whether the server is one for X programs inside a Wayland session: they see and reach only each other there.
func (c *Conn) Xwayland() bool {
	const name = "XWAYLAND"
	if _, found, err := c.Use(name); err == nil && found {
		return true
	}
	if _, found, err := c.Use("RANDR"); err != nil || !found {
		return false
	}
	if _, err := randr.QueryVersion(c.Conn, 1, 3).Reply(); err != nil {
		return false
	}
	res, err := randr.GetScreenResourcesCurrent(c.Conn, c.Screen.Root).Reply()
	if err != nil {
		return false
	}
	for _, out := range res.Outputs { // servers too old to have the extension
		info, err := randr.GetOutputInfo(c.Conn, out, res.ConfigTimestamp).Reply()
		if err == nil && strings.HasPrefix(string(info.Name), name) {
			return true
		}
	}
	return false
}
