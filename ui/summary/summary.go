// Package summary puts what happened in a session, and what a transcript proves, into words: plain text in the reader's
// language, for a window, a file or a terminal. It shows nothing itself, and decides nothing.
package summary

import (
	"slices"
	"strings"
	"time"

	"assist/app/problem"
	"assist/app/session"
	"assist/app/transcript"
	"assist/ui/text"
)

// Text is the summary of a session: who, when, what was allowed, what was asked and answered, and how it ended. Times are
// the reader's local ones.
func Text(s transcript.Summary) string {
	var b block
	b.line(text.L("summary.title"))
	b.line("")
	b.who(&s)
	b.when(&s)
	b.line(text.F("summary.end", map[string]any{"reason": reason(s.Reason)}))
	b.levels(s.Levels)
	b.requests(s.Requests)
	b.spans("summary.pauses", s.Pauses)
	b.spans("summary.interruptions", s.Interruptions)
	b.line("")
	b.line(text.F("summary.chat", map[string]any{"customer": s.Chat.Customer, "engineer": s.Chat.Engineer}))
	if s.Full {
		b.line(text.L("summary.full"))
	}
	if s.Signed == s.Entries {
		b.line(text.F("summary.signed-all", map[string]any{"all": s.Entries}))
	} else {
		b.line(text.F("summary.signed-part", map[string]any{"signed": s.Signed, "all": s.Entries}))
	}
	return b.String()
}

// block is text line by line.
type block struct{ strings.Builder }

func (b *block) line(s string) {
	b.WriteString(s)
	b.WriteByte('\n')
}

// item is a line below a heading.
func (b *block) item(s string) { b.line("  " + s) }

// heading is a line above items.
func (b *block) heading(s string) {
	b.line("")
	b.line(s)
}

func (b *block) who(s *transcript.Summary) {
	c := s.Customer
	b.line(text.F("summary.session", map[string]any{"id": text.Plain(s.Session)}))
	b.line(text.F("summary.customer", map[string]any{"name": text.Plain(c.Name)}))
	for _, f := range []struct{ key, name, value string }{
		{"summary.number", "number", c.Number}, {"summary.case", "case", c.Case}, {"summary.branch", "branch", c.Branch},
		{"summary.country", "country", c.Country}, {"summary.product", "product", c.Product},
	} {
		if f.value != "" {
			b.line(text.F(f.key, map[string]any{f.name: text.Plain(f.value)}))
		}
	}
	key := "summary.engineer-unverified"
	if s.Engineer.Verified {
		key = "summary.engineer-verified"
	}
	b.line(text.F(key, map[string]any{"name": text.Plain(s.Engineer.Name), "organisation": text.Plain(s.Engineer.Organisation)}))
}

func (b *block) when(s *transcript.Summary) {
	from, to, took := text.Time(s.Started), text.Time(s.Ended), text.Elapsed(s.Lasted())
	day, last := text.Date(s.Started), text.Date(s.Ended)
	if day == last {
		b.line(text.F("summary.when", map[string]any{"date": day, "from": from, "to": to, "time": took}))
		return
	}
	b.line(text.F("summary.when-days", map[string]any{"fromdate": day, "from": from, "todate": last, "to": to, "time": took}))
}

// reason is why a session ended, as a sentence.
func reason(why problem.Code) string {
	if !slices.Contains(problem.Codes(), why) {
		return text.F("summary.end-unknown", map[string]any{"reason": text.Plain(string(why))})
	}
	what, _ := text.Problem(why)
	return what
}

// levelKeys are the names of the levels.
var levelKeys = map[session.Access]string{
	session.ChatOnly:      "summary.level-chat",
	session.ViewOnly:      "summary.level-view",
	session.SharedControl: "summary.level-control",
}

func (b *block) levels(list []transcript.Level) {
	b.heading(text.L("summary.levels"))
	for _, l := range list {
		b.item(text.F("summary.level", map[string]any{
			"from": text.Time(l.From), "to": text.Time(l.To), "level": text.L(levelKeys[l.Access]),
		}))
	}
}

// answerKeys are the words for answers.
var answerKeys = map[transcript.Answer]string{
	transcript.Unanswered: "summary.answer-none",
	transcript.Yes:        "summary.answer-yes",
	transcript.No:         "summary.answer-no",
	transcript.Silence:    "summary.answer-silence",
}

func (b *block) requests(list []transcript.Request) {
	if len(list) == 0 {
		return
	}
	b.heading(text.L("summary.requests"))
	for _, r := range list {
		b.item(text.F("summary.request", map[string]any{
			"at": text.Time(r.Asked), "level": text.L(levelKeys[r.Access]), "answer": text.L(answerKeys[r.Answer]),
		}))
	}
}

func (b *block) spans(heading string, list []transcript.Span) {
	if len(list) == 0 {
		return
	}
	b.heading(text.L(heading))
	for _, s := range list {
		took := max(0, s.To.Sub(s.From)).Round(time.Second)
		b.item(text.F("summary.span", map[string]any{"from": text.Time(s.From), "to": text.Time(s.To), "time": text.Elapsed(took)}))
	}
}
