package customer

import (
	"fmt"

	"assist/app/cleanup"
	"assist/app/journal"
	"assist/app/problem"
	"assist/app/transcript"
)

// record is what the customer wants kept of a session, and what not.
type record struct {
	journal *journal.Journal // nil: no log
	path    string           // of the log
	cleanUp bool

	transcript *transcript.Finished // of a session that was live and is over
}

// openRecord begins the log, if the customer asked for one: before anything is shared.
func (r *Runner) openRecord(m *meeting, c Consent) (*record, error) {
	rec := &record{cleanUp: c.CleanUp}
	if !c.Journal {
		return rec, nil
	}
	j, err := r.cfg.OpenJournal(journal.Session{ID: m.id, Program: r.cfg.Program, Engineer: m.engineer})
	if err != nil {
		return rec, problem.New(problem.JournalFailed, fmt.Errorf("customer: journal: %w", err))
	}
	rec.journal, rec.path = j, j.Path()
	if err := j.Connected(); err != nil {
		return rec, problem.New(problem.JournalFailed, fmt.Errorf("customer: journal: %w", err))
	}
	return rec, nil
}

// write writes an event, if there is a log.
func (rec *record) write(event func(*journal.Journal) error) error {
	if rec.journal == nil {
		return nil
	}
	return event(rec.journal)
}

// close writes the last line.
func (rec *record) close(why problem.Code) error {
	if rec.journal == nil {
		return nil
	}
	err := rec.journal.Ended(why)
	if closeErr := rec.journal.Close(); err == nil {
		err = closeErr
	}
	return err
}

// leftovers removes what the customer does not want left, and says how that went.
func (r *Runner) leftovers(rec *record) *cleanup.Report {
	if rec == nil || !rec.cleanUp {
		return nil
	}
	report := r.cfg.CleanUp(rec.path)
	return &report
}

// note writes an event that may not be lost before it takes effect, and reports whether it was written. If not, the customer
// is told.
func (l *live) note(event func(*journal.Journal) error) bool {
	err := l.record.write(event)
	if err != nil {
		l.r.cfg.Log.Warn("journal", "error", err)
		l.r.cfg.Notify(Trouble{Problem: problem.New(problem.JournalFailed, err)})
	}
	return err == nil
}
