//go:build windows && win

package input

import (
	"github.com/go-vgo/robotgo/win"
	"golang.org/x/sys/windows"
)

// perMonitorAware is DPI_AWARENESS_CONTEXT_PER_MONITOR_AWARE_V2 (windef.h), -4.
const perMonitorAware = ^uintptr(3)

// robotReady takes out the pauses. With the tag win robotgo.KeySleep does nothing; the variable is here. And it asks the system not to
// scale places for this process, which it does for programs without a window library that has asked: clicks would miss.
func robotReady() {
	win.KeySleep = 0
	if aware := windows.NewLazySystemDLL("user32.dll").NewProc("SetProcessDpiAwarenessContext"); aware.Find() == nil {
		aware.Call(perMonitorAware) // refused once somebody has asked
	}
}

func robotDone() {}
