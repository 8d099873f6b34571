package terminal

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"assist/app/code"
	"assist/app/customer"
	"assist/app/identity"
	"assist/app/session"
	"assist/ui/text"
)

// recorder writes down what the dialogue does.
type recorder struct {
	mu   sync.Mutex
	done []string
	last customer.Form
}

func (r *recorder) note(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done = append(r.done, fmt.Sprintf(format, args...))
}

func (r *recorder) Join(f customer.Form, c code.Code) {
	r.last = f
	r.note("join %s%s", c.Room, c.Secret.Bytes())
}
func (r *recorder) Leave()                                       { r.note("leave") }
func (r *recorder) Answer(c customer.Consent)                    { r.note("answer %+v", c) }
func (r *recorder) SetAccess(a session.Access, p customer.Proof) { r.note("set %v %+v", a, p) }
func (r *recorder) AnswerRequest(id uint32, yes bool, p customer.Proof) {
	r.note("request %d %v %+v", id, yes, p)
}
func (r *recorder) StillHere(p customer.Proof) { r.note("still here %s", p.Digits) }
func (r *recorder) Alarm()                     { r.note("alarm") }
func (r *recorder) Say(text string)            { r.note("say %s", text) }
func (r *recorder) Pause()                     { r.note("pause") }
func (r *recorder) Resume(p customer.Proof)    { r.note("resume %s", p.Digits) }
func (r *recorder) Stop()                      { r.note("stop") }

// output is what the dialogue wrote.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

// rig is a dialogue with a test at its other ends.
type rig struct {
	t    *testing.T
	d    *Dialogue
	in   *io.PipeWriter
	out  output
	acts recorder
	done chan error
}

// play runs a test of a dialogue on a clock of its own.
func play(t *testing.T, o Options, test func(*rig)) {
	t.Helper()
	if err := text.Load("en"); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		r := &rig{t: t, done: make(chan error, 1)}
		read, write := io.Pipe()
		r.in = write
		r.d = New(&r.out, &r.acts, o)
		go func() { r.done <- r.d.Run(t.Context(), read) }()
		synctest.Wait()
		test(r)
		write.Close()
		time.Sleep(2 * endTime)
		select {
		case err := <-r.done:
			if err != nil {
				t.Error(err)
			}
		default:
			t.Error("the dialogue goes on without input")
		}
		read.Close()
	})
}

// line types lines.
func (r *rig) line(lines ...string) {
	r.t.Helper()
	for _, l := range lines {
		if _, err := io.WriteString(r.in, l+"\n"); err != nil {
			r.t.Fatal(err)
		}
		synctest.Wait()
	}
}

func (r *rig) feed(events ...customer.Event) {
	for _, e := range events {
		r.d.Handle(e)
		synctest.Wait()
	}
}

// says wants texts to have been written, in this order, since the last call.
func (r *rig) says(wants ...string) string {
	r.t.Helper()
	r.out.mu.Lock()
	all := r.out.b.String()
	r.out.b.Reset()
	r.out.mu.Unlock()
	rest := all
	for _, want := range wants {
		_, after, found := strings.Cut(rest, want)
		if !found {
			r.t.Fatalf("%q is not said:\n%s", want, all)
		}
		rest = after
	}
	return all
}

// did wants the actions since the last call to be these.
func (r *rig) did(wants ...string) {
	r.t.Helper()
	r.acts.mu.Lock()
	defer r.acts.mu.Unlock()
	if got, want := strings.Join(r.acts.done, "\n"), strings.Join(wants, "\n"); got != want {
		r.t.Fatalf("did\n%s\nwant\n%s", got, want)
	}
	r.acts.done = nil
}

// ada is an engineer who is verified.
var ada = identity.Engineer{Name: "Ada Engineer", Organisation: "Example Support", Account: "ada", Verified: true}

// started brings the dialogue into a session at a level.
func (r *rig) started(e identity.Engineer, level session.Access, needs customer.Needs) {
	r.t.Helper()
	r.feed(customer.Asked{Engineer: e, CheckNumber: "482913", MustCheck: !e.Verified, Until: time.Now().Add(time.Minute)},
		customer.Started{Engineer: e, Access: level, At: time.Now()},
		customer.AccessChanged{Access: level, At: time.Now(), Needs: needs})
	r.says("The session has begun", "From now on Ada Engineer")
}
