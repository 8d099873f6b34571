//go:build !unix && !windows

package input

import "os/exec"

func detach(*exec.Cmd) {}
