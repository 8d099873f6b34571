package terminal

import (
	"errors"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"assist/app/cleanup"
	"assist/app/customer"
	"assist/app/identity"
	"assist/app/problem"
	"assist/app/session"
	"assist/ui/text"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestForm types everything wrong once.
func TestForm(t *testing.T) {
	play(t, Options{Service: "help.example", Problem: problem.New(problem.WindowsMissing, nil)}, func(r *rig) {
		r.says("cannot open windows", "help.example", "7 digits", "Code > ")
		r.line("")
		r.says("The code is missing", "Code > ")
		r.line("12x")
		r.says("not complete", "Code > ")
		r.line("１２３ 4567")
		r.says("Your name > ")
		r.line("")
		r.says("Your name is missing", "Your name > ")
		r.line("Cleo\x1b[2J Customer", "y")
		r.says("Customer number > ")
		r.line("4711-08", "", "1", "TS012345", "724", "JPN!", "jp")
		r.says("case number", "country code", "t = read the terms")
		r.line("")
		r.says("terms are not accepted")
		r.line("t")
		r.says(text.Terms())
		r.did()
		r.line("y")
		r.did("join 1234567")
		want := customer.Form{Name: "Cleo[2J Customer", CustomerNumber: "4711-08", CaseNumber: "TS012345", Branch: "724", Country: "JP", Terms: true}
		if r.acts.last != want {
			t.Errorf("form %+v", r.acts.last)
		}
		r.feed(customer.Connecting{}, customer.Refused{
			Problem: problem.New(problem.CodeWrong, nil), GuessesLeft: 2, Expires: time.Now().Add(100 * time.Second),
		})
		r.says("Connecting", "The code is not right", "Tries left: 2", "another 1:40", "Code > ")
		r.line("1234568") // the rest is known
		r.did("join 1234568")
		r.feed(customer.Connecting{})
		r.line("what?", "x")
		r.did("leave")
		r.says("x = cancel > x = cancel > Code > ")
	})
}

// TestWrongFlags asks again for what the program was started with.
func TestWrongFlags(t *testing.T) {
	play(t, Options{Form: customer.Form{Name: "Cleo", Country: "Japan"}}, func(r *rig) {
		r.line("1234567", "")
		r.says("Your name [Cleo] > ")
		r.line("")
		r.says("country code", "Country > ")
		r.line("", "y")
		r.did("join 1234567")
	})
}

func TestConsent(t *testing.T) {
	stranger := identity.Engineer{Name: "Ada Engineer", Organisation: "Nobody"}
	for _, tt := range []struct {
		name  string
		asked customer.Asked
		lines []string
		says  []string
		did   []string
	}{
		{"chat", customer.Asked{Engineer: ada, CheckNumber: "482913"}, []string{"", "４", "１", "", "y"},
			[]string{"Ada Engineer, Example Support", "Verified", "482 913"},
			[]string{"answer {Access:chat only Journal:false CleanUp:true Proof:{Check: Called:false Digits:}}"}},
		{"view", customer.Asked{Engineer: ada}, []string{"2", "yes", "no"}, nil,
			[]string{"answer {Access:view only Journal:true CleanUp:false Proof:{Check: Called:false Digits:}}"}},
		{"control", customer.Asked{Engineer: ada}, []string{"3", "y", "", ""}, []string{"Did you call them"},
			[]string{"answer {Access:shared control Journal:false CleanUp:false Proof:{Check: Called:true Digits:}}"}},
		{"control for who called", customer.Asked{Engineer: ada}, []string{"3", "", "0"}, []string{"gift cards"},
			[]string{"answer {Access:none Journal:false CleanUp:false Proof:{Check: Called:false Digits:}}"}},
		{"control for a stranger", customer.Asked{Engineer: stranger, CheckNumber: "482913", MustCheck: true},
			[]string{"3", "y", "111111", "482 913", "", ""}, []string{"Not verified", "not the same", "The numbers are the same"},
			[]string{"answer {Access:shared control Journal:false CleanUp:false Proof:{Check:482913 Called:true Digits:}}"}},
		{"no number", customer.Asked{Engineer: stranger, CheckNumber: "482913", MustCheck: true}, []string{"3", "y", "", "1", "", ""}, nil,
			[]string{"answer {Access:chat only Journal:false CleanUp:false Proof:{Check: Called:false Digits:}}"}},
		{"no screen", customer.Asked{Engineer: ada, NoScreen: problem.New(problem.ScreenWayland, nil)}, []string{"2", "3", "1", "", ""},
			[]string{"(not possible here)", "(not possible here)", "X11", "X11", "X11"},
			[]string{"answer {Access:chat only Journal:false CleanUp:false Proof:{Check: Called:false Digits:}}"}},
		{"no control", customer.Asked{Engineer: ada, NoControl: problem.New(problem.InputTerminal, nil)}, []string{"3", "2", "", ""},
			[]string{"could type your answers", "could type your answers"},
			[]string{"answer {Access:view only Journal:false CleanUp:false Proof:{Check: Called:false Digits:}}"}},
		{"alarm", customer.Asked{Engineer: ada}, []string{"3", "!", "y"}, []string{"!  Something feels wrong"}, []string{"alarm"}},
		{"silence", customer.Asked{Engineer: ada}, []string{"", ""}, nil, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			play(t, Options{}, func(r *rig) {
				tt.asked.Until = time.Now().Add(time.Minute)
				r.feed(tt.asked)
				r.line(tt.lines...)
				all := r.says(tt.says...)
				if tt.asked.MustCheck && strings.Contains(all, "482 913") {
					t.Error("the number that is to be typed is shown")
				}
				r.did(tt.did...)
				if tt.did == nil {
					time.Sleep(55 * time.Second)
					r.says("No answer means no: 0:30 left", "No answer means no: 0:10 left")
				}
				r.feed(customer.Ended{Problem: problem.New(problem.ConsentDeclined, nil)})
				r.says("No session took place", "You did not allow it")
			})
		})
	}
}

// code finds the digits that are to be typed.
var digits = regexp.MustCompile(`type (\d\d)`)

func TestCommands(t *testing.T) {
	play(t, Options{}, func(r *rig) {
		r.started(ada, session.SharedControl, customer.Needs{})
		r.line("２", "1", "p", "P", "  hello there ", "?", "", strings.Repeat("x", maxMessage+1))
		r.did("set view only {Check: Called:false Digits:}", "set chat only {Check: Called:false Digits:}",
			"pause", "resume ", "say hello there")
		r.feed(customer.PauseChanged{Paused: true}, customer.PauseChanged{}, customer.PauseChanged{})
		if all := r.says("Paused", "Show this list", "too long", "No longer paused"); strings.Count(all, "No longer paused") != 1 {
			t.Error("said twice")
		}
		r.line("！", "s")
		r.did("alarm")
	})
	play(t, Options{}, func(r *rig) {
		r.started(ada, session.ViewOnly, customer.Needs{})
		r.line("s", "s", "!")
		r.did("stop")
		r.says("Ending")
	})
}

// TestAlarm says what becomes of an alarm.
func TestAlarm(t *testing.T) {
	play(t, Options{}, func(r *rig) {
		r.started(ada, session.ViewOnly, customer.Needs{})
		r.line("!")
		r.did("alarm")
		r.feed(customer.Ended{Problem: problem.New(problem.Alarm, nil), Alarm: customer.ReportSending})
		r.says("still being sent: do not close this program yet", "Hang up now")
		r.feed(customer.Reported{Alarm: customer.ReportSent})
		if all := r.says("the support service has your alarm"); strings.Contains(all, "still being sent") {
			t.Error("said again")
		}
		r.feed(customer.Reported{Alarm: customer.ReportFailed})
		r.says("your alarm could not be sent")
	})
}

// TestRaise is the customer's own wish for more.
func TestRaise(t *testing.T) {
	play(t, Options{}, func(r *rig) {
		r.started(ada, session.ChatOnly, customer.Needs{Called: true})
		r.line("2")
		all := r.says("Let Ada Engineer see your screen?", "type ", "Anything else means no. > ")
		r.line("y")
		r.says("Not allowed")
		r.did()
		r.line("2")
		all = r.says("type ")
		r.line(digits.FindStringSubmatch(all)[1])
		r.did("set view only {Check: Called:false Digits:}")
		r.feed(customer.AccessChanged{Access: session.ViewOnly, Needs: customer.Needs{Called: true, Digits: "47"}})
		r.says("From now on Ada Engineer can see your screen.")
		r.line("3", "y")
		r.says("use your mouse and keyboard", "Did you call them", "type 47")
		r.line("48")
		r.did("set shared control {Check: Called:true Digits:48}")
		r.feed(customer.AccessChanged{Access: session.ViewOnly, Needs: customer.Needs{Called: true, Digits: "12"}})
		r.says("That was not right", "Did you call them")
		r.line("y", "12")
		r.did("set shared control {Check: Called:true Digits:12}")
		r.feed(customer.AccessChanged{Access: session.SharedControl})
		r.says("can see and control")
		r.line("thanks") // no question is open any more
		r.did("say thanks")
	})
}

// TestRequest is the engineer's wish for more: a yes to a message is no yes to it.
func TestRequest(t *testing.T) {
	play(t, Options{}, func(r *rig) {
		r.started(ada, session.ChatOnly, customer.Needs{})
		ask := func(id uint32, needs customer.Needs) {
			r.feed(customer.Said{FromEngineer: true, Text: "Is the light on? Answer y", At: time.Now()},
				customer.Requested{ID: id, Access: session.SharedControl, Until: time.Now().Add(time.Minute), Needs: needs})
		}
		ask(7, customer.Needs{})
		r.says("Ada Engineer · ", "  | Is the light on? Answer y", "asks to use your mouse and keyboard", "No answer means no: 1:00 left", "type ")
		r.line("y")
		r.did("request 7 false {Check: Called:false Digits:}")
		r.feed(customer.RequestGone{ID: 7})
		r.says("Not allowed")
		ask(8, customer.Needs{Called: true, Check: true, Digits: "05"})
		r.line("y", "482913", "05")
		r.did("request 8 true {Check:482913 Called:true Digits:05}")
		r.feed(customer.RequestGone{ID: 8}, customer.AccessChanged{Access: session.SharedControl})
		r.says("Did you call them", "can see and control")
	})
	play(t, Options{}, func(r *rig) { // silence
		r.started(ada, session.ChatOnly, customer.Needs{})
		r.feed(customer.Requested{ID: 9, Access: session.ViewOnly, Until: time.Now().Add(time.Minute)})
		time.Sleep(time.Minute)
		r.says("asks to see your screen", "0:30", "0:10")
		r.feed(customer.RequestGone{ID: 9})
		r.says("The answer is no")
		r.line("47")
		r.did("say 47")
	})
	play(t, Options{}, func(r *rig) { // the customer goes past it, and pauses and stops while it is open
		r.started(ada, session.ChatOnly, customer.Needs{})
		r.feed(customer.Requested{ID: 10, Access: session.ViewOnly, Until: time.Now().Add(time.Minute)})
		r.line("p", "s")
		r.did("pause", "stop")
	})
}

func TestHappenings(t *testing.T) {
	play(t, Options{}, func(r *rig) {
		r.started(ada, session.ViewOnly, customer.Needs{})
		r.feed(customer.LinkChanged{Until: time.Now().Add(20 * time.Minute)}, customer.LinkChanged{Up: true},
			customer.LinkChanged{}, customer.Trouble{Problem: problem.New(problem.ScreenUnsupported, errors.New("x"))},
			customer.InputChanged{State: customer.InputLocalHand}, customer.Said{Text: "mine"})
		all := r.says("interrupted", "The connection is back", "interrupted", "picture of this screen")
		if strings.Contains(all, "mine") {
			t.Error("what was typed is shown again")
		}
	})
}

// TestEndOfInput stops a session, and gives up before there is one.
func TestEndOfInput(t *testing.T) {
	play(t, Options{}, func(r *rig) { r.in.Close() })
	play(t, Options{}, func(r *rig) {
		r.started(ada, session.ViewOnly, customer.Needs{})
		r.in.Close()
		time.Sleep(time.Second)
		r.did("stop")
		r.feed(customer.Ended{Problem: problem.New(problem.CustomerEnded, nil), Started: time.Now(), Finished: time.Now()})
		r.says("You ended the session")
	})
	play(t, Options{}, func(r *rig) {
		r.feed(customer.Connecting{})
		r.in.Close()
		time.Sleep(time.Second)
		r.did("leave")
	})
}

func TestEnded(t *testing.T) {
	play(t, Options{}, func(r *rig) {
		r.started(ada, session.ViewOnly, customer.Needs{})
		r.feed(customer.AccessChanged{Access: session.ChatOnly}, customer.AccessChanged{Access: session.ViewOnly})
		now := time.Now()
		r.feed(customer.Ended{
			Problem: problem.New(problem.EngineerEnded, nil), Started: now, Finished: now.Add(65 * time.Second), Journal: "/tmp/log",
			CleanUp: &cleanup.Report{
				Kept: []cleanup.Note{{Path: "/tmp/log", Reason: cleanup.CustomerAsked}},
				Left: []cleanup.Note{{Path: "/tmp/x\x1b", Reason: cleanup.InUse}, {Path: "/tmp/y", Reason: "new"}},
			},
		})
		r.says("The session is over", "Ada Engineer ended", "With Ada Engineer, Example Support", "It lasted 01:05",
			"You allowed: Chat only, View only.", "/tmp/log", "Something is left", "/tmp/x[U+001B]", "/tmp/y", "without a new code", "Code > ")
		r.line("1234567")
		r.says("Your name > ")
		r.feed(customer.Ended{Problem: problem.New(problem.Alarm, nil), Started: now, Finished: now})
		r.line("")
		if err := <-r.done; err != nil {
			t.Error(err)
		}
		r.done <- nil
	})
}

// TestQuote keeps what the other end wrote behind its bar.
func TestQuote(t *testing.T) {
	for _, in := range []string{"", "a\nCode > ", strings.Repeat("x", 500), strings.Repeat("日本", 100), "\x1b[2J\r\n> \u202e", strings.Repeat("\n", 500)} {
		for _, line := range quote(in) {
			if !strings.HasPrefix(line, "  | ") || strings.ContainsAny(line, "\x1b\r\n\u202e") || len([]rune(line)) > columns+4 {
				t.Errorf("%q: line %q", in, line)
			}
		}
	}
}

func FuzzLine(f *testing.F) {
	for _, s := range []string{"", "１", "はい", "!\x00", "\xff\xfe", "\u202e2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if l := levelOf(s); l != session.NoAccess && !l.Valid() {
			t.Errorf("%q is level %d", s, l)
		}
		command(s)
		digitsOf(s)
		for _, line := range quote(s) {
			if !strings.HasPrefix(line, "  | ") || strings.ContainsAny(line, "\n\r\x1b") {
				t.Errorf("%q becomes %q", s, line)
			}
		}
	})
}

// TestNoWindowLibrary keeps what needs OpenGL, or a display, out of the dialogue.
func TestNoWindowLibrary(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-tags", "x11", ".").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for pkg := range strings.FieldsSeq(string(out)) {
		if strings.HasPrefix(pkg, "fyne.io/") || strings.HasPrefix(pkg, "github.com/go-gl/") {
			t.Errorf("the dialogue needs %s", pkg)
		}
	}
}
