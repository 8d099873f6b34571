package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"

	"assist/app/cleanup"
	"assist/app/journal"
)

// fontIndex is the window library's list of fonts. It is in the user's folder for caches itself, and serves every program
// made with that library: the first of them makes it.
const fontIndex = "font_index_v6.cache"

// trayIcons are the files through which Windows gets the tray's icons, in the folder for temporary files. They are named by
// what is in them, and whoever misses one makes it again.
const trayIcons = "systray_temp_icon_*"

// leftovers are what a run of this program makes on the customer's computer. What was there before is not ours, whoever made
// it; the log file that --log names, and the journal, are there because somebody asked for them.
type leftovers struct {
	log     *slog.Logger
	list    *cleanup.List
	program chan *cleanup.Self // the running program, once it is noted

	mu    sync.Mutex
	fresh []thing  // that were not there at the start, folders before what is in them
	icons []string // that were
	asked bool     // there was a clean-up
}

// thing is a file or folder that the program may make.
type thing struct {
	path   string
	kind   cleanup.Kind
	shared bool // a folder that other programs put things into, too
}

// newLeftovers notes what is not there yet, and the program. It is called before anything is made.
func newLeftovers(log *slog.Logger) *leftovers {
	makeLess()
	l := noteThings(log)
	go l.noteProgram()
	return l
}

// noteThings notes what is not there yet.
func noteThings(log *slog.Logger) *leftovers {
	l := &leftovers{log: log, list: cleanup.New(log), program: make(chan *cleanup.Self, 1)}
	for _, t := range things(log) {
		l.note(t)
	}
	l.icons = icons()
	return l
}

// icons are the tray's icons that are there.
func icons() []string {
	list, _ := filepath.Glob(filepath.Join(os.TempDir(), trayIcons)) // the pattern is right
	return list
}

// things are all that the program may make, without the folders they are in.
func things(log *slog.Logger) (list []thing) {
	if dir, err := settingsFolder(); err == nil {
		list = append(list, thing{path: filepath.Join(dir, "fyne", appID, "preferences.json"), kind: cleanup.File})
	} else {
		log.Info("no folder for settings", "error", err)
	}
	if dir, err := os.UserCacheDir(); err == nil {
		list = append(list, thing{path: filepath.Join(dir, "fyne", appID), kind: cleanup.Folder},
			thing{path: filepath.Join(dir, fontIndex), kind: cleanup.File})
	} else {
		log.Info("no folder for caches", "error", err)
	}
	if dir, err := journal.Folder(); err == nil {
		list = append(list, thing{path: dir, kind: cleanup.Folder})
	} else {
		log.Info("no folder for journals", "error", err)
	}
	return list
}

// settingsFolder is where the window library keeps what it remembers.
func settingsFolder() (string, error) {
	home, err := os.UserHomeDir()
	switch runtime.GOOS {
	case "windows":
		return filepath.Join(home, "AppData", "Roaming"), err
	case "darwin":
		return filepath.Join(home, "Library", "Preferences"), err
	}
	return os.UserConfigDir()
}

// note notes t, and the folders it is in, if they are not there. It takes nothing for missing that it cannot look at.
func (l *leftovers) note(t thing) {
	if _, err := os.Lstat(t.path); !os.IsNotExist(err) {
		return
	}
	for _, known := range l.fresh {
		if known.path == t.path {
			return
		}
	}
	if above := filepath.Dir(t.path); above != t.path {
		l.note(thing{above, cleanup.Folder, filepath.Base(above) != appID})
	}
	l.fresh = append(l.fresh, t)
}

// noteProgram notes the running program, beside its start: the whole of it is read.
func (l *leftovers) noteProgram() {
	defer close(l.program)
	exe, err := os.Executable()
	if err != nil {
		l.log.Warn("own program unknown", "error", err)
		return
	}
	l.program <- cleanup.Program(exe)
}

// openJournal begins the log that the customer asked for. It stays, also when a later session is to leave nothing.
func (l *leftovers) openJournal(s journal.Session) (*journal.Journal, error) {
	folder, err := journal.Folder()
	if err != nil {
		return nil, err
	}
	j, err := journal.Create(folder, s, journal.System())
	if err == nil {
		l.list.Keep(j.Path(), cleanup.CustomerAsked)
	}
	return j, err
}

// cleanUp removes what the program made, and the program itself, where it may go. A journal, if there is one, is kept.
func (l *leftovers) cleanUp(journal string) cleanup.Report {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked = true
	if journal != "" {
		l.list.Keep(journal, cleanup.CustomerAsked)
	}
	if self, ok := <-l.program; ok {
		l.list.AddProgram(self)
	}
	return l.remove()
}

// remove removes what is there by now.
func (l *leftovers) remove() cleanup.Report {
	for _, icon := range icons() {
		if !slices.Contains(l.icons, icon) {
			l.icons = append(l.icons, icon)
			l.fresh = append(l.fresh, thing{path: icon, kind: cleanup.File})
		}
	}
	for _, t := range l.fresh {
		if _, err := os.Lstat(t.path); os.IsNotExist(err) {
			continue
		}
		if err := l.list.Add(t.path, t.kind); err != nil {
			l.log.Warn("not ours to remove", "error", err)
		}
	}
	r := l.list.Run()
	r.Left = slices.DeleteFunc(r.Left, l.othersUse)
	r.Kept = slices.DeleteFunc(r.Kept, l.onlyHolds)
	return r
}

// othersUse reports whether n is a folder for everybody, which somebody else has put something into meanwhile: it is no
// longer ours.
func (l *leftovers) othersUse(n cleanup.Note) bool {
	return n.Reason == cleanup.NotEmpty && slices.ContainsFunc(l.fresh, func(t thing) bool { return t.shared && t.path == n.Path })
}

// onlyHolds reports whether n is a folder that stays for what is in it: nobody needs to read about both.
func (l *leftovers) onlyHolds(n cleanup.Note) bool {
	return slices.ContainsFunc(l.fresh, func(t thing) bool { return t.kind == cleanup.Folder && t.path == n.Path })
}

// sweep removes what the window library wrote after a clean-up, on its way out. It is called when that is over.
func (l *leftovers) sweep() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.asked {
		l.remove()
	}
}
