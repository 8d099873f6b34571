package scenes

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"assist/media/capture"
	"assist/media/capture/capturetest"
)

var record = flag.String("record", "", "record this scene again, or all")

// length of a scene, in frames.
const length = 75

// stage is a desktop with a window manager to record.
type stage struct {
	t    *testing.T
	home string
	pre  time.Duration // before the recording starts
}

// acts are the scenes: start builds the desktop, act moves it while it is recorded.
var acts = []struct {
	name  string
	start func(s *stage)
	act   func(s *stage)
}{
	{"log", startLog, actLog},
	{"viewer", startViewer, actViewer},
	{"page", startPage, actPage},
	{"drag", startDrag, actDrag},
	{"still", startStill, actStill},
	{"switch", startSwitch, actSwitch},
}

// TestRecord records scenes from programs on an X server of its own. It needs Debian's xvfb, openbox, tint2, xdotool, xterm, x11-xserver-utils,
// vim, python3, firefox-esr, mousepad and pcmanfm. A recording is never twice the same: the limits of TestScenes in the package above
// change with it.
func TestRecord(t *testing.T) {
	if *record == "" {
		t.Skip("records only when asked with -record: the recordings are in testdata")
	}
	for _, a := range acts {
		if *record != "all" && *record != a.name {
			continue
		}
		t.Run(a.name, func(t *testing.T) {
			capturetest.Xvfb(t, "-screen", "0", "1920x1080x24")
			s := &stage{t: t, home: home(t)}
			t.Setenv("HOME", s.home)
			t.Setenv("XDG_RUNTIME_DIR", s.home)
			s.run("openbox")
			s.run("tint2")
			s.shell("xsetroot -solid '#3a5a78'")
			time.Sleep(time.Second)
			a.start(s)
			time.Sleep(2 * time.Second)
			f, err := os.Create(filepath.Join("testdata", a.name+".scene"))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			film(t, f, func() { a.act(s) })
		})
	}
}

// home returns a folder with a short name: it shows in the picture.
func home(t *testing.T) string {
	dir, err := os.MkdirTemp("", "home")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// film records the screen while act runs.
func film(t *testing.T, to *os.File, act func()) {
	src, err := capture.Open(capture.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	w := NewWriter(to)
	step := time.Second / Rate
	first, err := next(t, src, time.Now().Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(Frame{0, first.Frame, first.Dirty}); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	begin := time.Now()
	go func() { defer close(done); act() }()
	for n := 1; n < length; n++ {
		time.Sleep(time.Until(begin.Add(time.Duration(n) * step)))
		u, err := next(t, src, begin.Add(length*step))
		if err != nil {
			break
		}
		n = max(n, int(time.Since(begin)/step))
		if err := w.Write(Frame{n, u.Frame, u.Dirty}); err != nil {
			t.Fatal(err)
		}
	}
	<-done
}

// next returns the next update in which pixels changed.
func next(t *testing.T, src capture.Source, until time.Time) (capture.Update, error) {
	ctx, cancel := context.WithDeadline(t.Context(), until)
	defer cancel()
	for {
		u, err := src.Next(ctx)
		if err != nil || len(u.Dirty) > 0 {
			return u, err
		}
	}
}

// run starts a program that ends with the test.
func (s *stage) run(name string, args ...string) {
	cmd := exec.Command(name, args...)
	cmd.Dir = s.home
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
}

// shell runs a command and waits for it.
func (s *stage) shell(format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	cmd := exec.Command("sh", "-c", line)
	cmd.Dir = s.home
	if out, err := cmd.CombinedOutput(); err != nil {
		s.t.Errorf("%s: %v\n%s", line, err, out)
	}
}

// file writes a file of the desktop's user.
func (s *stage) file(name, text string) string {
	path := filepath.Join(s.home, name)
	os.MkdirAll(filepath.Dir(path), 0o700)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
	return path
}

// source is program text to look at: this project's own.
func source(t *testing.T) string {
	var all strings.Builder
	files, err := filepath.Glob("../*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(b)
	}
	return all.String()
}

func startLog(s *stage) {
	s.file("log.py", `import random, time
random.seed(5)
words = "session relay peer code room accept timeout answer offer frame packet queue store".split()
levels = ["\x1b[32mINFO \x1b[0m", "\x1b[32mINFO \x1b[0m", "\x1b[36mDEBUG\x1b[0m", "\x1b[33mWARN \x1b[0m", "\x1b[31mERROR\x1b[0m"]
n = 0
while True:
    n += 1
    print("\x1b[90m12:%02d:%02d.%03d\x1b[0m %s \x1b[1m%s\x1b[0m: %s id=\x1b[35m%08x\x1b[0m n=%d" % (n//600%60, n//10%60, n*97%1000, random.choice(levels), random.choice(words), " ".join(random.choice(words) for _ in range(random.randint(3, 9))), random.getrandbits(32), n), flush=True)
    time.sleep(0.06 if n > 120 else 0)
`)
	for i := range 60 {
		s.file(fmt.Sprintf("src/module_%02d/part%d.go", i, i*7%13), "package part\n\n// session starts here\nfunc session() { relay() }\n")
	}
	s.run("xterm", "-geometry", "120x70+20+30", "-fa", "DejaVu Sans Mono", "-fs", "9", "-bg", "black", "-fg", "grey80", "-e", "python3", "log.py")
	s.run("xterm", "-geometry", "110x60+960+60", "-fa", "DejaVu Sans Mono", "-fs", "9", "-bg", "#fdf6e3", "-fg", "#404040", "-e", "bash", "--norc")
}

func actLog(s *stage) {
	s.shell("xdotool mousemove 1300 400 click 1")
	for _, line := range []string{"ls --color=always -l src", "grep --color=always -rn session src", "ls --color=always -C src"} {
		s.shell("xdotool type --delay 60 '%s'; xdotool key Return; sleep 0.5", line)
	}
}

func startViewer(s *stage) {
	text := s.file("source.go", source(s.t))
	s.run("xterm", "-geometry", "150x72+200+20", "-fa", "DejaVu Sans Mono", "-fs", "9", "-bg", "white", "-fg", "black", "-e", "vim", "-u", "NONE", "-c", "syntax on", "-c", "set number laststatus=2 ruler", text)
	time.Sleep(time.Second)
	s.shell("xdotool mousemove 700 500 click 1")
}

func actViewer(s *stage) {
	s.shell("xdotool key --repeat 16 --delay 70 ctrl+e; sleep 0.3; xdotool key --repeat 3 --delay 400 ctrl+d; xdotool key --repeat 14 --delay 60 ctrl+y")
}

func startPage(s *stage) {
	page := s.file("page.html", html(source(s.t)))
	s.file("profile/user.js", `user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("browser.aboutwelcome.enabled", false);
user_pref("toolkit.telemetry.reportingpolicy.firstRun", false);
user_pref("browser.startup.homepage_override.mstone", "ignore");
user_pref("termsofuse.acceptedVersion", 999);
user_pref("termsofuse.bypassNotification", true);
user_pref("browser.sessionstore.resume_from_crash", false);
`)
	s.run("firefox-esr", "--profile", filepath.Join(s.home, "profile"), "--no-remote", "--width", "1500", "--height", "980", "file://"+page)
	time.Sleep(20 * time.Second)
	s.shell("xdotool mousemove 800 600")
}

func actPage(s *stage) {
	s.shell("xdotool click --repeat 8 --delay 220 5; sleep 0.4; xdotool click --repeat 5 --delay 120 5; sleep 0.3; xdotool click --repeat 5 --delay 180 4")
}

// html colours program text as web pages do.
func html(text string) string {
	var b strings.Builder
	b.WriteString(`<!doctype html><meta charset=utf-8><title>Source</title><style>body{font:15px sans-serif;margin:24px}pre{font:13px monospace;background:#f6f8fa;padding:16px;border:1px solid #ddd}k{color:#cf222e}c{color:#6e7781}s{color:#0a3069}h2{border-bottom:1px solid #ddd}</style><h1>Lossless plane</h1><p>How a picture is taken apart, and put together again at the other end.</p>`)
	esc := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	for i, part := range strings.Split(text, "\nfunc ") {
		fmt.Fprintf(&b, "<h2>Part %d</h2><p>%s</p><pre>", i, esc.Replace(strings.SplitN(part, "\n", 2)[0]))
		for _, line := range strings.Split(part, "\n") {
			line = esc.Replace(line)
			if code, comment, ok := strings.Cut(line, "//"); ok {
				line = code + "<c>//" + comment + "</c>"
			}
			for _, k := range []string{"return ", "for ", "if ", "func ", "range "} {
				line = strings.ReplaceAll(line, k, "<k>"+k+"</k>")
			}
			b.WriteString(line + "\n")
		}
		b.WriteString("</pre>")
	}
	return b.String()
}

func startDrag(s *stage) {
	text := s.file("notes.txt", source(s.t))
	s.run("xterm", "-geometry", "100x30+60+60", "-fa", "DejaVu Sans Mono", "-fs", "9", "-bg", "black", "-fg", "grey80", "-e", "less", text)
	s.run("mousepad", text)
	time.Sleep(3 * time.Second)
	s.shell("xdotool search --onlyvisible --class mousepad windowmove 700 300 windowsize 800 600; sleep 0.5")
}

func actDrag(s *stage) {
	// by the title bars, found above the windows' contents
	s.shell("xdotool %s %s %s", drag(300, 70, 700, 260), drag(1000, 310, 560, 170), drag(700, 260, 1100, 430))
	s.shell("xdotool mousemove 300 900 click 3 sleep 0.4 key Escape")
}

// drag is what xdotool does to drag a window from one place to another in a second.
func drag(x0, y0, x1, y1 int) string {
	const steps = 30
	var b strings.Builder
	fmt.Fprintf(&b, "mousemove %d %d mousedown 1", x0, y0)
	for i := 1; i <= steps; i++ {
		fmt.Fprintf(&b, " mousemove %d %d sleep 0.033", x0+(x1-x0)*i/steps, y0+(y1-y0)*i*i/steps/steps)
	}
	return b.String() + " mouseup 1"
}

func startStill(s *stage) {
	text := s.file("letter.txt", "Dear customer,\n\nthank you for your call about the printer on the second floor.\n"+strings.Repeat("We looked at its settings, its queue and its log.\n", 8))
	for i := range 40 {
		s.file(fmt.Sprintf("Documents/report_%d.txt", 2000+i), "x")
	}
	s.run("pcmanfm", "--no-desktop", filepath.Join(s.home, "Documents"))
	s.run("mousepad", text)
	time.Sleep(3 * time.Second)
	s.shell("xdotool search --onlyvisible --class mousepad windowmove 900 250 windowsize 800 600; xdotool search --onlyvisible --class pcmanfm windowmove 100 80 windowsize 760 700; sleep 0.5; xdotool mousemove 1200 500 click 1 key ctrl+End")
}

func actStill(s *stage) {
	s.shell("xdotool type --delay 140 'It prints again. Please '; sleep 1; xdotool mousemove 300 300 click 1; sleep 0.5; xdotool mousemove 300 400 click 1")
}

func startSwitch(s *stage) {
	text := s.file("source.go", source(s.t))
	s.run("xterm", "-T", "editor", "-geometry", "150x66+60+20", "-fa", "DejaVu Sans Mono", "-fs", "9", "-bg", "white", "-fg", "black", "-e", "vim", "-u", "NONE", "-c", "syntax on", text)
	s.run("mousepad", text)
	time.Sleep(3 * time.Second)
	s.shell("xdotool search --onlyvisible --class mousepad windowmove 300 60 windowsize 1100 860; sleep 0.5")
}

// From one window to another and back, and menus that open and close.
func actSwitch(s *stage) {
	s.shell("xdotool mousemove 340 100 sleep 0.3 click 1 sleep 0.4 mousemove 400 100 sleep 0.4 key Escape sleep 0.3 key Escape")
	s.shell("for i in 1 2 3; do xdotool key alt+Tab sleep 0.6; done")
}
