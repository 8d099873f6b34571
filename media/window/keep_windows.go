package window

import (
	"context"
	"image"
	"log/slog"
	"sync"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// lookEach is how often a window that is kept is looked at.
const lookEach = 500 * time.Millisecond

// Constants of winuser.h and wingdi.h.
const (
	swShowNoActivate = 4
	swpNoSize        = 0x0001
	swpNoActivate    = 0x0010
	swpShowWindow    = 0x0040
	swpAsync         = 0x4000
	lwaAlpha         = 2
	gwHwndPrev       = 3
	mostAbove        = 1000 // windows
	hwndTopmost      = ^uintptr(0)
	leastAlpha       = 0xc0
)

var (
	user32             = windows.NewLazySystemDLL("user32.dll")
	isIconic           = user32.NewProc("IsIconic")
	getWindowRect      = user32.NewProc("GetWindowRect")
	getWindowRgn       = user32.NewProc("GetWindowRgnBox")
	setWindowRgn       = user32.NewProc("SetWindowRgn")
	getLayered         = user32.NewProc("GetLayeredWindowAttributes")
	setLayered         = user32.NewProc("SetLayeredWindowAttributes")
	getWindow          = user32.NewProc("GetWindow")
	showWindowAsync    = user32.NewProc("ShowWindowAsync")
	setWindowPos       = user32.NewProc("SetWindowPos")
	getWindowLong      = user32.NewProc("GetWindowLongW")
	setWindowLong      = user32.NewProc("SetWindowLongW")
	getKeyState        = user32.NewProc("GetAsyncKeyState")
	enumMonitors       = user32.NewProc("EnumDisplayMonitors")
	leftButton         = uintptr(1)
	exStyleTransparent = uintptr(0x20)
)

// windowsKeeper keeps a window by looking at it now and then.
type windowsKeeper struct {
	f     *windowsFinder
	w     windows.HWND
	first image.Point
	good  image.Rectangle
}

// Keep implements Finder.
func (f *windowsFinder) Keep(ctx context.Context, w uintptr, k Keeping) error {
	if k.Log == nil {
		k.Log = slog.New(slog.DiscardHandler)
	}
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	news := make(chan struct{})
	wg.Go(func() {
		for pause(ctx, lookEach) {
			select {
			case news <- struct{}{}:
			case <-ctx.Done():
			}
		}
	})
	err := hold(ctx, &windowsKeeper{f: f, w: windows.HWND(w)}, news, k)
	if err != nil {
		k.Lost(OutOfSight)
	}
	return err
}

// rectOf returns the place of a window, in pixels of the thread that asks.
func rectOf(w windows.HWND) image.Rectangle {
	var r [4]int32
	getWindowRect.Call(uintptr(w), uintptr(unsafe.Pointer(&r)))
	return image.Rect(int(r[0]), int(r[1]), int(r[2]), int(r[3]))
}

// look implements keeper.
func (k *windowsKeeper) look() (fault, error) {
	if !windows.IsWindow(k.w) {
		return fault{}, ErrGone
	}
	if iconic, _, _ := isIconic.Call(uintptr(k.w)); iconic != 0 || !windows.IsWindowVisible(k.w) || cloaked(k.w) {
		return fault{what: hidden}, nil
	}
	rect := rectOf(k.w)
	if k.first == (image.Point{}) {
		k.first = rect.Size()
	}
	if 2*rect.Dx() < k.first.X || rect.Dy() < leastHeight {
		return fault{what: small}, nil
	}
	if f := k.changed(rect); f.what != none {
		return f, nil
	}
	if monitors := allMonitors(); len(missing(rect.Inset(slack), monitors)) > 0 && inside(rect, monitors) != rect.Min {
		f := fault{what: away, grace: placeGrace}
		if down, _, _ := getKeyState.Call(leftButton); down&0x8000 != 0 {
			f.grace = dragGrace
		}
		return f, nil
	}
	if by := k.above(rect); by != 0 {
		return fault{what: covered, grace: coverGrace, by: uint64(by)}, nil
	}
	k.good = rect
	return fault{}, nil
}

// changed looks whether parts of the window were taken away, or all of it made transparent, for the eye or for clicks.
func (k *windowsKeeper) changed(rect image.Rectangle) fault {
	var box [4]int32
	if kind, _, _ := getWindowRgn.Call(uintptr(k.w), uintptr(unsafe.Pointer(&box))); kind != 0 { // there is a region
		need := image.Rectangle{Max: rect.Size()}.Inset(slack)
		if !need.In(image.Rect(int(box[0]), int(box[1]), int(box[2]), int(box[3]))) || kind == 3 {
			return fault{what: holed}
		}
	}
	style, _, _ := getWindowLong.Call(uintptr(k.w), gwlExStyle)
	if style&clear == clear {
		return fault{what: holed}
	}
	var colour, flags uint32
	var alpha byte
	ok, _, _ := getLayered.Call(uintptr(k.w), uintptr(unsafe.Pointer(&colour)), uintptr(unsafe.Pointer(&alpha)), uintptr(unsafe.Pointer(&flags)))
	if ok != 0 && flags&lwaAlpha != 0 && alpha < leastAlpha {
		return fault{what: transparent}
	}
	return fault{}
}

// above returns a window of somebody else that lies over a place, or 0.
func (k *windowsKeeper) above(rect image.Rectangle) windows.HWND {
	w, _, _ := getWindow.Call(uintptr(k.w), gwHwndPrev)
	for n := 0; w != 0 && n < mostAbove; n++ { // it may change meanwhile
		h := windows.HWND(w)
		if windows.IsWindowVisible(h) && !cloaked(h) && !k.f.own(h) && !passes(h) && rectOf(h).Overlaps(rect) {
			return h
		}
		w, _, _ = getWindow.Call(w, gwHwndPrev)
	}
	return 0
}

// mend implements keeper.
func (k *windowsKeeper) mend(f fault, _ bool) error {
	w := uintptr(k.w)
	switch f.what {
	case hidden:
		showWindowAsync.Call(w, swShowNoActivate)
	case holed:
		setWindowRgn.Call(w, 0, 1)
		style, _, _ := getWindowLong.Call(w, gwlExStyle)
		setWindowLong.Call(w, gwlExStyle, style&^exStyleTransparent)
	case transparent:
		setLayered.Call(w, 0, 0xff, lwaAlpha)
	}
	at, size := k.good, uintptr(swpNoSize)
	if at.Empty() {
		at = image.Rectangle{Max: k.first}
	}
	if f.what == small {
		size = 0
	}
	if f.what == small || f.what == away || f.what == hidden {
		at = image.Rectangle{Max: at.Size()}.Add(inside(at, allMonitors()))
	} else {
		at = rectOf(k.w)
	}
	setWindowPos.Call(w, hwndTopmost, uintptr(int32(at.Min.X)), uintptr(int32(at.Min.Y)), uintptr(at.Dx()), uintptr(at.Dy()),
		size|swpNoActivate|swpShowWindow|swpAsync)
	return nil
}

// monitorList is the list that the system's callback fills. There is one callback for the whole program, as for windows.
var monitorList struct {
	sync.Mutex
	places   []image.Rectangle
	callback uintptr
}

// allMonitors asks where the monitors are.
func allMonitors() []image.Rectangle {
	l := &monitorList
	l.Lock()
	defer l.Unlock()
	if l.callback == 0 {
		l.callback = windows.NewCallback(func(_, _ uintptr, r *[4]int32, _ uintptr) uintptr {
			monitorList.places = append(monitorList.places, image.Rect(int(r[0]), int(r[1]), int(r[2]), int(r[3])))
			return 1
		})
	}
	l.places = nil
	enumMonitors.Call(0, 0, l.callback, 0)
	return l.places
}
