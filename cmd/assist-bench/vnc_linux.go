package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"assist/cmd/internal/stage"
)

// Programs of TigerVNC, as Debian's tigervnc-scraping-server and tigervnc-viewer have them.
const (
	vncServer = "X0tigervnc"
	vncViewer = "xtigervncviewer"
)

// vncThere reports what is missing of TigerVNC.
func vncThere() error {
	_, errServer := exec.LookPath(vncServer)
	_, errViewer := exec.LookPath(vncViewer)
	return errors.Join(errServer, errViewer)
}

// vnc is TigerVNC with its own settings, without encryption and straight from the customer's computer to the engineer's.
type vnc struct {
	t              *theatre
	address        string
	home           string
	server, viewer *stage.Process
}

func newVNC(t *theatre) *vnc { return &vnc{t: t} }

// prepare starts the server.
func (v *vnc) prepare(ctx context.Context) (err error) {
	if v.home, err = os.MkdirTemp(v.t.dir, "vnc-"); err != nil {
		return err
	}
	host, port, local := "127.0.0.1", "5900", "1"
	if v.t.lab != nil {
		host, local = v.t.lab.Host("customer").Addr.String(), "0"
	} else if port, err = freePort(); err != nil {
		return err
	}
	v.address = host + "::" + port
	cmd := v.t.command("customer")(vncServer, "-display", v.t.customer.Name, "-SecurityTypes", "None", "-rfbport", port,
		"-localhost="+local)
	cmd.Env = v.t.customer.Env("HOME=" + v.home)
	if v.server, err = stage.Start(cmd, filepath.Join(v.t.dir, "vnc-server.log")); err != nil {
		return err
	}
	return within(ctx, vncStart, func(ctx context.Context) error {
		for !strings.Contains(v.server.Log(), "Listening") {
			if !v.server.Running() {
				return fmt.Errorf("the VNC server ended: %s", v.server.Log())
			}
			if err := stage.Pause(ctx, 50*time.Millisecond); err != nil {
				return err
			}
		}
		return nil
	})
}

// vncStart is how long the server may take to listen.
const vncStart = 20 * time.Second

// freePort returns a TCP port of the loopback that nobody uses.
func freePort() (string, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer ln.Close()
	_, port, err := net.SplitHostPort(ln.Addr().String())
	return port, err
}

// show starts the viewer.
func (v *vnc) show(ctx context.Context) (time.Time, error) {
	if err := v.t.engineer.hand.Move(engineerPointer); err != nil {
		return time.Time{}, err
	}
	cmd := v.t.command("engineer")(vncViewer, "-FullScreen", "-RemoteResize=0", "-SecurityTypes", "None",
		"-ReconnectOnError=0", "-AlertOnFatalError=0", v.address)
	cmd.Env = v.t.engineer.Env("HOME=" + v.home)
	at := time.Now()
	var err error
	v.viewer, err = stage.Start(cmd, filepath.Join(v.t.dir, "vnc-viewer.log"))
	return at, err
}

func (v *vnc) settle(ctx context.Context) error {
	if err := v.t.customer.hand.Move(customerPointer); err != nil {
		return err
	}
	return stage.Pause(ctx, 500*time.Millisecond)
}

func (v *vnc) processes() (customer, engineer int) { return v.server.Pid(), v.viewer.Pid() }

// covered is nothing: there are no windows of the server. The viewer draws the pointer where the engineer's is.
func (v *vnc) covered(context.Context) ([]image.Rectangle, error) { return nil, nil }

func (v *vnc) close() {
	for _, p := range []*stage.Process{v.viewer, v.server} {
		if p != nil {
			p.Stop(2 * time.Second)
		}
	}
}
