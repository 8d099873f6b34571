package input

import (
	"os/exec"
	"syscall"

	"golang.org/x/sys/windows"
)

// detach keeps cmd from being ended together with this process's console, and from opening one.
func detach(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{
		CreationFlags: windows.CREATE_NEW_PROCESS_GROUP | windows.CREATE_NO_WINDOW,
	}
}
