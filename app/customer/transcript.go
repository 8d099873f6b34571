package customer

import (
	"fmt"
	"strings"
	"time"

	"assist/app/problem"
	"assist/app/transcript"
	"assist/app/wire"
)

// beginTranscript writes the first entry. A session without a transcript, after a fault of this program, goes on.
func (l *live) beginTranscript() {
	f := l.m.form
	author, err := transcript.Begin(transcript.Session{
		ID: l.m.id, Identity: l.m.chain, Engineer: l.m.engineer,
		Customer: transcript.Customer{
			Name: f.Name, Number: f.CustomerNumber, Case: f.CaseNumber, Branch: f.Branch, Country: f.Country, Product: f.Product,
		},
	}, l.r.cfg.Program, func(e *wire.Entry) { l.send(e) })
	if err != nil {
		l.r.cfg.Log.Error("no transcript", "error", err)
		return
	}
	l.author = author
}

// entry writes into the transcript. What cannot be written is missing in it, and nowhere else.
func (l *live) entry(write func(*transcript.Author) error) {
	if l.author == nil {
		return
	}
	if err := write(l.author); err != nil {
		l.r.cfg.Log.Info("not in the transcript", "error", err)
	}
}

// signed takes the engineer's end's signature of the transcript.
func (l *live) signed(m *wire.Head) error {
	if l.author == nil {
		return nil
	}
	if err := l.author.Take(m); err != nil {
		return problem.New(problem.PeerMisbehaved, fmt.Errorf("customer: %w", err))
	}
	return nil
}

// endTranscript writes why the session ends. An alarm is the customer's own affair: the engineer's end is told no
// more than that the customer ended the session.
func (l *live) endTranscript(why error) {
	code := problem.Of(why)
	if code == problem.Alarm {
		code = problem.CustomerEnded
	}
	l.entry(func(a *transcript.Author) error { return a.End(code) })
}

// settle waits for the engineer's end's last signature: for a moment from when the session was over.
func (l *live) settle(over time.Time) {
	limit := time.NewTimer(time.Until(over.Add(goodbyeTime)))
	defer limit.Stop()
	for l.author != nil && !l.author.Settled() {
		select {
		case <-limit.C:
			return
		case <-l.turn.Load().Control.Done:
			return
		case msg := <-l.turn.Load().Control.Messages:
			if head, ok := msg.(*wire.Head); ok && l.signed(head) != nil {
				return
			}
		}
	}
}

// finishTranscript closes the transcript and keeps it with the record.
func (l *live) finishTranscript() {
	if l.author != nil {
		l.record.transcript = l.author.Finish(problem.Internal) // its end is there
	}
}

// saveTranscript writes the transcript beside the log, if the customer asked for a log, and returns the file.
func (r *Runner) saveTranscript(rec *record) string {
	if rec.transcript == nil || rec.path == "" {
		return ""
	}
	name := strings.TrimSuffix(rec.path, ".log") + "-transcript.txt"
	if err := rec.transcript.Save(name); err != nil {
		r.cfg.Log.Warn("transcript not saved", "error", err)
		r.cfg.Notify(Trouble{Problem: problem.New(problem.JournalFailed, err)})
		return ""
	}
	return name
}
