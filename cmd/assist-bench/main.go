// Command assist-bench measures whole support sessions from outside: it plays scenes on the customer's display, and holds
// what the engineer's display shows, and when, against it. Service, relay, console and customer's program run as
// processes of their own, over lines of different speed. Where TigerVNC is installed it is measured the same way beside them.
//
//	assist-bench                             everything, about twelve minutes
//	assist-bench --quick                     the fastest line only, and a tenth of the people at the service, about three minutes
//	assist-bench --scenes service,program    only what no line is part of
//	assist-bench --links lan,2m --scenes typing,video --json out.json
//
// How it is measured:
//
//   - Every step of a scene carries a number as a row of black and white squares. A step is on a display when every copy of its
//     number there is read from a picture of the display, taken when X says that something was painted. Both displays are read
//     the same way, by the same program and clock.
//   - Readable: of the pixels of ink, and of those of ground, in each text of the desktop at least 95 % are within 48 of 255
//     levels of what they should be. From the press of the customer's button Allow; for VNC from the start of the viewer.
//   - Change and key to seen: from the picture of the change on the customer's display, and from the press of the engineer's key,
//     to the picture on the engineer's display.
//   - Bytes are counted on the customer's line, IP headers included, up (to the engineer) and down.
//   - Equal: from the last step of a scene to the first picture of the engineer's display that is the customer's, byte for
//     byte; without the customer's session bar and frame, which the engineer is not shown, and the pointer.
//   - PSNR: of the luma, in the region that moves, of pictures of the engineer's display against the step whose number
//     they show.
//   - Processor time is that of a program with its children; the displays' own is not part of it.
//   - A service is measured once, whatever the lines: it is filled over loopback through the apps' own client, from many addresses.
//     A call's time is that from the call to its answer at the app. Memory is what the process has of its own and its share of what
//     it has with others (Pss), the most that was seen.
//   - The customer's program is built again without symbols for its size. Its start lasts until its window's trace shows the form.
//
// The lines need network namespaces (root and TUN). Without them the fastest line is this computer's loopback, its bytes are
// not counted, and the other lines are not run.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// cli is the command line.
type cli struct {
	Run   runCmd   `cmd:"" default:"withargs" help:"Measure."`
	Paint paintCmd `cmd:"" hidden:"" help:"Play scenes on the display of the environment."`
}

// runCmd is run.
type runCmd struct {
	Links  []string `help:"Lines to measure over: lan, 2m, 256k, 28k, step; here is without a line." default:"lan,2m,256k,28k,step,here" placeholder:"LINK"`
	Scenes []string `help:"Scenes to measure: first, idle, rest, key, typing, log, page, drag, video, slides, chat, service, program. Default: all that fit the line." placeholder:"SCENE"`
	Quick  bool     `help:"Only the fastest line unless --links says others, shorter scenes, and a tenth of the people at the service."`
	JSON   string   `help:"Write all figures to this file, too." type:"path" placeholder:"FILE" name:"json"`
	Assist string   `help:"The program to measure." default:"build/assist" placeholder:"FILE"`
	Server string   `help:"The service's program." default:"build/assist-server" placeholder:"FILE"`
	VNC    bool     `help:"Measure TigerVNC beside it, if it is installed." default:"true" negatable:"" name:"vnc"`
	Keep   string   `help:"Keep logs, and pictures of both displays, in this folder." type:"path" placeholder:"FOLDER"`
}

// paintCmd is paint.
type paintCmd struct{}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	var c cli
	command := kong.Parse(&c, kong.Name("assist-bench"), kong.Description("Measures whole sessions from outside."),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.UsageOnError())
	if err := command.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "assist-bench:", err)
		stop()
		os.Exit(1)
	}
}
