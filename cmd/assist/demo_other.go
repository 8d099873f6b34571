//go:build !linux

package main

import (
	"assist/app/problem"
)

// Run says that the demonstration needs X displays of its own.
func (demoCmd) Run() error { return problem.New(problem.Unsupported, nil) }
