package input_test

import (
	"bufio"
	"errors"
	"fmt"
	"image"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"assist/media/input"
	"assist/media/input/inputtest"
)

func init() {
	roles["holder"] = func() error { return hold(true, false) }
	roles["alone"] = func() error { return hold(false, false) }
	roles["typist"] = func() error { return hold(true, true) }
}

// role returns this program in another role.
func role(name string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(cmd.Environ(), roleVar+"="+name)
	return cmd
}

// hold is a process that holds keys, buttons and spare keycodes, or presses and types on and on, and never ends.
func hold(watched, busy bool) error {
	var o input.InjectorOptions
	if watched {
		w, err := input.StartWatchdog(role("watchdog"), nil)
		if err != nil {
			return err
		}
		o.Watch = w
	}
	inj, err := input.OpenInjector(o)
	if err != nil {
		return err
	}
	inj.SetDisplays([]image.Rectangle{inputtest.Screen})
	err = errors.Join(inj.Text("日本"), inj.Key(input.Key{Usage: 0xe1, Down: true}), inj.Key(input.Key{Usage: 0x04, Down: true}),
		inj.Pointer(input.Pointer{X: 9, Y: 9, Buttons: input.Left | input.Middle}))
	if err != nil {
		return err
	}
	inj.(input.Hand).Moved() // all of it has happened
	fmt.Println("ready")
	for i := 0; busy; i++ {
		b := input.Buttons(i & 7)
		err := errors.Join(inj.Key(input.Key{Usage: 0x05, Down: i%2 == 0}), inj.Pointer(input.Pointer{Buttons: b}), inj.Text("aBé語"))
		if err != nil {
			return err
		}
	}
	select {}
}

// left says in words what is not as it should be on the display.
func left(t *testing.T, c *xgb.Conn) func() string {
	before := keymapOf(t, c)
	return func() string {
		var s []string
		k, err := xproto.QueryKeymap(c).Reply()
		if err != nil {
			t.Fatal(err)
		}
		p, err := xproto.QueryPointer(c, xproto.Setup(c).DefaultScreen(c).Root).Reply()
		if err != nil {
			t.Fatal(err)
		}
		for i := range 256 {
			if k.Keys[i/8]&(1<<(i%8)) != 0 {
				s = append(s, fmt.Sprint("key ", i))
			}
		}
		if b := p.Mask >> 8 & 7; b != 0 {
			s = append(s, fmt.Sprint("buttons ", b))
		}
		if !equalMaps(before, keymapOf(t, c)) {
			s = append(s, "spare keycodes")
		}
		return strings.Join(s, ", ")
	}
}

// equalMaps compares keysyms; a server may add columns, so empty ones do not count.
func equalMaps(a, b []xproto.Keysym) bool {
	count := func(k []xproto.Keysym) (n int) {
		for _, s := range k {
			if s != 0 {
				n++
			}
		}
		return n
	}
	return count(a) == count(b)
}

// startRole starts this program in a role and waits until it says ready. It is a group of its own.
func startRole(t *testing.T, display, name string) *exec.Cmd {
	t.Helper()
	cmd := role(name)
	cmd.Env = append(cmd.Env, "DISPLAY="+display)
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "ready\n" {
		t.Fatalf("%s said %q, %v", name, line, err)
	}
	return cmd
}

// A process that is killed while it holds keys leaves nothing down and no keycode changed.
func TestWatchdogKill(t *testing.T) {
	display := inputtest.Display(t)
	c := connect(t, display)
	changed := left(t, c)
	for _, name := range []string{"holder", "typist", "typist", "typist"} {
		cmd := startRole(t, display, name)
		if changed() == "" {
			t.Errorf("%s: nothing is held before the kill", name)
		}
		if name == "typist" {
			time.Sleep(30 * time.Millisecond) // somewhere in its work
		}
		// All of its group: a watchdog must not be in it.
		if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		cmd.Wait()
		inputtest.Await(t, "", changed)
	}
}

// Without the watchdog X keeps keys and buttons down for ever. If this fails, servers have learned to
// release them, and the watchdog can go.
func TestWatchdogNeeded(t *testing.T) {
	display := inputtest.Display(t)
	changed := left(t, connect(t, display))
	cmd := startRole(t, display, "alone")
	cmd.Process.Kill()
	cmd.Wait()
	time.Sleep(200 * time.Millisecond)
	if got, want := changed(), "key 38, key 50, buttons 3, spare keycodes"; got != want {
		t.Errorf("after the kill: %q, want %q", got, want)
	}
}

// A watchdog ends with its injector, and its own death does not stop the input.
func TestWatchdogEnds(t *testing.T) {
	display := inputtest.Display(t)
	cmd := role("watchdog")
	w, err := input.StartWatchdog(cmd, nil)
	if err != nil {
		t.Fatal(err)
	}
	inj, err := input.OpenInjector(input.InjectorOptions{Display: display, Watch: w})
	if err != nil {
		t.Fatal(err)
	}
	press(t, inj, 0x04, true)
	if err := errors.Join(inj.Close(), w.Close(), w.Close()); err != nil {
		t.Errorf("after a proper end: %v", err)
	}

	cmd = role("watchdog")
	w, err = input.StartWatchdog(cmd, nil)
	if err != nil {
		t.Fatal(err)
	}
	inj, err = input.OpenInjector(input.InjectorOptions{Display: display, Watch: w})
	if err != nil {
		t.Fatal(err)
	}
	cmd.Process.Kill()
	for range 100 {
		tap(t, inj, 0x04)
	}
	if err := inj.Close(); err != nil {
		t.Error(err)
	}
	w.Close()
	if _, err := input.StartWatchdog(exec.Command("/nonexistent"), nil); err == nil {
		t.Error("a program that is not there was started")
	}
}
