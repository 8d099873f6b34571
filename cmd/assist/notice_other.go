//go:build !windows

package main

// notice shows a sentence where there is a box for it without a window of ours. Here there is none: it is on standard error.
func notice(string) {}
