//go:build linux

package stage

import (
	"context"
	"fmt"
	"image"
	"math/bits"
	"os"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// connect opens a connection to the display.
func (d *Display) connect() (*xgb.Conn, error) {
	old, had := os.LookupEnv("XAUTHORITY")
	os.Setenv("XAUTHORITY", d.authority) // xgb looks nowhere else
	conn, err := xgb.NewConnDisplay(d.Name)
	if had {
		os.Setenv("XAUTHORITY", old)
	} else {
		os.Unsetenv("XAUTHORITY")
	}
	if err != nil {
		return nil, fmt.Errorf("stage: display %s: %w", d.Name, err)
	}
	return conn, nil
}

// place returns where a window is on the display.
func (d *Display) place(w xproto.Window) (image.Rectangle, error) {
	conn, err := d.connect()
	if err != nil {
		return image.Rectangle{}, err
	}
	defer conn.Close()
	size, err := xproto.GetGeometry(conn, xproto.Drawable(w)).Reply()
	if err != nil {
		return image.Rectangle{}, fmt.Errorf("stage: window: %w", err)
	}
	at, err := xproto.TranslateCoordinates(conn, w, xproto.Setup(conn).DefaultScreen(conn).Root, 0, 0).Reply()
	if err != nil {
		return image.Rectangle{}, fmt.Errorf("stage: window: %w", err)
	}
	min := image.Pt(int(at.DstX), int(at.DstY))
	return image.Rectangle{Min: min, Max: min.Add(image.Pt(int(size.Width), int(size.Height)))}, nil
}

// KeysDown counts the keys and buttons that are down on the display.
func (d *Display) KeysDown() (int, error) {
	conn, err := d.connect()
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	keys, err := xproto.QueryKeymap(conn).Reply()
	if err != nil {
		return 0, fmt.Errorf("stage: keys: %w", err)
	}
	pointer, err := xproto.QueryPointer(conn, xproto.Setup(conn).DefaultScreen(conn).Root).Reply()
	if err != nil {
		return 0, fmt.Errorf("stage: pointer: %w", err)
	}
	const buttons = xproto.ButtonMask1 | xproto.ButtonMask2 | xproto.ButtonMask3
	n := bits.OnesCount16(pointer.Mask & buttons)
	for _, b := range keys.Keys {
		n += bits.OnesCount8(b)
	}
	return n, nil
}

// UntilKeys waits until ok holds for the number of keys and buttons that are down.
func (d *Display) UntilKeys(ctx context.Context, ok func(down int) bool) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for {
		n, err := d.KeysDown()
		if err != nil {
			return err
		}
		if ok(n) {
			return nil
		}
		if err := Pause(ctx, 20*time.Millisecond); err != nil {
			return fmt.Errorf("stage: %d keys are down: %w", n, err)
		}
	}
}
