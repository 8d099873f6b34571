package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"assist/app/identity"
	"assist/ui/text"
)

const (
	goldenTranscript = "../../app/transcript/testdata/session.txt"
	goldenLog        = "../../app/journal/testdata/session.log"
)

// goldenOrganisation is the one whose engineer is in the golden transcript.
func goldenOrganisation(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("../../app/transcript/testdata/organisation.txt")
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(b))
}

// copyOf returns a copy of a file, changed.
func copyOf(t *testing.T, name string, change func(string) string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(to, []byte(change(string(b))), 0o600); err != nil {
		t.Fatal(err)
	}
	return to
}

func TestVerify(t *testing.T) {
	defer text.Load("en")
	org, _, err := identity.NewOrganisation()
	if err != nil {
		t.Fatal(err)
	}
	changed := func(s string) string { return strings.Replace(s, "session=", "sessiom=", 1) }
	for _, tt := range []struct {
		name         string
		file         string
		organisation string
		language     string
		status       exitStatus // 0: valid
		says         string
		json         string
	}{
		{"transcript", goldenTranscript, "", "en", 0, "Nobody vouches", `"verified": false`},
		{"transcript of a known engineer", goldenTranscript, goldenOrganisation(t), "en", 0, "The organisation vouches", `"verified": true`},
		{"transcript in Japanese", goldenTranscript, "", "ja", 0, "セッションのまとめ", `"kind": "transcript"`},
		{"transcript of a stranger", goldenTranscript, org.String(), "en", exitInvalid, "certificates", `"fault": "identity"`},
		{"transcript, changed", copyOf(t, goldenTranscript, changed), "", "en", exitInvalid, "Line 2:", `"line": 2`},
		{"transcript, cut", copyOf(t, goldenTranscript, func(s string) string { return s[:strings.Index(s, "signature")] }), "", "en", exitInvalid, "rest is missing", `"fault": "unfinished"`},
		{"log", goldenLog, "", "en", 0, "This log is whole", `"kind": "log"`},
		{"log, changed", copyOf(t, goldenLog, changed), "", "en", exitInvalid, "This log is not whole", `"line": 1`},
		{"neither", copyOf(t, goldenLog, func(string) string { return "hello\n" }), "", "en", exitInvalid, "neither", `"fault": "other"`},
		{"empty", copyOf(t, goldenLog, func(string) string { return "" }), "", "en", exitInvalid, "neither", `"valid": false`},
		{"a folder", t.TempDir(), "", "en", exitUsage, "", ""},
		{"nothing", filepath.Join(t.TempDir(), "none"), "", "en", exitUsage, "", ""},
		{"no key", goldenTranscript, "key", "en", exitUsage, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, asJSON := range []bool{false, true} {
				want := tt.says
				if asJSON {
					want = tt.json
				}
				out, err := run(t, &verifyCmd{File: tt.file, Organisation: tt.organisation, Language: tt.language, JSON: asJSON})
				status, _ := err.(exitStatus)
				if status != tt.status || err != nil && status == 0 || !strings.Contains(out, want) {
					t.Errorf("%v, want %v and %q:\n%s", err, tt.status, want, out)
				}
				if asJSON && tt.status != exitUsage && !json.Valid([]byte(out)) {
					t.Errorf("no JSON: %s", out)
				}
			}
		})
	}
}

// run runs the command and returns what it prints.
func run(t *testing.T, c *verifyCmd) (string, error) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	was := os.Stdout
	os.Stdout = w
	var out bytes.Buffer
	done := make(chan struct{})
	go func() { out.ReadFrom(r); close(done) }()
	err = c.Run()
	os.Stdout = was
	w.Close()
	<-done
	r.Close()
	return out.String(), err
}

// TestVerifyShowsNoControls verifies a file that is made to be shown in a terminal, not to be valid.
func TestVerifyShowsNoControls(t *testing.T) {
	defer text.Load("en")
	name := copyOf(t, goldenTranscript, func(s string) string { return strings.ReplaceAll(s, "Ada", "\x1b[2J") })
	out, err := run(t, &verifyCmd{File: name, Language: "en"})
	if err != exitStatus(exitInvalid) || strings.Contains(out, "\x1b") {
		t.Errorf("%v: %q", err, out)
	}
}
