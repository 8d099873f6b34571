//go:build windows

package overlay

import (
	"fmt"
	"image"
	"iter"
	"sync"
	"unsafe"

	"golang.org/x/sys/windows"
)

var (
	user32                       = windows.NewLazySystemDLL("user32.dll")
	gdi32                        = windows.NewLazySystemDLL("gdi32.dll")
	createWindow                 = user32.NewProc("CreateWindowExW")
	defWindowProc                = user32.NewProc("DefWindowProcW")
	destroyWindow                = user32.NewProc("DestroyWindow")
	dispatchMessage              = user32.NewProc("DispatchMessageW")
	enumDisplayMonitors          = user32.NewProc("EnumDisplayMonitors")
	getDC                        = user32.NewProc("GetDC")
	getMessage                   = user32.NewProc("GetMessageW")
	getTopWindow                 = user32.NewProc("GetTopWindow")
	getWindow                    = user32.NewProc("GetWindow")
	getWindowRect                = user32.NewProc("GetWindowRect")
	killTimer                    = user32.NewProc("KillTimer")
	peekMessage                  = user32.NewProc("PeekMessageW")
	postThreadMessage            = user32.NewProc("PostThreadMessageW")
	registerClass                = user32.NewProc("RegisterClassExW")
	releaseDC                    = user32.NewProc("ReleaseDC")
	setThreadDpiAwarenessContext = user32.NewProc("SetThreadDpiAwarenessContext") // Windows 10 1607
	setTimer                     = user32.NewProc("SetTimer")
	setWindowPos                 = user32.NewProc("SetWindowPos")
	setWinEventHook              = user32.NewProc("SetWinEventHook")
	showWindow                   = user32.NewProc("ShowWindow")
	unhookWinEvent               = user32.NewProc("UnhookWinEvent")
	updateLayeredWindow          = user32.NewProc("UpdateLayeredWindow")
	createCompatibleDC           = gdi32.NewProc("CreateCompatibleDC")
	createDIBSection             = gdi32.NewProc("CreateDIBSection")
	deleteDC                     = gdi32.NewProc("DeleteDC")
	deleteObject                 = gdi32.NewProc("DeleteObject")
	selectObject                 = gdi32.NewProc("SelectObject")
)

// From winuser.h and wingdi.h.
const (
	wmQuit          = 0x0012
	wmDisplayChange = 0x007e
	wmTimer         = 0x0113
	wmUser          = 0x0400
	wmApp           = 0x8000

	wsPopup       = 0x80000000
	exTopmost     = 0x00000008
	exTransparent = 0x00000020
	exToolWindow  = 0x00000080
	exLayered     = 0x00080000
	exNoActivate  = 0x08000000

	swShowNoActivate = 4
	swpNoSize        = 0x0001
	swpNoMove        = 0x0002
	swpNoActivate    = 0x0010
	gwHwndNext       = 2
	ulwAlpha         = 2
	hwndTopmost      = ^uintptr(0) // -1
	perMonitorAware  = ^uintptr(3) // -4

	eventForeground = 0x0003
	eventShow       = 0x8002
	eventReorder    = 0x8004
	eventLocation   = 0x800b
	objectWindow    = 0
	skipOwnThread   = 0x0001 // and out of context, which is 0
)

// message is MSG.
type message struct {
	window  windows.Handle
	id      uint32
	wParam  uintptr
	lParam  uintptr
	time    uint32
	point   [2]int32
	private uint32
}

func (m *message) pointer() uintptr { return uintptr(unsafe.Pointer(m)) }

// windowClassEx is WNDCLASSEXW.
type windowClassEx struct {
	size, style                        uint32
	proc                               uintptr
	classExtra, windowExtra            int32
	instance, icon, cursor, background windows.Handle
	menu, name                         *uint16
	smallIcon                          windows.Handle
}

// bitmapHeader is BITMAPINFOHEADER.
type bitmapHeader struct {
	size            uint32
	width, height   int32
	planes, bits    uint16
	compression     uint32
	imageSize       uint32
	perMeter        [2]int32
	used, important uint32
}

// point is POINT, or SIZE.
type point struct{ x, y int32 }

// blendFunction is BLENDFUNCTION.
type blendFunction struct{ op, flags, alpha, format byte }

// windowClass registers the class of our windows, once for the program.
var windowClass = sync.OnceValues(func() (uintptr, error) {
	name, err := windows.UTF16PtrFromString("AssistOverlay")
	if err != nil {
		return 0, err
	}
	c := windowClassEx{name: name, proc: windows.NewCallback(windowProc)}
	c.size = uint32(unsafe.Sizeof(c))
	atom, _, err := registerClass.Call(uintptr(unsafe.Pointer(&c)))
	if atom == 0 {
		return 0, fmt.Errorf("register window class: %w", err)
	}
	return atom, nil
})

// windowProc gets what the system tells our windows.
func windowProc(w windows.HWND, id uint32, wParam, lParam uintptr) uintptr {
	if id == wmDisplayChange {
		postThreadMessage.Call(uintptr(windows.GetCurrentThreadId()), wmOrder, 0, 0)
	}
	r, _, _ := defWindowProc.Call(uintptr(w), uintptr(id), wParam, lParam)
	return r
}

// windowEvent gets news of other programs' windows, on the thread that asked for it. There is one callback for the whole
// program, because the system's memory for callbacks is never given back.
var windowEvent = sync.OnceValue(func() uintptr {
	return windows.NewCallback(func(_ uintptr, _ uint32, _ windows.HWND, object, _ int32, _, _ uint32) uintptr {
		if object == objectWindow {
			postThreadMessage.Call(uintptr(windows.GetCurrentThreadId()), wmOrder, 0, 0)
		}
		return 0
	})
})

// hook asks for news of windows that come, go and change their order.
func hook(thread uint32) (unhook func()) {
	var hooks []uintptr
	for _, events := range [][2]uintptr{{eventForeground, eventForeground}, {eventShow, eventReorder}, {eventLocation, eventLocation}} {
		if h, _, _ := setWinEventHook.Call(events[0], events[1], 0, windowEvent(), 0, 0, skipOwnThread); h != 0 {
			hooks = append(hooks, h)
		}
	}
	return func() {
		for _, h := range hooks {
			unhookWinEvent.Call(h)
		}
	}
}

// stack lists the top-level windows, the highest first.
func stack() iter.Seq[windows.HWND] {
	return func(yield func(windows.HWND) bool) {
		w, _, _ := getTopWindow.Call(0)
		for n := 0; w != 0 && n < 10000; n++ { // it may change meanwhile
			if !yield(windows.HWND(w)) {
				return
			}
			w, _, _ = getWindow.Call(w, gwHwndNext)
		}
	}
}

// found is the list that the system's callback fills.
var found struct {
	sync.Mutex
	monitors []image.Rectangle
}

var foundMonitor = sync.OnceValue(func() uintptr {
	return windows.NewCallback(func(_, _ uintptr, r *[4]int32, _ uintptr) uintptr {
		found.monitors = append(found.monitors, image.Rect(int(r[0]), int(r[1]), int(r[2]), int(r[3])))
		return 1
	})
})

// readMonitors asks where the monitors are.
func readMonitors() []image.Rectangle {
	found.Lock()
	defer found.Unlock()
	found.monitors = nil
	enumDisplayMonitors.Call(0, 0, foundMonitor(), 0)
	return found.monitors
}
