package system

import (
	"context"
	"os"
	"sync"

	"github.com/mattn/go-ieproxy"
	"golang.org/x/sys/windows"
)

func init() { readSettings = readWindows }

// reading keeps the library's one copy of the settings to one reader.
var reading sync.Mutex

// readWindows asks the settings of the user and of WinHTTP.
func readWindows(context.Context, Options) (settings, error) {
	reading.Lock()
	defer reading.Unlock()
	c := ieproxy.ReloadConf()
	return windowsConf{
		active: c.Static.Active, protocols: c.Static.Protocols, bypass: c.Static.NoProxy,
		auto: c.Automatic.Active, script: c.Automatic.PreConfiguredURL,
	}.settings(), nil
}

// folders are where the proxy file may be.
func folders() []string {
	list := []string{`C:\`}
	if home, err := os.UserHomeDir(); err == nil {
		list = append([]string{home}, list...)
	}
	return list
}

// ownDomain is the computer's DNS domain.
func ownDomain() string {
	const longest = 256
	buf := make([]uint16, longest)
	n := uint32(len(buf))
	if err := windows.GetComputerNameEx(windows.ComputerNameDnsDomain, &buf[0], &n); err != nil {
		return ""
	}
	return windows.UTF16ToString(buf)
}
