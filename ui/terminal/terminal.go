// Package terminal is the customer's side of a session as a dialogue in a terminal, line by line: for computers that cannot
// show a window, and for customers who come over SSH. It asks the same things as the windows, in the same order: code and name,
// who is asking, what they may do; and while the session lives it takes one-letter commands.
//
// It needs nothing of the terminal but lines in and lines out. It decides nothing about the session: what is typed goes to
// [customer.Actions], and what follows comes back as [customer.Event]. Silence is no, and the end of the input is stop.
//
// What the other end wrote always stands behind a bar, and what raises a level always has to be confirmed with digits that are
// drawn for it: so no message can pass for a question, and no answer to a message for an answer to a question.
package terminal

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"assist/app/customer"
	"assist/app/identity"
	"assist/app/mailbox"
	"assist/app/problem"
	"assist/app/session"
	"assist/ui/text"
)

const (
	// maxLine is the longest line that is read, in bytes. What is behind is dropped.
	maxLine = 16 << 10
	// endTime is how long the last word of a session is waited for once the input has ended.
	endTime = 3 * time.Second
)

// Options are what the dialogue begins with.
type Options struct {
	Form    customer.Form  // what is known already
	Service string         // address, shown beneath the form
	Problem *problem.Error // why it is in a terminal; nil if somebody asked for it
	// Hide makes the terminal not show what is typed, until restore is called. Nil, or an error: nobody is asked for a password.
	Hide func() (restore func(), err error)
}

// Dialogue is the dialogue of one program: sessions one after the other, until the customer closes it.
type Dialogue struct {
	out     io.Writer
	actions customer.Actions
	events  *mailbox.Box[customer.Event]
	logins  *mailbox.Box[*login]
	options Options

	// What follows belongs to Run.
	form     customer.Form
	accepted bool         // the terms
	ask      func(string) // takes the next line; nil: there is nothing to answer
	prompt   string       // what stands before the line that is typed
	waiting  bool         // the prompt stands there, without a line behind it
	closed   bool         // the customer is done
	eof      bool         // there will be no more lines
	clock    countdown
	talk     talk
	login    *login // that is being asked for; it gets the next line before anything else does
}

// talk is what is known of the session that begins or is live.
type talk struct {
	on       bool // from the answer of an engineer to the end
	live     bool
	engineer identity.Engineer
	asked    customer.Asked
	consent  customer.Consent // being put together
	access   session.Access
	levels   []session.Access // that were allowed
	needs    customer.Needs
	wish     *wish // a higher level that is being asked about
	still    bool  // whether somebody is there is being asked
	tried    bool  // an answer to that was given
	paused   bool
	panicKey bool // it ends the session
	stopping bool
}

// New returns a dialogue on out that acts on actions.
func New(out io.Writer, actions customer.Actions, options Options) *Dialogue {
	return &Dialogue{out: out, actions: actions, options: options, form: options.Form, events: mailbox.New[customer.Event](), logins: mailbox.New[*login]()}
}

// Handle takes what the customer must see. It may be called from any goroutine, and returns at once.
func (d *Dialogue) Handle(e customer.Event) { d.events.Put(e) }

// Run holds the dialogue, with lines from in, until the customer closes it, the input ends, or ctx does. One goroutine goes on reading until
// the next line, or the end, of in.
func (d *Dialogue) Run(ctx context.Context, in io.Reader) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	lines := read(ctx, in)
	var gone <-chan time.Time
	defer d.dropLogin()
	d.begin()
	for !d.closed {
		select {
		case <-ctx.Done():
			d.interrupted()
			return nil
		case <-gone:
			return nil
		case line, more := <-lines:
			if !more {
				lines, gone = nil, time.After(endTime)
				d.hangUp()
				continue
			}
			d.waiting = false
			d.take(line)
		case <-d.events.Ready():
			for _, e := range d.events.Take() {
				d.show(e)
			}
		case <-d.logins.Ready():
			for _, l := range d.logins.Take() {
				d.wantLogin(l)
			}
		case <-d.clock.due():
			d.clock.tell(d)
		}
		d.offer()
	}
	return nil
}

// read reads lines until in or ctx ends.
func read(ctx context.Context, in io.Reader) <-chan string {
	lines := make(chan string)
	go func() {
		defer close(lines)
		r := bufio.NewReaderSize(in, maxLine)
		for {
			line, long, err := r.ReadLine()
			if err != nil {
				return
			}
			s := strings.ToValidUTF8(string(line), "")
			for long && err == nil {
				_, long, err = r.ReadLine()
			}
			select {
			case lines <- s:
			case <-ctx.Done():
				return
			}
		}
	}()
	return lines
}

// begin says what this is and asks for the code.
func (d *Dialogue) begin() {
	if d.options.Problem != nil {
		d.problem(d.options.Problem.Code)
	}
	d.say(text.L("form.title"))
	if d.options.Service != "" {
		d.say(text.F("form.service", map[string]any{"service": text.Plain(d.options.Service)}))
	}
	d.say(text.L("terminal.begin"), "")
	d.say(text.L("form.intro"))
	d.askCode()
	d.offer()
}

// take takes a line.
func (d *Dialogue) take(line string) {
	switch {
	case d.login != nil:
		d.takeLogin(line)
		return
	case d.talk.live && d.takeLive(line):
		return
	case d.talk.on && !d.talk.live && command(line) == "!":
		d.ask = nil
		d.actions.Alarm()
		return
	}
	if d.ask != nil {
		d.ask(line)
	}
}

// hangUp is the end of the input: nobody can answer or stop any more.
func (d *Dialogue) hangUp() {
	d.eof = true
	if d.talk.on {
		d.actions.Stop() // what comes of it is waited for
		return
	}
	d.actions.Leave()
	d.closed = true
}

// interrupted is the end of the program, as by Ctrl-C: a session ends with it.
func (d *Dialogue) interrupted() {
	if d.talk.on {
		d.say(text.L("bar.stopping"))
	} else if d.waiting {
		d.say() // the shell's prompt comes on a line of its own
	}
}

// show shows what happened.
func (d *Dialogue) show(e customer.Event) {
	switch e := e.(type) {
	case customer.Connecting:
		d.say("", text.L("wait.title"), text.L("wait.text"))
		d.want(text.L("terminal.cancel"), d.cancel)
	case customer.Refused:
		d.refused(e)
	case customer.Asked:
		d.asked(e)
	case customer.Started:
		d.started(e)
	case customer.Ended:
		d.ended(e)
	case customer.Reported:
		d.say(reported(e.Alarm))
	default:
		if d.talk.live {
			d.happened(e)
		}
	}
}

// cancel gives up waiting for the engineer's program.
func (d *Dialogue) cancel(line string) {
	if command(line) == "x" {
		d.actions.Leave()
		d.askCode()
	}
}

// want says what the next line is for. The prompt is written by offer, when everything else has been.
func (d *Dialogue) want(prompt string, ask func(string)) {
	d.prompt, d.ask, d.waiting = prompt, ask, false
}

// offer writes the prompt if it is not there.
func (d *Dialogue) offer() {
	if d.waiting || d.closed || d.eof || d.ask == nil && !d.talk.live && d.login == nil {
		return
	}
	d.waiting = true
	if d.login != nil {
		fmt.Fprint(d.out, d.login.prompt(), " > ")
		return
	}
	if d.ask == nil {
		fmt.Fprint(d.out, "> ")
		return
	}
	fmt.Fprint(d.out, d.prompt, " > ")
}

// say writes lines. A prompt that stands there is left behind, and written anew below.
func (d *Dialogue) say(lines ...string) {
	if d.waiting {
		fmt.Fprintln(d.out)
		d.waiting = false
	}
	for _, line := range lines {
		fmt.Fprintln(d.out, line)
	}
}

// problem says what is wrong and what to do about it.
func (d *Dialogue) problem(code problem.Code) {
	what, do := text.Problem(code)
	d.say("", text.Join(what, do))
}
