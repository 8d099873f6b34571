//go:build linux || freebsd || netbsd || openbsd

package window

import (
	"bufio"
	"fmt"
	"image"
	"io"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"github.com/jezek/xgb/shape"
	"github.com/jezek/xgb/xproto"
	"go.uber.org/goleak"

	"assist/media/capture/capturetest"
)

// strangerEnv makes this test binary another program, which shows a window that names the process in the variable.
const strangerEnv = "ASSIST_TEST_STRANGER"

func TestMain(m *testing.M) {
	if pid := os.Getenv(strangerEnv); pid != "" {
		stranger(pid)
		return
	}
	goleak.VerifyTestMain(m)
}

var strangerAt = image.Rect(400, 300, 500, 400)

// stranger shows a window until its input ends.
func stranger(pid string) {
	t := &alone{}
	p := newProgram(t)
	n, err := strconv.Atoi(pid)
	p.must(err)
	p.show(p.window(p.Screen.Root, strangerAt, 0, n))
	fmt.Println("shown")
	io.Copy(io.Discard, os.Stdin)
}

// alone is a test's hand for a program that is none.
type alone struct{ testing.TB }

func (*alone) Helper()        {}
func (*alone) Cleanup(func()) {}
func (*alone) Fatal(args ...any) {
	fmt.Fprintln(os.Stderr, args...)
	os.Exit(1)
}

// startStranger starts another program, which says that it is the process pid.
func startStranger(t *testing.T, pid int) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), strangerEnv+"="+strconv.Itoa(pid))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		cmd.Wait()
	})
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
}

// The server knows whose a window is, whatever the window says of itself.
func TestNameOfAnother(t *testing.T) {
	capturetest.Xvfb(t)
	p := newProgram(t)
	f := own(t)
	r := image.Rect(100, 100, 300, 200)
	p.show(p.window(p.Screen.Root, r, 0, somebody))
	startStranger(t, os.Getpid())
	want(t, f, "ours under another name, and another's under ours", r)
}

// onBoth runs a test on a server that says whose connection is whose, and on one that does not.
func onBoth(t *testing.T, test func(t *testing.T)) {
	t.Run("sure", func(t *testing.T) { capturetest.Xvfb(t); test(t) })
	t.Run("unsure", func(t *testing.T) { unsure(t); test(t) })
}

// A program left behind does to our window what any program of the desktop may do: it stays out of the picture and out of reach.
func TestPlantedProgram(t *testing.T) {
	r := image.Rect(100, 100, 300, 200)
	for _, tt := range []struct {
		name string
		do   func(other program, form, bar xproto.Window)
		want []image.Rectangle // nil for r
	}{
		{name: "clicks pass through it", do: func(o program, _, bar xproto.Window) { o.noInput(bar) }},
		{name: "it has no shape", do: func(o program, _, bar xproto.Window) {
			o.noInput(bar) // knows the extension then
			o.must(shape.RectanglesChecked(o.Conn.Conn, shape.SoSet, shape.SkBounding, xproto.ClipOrderingUnsorted, bar, 0, 0, nil).Check())
		}},
		{name: "another name, and the form destroyed", do: func(o program, form, bar xproto.Window) {
			o.name(bar, somebody)
			o.must(xproto.DestroyWindowChecked(o.Conn.Conn, form).Check())
		}},
		{name: "deep inside windows of its own", do: func(o program, _, bar xproto.Window) {
			parent := o.Screen.Root
			for range 10 {
				parent = o.window(parent, image.Rect(0, 0, 640, 480), 0, somebody)
				for range 40 {
					o.window(parent, image.Rect(0, 0, 1, 1), 0, somebody)
				}
				o.show(parent)
			}
			o.must(xproto.ReparentWindowChecked(o.Conn.Conn, bar, parent, 100, 100).Check())
		}, want: []image.Rectangle{image.Rect(0, 0, 640, 480)}},
		{name: "deeper than anybody shows a window", do: func(o program, _, bar xproto.Window) {
			parent := o.Screen.Root
			for range maxParents + 1 {
				parent = o.window(parent, image.Rect(0, 0, 640, 480), 0, somebody)
				o.show(parent)
			}
			o.must(xproto.ReparentWindowChecked(o.Conn.Conn, bar, parent, 100, 100).Check())
		}, want: []image.Rectangle{Everywhere}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			onBoth(t, func(t *testing.T) {
				p, o := newProgram(t), newProgram(t)
				form := p.window(p.Screen.Root, image.Rect(10, 10, 60, 60), 0, os.Getpid())
				p.show(form)
				f := own(t)
				want(t, f, "the form", image.Rect(10, 10, 60, 60))
				bar := p.window(p.Screen.Root, r, 0, os.Getpid())
				p.show(bar)
				p.must(xproto.UnmapWindowChecked(p.Conn.Conn, form).Check())
				want(t, f, "the bar", r)
				tt.do(o, form, bar)
				if tt.want == nil {
					tt.want = []image.Rectangle{r}
				}
				got := f.Rects()
				for _, w := range tt.want {
					if !covers(got, w) {
						t.Errorf("%v is not in %v", w, got)
					}
				}
			})
		})
	}
}

func covers(rs []image.Rectangle, r image.Rectangle) bool { return len(missing(r, rs)) == 0 }

// The connection on which windows are watched is lost: another one takes its place, and nothing is forgotten.
func TestWatchLost(t *testing.T) {
	onBoth(t, func(t *testing.T) {
		p := newProgram(t)
		r := image.Rect(100, 100, 300, 200)
		bar := p.window(p.Screen.Root, r, 0, os.Getpid())
		p.show(bar)
		f := own(t)
		want(t, f, "before", r)
		f.(*finder).now.Load().conn.Close()
		moved := r.Add(image.Pt(50, 60))
		p.place(bar, moved)
		want(t, f, "after", moved)
	})
}
