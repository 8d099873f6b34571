package capture

import (
	"image"
	"runtime"
	"strings"
	"sync"
	"unsafe"

	"golang.org/x/sys/windows"
)

func init() { newDesk = newWindowsDesk }

var (
	user32                       = windows.NewLazySystemDLL("user32.dll")
	enumDisplayMonitors          = user32.NewProc("EnumDisplayMonitors")
	getCursorPos                 = user32.NewProc("GetCursorPos")
	getMonitorInfo               = user32.NewProc("GetMonitorInfoW")
	setThreadDpiAwarenessContext = user32.NewProc("SetThreadDpiAwarenessContext") // Windows 10 1607
)

// From winuser.h and windef.h.
const (
	perMonitorAware = ^uintptr(3) // DPI_AWARENESS_CONTEXT_PER_MONITOR_AWARE_V2, -4
	primaryMonitor  = 1
)

// monitorInfo is MONITORINFOEXW.
type monitorInfo struct {
	size          uint32
	monitor, work windows.Rect
	flags         uint32
	device        [32]uint16
}

// windowsDesk asks user32. Screenshots and the pointer both count from the primary monitor's corner.
type windowsDesk struct{}

func newWindowsDesk() (desk, error) { return windowsDesk{}, getCursorPos.Find() }

// inPixels runs f on a thread for which the system does not scale places, whatever the rest of the process wants.
func (windowsDesk) inPixels(f func()) {
	if setThreadDpiAwarenessContext.Find() != nil {
		f()
		return
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before, _, _ := setThreadDpiAwarenessContext.Call(perMonitorAware)
	defer setThreadDpiAwarenessContext.Call(before) // 0, for a system that refused, is refused again
	f()
}

func (windowsDesk) pointer() (image.Point, bool) {
	var at struct{ x, y int32 }
	ok, _, _ := getCursorPos.Call(uintptr(unsafe.Pointer(&at)))
	return image.Pt(int(at.x), int(at.y)), ok != 0
}

// found is what monitorFound collects. The system never frees a callback, so there is one for all.
var found struct {
	sync.Mutex
	list []Display
}

var monitorFound = sync.OnceValue(func() uintptr {
	return windows.NewCallback(func(monitor, _, _, _ uintptr) uintptr {
		info := monitorInfo{size: uint32(unsafe.Sizeof(monitorInfo{}))}
		if ok, _, _ := getMonitorInfo.Call(monitor, uintptr(unsafe.Pointer(&info))); ok != 0 && len(found.list) < MaxDisplays {
			r := info.monitor
			found.list = append(found.list, Display{
				Name:    strings.TrimPrefix(windows.UTF16ToString(info.device[:]), `\\.\`),
				Bounds:  image.Rect(int(r.Left), int(r.Top), int(r.Right), int(r.Bottom)),
				Primary: info.flags&primaryMonitor != 0,
			})
		}
		return 1
	})
})

// displays implements desk.
func (windowsDesk) displays() []Display {
	found.Lock()
	defer found.Unlock()
	found.list = nil
	enumDisplayMonitors.Call(0, 0, monitorFound(), 0)
	primaryFirst(found.list)
	return found.list
}

func (windowsDesk) origin() image.Point { return image.Point{} }
func (windowsDesk) close()              {}
