package customer

import (
	"crypto/ed25519"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"assist/app/cleanup"
	"assist/app/customer"
	"assist/app/identity"
	"assist/app/problem"
	"assist/app/session"
	"assist/app/transcript"
	"assist/app/wire"
	"assist/ui/text"
	"assist/ui/uitest"
)

// over is the end of a session of 12:34.
func over(c problem.Code) customer.Ended {
	return customer.Ended{Problem: problem.New(c, nil), Started: time.Now().Add(-754 * time.Second), Finished: time.Now()}
}

func TestEndedTellsTheStory(t *testing.T) {
	with(t, "en", filled, func(v *View, w *uitest.Window, _ *recorder) {
		start(v, sure, session.ViewOnly)
		for _, a := range []session.Access{session.SharedControl, session.ViewOnly} {
			v.Handle(customer.AccessChanged{Access: a})
		}
		v.Handle(over(problem.CustomerEnded))
		for _, s := range []string{
			"The session is over", "You ended the session.", "With Aiko Engineer, Example Support.",
			"It lasted 12:34, from 23:47 to 00:00.", "You allowed: View only, Shared control.",
			"Nobody can come back without a new code.",
		} {
			uitest.Says(t, w, s)
		}
		for _, s := range []string{"log of this session", "left on this computer"} { // nobody asked for either
			uitest.SaysNot(t, w, s)
		}
		v.Handle(over(problem.EngineerEnded))
		uitest.SaysNot(t, w, "You allowed: View only")
	})
}

// TestFocusAfterTheEnd: who ended it may go on by keyboard; who was typing elsewhere must not press something by that.
func TestFocusAfterTheEnd(t *testing.T) {
	for c, focused := range map[problem.Code]bool{
		problem.CustomerEnded: true, problem.Alarm: true, problem.EngineerEnded: false, problem.LinkLost: false,
	} {
		with(t, "en", filled, func(v *View, w *uitest.Window, _ *recorder) {
			start(v, sure, session.ViewOnly)
			v.Handle(over(c))
			if (w.Canvas().Focused() != nil) != focused {
				t.Errorf("%s: the focus is on %T", c, w.Canvas().Focused())
			}
		})
	}
}

func TestEndedShowsTheLog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "logs", "2026-11-22.log")
	with(t, "en", filled, func(v *View, w *uitest.Window, _ *recorder) {
		e := over(problem.EngineerEnded)
		e.Journal = path
		v.Handle(e)
		uitest.Says(t, w, "The log of this session: "+path)
		uitest.Press(w, fyne.KeyTab, fyne.KeyReturn)
		if got := uitest.Opened(fyne.CurrentApp()); got == nil || got.Scheme != "file" || got.Path != filepath.Dir(path) {
			t.Errorf("opened %v", got)
		}
		uitest.SaysNot(t, w, "could not be opened")
		uitest.Press(w, fyne.KeyTab, fyne.KeyReturn)
		if got := fyne.CurrentApp().Clipboard().Content(); got != path {
			t.Errorf("copied %q", got)
		}
		uitest.Says(t, w, "Copied")
		uitest.Refuse(fyne.CurrentApp(), errors.New("no such program"))
		uitest.Press(w, fyne.KeyTab, fyne.KeyTab, fyne.KeyTab, fyne.KeyReturn) // around
		uitest.Says(t, w, "The folder could not be opened.")
	})
}

// finished is the transcript of a session in which nothing happened.
func finished(t *testing.T) *transcript.Finished {
	t.Helper()
	author, err := transcript.Begin(transcript.Session{
		ID: "00112233aabbccdd", Identity: chain(t), Engineer: sure, Customer: transcript.Customer{Name: "Ada Example"},
	}, "test", func(*wire.Entry) {})
	if err != nil {
		t.Fatal(err)
	}
	return author.Finish(problem.CustomerEnded)
}

// chain are the certificates of the engineer.
func chain(t *testing.T) []byte {
	t.Helper()
	_, root, err := identity.NewOrganisation()
	if err != nil {
		t.Fatal(err)
	}
	key := identity.AccountKey(make([]byte, 64))
	cert, err := identity.SignAccount(root, identity.Account{
		Account: "aiko", Name: sure.Name, Organisation: sure.Organisation, Key: key.Public().(ed25519.PublicKey),
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	})
	if err != nil {
		t.Fatal(err)
	}
	s, err := identity.NewSession(key, cert, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return s.Chain
}

// TestSummary reads the record of the session in the place of the ended screen, by keys.
func TestSummary(t *testing.T) {
	with(t, "en", filled, func(v *View, w *uitest.Window, _ *recorder) {
		start(v, sure, session.ViewOnly)
		e := over(problem.CustomerEnded)
		e.Transcript = finished(t)
		e.Journal, e.TranscriptFile = "/logs/a.log", "/logs/a-transcript.txt"
		e.CleanUp = &cleanup.Report{Kept: []cleanup.Note{
			{Path: e.Journal, Reason: cleanup.CustomerAsked}, {Path: e.TranscriptFile, Reason: cleanup.CustomerAsked},
		}}
		v.Handle(e)
		uitest.Says(t, w, "/logs/a.log /logs/a-transcript.txt")
		if v.ended.left.list != nil {
			t.Error("what is named already is named again")
		}
		h := hands{t, v, w, nil}
		h.press(v.ended.record.show, fyne.KeyReturn)
		h.at(v.ended.record.reader, "the summary")
		uitest.Says(t, w, "Summary of the session")
		uitest.Says(t, w, "Customer: Ada Example")
		uitest.SaysNot(t, w, "Nobody can come back")
		h.press(v.ended.record.copied, fyne.KeyReturn)
		if got := fyne.CurrentApp().Clipboard().Content(); !strings.Contains(got, "Ada Example") {
			t.Errorf("copied %q", got)
		}
		h.press(v.ended.record.back, fyne.KeyReturn)
		h.at(v.ended.record.show, "the button of the summary")
		uitest.Says(t, w, "Nobody can come back")
	})
}

func TestFileURL(t *testing.T) {
	for path, want := range map[string]string{
		"/home/a b/log": "file:///home/a%20b/log",
		"C:/Users/a":    "file:///C:/Users/a",
	} {
		if got := fileURL(path).String(); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}

func TestCleanUpReport(t *testing.T) {
	note := func(path string, why cleanup.Reason) []cleanup.Note { return []cleanup.Note{{Path: path, Reason: why}} }
	for name, tt := range map[string]struct {
		report  cleanup.Report
		journal string
		says    []string
		not     []string
	}{
		"nothing": {
			says: []string{"Nothing is left on this computer."}, not: []string{"but what", "left because"},
		},
		"removed": {
			report: cleanup.Report{Removed: []string{"/tmp/x"}}, says: []string{"Nothing is left on this computer."}, not: []string{"/tmp/x"},
		},
		"the log": {
			report: cleanup.Report{Kept: note("/j.log", cleanup.CustomerAsked)}, journal: "/j.log",
			says: []string{"Nothing is left on this computer but what you wanted to keep."}, not: []string{"kept because"},
		},
		"the program": {
			report: cleanup.Report{Kept: note("/down/assist", cleanup.AtEnd)},
			says:   []string{"When you close this program, nothing is left on this computer.", "/down/assist: removed as soon as you close"},
		},
		"the program and the log": {
			report:  cleanup.Report{Kept: append(note("/down/assist", cleanup.AtEnd), note("/j.log", cleanup.CustomerAsked)...)},
			journal: "/j.log",
			says:    []string{"When you close this program, nothing is left on this computer but what you wanted to keep."},
			not:     []string{"/j.log: kept"},
		},
		"kept": {
			report: cleanup.Report{Kept: note("/other", cleanup.CustomerAsked)},
			says:   []string{"but what you wanted to keep.", "/other: kept because you wanted it."},
		},
		"left": {
			report: cleanup.Report{Left: note("/opt/assist", cleanup.Installed), Kept: note("/j.log", cleanup.CustomerAsked)}, journal: "/j.log",
			says: []string{"Something is left on this computer:", "/opt/assist: left because this program was installed."},
			not:  []string{"Nothing is left"},
		},
		"unheard of": {
			report: cleanup.Report{Left: note("/x\u202e", "moon-phase")},
			says:   []string{"/x[U+202E]: left because it could not be deleted."},
		},
	} {
		with(t, "en", filled, func(v *View, w *uitest.Window, _ *recorder) {
			e := over(problem.CustomerEnded)
			e.CleanUp, e.Journal = &tt.report, tt.journal
			v.Handle(e)
			for _, s := range tt.says {
				uitest.Says(t, w, s)
			}
			for _, s := range tt.not {
				uitest.SaysNot(t, w, s)
			}
			if t.Failed() {
				t.Fatal("in ", name)
			}
		})
	}
}

// TestEveryReasonHasASentence reads the reasons from the source of app/cleanup.
func TestEveryReasonHasASentence(t *testing.T) {
	reasons := reasons(t)
	if len(reasons) < 12 {
		t.Fatalf("reasons %v", reasons)
	}
	for _, language := range []string{"en", "ja"} {
		uitest.Language(t, language)
		for _, r := range reasons {
			key := "cleanup." + r
			if s := text.L(key); s == key || !strings.HasSuffix(s, ".") && !strings.HasSuffix(s, "。") {
				t.Errorf("%s: %q has the sentence %q", language, r, s)
			}
		}
	}
}

// reasons are the values of the constants of type Reason.
func reasons(t *testing.T) (list []string) {
	t.Helper()
	files, err := filepath.Glob("../../app/cleanup/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			if kind, ok := spec.Type.(*ast.Ident); ok && kind.Name == "Reason" {
				for _, value := range spec.Values {
					s, err := strconv.Unquote(value.(*ast.BasicLit).Value)
					if err != nil {
						t.Fatal(err)
					}
					list = append(list, s)
				}
			}
			return true
		})
	}
	return list
}

// TestEndedFits makes sure that everything is to be seen or scrolled to, and the buttons always are.
func TestEndedFits(t *testing.T) {
	long := "/home/somebody/" + strings.Repeat("a long folder name/", 8) + "file"
	for _, language := range []string{"en", "ja"} {
		with(t, language, filled, func(v *View, w *uitest.Window, _ *recorder) {
			start(v, sure, session.ViewOnly)
			e := over(problem.Alarm)
			e.Journal = long
			e.CleanUp = &cleanup.Report{}
			for _, r := range reasons(t) {
				e.CleanUp.Left = append(e.CleanUp.Left, cleanup.Note{Path: long, Reason: cleanup.Reason(r)})
			}
			v.Handle(e)
			uitest.Settle(w)
			if size := w.Canvas().Size(); size.Height > 690 || size.Width > 900 {
				t.Errorf("%s: %v", language, size)
			}
			at := fyne.CurrentApp().Driver().AbsolutePositionForObject
			for _, name := range []string{"close", "new-code", "why"} {
				o := v.ended.elements()[name]
				if p := at(o); p.Y < 0 || p.Y+o.Size().Height > w.Canvas().Size().Height {
					t.Errorf("%s: %s is at %v", language, name, p)
				}
			}
		})
	}
}

func TestNewCodeAfterTheEnd(t *testing.T) {
	with(t, "en", filled, func(v *View, w *uitest.Window, r *recorder) {
		v.form.code.SetValue("1234567")
		start(v, sure, session.ViewOnly)
		v.Handle(over(problem.EngineerEnded))
		uitest.Says(t, w, "Aiko Engineer ended the session.")
		test.Tap(v.ended.again)
		if v.form.code.Value() != "" || v.form.form() != filled || w.Canvas().Focused() != v.form.code {
			t.Error("a new code needs an empty code and the rest as it was")
		}
		uitest.Says(t, w, "Get help from support")
		r.expect(t)
	})
}
