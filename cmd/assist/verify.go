package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"assist/app/identity"
	"assist/app/journal"
	"assist/app/transcript"
	"assist/ui/summary"
	"assist/ui/text"
)

// What the program exits with.
const (
	exitInvalid = 1 // the file is not what was written
	exitUsage   = 2 // the command line makes no sense
)

// exitStatus ends the program with a status when everything has been said.
type exitStatus int

func (e exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// verifyCmd checks a record of a session.
type verifyCmd struct {
	File         string `arg:"" help:"Transcript or log of a session." type:"path"`
	Organisation string `help:"Public key of the support organisation, to verify its engineer." placeholder:"KEY" env:"ASSIST_ORGANISATION"`
	JSON         bool   `help:"Print JSON, for programs."`
	Language     string `help:"Language of the answer: en or ja. Default: the system's." enum:",en,ja" default:"" env:"ASSIST_LANGUAGE"`
}

// Run says whether the file is what was written, and what it proves. The status is 0 if it is, 1 if not, and 2 if the command
// line makes no sense.
func (c *verifyCmd) Run() error {
	if err := text.Load(c.Language); err != nil {
		return err
	}
	var trusted *identity.Organisation
	if c.Organisation != "" {
		org, err := identity.ParseOrganisation(c.Organisation)
		if err != nil {
			return usage(err)
		}
		trusted = &org
	}
	v, err := verify(c.File, trusted)
	if err != nil {
		return usage(err)
	}
	if err := v.print(os.Stdout, c.JSON); err != nil {
		return err
	}
	if v.err != nil {
		return exitStatus(exitInvalid)
	}
	return nil
}

// usage says what is wrong with the command line.
func usage(err error) error {
	fmt.Fprintln(os.Stderr, "assist:", err)
	return exitStatus(exitUsage)
}

// verdict is what was found of a file.
type verdict struct {
	kind   string // "transcript", "log", "" for neither
	report transcript.Report
	err    error // nil if the file is what was written
}

// The kinds of files.
const (
	kindTranscript = "transcript"
	kindLog        = "log"
)

// verify reads the file, whichever of the two it is. An error is one of reading.
func verify(name string, trusted *identity.Organisation) (verdict, error) {
	info, err := os.Stat(name)
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a file", name)
	}
	if err != nil {
		return verdict{}, err
	}
	file, err := os.Open(name)
	if err != nil {
		return verdict{}, err
	}
	defer file.Close()
	in := bufio.NewReader(file)
	v := verdict{kind: kindOf(in)}
	switch v.kind {
	case kindLog:
		v.err = journal.Verify(name)
	case kindTranscript:
		v.report, v.err = transcript.Verify(in, trusted)
	default:
		v.err = &transcript.LineError{Line: 1, Cause: transcript.ErrOther}
	}
	if v.err != nil && v.line() == 0 {
		return verdict{}, v.err
	}
	return v, nil
}

// kindOf tells the kinds apart by how a file begins.
func kindOf(in *bufio.Reader) string {
	first, _ := in.Peek(100)
	switch begin := string(first); {
	case strings.HasPrefix(begin, transcript.Heading):
		return kindTranscript
	case strings.Contains(begin, ` opened format="`):
		return kindLog
	}
	return ""
}

// line is the first line that is not right, 0 if there is none.
func (v *verdict) line() int {
	if e, ok := errors.AsType[*transcript.LineError](v.err); ok {
		return e.Line
	}
	if e, ok := errors.AsType[*journal.LineError](v.err); ok {
		return e.Line
	}
	return 0
}

// print prints the verdict, for people or for programs.
func (v *verdict) print(to io.Writer, asJSON bool) error {
	if asJSON {
		return v.printJSON(to)
	}
	out := summary.Other()
	switch v.kind {
	case kindTranscript:
		out = summary.Transcript(v.report, v.err)
	case kindLog:
		out = summary.Log(v.err)
	}
	_, err := io.WriteString(to, out)
	return err
}

// faultNames are what a verifier finds, for programs: never translated.
var faultNames = []struct {
	cause error
	name  string
}{
	{transcript.ErrOther, "other"},
	{transcript.ErrBroken, "broken"},
	{transcript.ErrUnfinished, "unfinished"},
	{transcript.ErrSignature, "signature"},
	{transcript.ErrIdentity, "identity"},
	{journal.ErrBroken, "broken"},
	{journal.ErrUnfinished, "unfinished"},
}

func (v *verdict) printJSON(to io.Writer) error {
	out := struct {
		Kind   string          `json:"kind,omitempty"`
		Valid  bool            `json:"valid"`
		Line   int             `json:"line,omitempty"`
		Fault  string          `json:"fault,omitempty"`
		Report json.RawMessage `json:"report,omitempty"`
	}{Kind: v.kind, Valid: v.err == nil, Line: v.line()}
	for _, f := range faultNames {
		if errors.Is(v.err, f.cause) {
			out.Fault = f.name
		}
	}
	if v.kind == kindTranscript && v.err == nil {
		report, err := v.report.JSON()
		if err != nil {
			return err
		}
		out.Report = report
	}
	b, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(to, "%s\n", b)
	return err
}
