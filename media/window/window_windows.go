package window

import (
	"fmt"
	"image"
	"slices"
	"sync"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/windows"
)

func init() { newFinder = newWindowsFinder }

// windowsFinder asks user32 for every top-level window each time.
type windowsFinder struct {
	pids    []int
	through atomic.Pointer[func(uintptr) bool]
}

// Extended styles of a window that lets clicks through to other programs' windows: WS_EX_LAYERED and WS_EX_TRANSPARENT of
// winuser.h.
const (
	gwlExStyle = ^uintptr(20) + 1 // -20
	clear      = 0x00080000 | 0x00000020
)

func newWindowsFinder(pids []int) (Finder, error) {
	for _, p := range []*windows.LazyProc{getWindowRect, getWindowLong} {
		if err := p.Find(); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrUnsupported, err)
		}
	}
	return &windowsFinder{pids: pids}, nil
}

// enumeration is the list that the system's callback fills. There is one callback for the whole program, because the
// system's memory for callbacks is never given back.
var enumeration struct {
	sync.Mutex
	windows  []windows.HWND
	callback uintptr
}

// all lists the top-level windows.
func all() []windows.HWND {
	e := &enumeration
	e.Lock()
	defer e.Unlock()
	if e.callback == 0 {
		e.callback = windows.NewCallback(func(w windows.HWND, _ uintptr) uintptr {
			enumeration.windows = append(enumeration.windows, w)
			return 1
		})
	}
	e.windows = e.windows[:0]
	if err := windows.EnumWindows(e.callback, nil); err != nil {
		return nil
	}
	return slices.Clone(e.windows)
}

// Rects implements Finder.
func (f *windowsFinder) Rects() []image.Rectangle {
	var rs []image.Rectangle
	for _, w := range all() {
		if !f.own(w) || !windows.IsWindowVisible(w) || cloaked(w) || f.seenThrough(w) {
			continue
		}
		if b := rectOf(w); !b.Empty() {
			rs = append(rs, b)
		}
	}
	slices.SortFunc(rs, byPlace)
	return rs
}

// Focused implements Finder.
func (f *windowsFinder) Focused() bool {
	w := windows.GetForegroundWindow()
	return w != 0 && f.own(w)
}

// own reports whether one of the processes made a window.
func (f *windowsFinder) own(w windows.HWND) bool {
	var pid uint32
	if _, err := windows.GetWindowThreadProcessId(w, &pid); err != nil {
		return false
	}
	return slices.Contains(f.pids, int(pid))
}

// Through implements Finder.
func (f *windowsFinder) Through(which func(uintptr) bool) { f.through.Store(&which) }

// seenThrough reports what Through says of a window.
func (f *windowsFinder) seenThrough(w windows.HWND) bool {
	which := f.through.Load()
	return which != nil && *which != nil && (*which)(uintptr(w))
}

// passes reports whether a window takes no clicks.
func passes(w windows.HWND) bool {
	style, _, _ := getWindowLong.Call(uintptr(w), gwlExStyle)
	return style&clear == clear
}

// cloaked reports whether a window counts as visible but is not shown, as on another virtual desktop.
func cloaked(w windows.HWND) bool {
	var why uint32
	err := windows.DwmGetWindowAttribute(w, windows.DWMWA_CLOAKED, unsafe.Pointer(&why), uint32(unsafe.Sizeof(why)))
	return err == nil && why != 0
}

// byPlace orders windows whose order on the screen changes with every click.
func byPlace(a, b image.Rectangle) int {
	return slices.Compare(
		[]int{a.Min.X, a.Min.Y, a.Max.X, a.Max.Y},
		[]int{b.Min.X, b.Min.Y, b.Max.X, b.Max.Y})
}

// Close implements Finder.
func (f *windowsFinder) Close() error { return nil }
