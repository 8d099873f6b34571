// Command assist-server is the service: signaling, relay, accounts and audit log in one program, behind one port or
// several, any one of which is enough.
//
//	assist-server demo                      everything on loopback with throw-away data
//	assist-server run --config FILE         the service
//	assist-server relay --config FILE       a relay alone, for another region
//	assist-server check --config FILE       what is wrong with the configuration
//	assist-server organisation init         the key that says who the engineers are
//	assist-server engineer add|reset|disable|enable|list --config FILE
//
// It ends with 0, with 1 when something failed, and with 2 when it was called wrongly. How the parts work stands in their
// packages; here they are put together.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/alecthomas/kong"
)

// commands is the command line.
type commands struct {
	Demo   demoCommand  `cmd:"" help:"Serve on loopback with throw-away data and one engineer, and say as one line of JSON how to reach it."`
	Run    runCommand   `cmd:"" help:"Serve."`
	Relay  relayCommand `cmd:"" help:"Serve as a relay alone, for a service elsewhere."`
	Check  checkCommand `cmd:"" help:"Read the configuration and say whether it can be used, and what is wrong."`
	Config struct {
		Check checkCommand `cmd:"" help:"Read the configuration and say whether it can be used."`
	} `cmd:"" help:"The configuration file."`
	Organisation struct {
		Init organisationCommand `cmd:"" help:"Make the organisation's key. Keep the file away from the service's host."`
	} `cmd:"" help:"Who the engineers belong to."`
	Engineer struct {
		Add     addCommand     `cmd:"" help:"Make an account. The password is asked for, or read from standard input."`
		Reset   resetCommand   `cmd:"" help:"Give an account a new password and a new certificate, and end its connections."`
		Disable disableCommand `cmd:"" help:"Close an account, and end its connections and sessions."`
		Enable  enableCommand  `cmd:"" help:"Open a closed account again."`
		List    listCommand    `cmd:"" help:"List the accounts."`
	} `cmd:"" help:"Accounts of engineers. Works while the service runs and while it does not."`
}

// terminal is where a command talks to people.
type terminal struct {
	in       *os.File
	out, err io.Writer
}

// gcPercent is how much the heap may grow before it is looked through, in percent. With thousands of connections that wait,
// less than the usual 100 costs no processor time that can be measured, and saves a fifth of the memory.
const gcPercent = 40

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], terminal{os.Stdin, os.Stdout, os.Stderr})
	stop()
	os.Exit(code)
}

// errHelp ends a run that only showed a help text.
var errHelp = errors.New("help was asked for")

// run does what args say and returns the exit code.
func run(ctx context.Context, args []string, t terminal) (code int) {
	parser, err := kong.New(&commands{},
		kong.Name("assist-server"),
		kong.Description("The service of Assist: signaling, relay, accounts and audit log."),
		kong.Writers(t.out, t.err),
		kong.Exit(func(int) { panic(errHelp) }), // kong ends the program after --help
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(t),
	)
	if err != nil {
		fmt.Fprintln(t.err, "assist-server:", err)
		return 1
	}
	defer func() {
		if p := recover(); p == errHelp {
			code = 0
		} else if p != nil {
			panic(p)
		}
	}()
	command, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintln(t.err, "assist-server:", err)
		fmt.Fprintln(t.err, "Try assist-server --help.")
		return 2
	}
	if err := command.Run(); err != nil {
		fmt.Fprintln(t.err, "assist-server:", err)
		return 1
	}
	return 0
}

// newLog returns the log of a service: JSON lines.
func newLog(to io.Writer) *slog.Logger { return slog.New(slog.NewJSONHandler(to, nil)) }
