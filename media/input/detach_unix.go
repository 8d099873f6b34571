//go:build unix

package input

import (
	"os/exec"
	"syscall"
)

// detach keeps cmd from being killed together with this process's group.
func detach(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}
