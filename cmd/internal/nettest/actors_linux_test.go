package nettest

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// actor is a process that plays one end.
type actor struct {
	*testing.T
	*part
	cmd   *exec.Cmd
	in    io.WriteCloser
	words chan word
}

// act starts this program as one end on a host.
func (w *world) act(host, role string, p person, env ...string) *actor {
	w.Helper()
	p.CA, p.Organisation = w.ca, w.organisation
	line, err := json.Marshal(p)
	if err != nil {
		w.Fatal(err)
	}
	a := &actor{T: w.T, words: make(chan word, 64), part: &part{name: role, gone: make(chan struct{})}}
	a.cmd = w.Host(host).Command(context.Background(), os.Args[0])
	a.part.cmd = a.cmd
	a.cmd.Env = append(bare(os.Environ()), append(env, roleEnv+"="+role, "HOME="+w.dir)...)
	a.cmd.Stderr = a.part
	if a.in, err = a.cmd.StdinPipe(); err != nil {
		w.Fatal(err)
	}
	out, err := a.cmd.StdoutPipe()
	if err != nil {
		w.Fatal(err)
	}
	if err := a.cmd.Start(); err != nil {
		w.Fatal(err)
	}
	fmt.Fprintf(a.in, "%s\n", line)
	read := make(chan struct{})
	go func() {
		defer close(read)
		defer close(a.words)
		for s := bufio.NewScanner(out); s.Scan(); {
			var said word
			if json.Unmarshal(s.Bytes(), &said) == nil {
				a.words <- said
			}
		}
	}()
	go func() { <-read; _ = a.cmd.Wait(); close(a.gone) }()
	w.Cleanup(a.end)
	return a
}

// bare leaves out of an environment what names proxies.
func bare(env []string) (out []string) {
	for _, e := range env {
		if name, _, _ := strings.Cut(e, "="); !strings.HasSuffix(strings.ToLower(name), "_proxy") {
			out = append(out, e)
		}
	}
	return out
}

// end ends the actor.
func (a *actor) end() {
	_ = a.in.Close()
	late := time.AfterFunc(5*time.Second, func() { _ = a.cmd.Process.Kill() })
	defer late.Stop()
	for range a.words {
	}
	<-a.gone
}

// hear waits for one thing to be said, and returns it. What else is said meanwhile is kept in the list.
func (a *actor) hear(event string, within time.Duration, also ...*[]word) (word, error) {
	late := time.After(within)
	for {
		select {
		case said, more := <-a.words:
			if !more {
				return word{}, fmt.Errorf("%s ended without %q: %s", a.name, event, tail(a.said()))
			}
			if said.Event == "failed" {
				return word{}, fmt.Errorf("%s: %s", a.name, said.Text)
			}
			if said.Event == event {
				return said, nil
			}
			for _, list := range also {
				*list = append(*list, said)
			}
		case <-late:
			return word{}, fmt.Errorf("%s: no %q within %v: %s", a.name, event, within, tail(a.said()))
		}
	}
}

// engineer starts the engineer's end, signed in.
func (w *world) engineer() *actor {
	w.Helper()
	e := w.act("engineer", "engineer", person{})
	if _, err := e.hear("signed-in", 30*time.Second); err != nil {
		w.Fatal(err)
	}
	return e
}

// code asks for a fresh one.
func (a *actor) code() (string, error) {
	for len(a.words) > 0 { // what is left of the session before
		<-a.words
	}
	if _, err := io.WriteString(a.in, "code\n"); err != nil {
		return "", err
	}
	said, err := a.hear("code", 20*time.Second)
	return said.Text, err
}
