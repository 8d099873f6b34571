//go:build unix

package cleanup

import (
	"io/fs"
	"os"
	"syscall"
)

// here is this computer. Packages of dpkg and pacman are looked up; those of rpm, apk, snap, flatpak, Nix, Guix and
// Homebrew are in places of their own.
var here = computer{
	places: []string{
		"/usr", "/opt", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc", "/boot", "/var/lib",
		"/snap", "/app", "/nix", "/gnu", "/home/linuxbrew",
		"/Applications", "/Library", "/System",
	},
	lists: []string{"/var/lib/dpkg/info/*.list", "/var/lib/pacman/local/*/files"},
}

// owned reports whether the file belongs to the one who runs the program.
func owned(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Getuid() && os.Getuid() == os.Geteuid()
}
