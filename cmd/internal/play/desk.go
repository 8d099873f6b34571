//go:build linux

package play

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"assist/cmd/internal/stage"
)

// The window manager of a desk: a menu with a terminal on the right mouse button, and nothing that a user of this
// machine has set up.
const managerConfig = `<?xml version="1.0"?>
<openbox_config xmlns="http://openbox.org/3.4/rc">
<theme><name>Clearlooks</name></theme>
<desktops><number>1</number></desktops>
<focus><focusNew>yes</focusNew><raiseOnFocus>no</raiseOnFocus></focus>
<menu><file>%s</file><hideDelay>1500</hideDelay></menu>
<keyboard>%s</keyboard>
<mouse>
<context name="Root"><mousebind button="Right" action="Press"><action name="ShowMenu"><menu>root-menu</menu></action></mousebind></context>
<context name="Client"><mousebind button="Left" action="Press"><action name="Focus"/><action name="Raise"/></mousebind></context>
<context name="Titlebar"><mousebind button="Left" action="Drag"><action name="Move"/></mousebind>
<mousebind button="Left" action="Press"><action name="Focus"/><action name="Raise"/></mousebind></context>
</mouse>
</openbox_config>
`

const managerMenu = `<?xml version="1.0"?>
<openbox_menu xmlns="http://openbox.org/3.4/menu">
<menu id="root-menu" label="Menu">
<item label="Terminal"><action name="Execute"><command>xterm -geometry 78x14+560+420 -title Terminal -e %s</command></action></item>
</menu>
</openbox_menu>
`

// shell is what a terminal runs: it reads nothing of the user's.
const shell = `#!/bin/sh
cd "$HOME"
PS1='$ ' exec sh
`

// Keys of the window manager: on the customer's desk Alt+F4 closes a window, as people know it; on the engineer's it must
// get through to the customer.
const (
	customerKeys = `<keybind key="A-F4"><action name="Close"/></keybind>`
	engineerKeys = `<keybind key="W-F12"><action name="Raise"/></keybind>` // without any, there would be Alt+F4
)

// furnish puts a window manager and a background on a display.
func (c *Cast) furnish(ctx context.Context, d *stage.Display, keys string) error {
	dir, err := os.MkdirTemp(c.Dir, "desk-")
	if err != nil {
		return fmt.Errorf("play: %w", err)
	}
	c.homes[d] = dir
	rc, menu, sh := filepath.Join(dir, "rc.xml"), filepath.Join(dir, "menu.xml"), filepath.Join(dir, "shell")
	for file, text := range map[string]string{
		rc: fmt.Sprintf(managerConfig, menu, keys), menu: fmt.Sprintf(managerMenu, sh), sh: shell,
	} {
		if err := os.WriteFile(file, []byte(text), 0o700); err != nil {
			return fmt.Errorf("play: %w", err)
		}
	}
	env := d.Env("HOME="+dir, "XDG_CONFIG_HOME="+dir, "XDG_CACHE_HOME="+dir, "XDG_DATA_HOME="+dir)
	background := exec.CommandContext(ctx, "xsetroot", "-solid", "#2f5d62")
	background.Env = env
	if out, err := background.CombinedOutput(); err != nil {
		return fmt.Errorf("play: xsetroot: %w: %s", err, out)
	}
	manager := exec.Command("openbox", "--config-file", rc, "--sm-disable")
	manager.Env = env
	p, err := stage.Start(manager, filepath.Join(dir, "openbox.log"))
	if err != nil {
		return err
	}
	c.extras = append(c.extras, p)
	return c.waitManager(ctx, d, p)
}

// waitManager waits until the window manager has announced itself.
func (c *Cast) waitManager(ctx context.Context, d *stage.Display, p *stage.Process) error {
	ctx, cancel := context.WithTimeout(ctx, readyTime)
	defer cancel()
	for {
		look := exec.CommandContext(ctx, "xprop", "-root", "-notype", "_NET_SUPPORTING_WM_CHECK")
		look.Env = d.Env()
		if out, err := look.Output(); err == nil && len(out) > 0 && !bytes.Contains(out, []byte("not found")) && !bytes.Contains(out, []byte("no such")) {
			return nil
		}
		select {
		case <-p.Done():
			return fmt.Errorf("play: window manager ended: %s", p.Log())
		case <-ctx.Done():
			return fmt.Errorf("play: window manager: %w", ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// Terminal starts a terminal on a display, at a place like "80x20+100+300".
func (c *Cast) Terminal(d *stage.Display, geometry string) (home string, err error) {
	home, err = os.MkdirTemp(c.Dir, "terminal-")
	if err != nil {
		return "", fmt.Errorf("play: %w", err)
	}
	sh := filepath.Join(home, ".shell")
	if err := os.WriteFile(sh, []byte(shell), 0o700); err != nil {
		return "", fmt.Errorf("play: %w", err)
	}
	cmd := exec.Command("xterm", "-geometry", geometry, "-title", "Work", "-e", sh)
	cmd.Env = d.Env("HOME=" + home)
	p, err := stage.Start(cmd, filepath.Join(home, ".xterm.log"))
	if err != nil {
		return "", err
	}
	c.extras = append(c.extras, p)
	return home, nil
}
