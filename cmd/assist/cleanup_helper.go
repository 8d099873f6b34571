package main

import "assist/app/cleanup"

// cleanupHelperCmd is the copy of the program that removes the program, where one that runs cannot be removed.
type cleanupHelperCmd struct {
	Errand string `arg:""`
}

// Run waits for the program to end.
func (c cleanupHelperCmd) Run() error { return cleanup.Help(c.Errand) }
