// Command assist is the program of both people in a support session: the customer's by default, the engineer's
// as `assist console`, and both at once, with a service between them, as `assist demo`.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime"
	"syscall"

	"assist/app/problem"
	"assist/media/input"
	"assist/ui/text"

	"github.com/alecthomas/kong"
)

// version is the program's version, as both ends show it to each other.
const version = "Assist 0.1.0"

// common are the flags of both ends.
type common struct {
	Service          string `help:"Address of the service, as host or host:port." placeholder:"HOST" env:"ASSIST_SERVICE"`
	ServiceCA        string `help:"File with the certificate authority of the service, if it has its own." type:"existingfile" placeholder:"FILE" env:"ASSIST_SERVICE_CA"`
	Proxy            string `help:"Proxy for every TCP connection: host:port or socks5://host:port, with user:password@ before the host if it wants them." placeholder:"PROXY" env:"ASSIST_PROXY"`
	NoProxyDiscovery bool   `help:"Do not look for proxies in the settings of this computer." env:"ASSIST_NO_PROXY_DISCOVERY"`
	NoUDP            bool   `name:"no-udp" help:"Reach relays over TCP only." env:"ASSIST_NO_UDP"`
	Language         string `help:"Language of the windows: en or ja. Default: the system's." enum:",en,ja" default:"" env:"ASSIST_LANGUAGE"`
	Log              string `help:"File to write a log to. It holds no codes, keys, chat or passwords." type:"path" placeholder:"FILE" env:"ASSIST_LOG"`
	Verbose          bool   `help:"Write more into the log."`
	Trace            int    `hidden:"" help:"File descriptor to write what the windows show to, for tests." default:"0"`
}

// cli is the command line.
type cli struct {
	Customer customerCmd      `cmd:"" default:"withargs" help:"Get help from an engineer. This is what a double-click does."`
	Console  consoleCmd       `cmd:"" help:"Give help: the engineer's console."`
	Demo     demoCmd          `cmd:"" help:"Play a whole session on this machine."`
	Doctor   doctorCmd        `cmd:"" help:"Test the connection to the service: what was tried, how it ended, what to ask the network's people for."`
	Watchdog watchdogCmd      `cmd:"" hidden:""`
	Cleanup  cleanupHelperCmd `cmd:"" hidden:"" name:"cleanup-helper"`
	Pac      pacCmd           `cmd:"" hidden:""`
	ProbeGL  probeCmd         `cmd:"" hidden:"" name:"probe-gl"`
	Verify   verifyCmd        `cmd:"" help:"Check the transcript or the log of a session: is it what was written, and who signed it?"`
	Version  versionCmd       `cmd:"" help:"Print the version."`
}

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run() error {
	_, err := fmt.Println(version)
	return err
}

// watchdogCmd is the second process that releases keys if the first one dies.
type watchdogCmd struct{}

// Run waits for the first process to end.
func (watchdogCmd) Run() error { return input.WatchdogMain() }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	var c cli
	parser := kong.Must(&c, kong.Name("assist"), kong.Description("Remote support that the customer is in charge of."),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.UsageOnError(),
		kong.Exit(func(status int) { os.Exit(min(status, exitUsage)) }))
	command, err := parser.Parse(os.Args[1:])
	parser.FatalIfErrorf(err)
	if err := command.Run(); err != nil {
		if status, ok := errors.AsType[exitStatus](err); ok {
			os.Exit(int(status))
		}
		fmt.Fprintln(os.Stderr, "assist:", sentence(err))
		os.Exit(1)
	}
}

// sentence says what is wrong as people read it.
func sentence(err error) string {
	p, ok := errors.AsType[*problem.Error](err)
	if !ok {
		return err.Error()
	}
	what, do := text.Problem(p.Code)
	return what + " " + do
}

// open opens the log, and loads the texts.
func (c *common) open() (*slog.Logger, error) {
	if err := text.Load(c.Language); err != nil {
		return nil, err
	}
	var to io.Writer = io.Discard
	if c.Log != "" {
		f, err := os.OpenFile(c.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return nil, fmt.Errorf("log: %w", err)
		}
		to = f // stays open as long as the program runs
	}
	level := slog.LevelInfo
	if c.Verbose {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(to, &slog.HandlerOptions{Level: level})), nil
}

// systemName is the operating system as the other end shows it.
func systemName() string {
	names := map[string]string{"linux": "Linux", "windows": "Windows", "darwin": "macOS"}
	if n, ok := names[runtime.GOOS]; ok {
		return n
	}
	return runtime.GOOS
}
