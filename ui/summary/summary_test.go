package summary

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"assist/app/journal"
	"assist/app/problem"
	"assist/app/session"
	"assist/app/transcript"
	"assist/ui/text"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestMain(m *testing.M) {
	time.Local = time.FixedZone("JST", 9*60*60)
	os.Exit(m.Run())
}

// speak loads a language for one test.
func speak(t *testing.T, language string) {
	t.Helper()
	if err := text.Load(language); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { text.Load("en") })
}

// report is what the transcript package's golden file proves.
func report(t *testing.T) transcript.Report {
	t.Helper()
	b, err := os.ReadFile("../../app/transcript/testdata/session.txt")
	if err != nil {
		t.Fatal(err)
	}
	r, err := transcript.Verify(bytes.NewReader(b), nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestGolden(t *testing.T) {
	for _, language := range text.Languages() {
		speak(t, language)
		path := filepath.Join("testdata", "summary."+language+".txt")
		got := []byte(Transcript(report(t), nil))
		if *update {
			if err := os.WriteFile(path, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if want, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%v\ngot\n%s\nwant\n%s", err, got, want)
		}
	}
}

// TestNothingIsMissing has words for everything a summary can hold: no key of a catalogue is ever shown.
func TestNothingIsMissing(t *testing.T) {
	for _, language := range text.Languages() {
		speak(t, language)
		at := time.Now()
		s := transcript.Summary{Started: at, Ended: at.Add(50 * time.Hour), Full: true, Entries: 9, Signed: 3}
		for _, a := range session.Levels {
			s.Levels = append(s.Levels, transcript.Level{Access: a, From: at, To: at})
			for _, how := range []transcript.Answer{transcript.Unanswered, transcript.Yes, transcript.No, transcript.Silence} {
				s.Requests = append(s.Requests, transcript.Request{Access: a, Asked: at, Answer: how})
			}
		}
		for _, why := range append(problem.Codes(), "of-a-later-version") {
			s.Reason = why
			out := Text(s) + Transcript(transcript.Report{Summary: s, CustomerSigned: 9, EngineerSigned: 3}, nil) +
				Transcript(transcript.Report{Summary: s, CustomerSigned: 3, EngineerSigned: 9}, nil)
			for _, bad := range []string{"summary.", "verify.", "problem.", "{{", "}}", "level."} {
				if strings.Contains(out, bad) {
					t.Errorf("%s: %q in\n%s", language, bad, out)
				}
			}
		}
	}
}

// TestPeerTextIsPlain has a customer whose name would break the lines, or turn them round.
func TestPeerTextIsPlain(t *testing.T) {
	evil := "a\nEngineer: God\u202e\x1b[2J{{.id}}"
	s := transcript.Summary{
		Session: evil, Reason: problem.Code(evil),
		Customer: transcript.Customer{Name: evil, Number: evil, Case: evil, Branch: evil, Country: evil, Product: evil},
		Engineer: transcript.Engineer{Name: evil, Organisation: evil},
	}
	out := Text(s)
	if strings.ContainsAny(out, "\u202e\x1b") || strings.Contains(out, "\nEngineer: God") || !strings.Contains(out, "{{.id}}") {
		t.Errorf("%q", out)
	}
}

func TestFaults(t *testing.T) {
	speak(t, "en")
	causes := []error{
		transcript.ErrOther, transcript.ErrBroken, transcript.ErrUnfinished, transcript.ErrSignature, transcript.ErrIdentity,
	}
	var seen []string
	for _, cause := range causes {
		out := Transcript(transcript.Report{}, &transcript.LineError{Line: 42, Cause: cause})
		if !strings.Contains(out, "Line 42: ") || strings.Contains(out, "verify.") || slices.Contains(seen, out) {
			t.Errorf("%v: %s", cause, out)
		}
		seen = append(seen, out)
	}
	for _, tt := range []struct {
		err  error
		want string
	}{
		{nil, "whole"},
		{&journal.LineError{Line: 7, Cause: journal.ErrBroken}, "Line 7: This is not the line"},
		{&journal.LineError{Line: 8, Cause: journal.ErrUnfinished}, "Line 8: The file is right up to here"},
		{fmt.Errorf("journal: %w", fs.ErrPermission), "cannot be read"},
		{errors.New("a\nb"), "cannot be read: a[U+000A]b"},
	} {
		if out := Log(tt.err); !strings.Contains(out, tt.want) {
			t.Errorf("%v: %s", tt.err, out)
		}
	}
}
