//go:build windows

package overlay

import (
	"fmt"
	"image"
	"unsafe"

	"golang.org/x/sys/windows"
)

// pane is a window of the overlay.
type pane struct {
	piece
	window windows.HWND
}

// newPane makes and shows a window that is on top, takes no input and is never the active one.
func newPane(class uintptr, p piece) (*pane, error) {
	w, _, err := createWindow.Call(
		exLayered|exTransparent|exTopmost|exToolWindow|exNoActivate, class, 0, wsPopup,
		coordinate(p.rect.Min.X), coordinate(p.rect.Min.Y), uintptr(p.rect.Dx()), uintptr(p.rect.Dy()), 0, 0, 0, 0)
	if w == 0 {
		return nil, fmt.Errorf("create window: %w", err)
	}
	made := &pane{p, windows.HWND(w)}
	if err := made.paint(); err != nil {
		made.destroy()
		return nil, err
	}
	showWindow.Call(w, swShowNoActivate)
	return made, nil
}

func coordinate(v int) uintptr { return uintptr(int32(v)) }

// paint gives the window its picture.
func (p *pane) paint() error {
	screen, _, err := getDC.Call(0)
	if screen == 0 {
		return fmt.Errorf("screen: %w", err)
	}
	defer releaseDC.Call(0, screen)
	memory, _, err := createCompatibleDC.Call(screen)
	if memory == 0 {
		return fmt.Errorf("memory: %w", err)
	}
	defer deleteDC.Call(memory)
	size := p.rect.Size()
	header := bitmapHeader{size: 40, width: int32(size.X), height: -int32(size.Y), planes: 1, bits: 32}
	var pixels unsafe.Pointer
	bitmap, _, err := createDIBSection.Call(memory, uintptr(unsafe.Pointer(&header)), 0, uintptr(unsafe.Pointer(&pixels)), 0, 0)
	if bitmap == 0 {
		return fmt.Errorf("bitmap: %w", err)
	}
	defer deleteObject.Call(bitmap)
	before, _, _ := selectObject.Call(memory, bitmap)
	defer selectObject.Call(memory, before)
	p.draw(unsafe.Slice((*uint32)(pixels), size.X*size.Y))
	at, from, extent := point{int32(p.rect.Min.X), int32(p.rect.Min.Y)}, point{}, point{int32(size.X), int32(size.Y)}
	opaque := blendFunction{alpha: 0xff, format: 1}
	ok, _, err := updateLayeredWindow.Call(uintptr(p.window), screen, uintptr(unsafe.Pointer(&at)), uintptr(unsafe.Pointer(&extent)),
		memory, uintptr(unsafe.Pointer(&from)), 0, uintptr(unsafe.Pointer(&opaque)), ulwAlpha)
	if ok == 0 {
		return fmt.Errorf("paint window: %w", err)
	}
	return nil
}

// draw writes the picture as blue, green, red and alpha.
func (p *pane) draw(to []uint32) {
	ground := p.level.colours().ground
	width := p.rect.Dx()
	for i := range to {
		c := ground
		if p.plate != nil {
			c = p.plate.image.RGBAAt(i%width, i/width)
		}
		to[i] = 0xff<<24 | uint32(c.R)<<16 | uint32(c.G)<<8 | uint32(c.B)
	}
}

// raise puts the window on top again.
func (p *pane) raise() {
	setWindowPos.Call(uintptr(p.window), hwndTopmost, 0, 0, 0, 0, swpNoMove|swpNoSize|swpNoActivate)
}

// intact reports whether the window still is where it was made.
func (p *pane) intact() bool { return place(p.window) == p.rect }

func (p *pane) destroy() { destroyWindow.Call(uintptr(p.window)) }

// place returns the place of a window, or nothing if it is not to be seen.
func place(w windows.HWND) image.Rectangle {
	if !windows.IsWindowVisible(w) {
		return image.Rectangle{}
	}
	var hidden uint32 // visible and not shown, as on another virtual desktop
	if windows.DwmGetWindowAttribute(w, windows.DWMWA_CLOAKED, unsafe.Pointer(&hidden), 4) == nil && hidden != 0 {
		return image.Rectangle{}
	}
	var r struct{ left, top, right, bottom int32 }
	if ok, _, _ := getWindowRect.Call(uintptr(w), uintptr(unsafe.Pointer(&r))); ok == 0 {
		return image.Rectangle{}
	}
	return image.Rect(int(r.left), int(r.top), int(r.right), int(r.bottom))
}
