package transcript

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// FuzzVerify reads anything. What is valid has exactly one form.
func FuzzVerify(f *testing.F) {
	text, err := os.ReadFile("testdata/session.txt")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add(text[:len(text)/2])
	f.Add([]byte(heading + "\n2026-11-22T18:31:05.120+09:00 1 opened chain=0011223344556677\n"))
	f.Fuzz(func(t *testing.T, p []byte) {
		r, err := Verify(bytes.NewReader(p), nil)
		if err == nil && (r.Summary.Signed < 1 || r.CustomerSigned > r.Summary.Entries || r.EngineerSigned > r.Summary.Entries) {
			t.Errorf("%+v", r)
		}
	})
}

// FuzzSealed reads any lines with a right chain, so that what they say is read, too, and any signatures below them.
func FuzzSealed(f *testing.F) {
	text, err := os.ReadFile("testdata/session.txt")
	if err != nil {
		f.Fatal(err)
	}
	all := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	entries := entriesOf(all)
	f.Add(strings.Join(entries, "\n"), strings.Join(all[len(all)-2:], "\n")+"\n")
	f.Add(strings.Join(entries[:3], "\n")+"\n2026-11-22T18:31:05.120+09:00 4 ended reason=\"x\" by=\"engineer\"", "signature customer entry=\"3\" value=\"\"\n")
	golden := strings.Join(entries, "\n")
	f.Fuzz(func(t *testing.T, entries, rest string) {
		h, file := begin, []string{heading}
		for text := range strings.SplitSeq(entries, "\n") {
			h = h.next(text)
			file = append(file, seal(text, h))
		}
		file = append(file, rest)
		r, err := verifyString(strings.Join(file, "\n"), nil)
		if err == nil && (entries != golden || r.Summary.Signed < 1) {
			t.Errorf("forged: %+v", r)
		}
	})
}

// entriesOf returns the entries of a file's lines.
func entriesOf(all []string) (list []string) {
	for _, line := range all[1 : len(all)-2] {
		list = append(list, line[:len(line)-chainSize])
	}
	return list
}

// FuzzEntry reads any line, as an entry of the other end's is read.
func FuzzEntry(f *testing.F) {
	for _, s := range []string{
		"2026-11-22T18:31:05.120+09:00 3 paused",
		"2026-11-22T18:31:05.120Z 1 opened format=\"1\" name=\"山田　花子\" product=\"Server \\\"X\\\" \\u202e\\U000e0100\"",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		e, err := parseEntry(s)
		if err != nil {
			return
		}
		if e.text() != s || strings.ContainsAny(s, "\n\r\x00\u202e") {
			t.Errorf("%q reads as %+v", s, e)
		}
	})
}
