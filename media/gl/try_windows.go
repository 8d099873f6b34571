package gl

import (
	"errors"
	"fmt"
	"runtime"
	"unsafe"

	"golang.org/x/sys/windows"
)

func init() { try = tryWGL }

// pixelFormat is a PIXELFORMATDESCRIPTOR (wingdi.h).
type pixelFormat struct {
	size, version            uint16
	flags                    uint32
	pixelType, colorBits     byte
	_                        [13]byte
	depthBits, stencilBits   byte
	_, layer, _              byte
	layerMask, visible, hurt uint32
}

// Flags of a pixel format (wingdi.h): PFD_DRAW_TO_WINDOW, PFD_SUPPORT_OPENGL, PFD_DOUBLEBUFFER.
const pixelFlags = 0x4 | 0x20 | 0x1

const glVersion = 0x1F02 // GL_VERSION (gl.h)

var (
	user32   = windows.NewLazySystemDLL("user32.dll")
	gdi32    = windows.NewLazySystemDLL("gdi32.dll")
	opengl32 = windows.NewLazySystemDLL("opengl32.dll")
)

// call calls a function of the system that returns 0 when it fails.
func call(dll *windows.LazyDLL, name string, args ...uintptr) (uintptr, error) {
	p := dll.NewProc(name)
	if err := p.Find(); err != nil {
		return 0, err
	}
	r, _, err := p.Call(args...)
	if r == 0 {
		return 0, fmt.Errorf("%s: %w", name, err)
	}
	return r, nil
}

// tryWGL makes a context for a window that is never shown. Without a graphics driver, as in many remote desktop sessions,
// Windows answers with its own OpenGL 1.1.
func tryWGL() (string, error) {
	runtime.LockOSThread() // a context belongs to its thread
	defer runtime.UnlockOSThread()
	class, err := windows.UTF16PtrFromString("STATIC")
	if err != nil {
		return "", err
	}
	const popup = 0x80000000 // WS_POPUP
	window, err := call(user32, "CreateWindowExW", 0, uintptr(unsafe.Pointer(class)), 0, popup, 0, 0, 16, 16, 0, 0, 0, 0)
	if err != nil {
		return "", err
	}
	dc, err := call(user32, "GetDC", window)
	if err != nil {
		return "", err
	}
	f := pixelFormat{version: 1, flags: pixelFlags, colorBits: 32, depthBits: 24}
	f.size = uint16(unsafe.Sizeof(f))
	number, err := call(gdi32, "ChoosePixelFormat", dc, uintptr(unsafe.Pointer(&f)))
	if err != nil {
		return "", err
	}
	if _, err := call(gdi32, "SetPixelFormat", dc, number, uintptr(unsafe.Pointer(&f))); err != nil {
		return "", err
	}
	context, err := call(opengl32, "wglCreateContext", dc)
	if err != nil {
		return "", err
	}
	if _, err := call(opengl32, "wglMakeCurrent", dc, context); err != nil {
		return "", err
	}
	version, err := call(opengl32, "glGetString", glVersion)
	if err != nil {
		return "", errors.New("no version")
	}
	return windows.BytePtrToString(*(**byte)(unsafe.Pointer(&version))), nil
}
