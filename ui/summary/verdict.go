package summary

import (
	"errors"
	"strconv"

	"assist/app/journal"
	"assist/app/transcript"
	"assist/ui/text"
)

// Transcript is what transcript.Verify found, in words: that the transcript is valid and what it says, or the first line that is
// not right.
func Transcript(r transcript.Report, err error) string {
	var b block
	if err != nil {
		b.line(text.L("verify.transcript-broken"))
		b.line(fault(err))
		return b.String()
	}
	s := r.Summary
	b.line(text.L("verify.transcript-valid"))
	rest := map[string]any{"signed": s.Signed, "all": s.Entries}
	switch {
	case s.Signed == s.Entries:
		b.line(text.F("verify.signed-all", map[string]any{"all": s.Entries}))
	case r.CustomerSigned > r.EngineerSigned:
		b.line(text.F("verify.signed-customer", rest))
	default:
		b.line(text.F("verify.signed-engineer", rest))
	}
	if s.Engineer.Verified {
		b.line(text.L("verify.verified"))
	} else {
		b.line(text.L("verify.unverified"))
	}
	b.line(text.F("verify.key", map[string]any{"key": r.Key}))
	b.line("")
	b.WriteString(Text(s))
	return b.String()
}

// Log is what journal.Verify found, in words.
func Log(err error) string {
	var b block
	if err != nil {
		b.line(text.L("verify.log-broken"))
		b.line(fault(err))
		return b.String()
	}
	b.line(text.L("verify.log-valid"))
	b.line(text.L("verify.log-unsigned"))
	return b.String()
}

// Other is said of a file that is neither.
func Other() string { return text.L("verify.other") + "\n" }

// faults are the sentences about what a verifier finds.
var faults = []struct {
	cause error
	key   string
}{
	{transcript.ErrOther, "verify.other"},
	{transcript.ErrBroken, "verify.broken"},
	{transcript.ErrUnfinished, "verify.unfinished"},
	{transcript.ErrSignature, "verify.signature"},
	{transcript.ErrIdentity, "verify.identity"},
	{journal.ErrBroken, "verify.broken"},
	{journal.ErrUnfinished, "verify.unfinished"},
}

// fault says which line is wrong and why.
func fault(err error) string {
	line := 0
	if e, ok := errors.AsType[*transcript.LineError](err); ok {
		line = e.Line
	}
	if e, ok := errors.AsType[*journal.LineError](err); ok {
		line = e.Line
	}
	for _, f := range faults {
		if line > 0 && errors.Is(err, f.cause) {
			return text.Join(text.F("verify.line", map[string]any{"line": strconv.Itoa(line)}), text.L(f.key))
		}
	}
	return text.F("verify.unreadable", map[string]any{"error": text.Plain(err.Error())})
}
