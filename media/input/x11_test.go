//go:build linux

package input_test

import (
	"errors"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"assist/media/input"
	"assist/media/input/inputtest"
)

// openX11 returns an injector into display, with one display as large as Xvfb's.
func openX11(t *testing.T, display string) input.Injector {
	t.Helper()
	inj, err := input.OpenInjector(input.InjectorOptions{Display: display})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { inj.Close() })
	inj.SetDisplays([]image.Rectangle{inputtest.Screen})
	return inj
}

// tool runs a command on display.
func tool(t *testing.T, display, name string, args ...string) {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Skip(name + " is not installed")
	}
	cmd := exec.Command(name, args...)
	cmd.Env = append(cmd.Environ(), "DISPLAY="+display)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v: %s", name, err, out)
	}
}

func tap(t *testing.T, s input.Sink, usages ...input.Usage) {
	t.Helper()
	for _, u := range usages {
		if err := errors.Join(s.Key(input.Key{Usage: u, Down: true}), s.Key(input.Key{Usage: u})); err != nil {
			t.Fatal(err)
		}
	}
}

func press(t *testing.T, s input.Sink, u input.Usage, down bool) {
	t.Helper()
	if err := s.Key(input.Key{Usage: u, Down: down}); err != nil {
		t.Fatal(err)
	}
}

func text(t *testing.T, s input.Sink, what string) {
	t.Helper()
	if err := s.Text(what); err != nil {
		t.Fatal(err)
	}
}

// Keys go by place, so the customer's layout decides what they type.
func TestX11Layouts(t *testing.T) {
	display := inputtest.Display(t)
	inj, w := openX11(t, display), inputtest.NewWindow(t, display)
	for _, tt := range []struct {
		layout []string
		keys   []input.Usage
		altGr  []input.Usage
		want   string
	}{
		{[]string{"us"}, []input.Usage{0x1c, 0x33}, nil, "y;"},
		{[]string{"de"}, []input.Usage{0x1c, 0x33}, []input.Usage{0x14, 0x08}, "zö@€"},
		{[]string{"fr"}, []input.Usage{0x04, 0x33}, []input.Usage{0x27}, "qm@"},
		{[]string{"jp"}, []input.Usage{0x2f, 0x87}, nil, "@\\"},
		{[]string{"ru"}, []input.Usage{0x04, 0x09}, nil, "фа"},
	} {
		tool(t, display, "setxkbmap", tt.layout...)
		w.Clear()
		tap(t, inj, tt.keys...)
		if tt.altGr != nil {
			press(t, inj, 0xe6, true)
			tap(t, inj, tt.altGr...)
			press(t, inj, 0xe6, false)
		}
		inputtest.Await(t, tt.want, w.Typed)
	}
}

// Text is the same in every layout and state of the keyboard, and leaves it as it was.
func TestX11Text(t *testing.T) {
	const sample = "aB1{@}é日ы\n"
	for _, tt := range []struct {
		name    string
		prepare func(*testing.T, string, input.Injector, *inputtest.Window)
		after   string // what key A types afterwards
	}{
		{"us", nil, "a"},
		{"de", func(t *testing.T, d string, _ input.Injector, _ *inputtest.Window) { tool(t, d, "setxkbmap", "de") }, "a"},
		{"ru", func(t *testing.T, d string, _ input.Injector, _ *inputtest.Window) { tool(t, d, "setxkbmap", "ru") }, "ф"},
		{"second group", func(t *testing.T, d string, inj input.Injector, w *inputtest.Window) {
			tool(t, d, "setxkbmap", "us,ru", "-option", "grp:sclk_toggle")
			tap(t, inj, 0x47)
			w.SecondGroup()
		}, "ф"},
		{"Caps Lock", func(t *testing.T, _ string, inj input.Injector, _ *inputtest.Window) { tap(t, inj, 0x39) }, "A"},
		{"Num Lock", func(t *testing.T, _ string, inj input.Injector, _ *inputtest.Window) { tap(t, inj, 0x53) }, "a"},
		{"Shift held", func(t *testing.T, _ string, inj input.Injector, _ *inputtest.Window) { press(t, inj, 0xe1, true) }, "A"},
		{"Ctrl and Alt held", func(t *testing.T, _ string, inj input.Injector, _ *inputtest.Window) {
			press(t, inj, 0xe0, true)
			press(t, inj, 0xe2, true)
		}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			display := inputtest.Display(t)
			inj, w := openX11(t, display), inputtest.NewWindow(t, display)
			if tt.prepare != nil {
				tt.prepare(t, display, inj, w)
			}
			text(t, inj, sample)
			tap(t, inj, 0x04, 0x28)
			inputtest.Await(t, sample+tt.after+strings.Repeat("\n", min(1, len(tt.after))), w.Typed)
		})
	}
}

// The keymap is read again when it has changed.
func TestX11LayoutChanges(t *testing.T) {
	display := inputtest.Display(t)
	inj, w := openX11(t, display), inputtest.NewWindow(t, display)
	text(t, inj, "yö")
	tool(t, display, "setxkbmap", "de")
	inputtest.Await(t, "yö", w.Typed)
	w.Clear()
	text(t, inj, "zyö")
	inputtest.Await(t, "zyö", w.Typed)
	inputtest.Await(t, "+1c -1c +1d -1d +33 -33", func() string { return strings.Join(w.Log(), " ") })
}

// keymapOf returns all keysyms of display's keyboard.
func keymapOf(t *testing.T, c *xgb.Conn) []xproto.Keysym {
	t.Helper()
	s := xproto.Setup(c)
	m, err := xproto.GetKeyboardMapping(c, s.MinKeycode, byte(s.MaxKeycode-s.MinKeycode)+1).Reply()
	if err != nil {
		t.Fatal(err)
	}
	return m.Keysyms
}

func connect(t *testing.T, display string) *xgb.Conn {
	t.Helper()
	c, err := xgb.NewConnDisplay(display)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// Keycodes that were given a character are empty again a while after they were used, and when
// the injector closes.
func TestX11SparesRestored(t *testing.T) {
	display := inputtest.Display(t)
	c := connect(t, display)
	symbols := func() (n int) {
		for _, s := range keymapOf(t, c) {
			if s != 0 {
				n++
			}
		}
		return n
	}
	before := symbols()
	inj, w := openX11(t, display), inputtest.NewWindow(t, display)
	const many = "日本語入力試験中文字列長文確認用途例示追加" // more than there are keycodes
	text(t, inj, many)
	inputtest.Await(t, many, w.Typed)
	if symbols() == before {
		t.Error("no keycode has got a character")
	}
	end := time.Now().Add(5 * time.Second)
	for symbols() != before && time.Now().Before(end) {
		time.Sleep(20 * time.Millisecond)
	}
	if n := symbols(); n != before {
		t.Errorf("%d keysyms a while after, %d before", n, before)
	}
	text(t, inj, "日")
	if err := inj.Close(); err != nil {
		t.Fatal(err)
	}
	if n := symbols(); n != before {
		t.Errorf("%d keysyms after Close, %d before", n, before)
	}
}

// A server that dies or stands still gives an error, soon, and Close returns.
func TestX11Gone(t *testing.T) {
	for _, tt := range []struct {
		name   string
		signal syscall.Signal
	}{{"killed", syscall.SIGKILL}, {"stopped", syscall.SIGSTOP}} {
		t.Run(tt.name, func(t *testing.T) {
			display, server := inputtest.StartDisplay(t)
			inj := openX11(t, display)
			press(t, inj, 0x04, true)
			if err := server.Signal(tt.signal); err != nil {
				t.Fatal(err)
			}
			defer server.Signal(syscall.SIGCONT)
			done := make(chan error)
			go func() {
				err := inj.Text("日")
				for i := 0; err == nil && i < 1_000_000; i++ {
					err = inj.Key(input.Key{Usage: 0x05, Down: i%2 == 0})
				}
				inj.Close()
				done <- err
			}()
			select {
			case err := <-done:
				if err == nil {
					t.Error("no error")
				}
			case <-time.After(15 * time.Second):
				t.Fatal("hangs")
			}
		})
	}
}

func TestX11Unsupported(t *testing.T) {
	t.Setenv("DISPLAY", "")
	for _, wayland := range []string{"", "wayland-0"} {
		t.Setenv("WAYLAND_DISPLAY", wayland)
		_, err := input.NewInjector()
		if !errors.Is(err, input.ErrUnsupported) || strings.Contains(err.Error(), "Wayland") != (wayland != "") {
			t.Errorf("WAYLAND_DISPLAY=%q: %v", wayland, err)
		}
	}
}

// A server that asks for a cookie lets in who has it in the Xauthority file, and nobody else.
func TestX11Authority(t *testing.T) {
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	const name, cookie = "MIT-MAGIC-COOKIE-1", "sixteen bytes!!!"
	entry := []byte{255, 255} // any host
	for _, f := range []string{host, "", name, cookie} {
		entry = append(entry, 0, byte(len(f)))
		entry = append(entry, f...)
	}
	file := filepath.Join(t.TempDir(), "authority")
	if err := os.WriteFile(file, entry, 0o600); err != nil {
		t.Fatal(err)
	}
	display := inputtest.Display(t, "-auth", file)
	t.Setenv("XAUTHORITY", filepath.Join(t.TempDir(), "none"))
	if inj, err := input.OpenInjector(input.InjectorOptions{Display: display}); err == nil {
		inj.Close()
		t.Error("let in without a cookie")
	}
	t.Setenv("XAUTHORITY", file)
	tap(t, openX11(t, display), 0x04)
}

func BenchmarkX11(b *testing.B) {
	display := inputtest.Display(b)
	inj, err := input.OpenInjector(input.InjectorOptions{Display: display})
	if err != nil {
		b.Fatal(err)
	}
	defer inj.Close()
	inj.SetDisplays([]image.Rectangle{inputtest.Screen})
	b.Run("key", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			inj.Key(input.Key{Usage: 0x04, Down: i%2 == 0})
		}
	})
	b.Run("move", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			inj.Pointer(input.Pointer{X: uint16(i * 97)})
		}
	})
	b.Run("hand", func(b *testing.B) {
		for b.Loop() {
			inj.(input.Hand).Moved()
		}
	})
	b.Run("text", func(b *testing.B) {
		for b.Loop() {
			inj.Text("hello")
		}
	})
}
