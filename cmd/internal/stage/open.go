//go:build linux

package stage

import "github.com/jezek/xgb"

// Connect opens a connection to the display, for programs that speak its protocol themselves. Not from several goroutines at
// once.
func (d *Display) Connect() (*xgb.Conn, error) { return d.connect() }

// Server is the display's own process.
func (d *Display) Server() *Process { return d.proc }
