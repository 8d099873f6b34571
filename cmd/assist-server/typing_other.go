//go:build !linux && !windows

package main

import "os"

// hideTyping cannot hide anything here: the password is read as a line.
func hideTyping(*os.File) (restore func(), err error) { return nil, errNoTerminal }
