//go:build !linux

package main

import (
	"context"
	"errors"
)

// errUnsupported says that there are no displays to measure here.
var errUnsupported = errors.New("measurements need Linux: they are made on X displays of their own")

// Run says so.
func (*runCmd) Run(context.Context) error { return errUnsupported }

// Run says so.
func (*paintCmd) Run(context.Context) error { return errUnsupported }
