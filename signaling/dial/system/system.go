// Package system finds the proxies that this computer is set up for. In this order:
//
//	file         Proxy=host:port in assist-proxy.txt or proxy_ibm.txt, in the home folder (on Windows also in C:\)
//	environment  HTTPS_PROXY, ALL_PROXY, HTTP_PROXY, NO_PROXY
//	settings     of Windows, GNOME or macOS: proxies, or the address of a script
//	script       at that address, or, where the settings say to look for one, at wpad.DOMAIN of this computer's own domain
//
// The settings of GNOME and macOS are read by running a program of the system, and scripts are run in a process of their
// own; how, is the caller's to say, so the package starts nothing itself. It does not decide between a proxy and none:
// package dial tries them all.
package system

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"sync"
	"time"

	"assist/signaling/dial"
	"assist/signaling/dial/pac"
)

// Options are the doors to this computer. The zero value reads files and the environment only.
type Options struct {
	// Run runs a program of the system and returns what it writes, at most 64 KiB. Nil: settings that need one
	// are not read.
	Run func(ctx context.Context, name string, args ...string) ([]byte, error)
	// Scripts runs proxy scripts. Nil: they are not run.
	Scripts pac.Runner
	Log     *slog.Logger
}

const (
	runTime   = 2 * time.Second // of a program of the system
	maxOutput = 64 << 10        // bytes it may write
)

// ErrUnneeded is why a script was not asked: somebody more exact has named a proxy.
var ErrUnneeded = errors.New("system: another source names a proxy")

// settings are what the system's own settings say.
type settings struct {
	source  dial.Source
	where   string
	proxies []dial.Proxy
	bypass  []string // hosts that need none
	script  string   // URL
	detect  bool     // look for a script
}

// readSettings reads the system's settings. It is nil on systems without any that we know.
var readSettings func(ctx context.Context, o Options) (settings, error)

// finder is the Finder of this computer.
type finder struct {
	o       Options
	folders []string // of the proxy file
	getenv  func(string) string
	read    func(ctx context.Context, o Options) (settings, error)
	domain  func() string
	fetch   func(ctx context.Context, url string) ([]byte, error)

	mu      sync.Mutex
	scripts map[string]script // by URL
}

// New returns the Finder of this computer.
func New(o Options) dial.Finder {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &finder{
		o: o, folders: folders(), getenv: os.Getenv, read: readSettings, domain: ownDomain, fetch: fetch,
		scripts: make(map[string]script),
	}
}

// Find implements dial.Finder.
func (f *finder) Find(ctx context.Context, host string, port uint16) []dial.Found {
	list := f.fromFiles()
	list = append(list, f.fromEnvironment(host, port)...)
	if f.read == nil {
		return list
	}
	within, cancel := context.WithTimeout(ctx, runTime)
	s, err := f.read(within, f.o)
	cancel()
	if err != nil {
		return append(list, dial.Found{Source: s.source, Where: s.where, Err: err})
	}
	if len(s.proxies) > 0 && !bypassed(host, s.bypass) {
		list = append(list, dial.Found{Source: s.source, Where: s.where, Proxies: s.proxies})
	}
	named := false
	for _, found := range list {
		named = named || len(found.Proxies) > 0
	}
	return append(list, f.fromScript(ctx, s, host, port, named)...)
}

// fromScript asks the script that the settings name or want looked for.
func (f *finder) fromScript(ctx context.Context, s settings, host string, port uint16, named bool) []dial.Found {
	found := dial.Found{Source: dial.PAC, Where: s.script}
	switch {
	case s.script != "":
	case s.detect:
		found.Source, found.Where = dial.WPAD, wpadURL(f.domain())
	}
	switch {
	case found.Where == "":
		return nil
	case named:
		found.Err = ErrUnneeded
	default:
		found.Proxies, found.Err = f.ask(ctx, found.Where, host, port)
	}
	found.Where = shown(found.Where)
	return []dial.Found{found}
}
