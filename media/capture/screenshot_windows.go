package capture

import (
	"image"
	"unsafe"

	"golang.org/x/sys/windows"
)

func init() { newDesk = newWindowsDesk }

// windowsDesk asks user32. Screenshots and the pointer both count from the primary monitor's corner.
type windowsDesk struct{ getCursorPos *windows.LazyProc }

func newWindowsDesk() (desk, error) {
	p := windows.NewLazySystemDLL("user32.dll").NewProc("GetCursorPos")
	return windowsDesk{p}, p.Find()
}

func (d windowsDesk) pointer() (image.Point, bool) {
	var at struct{ x, y int32 }
	ok, _, _ := d.getCursorPos.Call(uintptr(unsafe.Pointer(&at)))
	return image.Pt(int(at.x), int(at.y)), ok != 0
}

func (windowsDesk) origin() image.Point { return image.Point{} }
func (windowsDesk) close()              {}
