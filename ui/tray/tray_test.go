package tray

import (
	"bytes"
	"image/png"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"

	"assist/app/identity"
	"assist/app/session"
	"assist/ui/sign"
	"assist/ui/text"
	"assist/ui/uitest"
)

// desktop is a tray that notes what is shown in it.
type desktop struct {
	menu  *fyne.Menu
	menus int
	icons []string
}

func (d *desktop) SetSystemTrayMenu(m *fyne.Menu) { d.menu = m; d.menus++ }
func (d *desktop) SetSystemTrayIcon(r fyne.Resource) {
	d.icons = append(d.icons, strings.TrimSuffix(r.Name(), ".png"))
}

// labels are the entries of the menu.
func (d *desktop) labels() string {
	var list []string
	for _, i := range d.menu.Items {
		switch {
		case i.IsSeparator:
			list = append(list, "-")
		case i.Disabled:
			list = append(list, "("+i.Label+")")
		default:
			list = append(list, i.Label)
		}
	}
	return strings.Join(list, " | ")
}

func live(a session.Access) sign.State {
	return sign.State{Live: true, Access: a, Engineer: identity.Engineer{Name: "Erin", Organisation: "Example", Verified: true}}
}

func TestMenu(t *testing.T) {
	uitest.App(t, "en")
	var d desktop
	pressed := ""
	tray := start(&d, Presses{Open: func() { pressed += "open " }, Stop: func() { pressed += "stop " }})
	defer tray.Close()
	const nobody = "(Nobody is connected) | - | Open the window | Quit Assist"
	for _, tt := range []struct {
		state sign.State
		want  string
	}{
		{sign.State{}, nobody},
		{live(session.ViewOnly), "(Erin (Example) can see your screen) | - | Open the window | Stop the session"},
		{live(session.SharedControl), "(Erin (Example) can see and control your screen) | - | Open the window | Stop the session"},
		{live(session.ChatOnly), "(Erin (Example) is connected: chat only) | - | Open the window | Stop the session"},
		{sign.State{}, nobody},
	} {
		tray.Show(tt.state)
		if got := d.labels(); got != tt.want {
			t.Errorf("%+v: %s, want %s", tt.state, got, tt.want)
		}
		if last := d.menu.Items[len(d.menu.Items)-1]; !last.IsQuit {
			t.Errorf("%+v: Fyne would add an entry of its own", tt.state)
		} else if last.Action != nil {
			last.Action()
		}
	}
	d.menu.Items[2].Action()
	if pressed != "stop stop stop open " {
		t.Errorf("pressed: %s", pressed)
	}
	menus := d.menus
	tray.Show(sign.State{})
	if d.menus != menus {
		t.Error("the same menu was made twice")
	}
}

// The icon flashes while control is shared, and only then.
func TestFlash(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		uitest.App(t, "en")
		var d desktop
		tray := start(&d, Presses{})
		for _, tt := range []struct {
			access session.Access
			want   string
		}{
			{session.ViewOnly, "tray tray-view"},
			{session.SharedControl, "tray-control tray tray-control tray"},
			{session.ViewOnly, "tray-view"},
		} {
			tray.Show(live(tt.access))
			time.Sleep(3*flash + flash/2)
			synctest.Wait()
			if got := strings.Join(d.icons, " "); got != tt.want {
				t.Errorf("%v: %s, want %s", tt.access, got, tt.want)
			}
			d.icons = nil
		}
		tray.Show(live(session.SharedControl))
		tray.Close()
		n := len(d.icons)
		time.Sleep(3 * flash)
		synctest.Wait()
		if len(d.icons) != n {
			t.Error("it flashes after Close")
		}
	})
}

func TestIcons(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range []fyne.Resource{icons().plain, icons().view, icons().control} {
		img, err := png.Decode(bytes.NewReader(r.Content()))
		if err != nil || img.Bounds().Dx() != iconSize {
			t.Errorf("%s: %v", r.Name(), err)
		}
		seen[string(r.Content())] = true
	}
	if len(seen) != 3 {
		t.Error("icons are alike")
	}
}

func TestJapanese(t *testing.T) {
	uitest.App(t, "ja")
	var d desktop
	start(&d, Presses{})
	if got := d.labels(); !strings.Contains(got, text.L("tray.open")) || strings.Contains(got, "Open") {
		t.Error(got)
	}
}
