package main

import (
	"os"

	"fyne.io/fyne/v2"
)

// The window library has a folder for settings, and watches it: when somebody removes that folder, the library makes it
// again, up to the program's last moment. This program keeps no settings there. So that nothing is left of them, the
// library finds no place for a folder when it looks for one, which it does as it starts and as it stops. In between the
// environment is as it was, for other programs that are started from here.

// settingsHome is the variable that leads to the library's settings, and a value that leads nowhere; empty where the variable
// leads to more than those.
var settingsHome, nowhere string

// hideSettings is called before the library starts. The returned function is called before the library runs.
func hideSettings() (follow func(fyne.Lifecycle)) {
	if settingsHome == "" {
		return func(fyne.Lifecycle) {}
	}
	was, there := os.LookupEnv(settingsHome)
	os.Setenv(settingsHome, nowhere)
	return func(l fyne.Lifecycle) {
		l.SetOnStarted(func() {
			if there {
				os.Setenv(settingsHome, was)
			} else {
				os.Unsetenv(settingsHome)
			}
		})
		l.SetOnStopped(func() { os.Setenv(settingsHome, nowhere) })
	}
}
