package transcript

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/cryptotest"
	"testing/iotest"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"assist/app/identity"
	"assist/app/problem"
	"assist/app/session"
	"assist/app/wire"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestGolden holds the file and the summary to the byte: a change here is a change of the format.
func TestGolden(t *testing.T) {
	cryptotest.SetGlobalRandom(t, 1)
	synctest.Test(t, func(t *testing.T) {
		p := newPair(t)
		p.play(func() { time.Sleep(90*time.Second + 120*time.Millisecond) })
		p.must(p.author.End(problem.CustomerEnded))
		p.carry()
		f := p.author.Finish(problem.CustomerEnded)
		p.verify(f)
		golden(t, "session.txt", f.Bytes())
		summary, err := f.JSON()
		p.must(err)
		golden(t, "summary.json", summary)
		golden(t, "organisation.txt", []byte(p.organisation.String()+"\n"))
	})
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s: %v\ngot\n%s\nwant\n%s", name, err, got, want)
	}
}

// TestGoldenVerifies reads the file that another version may have written.
func TestGoldenVerifies(t *testing.T) {
	text, err := os.ReadFile("testdata/session.txt")
	if err != nil {
		t.Fatal(err)
	}
	key, err := os.ReadFile("testdata/organisation.txt")
	if err != nil {
		t.Fatal(err)
	}
	org, err := identity.ParseOrganisation(strings.TrimSpace(string(key)))
	if err != nil {
		t.Fatal(err)
	}
	r, err := Verify(bytes.NewReader(text), &org)
	if err != nil || !r.Summary.Engineer.Verified || r.Summary.Signed != r.Summary.Entries {
		t.Errorf("%+v, %v", r, err)
	}
	if r, err = Verify(bytes.NewReader(text), nil); err != nil || r.Summary.Engineer.Verified {
		t.Errorf("nobody trusted: %+v, %v", r, err)
	}
	b, err := r.JSON()
	if err != nil || !strings.Contains(string(b), `"customer_signed": `) {
		t.Errorf("%s, %v", b, err)
	}
}

// lines splits a file into its lines, ends included.
func lines(text []byte) []string {
	return strings.SplitAfter(strings.TrimSuffix(string(text), "\n"), "\n")
}

func verifyString(s string, trusted *identity.Organisation) (Report, error) {
	return Verify(strings.NewReader(s), trusted)
}

// TestTable takes a file apart in every way there is a name for.
func TestTable(t *testing.T) {
	p, f := played(t)
	whole := lines(f.Bytes())
	n := len(whole) - 1
	whole[n] += "\n"
	stranger, _, err := identity.NewOrganisation()
	if err != nil {
		t.Fatal(err)
	}
	_, foreign := played(t)
	theirs := lines(foreign.Bytes())
	theirs[n] += "\n"
	with := func(i int, line string) []string {
		l := slices.Clone(whole)
		l[i] = line
		return l
	}
	for _, tt := range []struct {
		name    string
		lines   []string
		trusted *identity.Organisation
		line    int
		cause   error
	}{
		{"whole", whole, &p.organisation, 0, nil},
		{"nobody trusted", whole, nil, 0, nil},
		{"empty", nil, nil, 1, ErrOther},
		{"another file", []string{"hello\n"}, nil, 1, ErrOther},
		{"a very long line", []string{strings.Repeat("x", 1<<20)}, nil, 1, ErrOther},
		{"heading only", whole[:1], nil, 2, ErrUnfinished},
		{"an entry changed", with(3, strings.Replace(whole[3], "chat", "chap", 1)), nil, 4, ErrBroken},
		{"an entry left out", slices.Delete(slices.Clone(whole), 3, 4), nil, 4, ErrBroken},
		{"an entry twice", slices.Insert(slices.Clone(whole), 3, whole[3]), nil, 5, ErrBroken},
		{"an entry of another session", with(2, theirs[2]), nil, 3, ErrBroken},
		{"the end cut off", whole[:5], nil, 6, ErrUnfinished},
		{"the end cut out", slices.Delete(slices.Clone(whole), n-2, n-1), nil, n - 1, ErrUnfinished},
		{"a line end cut off", []string{strings.TrimSuffix(strings.Join(whole, ""), "\n")}, nil, n + 1, ErrUnfinished},
		{"both signatures cut off", whole[:n-1], nil, n, ErrUnfinished},
		{"the engineer's signature cut off", whole[:n], nil, n + 1, ErrUnfinished},
		{"the customer's signature cut out", slices.Delete(slices.Clone(whole), n-1, n), nil, n, ErrBroken},
		{"the signatures the other way round", append(slices.Clone(whole[:n-1]), whole[n], whole[n-1]), nil, n, ErrBroken},
		{"the customer's signature of another", with(n-1, theirs[n-1]), nil, n, ErrSignature},
		{"the engineer's signature of another", with(n, theirs[n]), nil, n + 1, ErrIdentity},
		{"a signature of fewer entries", with(n, strings.Replace(whole[n], `entry="`, `entry="1`, 1)), nil, n + 1, ErrBroken},
		{"a signature of no entry", with(n, strings.Replace(whole[n], `entry="1`, `entry="0`, 1)), nil, n + 1, ErrBroken},
		{"text behind it", append(slices.Clone(whole), "\n"), nil, n + 2, ErrBroken},
		{"another organisation", whole, &stranger, n + 1, ErrIdentity},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := verifyString(strings.Join(tt.lines, ""), tt.trusted)
			if tt.cause == nil {
				if err != nil {
					t.Error(err)
				}
				return
			}
			wrong, ok := errors.AsType[*LineError](err)
			if !ok || wrong.Line != tt.line || !errors.Is(err, tt.cause) {
				t.Errorf("%v, want line %d: %v", err, tt.line, tt.cause)
			}
		})
	}
}

// TestEveryByte changes every byte of a file, one after the other.
func TestEveryByte(t *testing.T) {
	p, f := played(t)
	text := f.Bytes()
	for i := range text {
		for _, x := range []byte{1, 0x20, 0x80} {
			bad := bytes.Clone(text)
			bad[i] ^= x
			line := 1 + bytes.Count(text[:i], []byte("\n"))
			_, err := Verify(bytes.NewReader(bad), &p.organisation)
			wrong, ok := errors.AsType[*LineError](err)
			if !ok || wrong.Line != line {
				t.Fatalf("byte %d of line %d (%q to %q): %v", i, line, text[i], bad[i], err)
			}
		}
	}
}

// TestRewritten has somebody who knows the format, but no key, write the chain anew behind a change.
func TestRewritten(t *testing.T) {
	p, f := played(t)
	all := strings.Split(strings.TrimSuffix(string(f.Bytes()), "\n"), "\n")
	for i := 1; i < len(all)-2; i++ {
		h, out := begin, []string{heading}
		for j, line := range all[1 : len(all)-2] {
			text := line[:len(line)-chainSize]
			if j+1 == i {
				text = strings.Replace(text, "+09:00 ", "+08:00 ", 1)
			}
			h = h.next(text)
			out = append(out, seal(text, h))
		}
		out = append(out, all[len(all)-2:]...)
		_, err := verifyString(strings.Join(out, "\n")+"\n", &p.organisation)
		wrong, ok := errors.AsType[*LineError](err)
		if !ok || wrong.Line != len(all)-1 || !errors.Is(err, ErrSignature) {
			t.Errorf("line %d rewritten: %v", i+1, err)
		}
	}
}

// TestMutations draws sessions and what somebody does to their files.
func TestMutations(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := newPair(t)
		drawSession(t, p)
		var f *Finished
		if rapid.Bool().Draw(t, "engineer's copy") {
			p.carry()
			f = p.witness.Finish(problem.LinkLost)
		} else {
			f = p.author.Finish(problem.LinkLost)
		}
		before := p.verify(f)
		text := f.Bytes()
		all := lines(text)
		all[len(all)-1] += "\n"
		was := slices.Clone(all)
		i, j := rapid.IntRange(0, len(all)-1).Draw(t, "line"), rapid.IntRange(0, len(all)-1).Draw(t, "other")
		at := i // the first line that is not as it was
		switch rapid.SampledFrom([]string{"remove", "swap", "repeat", "cut", "replace", "insert"}).Draw(t, "how") {
		case "remove":
			all = slices.Delete(all, i, i+1)
		case "swap":
			all[i], all[j] = all[j], all[i]
			at = min(i, j)
		case "repeat":
			all = slices.Insert(all, i+1, all[i])
			at = i + 1
		case "cut":
			all = all[:i]
		case "replace":
			all[i] = all[j]
		case "insert":
			all = slices.Insert(all, i, "2026-11-22T18:31:05.120+09:00 2 paused chain=0011223344556677\n")
		}
		if slices.Equal(all, was) {
			return
		}
		r, err := verifyString(strings.Join(all, ""), &p.organisation)
		wrong, ok := errors.AsType[*LineError](err)
		if !ok || wrong.Line != at+1 || !reflect.DeepEqual(r, Report{}) {
			t.Fatalf("line %d: %v\n%s", at+1, err, strings.Join(all, ""))
		}
		if again := p.verify(f); !reflect.DeepEqual(again, before) {
			t.Error("the file itself changed")
		}
	})
}

// drawSession plays a session of random events, delays and losses. Whatever happens, the copies agree up to the last common
// entry, and no entry is signed by both that is not in both.
func drawSession(t *rapid.T, p *pair) {
	p.level(rapid.SampledFrom(session.Levels).Draw(t, "first"))
	p.carry()
	for range rapid.IntRange(0, 12).Draw(t, "events") {
		switch rapid.IntRange(0, 6).Draw(t, "event") {
		case 0:
			p.level(rapid.SampledFrom(session.Levels).Draw(t, "level"))
		case 1:
			if p.author.story.id == "" {
				p.ask(rapid.SampledFrom(session.Levels).Draw(t, "wish"))
			}
		case 2:
			if p.author.story.id != "" {
				p.answer(p.asks, rapid.SampledFrom([]wire.Reply{wire.No, wire.Yes, wire.Silence}).Draw(t, "answer"))
			}
		case 3:
			p.must(p.author.Paused(rapid.Bool().Draw(t, "pause")))
		case 4:
			p.chat(rapid.SampledFrom([]Person{TheCustomer, TheEngineer}).Draw(t, "who"))
		case 5:
			p.carry()
		case 6:
			p.line, p.answers = nil, nil // the link goes, with all that is on it
			p.must(p.author.Link(false))
			p.line = nil
			p.witness.NewLink()
			p.author.Again()
			p.carry()
			p.must(p.author.Link(true))
		}
	}
}

// TestCopiesAgree holds both ends' copies against each other, wherever the session stops.
func TestCopiesAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := newPair(t)
		drawSession(t, p)
		for range rapid.IntRange(0, len(p.line)).Draw(t, "arrive") {
			head, err := p.witness.Take(p.line[0])
			p.must(err)
			p.line = p.line[1:]
			p.answers = append(p.answers, head)
		}
		p.answers = p.answers[:rapid.IntRange(0, len(p.answers)).Draw(t, "answers")]
		p.carryBack()
		seen, signed := p.witness.number(), p.author.book.engineer.number
		mine, theirs := p.author.Finish(problem.LinkLost), p.witness.Finish(problem.LinkLost)
		a, b := p.verify(mine), p.verify(theirs)
		if a.Summary.Signed != signed || b.Summary.Signed != seen || signed > seen {
			t.Errorf("signed %d and %d, want %d and %d", a.Summary.Signed, b.Summary.Signed, signed, seen)
		}
		if common := commonLines(mine.Bytes(), theirs.Bytes()); common < 1+seen {
			t.Errorf("%d lines in common, want %d", common, 1+seen)
		}
	})
}

func TestReadingFails(t *testing.T) {
	_, f := played(t)
	_, err := Verify(iotest.TimeoutReader(iotest.OneByteReader(bytes.NewReader(f.Bytes()))), nil)
	if _, wrong := errors.AsType[*LineError](err); wrong || !errors.Is(err, iotest.ErrTimeout) {
		t.Error(err)
	}
}

func TestSave(t *testing.T) {
	_, f := played(t)
	name := filepath.Join(t.TempDir(), "t.txt")
	if err := f.Save(name); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(name); err != nil || !bytes.Equal(got, f.Bytes()) {
		t.Error(err, len(got))
	}
	if err := f.Save(name); !errors.Is(err, os.ErrExist) {
		t.Error("written over:", err)
	}
}

// TestJSONShowsNothingHidden has names that would change how a terminal shows what follows.
func TestJSONShowsNothingHidden(t *testing.T) {
	b, err := marshal(Summary{Customer: Customer{Name: "a\u202eb\x1b[2J\u009bc\U000E0100日"}})
	if err != nil || !bytes.Contains(b, []byte(`a\u202eb\u001b[2J\u009bc\udb40\udd00日`)) {
		t.Errorf("%s, %v", b, err)
	}
}
