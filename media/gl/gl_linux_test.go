package gl

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"assist/media/capture/capturetest"
)

// again is the argument that makes the test's program the second process.
const again = "probe-gl"

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == again {
		if err := ProbeMain(os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func shell(script string) *exec.Cmd { return exec.Command("/bin/sh", "-c", script) }

func TestXServer(t *testing.T) {
	t.Run("with OpenGL", func(t *testing.T) {
		capturetest.Xvfb(t)
		if err := Probe(t.Context(), exec.Command(os.Args[0], again)); err != nil {
			t.Error(err)
		}
		out, err := exec.Command(os.Args[0], again).Output()
		if err != nil || !enough(string(bytes.TrimSpace(out))) {
			t.Errorf("%q, %v", out, err)
		}
	})
	t.Run("without a driver", func(t *testing.T) {
		capturetest.Xvfb(t)
		t.Setenv("LIBGL_DRIVERS_PATH", "/nonexistent")
		if err := Probe(t.Context(), exec.Command(os.Args[0], again)); !errors.Is(err, ErrMissing) {
			t.Error(err)
		}
	})
	t.Run("without GLX", func(t *testing.T) {
		capturetest.Xvfb(t, "-screen", "0", "640x480x24", "-extension", "GLX")
		if err := Probe(t.Context(), nil); !errors.Is(err, ErrMissing) { // nothing is started
			t.Error(err)
		}
		if out, err := exec.Command(os.Args[0], again).CombinedOutput(); err == nil {
			t.Errorf("the trial goes well: %s", out)
		}
	})
	t.Run("no server", func(t *testing.T) {
		t.Setenv("DISPLAY", "")
		if err := Probe(t.Context(), nil); !errors.Is(err, ErrMissing) {
			t.Error(err)
		}
	})
}

// BenchmarkProbe is what looking costs at the program's start.
func BenchmarkProbe(b *testing.B) {
	capturetest.Xvfb(b)
	for b.Loop() {
		if err := Probe(b.Context(), exec.Command(os.Args[0], again)); err != nil {
			b.Fatal(err)
		}
	}
}
