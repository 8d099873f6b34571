package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"assist/app/problem"
	"assist/signaling/diag"
	"assist/ui/text"
)

// doctorCmd tries every way to the service.
type doctorCmd struct {
	common
	JSON bool   `help:"Print the report as JSON, for programs."`
	Out  string `help:"Also write the report to this file, and as JSON beside it." type:"path" placeholder:"FILE"`
}

// exitTrouble is what the doctor exits with when no session can be set up.
const exitTrouble = 1

// Run prints a connection report. The status is 0 if a session can be set up, and 1 if not.
func (c *doctorCmd) Run(ctx context.Context) error {
	log, err := c.open()
	if err != nil {
		return err
	}
	if c.Service == "" {
		return problem.New(problem.ServiceAddress, errors.New("assist: no service named"))
	}
	tlsConfig, err := c.tlsConfig()
	if err != nil {
		return err
	}
	out, err := c.out(tlsConfig, log, asker(os.Stdin, os.Stderr))
	if err != nil {
		return err
	}
	defer out.Close()
	report := out.examine(ctx, nil)
	if c.Out != "" {
		if err := saveReport(c.Out, report); err != nil {
			return err
		}
	}
	if err := printReport(os.Stdout, report, c.JSON); err != nil {
		return err
	}
	if !report.Works {
		return exitStatus(exitTrouble)
	}
	return nil
}

func printReport(w io.Writer, r *diag.Report, asJSON bool) error {
	if asJSON {
		b, err := json.MarshalIndent(r, "", "\t")
		if err != nil {
			return fmt.Errorf("report: %w", err)
		}
		_, err = w.Write(append(b, '\n'))
		return err
	}
	_, err := io.WriteString(w, reportText(r))
	return err
}

// reportName is the report's file, as people know it from IBM Assist On-Site. Beside it stands the same as JSON.
const reportName = "connrpt.txt"

// saveReport writes a report to a file that people read, and beside it to one that programs read.
func saveReport(file string, r *diag.Report) error {
	var both [2]strings.Builder
	names := [2]string{file, strings.TrimSuffix(file, filepath.Ext(file)) + ".json"}
	for i := range both {
		if err := printReport(&both[i], r, i == 1); err != nil {
			return err
		}
		if names[0] == names[1] && i == 0 {
			continue // the person wants JSON
		}
		if err := os.WriteFile(names[i], []byte(both[i].String()), 0o600); err != nil {
			return fmt.Errorf("report: %w", err)
		}
	}
	return nil
}

// lineEnd is what the system's own editor wants at the end of a line. Every one of today takes this.
const lineEnd = "\n"

// reportText is a report as people read it, in their language.
func reportText(r *diag.Report) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+lineEnd, args...) }
	line("%s", text.L("network.report.title"))
	line("")
	fact := func(key, value string) {
		if value != "" {
			line("%s", text.F("network.report."+key, map[string]any{"value": text.Plain(value)}))
		}
	}
	fact("service", r.Service)
	fact("when", text.Date(r.Began)+" "+text.Time(r.Began))
	fact("program", strings.TrimSpace(r.Program+", "+r.System))
	line("")
	if r.Works {
		line("%s", text.L("network.report.works"))
		fact("way", r.Way)
	} else {
		line("%s", text.L("network.report.fails"))
		faultLines(line, r.Fault)
		fact("detail", r.Detail)
	}
	if len(r.Notes) > 0 {
		line("")
		line("%s", text.L("network.report.also"))
		for _, n := range r.Notes {
			faultLines(line, n)
		}
	}
	line("")
	line("%s", text.L("network.report.tried"))
	for i, s := range r.Steps {
		stepLines(line, i+1, s)
	}
	return b.String()
}

// faultLines say what is wrong, and what to do about it.
func faultLines(line func(string, ...any), f diag.Fault) {
	what, do := text.Problem(problem.Code(f))
	line("  [%s] %s", f, what)
	line("      %s", do)
}

// stepLines say what was tried and how it ended.
func stepLines(line func(string, ...any), n int, s diag.Step) {
	mark := text.L("network.report.fine")
	if s.Fault != diag.None {
		mark = "[" + string(s.Fault) + "]"
	}
	line("%3d. %6.2f s  %s: %s  %s", n, s.Took.Seconds(), text.L("network.step."+string(s.Kind)), text.Plain(s.What), mark)
	if s.Detail != "" {
		line("               %s", text.Plain(s.Detail))
	}
}
