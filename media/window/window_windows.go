package window

import (
	"fmt"
	"image"
	"slices"
	"sync"
	"unsafe"

	"golang.org/x/sys/windows"
)

func init() { newFinder = newWindowsFinder }

// windowsFinder asks user32 for every top-level window each time.
type windowsFinder struct {
	pids          []int
	getWindowRect *windows.LazyProc
}

func newWindowsFinder(pids []int) (Finder, error) {
	p := windows.NewLazySystemDLL("user32.dll").NewProc("GetWindowRect")
	if err := p.Find(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnsupported, err)
	}
	return &windowsFinder{pids, p}, nil
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
		if !f.own(w) || !windows.IsWindowVisible(w) || cloaked(w) {
			continue
		}
		var r struct{ left, top, right, bottom int32 }
		if ok, _, _ := f.getWindowRect.Call(uintptr(w), uintptr(unsafe.Pointer(&r))); ok == 0 {
			continue
		}
		if b := image.Rect(int(r.left), int(r.top), int(r.right), int(r.bottom)); !b.Empty() {
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
