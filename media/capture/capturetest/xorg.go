//go:build linux || freebsd || netbsd || openbsd

package capturetest

import (
	"fmt"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/jezek/xgb/randr"
	"github.com/jezek/xgb/xproto"
)

// xorgDriver is the video driver of X servers whose monitors do not exist.
const xorgDriver = "/usr/lib/xorg/modules/drivers/dummy_drv.so"

// xorgConfig makes an X server of that driver, which takes no real keyboard, mouse or graphics card.
const xorgConfig = `
Section "ServerFlags"
	Option "AutoAddDevices" "false"
	Option "AutoEnableDevices" "false"
	Option "AutoAddGPU" "false"
EndSection
Section "Device"
	Identifier "dummy"
	Driver "dummy"
	VideoRam 131072
EndSection
Section "Monitor"
	Identifier "monitor"
	HorizSync 5.0-1000.0
	VertRefresh 5.0-200.0
EndSection
Section "Screen"
	Identifier "screen"
	Device "dummy"
	Monitor "monitor"
	DefaultDepth 24
	SubSection "Display"
		Depth 24
		Modes "640x480"
		Virtual 4096 2304
	EndSubSection
EndSection
`

// Xorg starts an X server whose monitors come and go as a test wants, and otherwise does what [Xvfb] does. Calm is what the Stage
// says. The test is skipped where the server is not installed.
func Xorg(t testing.TB, calm time.Duration, args ...string) *Monitors {
	t.Helper()
	path, err := exec.LookPath("Xorg")
	if err == nil {
		_, err = os.Stat(xorgDriver)
	}
	if err != nil {
		t.Skip("needs an X server whose monitors can be plugged (Debian: apt-get install xserver-xorg-core xserver-xorg-video-dummy)")
	}
	config := filepath.Join(t.TempDir(), "xorg.conf")
	if err := os.WriteFile(config, []byte(xorgConfig), 0o600); err != nil {
		t.Fatal(err)
	}
	log := filepath.Join(t.TempDir(), "xorg.log")
	args = append([]string{"-config", config, "-logfile", log, "-novtswitch", "-sharevts"}, args...)
	serve(t, path, args)
	m := &Monitors{Painter: NewPainter(t, calm)}
	m.start()
	return m
}

// Monitors is a [Painter] on an X server whose monitors a test plugs.
type Monitors struct {
	*Painter
	outputs []randr.Output
	crtcs   []randr.Crtc
	modes   map[image.Point]randr.Mode
	parts   int // made by Split
}

// start looks what the server has.
func (m *Monitors) start() {
	m.t.Helper()
	if _, found, err := m.conn.Use("RANDR"); err != nil || !found {
		m.t.Fatalf("the server has no RANDR (%v)", err)
	}
	_, err := randr.QueryVersion(m.conn.Conn, 1, 5).Reply()
	m.must("version", err)
	res, err := randr.GetScreenResources(m.conn.Conn, m.conn.Screen.Root).Reply()
	m.must("resources", err)
	m.outputs, m.crtcs, m.modes = res.Outputs, res.Crtcs, map[image.Point]randr.Mode{}
}

func (m *Monitors) must(what string, err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatalf("%s: %v", what, err)
	}
}

// Plug implements [Plugs], at one stroke as desktops do it: nobody sees the screen half changed.
func (m *Monitors) Plug(primary int, monitors ...image.Rectangle) {
	m.t.Helper()
	c, root := m.conn.Conn, m.conn.Screen.Root
	m.must("grab", xproto.GrabServerChecked(c).Check())
	m.Unplug()
	var all image.Rectangle
	for _, r := range monitors {
		all = all.Union(r)
	}
	m.must("size", randr.SetScreenSizeChecked(c, root, uint16(all.Max.X), uint16(all.Max.Y), 300, 200).Check())
	for i, r := range monitors {
		if r.Empty() {
			continue
		}
		_, err := randr.SetCrtcConfig(c, m.crtcs[i], 0, 0, int16(r.Min.X), int16(r.Min.Y), m.mode(m.outputs[i], r.Size()),
			randr.RotationRotate0, m.outputs[i:i+1]).Reply()
		m.must("on", err)
	}
	m.must("primary", randr.SetOutputPrimaryChecked(c, root, m.outputs[primary]).Check())
	m.must("ungrab", xproto.UngrabServerChecked(c).Check())
}

// Unplug leaves no monitor at all.
func (m *Monitors) Unplug() {
	m.t.Helper()
	for _, crtc := range m.crtcs {
		_, err := randr.SetCrtcConfig(m.conn.Conn, crtc, 0, 0, 0, 0, 0, randr.RotationRotate0, nil).Reply()
		m.must("off", err)
	}
}

// mode makes an output able to have a size.
func (m *Monitors) mode(output randr.Output, size image.Point) randr.Mode {
	m.t.Helper()
	mode, ok := m.modes[size]
	if !ok {
		name := fmt.Sprintf("test%dx%d", size.X, size.Y)
		r, err := randr.CreateMode(m.conn.Conn, m.conn.Screen.Root, randr.ModeInfo{
			Width: uint16(size.X), Height: uint16(size.Y), DotClock: 25_000_000,
			Htotal: uint16(size.X) + 100, Vtotal: uint16(size.Y) + 50, NameLen: uint16(len(name)),
		}, name).Reply()
		m.must("mode", err)
		mode, m.modes[size] = r.Mode, r.Mode
	}
	m.must("add mode", randr.AddOutputModeChecked(m.conn.Conn, output, mode).Check())
	return mode
}

// Split makes monitors of parts of the screen, as people do with a very large one. The first takes the place of the output there.
func (m *Monitors) Split(parts ...image.Rectangle) {
	m.t.Helper()
	outputs := m.outputs[:1]
	for i, r := range parts {
		m.must("monitor", randr.SetMonitorChecked(m.conn.Conn, m.conn.Screen.Root, randr.MonitorInfo{
			Name: m.part(i), NOutput: uint16(len(outputs)), X: int16(r.Min.X), Y: int16(r.Min.Y), Width: uint16(r.Dx()), Height: uint16(r.Dy()),
			WidthInMillimeters: 1, HeightInMillimeters: 1, Outputs: outputs,
		}).Check())
		outputs = nil
	}
	m.parts = len(parts)
}

// Unsplit takes back what Split did.
func (m *Monitors) Unsplit() {
	m.t.Helper()
	for i := range m.parts {
		m.must("no monitor", randr.DeleteMonitorChecked(m.conn.Conn, m.conn.Screen.Root, m.part(i)).Check())
	}
}

// part is the name of a part of a split monitor.
func (m *Monitors) part(i int) xproto.Atom {
	m.t.Helper()
	name := fmt.Sprintf("part%d", i)
	atom, err := xproto.InternAtom(m.conn.Conn, false, uint16(len(name)), name).Reply()
	m.must("name", err)
	return atom.Atom
}
