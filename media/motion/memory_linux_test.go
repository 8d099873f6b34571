//go:build cgo

package motion

import (
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"assist/media/frame"
)

// resident returns the memory of the process, in bytes, Go's and C's.
func resident(t *testing.T) int {
	t.Helper()
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := strconv.Atoi(strings.Fields(string(b))[1])
	if err != nil {
		t.Fatal(err)
	}
	return pages * os.Getpagesize()
}

// Two hundred encoders and decoders leave nothing behind.
func TestNoLeak(t *testing.T) {
	screen := image.Rect(0, 0, 640, 360)
	f := blank(screen)
	newFilm(640, 360).show(f, screen, 0)
	once := func() {
		p := newPair(t, screen, screen)
		p.carry(t, f, Options{Quantizer: 60}, screen)
		p.carry(t, f, Options{Quantizer: 50}, screen)
		if err := p.dec.Decode([]byte{1, 2, 3}, p.shown, nil); err == nil {
			t.Fatal("nonsense decodes")
		}
		p.enc.Close()
		p.dec.Close()
	}
	for range 20 {
		once()
	}
	before := resident(t)
	for range 200 {
		once()
	}
	if grown := resident(t) - before; grown > 24<<20 {
		t.Errorf("%d MiB more than before", grown>>20)
	}
}

// A decoder of the largest picture holds at most 64 MiB, whatever comes. It is looked at in a process of its own, where no memory lies
// about that others have left.
func TestDecoderMemory(t *testing.T) {
	const variable = "MOTION_MESSAGES"
	screen := image.Rect(0, 0, 4096, 2048)
	if dir := os.Getenv(variable); dir != "" {
		holdsLittle(t, screen, dir)
		return
	}
	f := blank(screen)
	e, err := NewEncoder(screen, Settings{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	dir := t.TempDir()
	for i := range 6 {
		noise(f, image.Rect(0, 0, 512, 512), uint64(i))
		msg, err := e.Encode(nil, f, []image.Rectangle{screen}, Options{Quantizer: 60, Key: i == 4})
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, strconv.Itoa(i)), msg, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	alone := exec.Command(os.Args[0], "-test.run=^TestDecoderMemory$", "-test.v")
	alone.Env = append(os.Environ(), variable+"="+dir)
	out, err := alone.CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	t.Logf("%s", out)
}

// holdsLittle decodes what lies in dir, whole, doubled and out of order.
func holdsLittle(t *testing.T, screen image.Rectangle, dir string) {
	var msgs [][]byte
	for i := range 6 {
		msg, err := os.ReadFile(filepath.Join(dir, strconv.Itoa(i)))
		if err != nil {
			t.Fatal(err)
		}
		msgs = append(msgs, msg)
	}
	before := resident(t)
	d, err := NewDecoder(screen)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	f := &frame.Frame{Rect: screen, Stride: 4 * screen.Dx()} // is not painted
	most, failed := 0, 0
	both := slices.Concat(msgs[4], msgs[5])
	for _, m := range [][]byte{msgs[0], msgs[1], msgs[2], msgs[3], both, msgs[5], msgs[4], msgs[5], both} {
		if d.Decode(m, f, nil) != nil {
			failed++
		}
		most = max(most, resident(t)-before)
	}
	if failed != 3 {
		t.Errorf("%d messages failed, want 3", failed)
	}
	t.Logf("%d MiB at most", most>>20)
	if most > 64<<20 || most < 24<<20 {
		t.Errorf("the decoder holds %d MiB, want 24 to 64", most>>20)
	}
}
