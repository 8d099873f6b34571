package main

import (
	"fmt"
	"os"
)

func init() { settingsHome, nowhere = "XDG_CONFIG_HOME", os.DevNull }

// ownProgram is how this program starts itself once more. The kernel's name for it is good even after the file is gone.
func ownProgram() (string, error) { return "/proc/self/exe", nil }

// makeLess tells the libraries of the window what not to leave behind: graphics drivers their translated programs, in folders
// for caches of their own, and the bus library a message bus, with a file about it, where the desktop has none.
func makeLess() {
	os.Setenv("MESA_SHADER_CACHE_DISABLE", "true")
	os.Setenv("__GL_SHADER_DISK_CACHE", "0") // NVIDIA
	if !busThere() {
		os.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+os.DevNull) // refuses, as a bus that is not there does
	}
}

// busThere reports whether there is a message bus where the bus library looks for one, or something says where one is.
func busThere() bool {
	if at := os.Getenv("DBUS_SESSION_BUS_ADDRESS"); at != "" && at != "autolaunch:" {
		return true
	}
	for _, name := range []string{"bus", "dbus-session"} {
		if _, err := os.Stat(fmt.Sprintf("/run/user/%d/%s", os.Getuid(), name)); err == nil {
			return true
		}
	}
	return false
}
