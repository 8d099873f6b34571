//go:build linux

package stage

import (
	"context"
	"image"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"assist/ui/trace"
)

func TestDisplayAndCamera(t *testing.T) {
	d, err := NewDisplay(t.TempDir(), "320x240")
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	cmd := exec.Command("xsetroot", "-solid", "#102030")
	cmd.Env = d.Env()
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("xsetroot: %v: %s", err, out)
	}
	img, err := d.Picture()
	if err != nil {
		t.Fatal(err)
	}
	if img.Rect != image.Rect(0, 0, 320, 240) || img.RGBAAt(100, 100).G != 0x20 {
		t.Errorf("%v, %v", img.Rect, img.RGBAAt(100, 100))
	}
	if err := d.Save(filepath.Join(t.TempDir(), "a.png")); err != nil {
		t.Error(err)
	}
}

func TestProcess(t *testing.T) {
	log := filepath.Join(t.TempDir(), "log")
	p, err := Start(exec.Command("sh", "-c", "echo here; exec sleep 600"), log)
	if err != nil {
		t.Fatal(err)
	}
	for p.Running() && p.Log() == "" {
		runtime.Gosched()
	}
	if !p.Running() {
		t.Error("not running")
	}
	if _, err := p.CPU(); err != nil {
		t.Error(err)
	}
	p.Stop(10 * time.Second)
	if p.Running() || p.Err() == nil {
		t.Errorf("after Stop: running %v, %v", p.Running(), p.Err())
	}
	if p.Log() != "here\n" {
		t.Errorf("log %q", p.Log())
	}
}

func TestWindows(t *testing.T) {
	w := ReadWindows(strings.NewReader(strings.Join([]string{
		`{"window":"A","screen":"form","elements":{"go":{"w":5,"h":5,"text":"Go","enabled":true,"visible":true},"off":{"w":5,"h":5,"visible":true}}}`,
		`not JSON`,
		`{"window":"B","screen":"gone"}`,
		`{"window":"B","screen":""}`,
	}, "\n")))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if _, e, err := w.Element(ctx, "form", "go"); err != nil || e.Text != "Go" {
		t.Errorf("%#v, %v", e, err)
	}
	if _, _, err := w.Element(ctx, "form", "off"); err == nil {
		t.Error("a disabled element was found")
	}
	if _, ok := w.Shown("gone"); ok {
		t.Error("a closed window is shown")
	}
	if !w.Seen("gone") || w.Seen("other") {
		t.Error("what was seen is wrong")
	}
	_, err := w.Until(ctx, "never", func(trace.Line) bool { return false })
	if err == nil || !strings.Contains(err.Error(), "ended") {
		t.Error(err)
	}
}

func TestDifferences(t *testing.T) {
	a, b := image.NewRGBA(image.Rect(0, 0, 8, 8)), image.NewRGBA(image.Rect(0, 0, 8, 8))
	a.Pix[a.PixOffset(3, 2)] = 9
	b.Pix[b.PixOffset(6, 6)] = 9
	if n, at := Differences(a, image.Rect(0, 0, 8, 8), b, image.Pt(0, 0)); n != 2 || at != image.Pt(3, 2) {
		t.Error(n, at)
	}
	if n, _ := Differences(a, image.Rect(2, 2, 4, 4), b, image.Pt(5, 6)); n != 0 {
		t.Error("shifted parts differ:", n)
	}
	if n, _ := Differences(a, image.Rect(0, 0, 8, 8), b, image.Pt(0, 0), image.Rect(3, 2, 7, 7)); n != 0 {
		t.Error("skipped parts counted:", n)
	}
}
