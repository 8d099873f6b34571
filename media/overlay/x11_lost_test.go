//go:build linux || freebsd || netbsd || openbsd

package overlay_test

import (
	"testing"
	"time"

	"github.com/jezek/xgb/xproto"

	"assist/media/overlay"
)

// Another program that destroys the frame again and again is not fought for ever: the owner is told.
func TestLostToOthers(t *testing.T) {
	p := stage(t)
	lost := make(chan struct{}, 16)
	o := newOverlay(t, overlay.Options{Lost: func() { lost <- struct{}{} }})
	o.Show(control)
	p.until("red", framed(desktop, red))
	for began := time.Now(); ; {
		select {
		case <-lost:
			t.Log("lost after", time.Since(began))
			return
		case <-time.After(20 * time.Millisecond):
		}
		if time.Since(began) > 30*time.Second {
			t.Fatal("nobody is told")
		}
		tree, err := xproto.QueryTree(p.Conn.Conn, p.Screen.Root).Reply()
		p.must(err)
		for _, w := range tree.Children {
			if o.Owns(uintptr(w)) {
				xproto.DestroyWindow(p.Conn.Conn, w)
			}
		}
	}
}
