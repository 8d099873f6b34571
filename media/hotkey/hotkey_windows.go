package hotkey

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"
)

func init() { grab = grabWindows }

var (
	user32            = windows.NewLazySystemDLL("user32.dll")
	registerHotKey    = user32.NewProc("RegisterHotKey")
	unregisterHotKey  = user32.NewProc("UnregisterHotKey")
	getMessage        = user32.NewProc("GetMessageW")
	peekMessage       = user32.NewProc("PeekMessageW")
	postThreadMessage = user32.NewProc("PostThreadMessageW")
)

// From winuser.h.
const (
	vkCancel    = 0x03 // what Pause becomes with Ctrl
	vkPause     = 0x13
	modControl  = 0x0002
	modNoRepeat = 0x4000
	wmQuit      = 0x0012
	wmUser      = 0x0400
	wmHotkey    = 0x0312
)

// The ids of our hot keys, unique within the thread.
const (
	idPause = 1 + iota
	idBreak
)

// message is MSG of winuser.h.
type message struct {
	window  windows.Handle
	id      uint32
	wParam  uintptr
	lParam  uintptr
	time    uint32
	point   [2]int32
	private uint32
}

// windowsGrab is a thread with a message queue that hot keys are registered with.
type windowsGrab struct {
	thread uint32
	done   chan struct{}
	once   sync.Once
}

func grabWindows(ctx context.Context, _ Key, fn func()) (io.Closer, error) {
	g := &windowsGrab{done: make(chan struct{})}
	started := make(chan error, 1)
	go g.run(fn, started)
	if err := <-started; err != nil {
		<-g.done
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { g.Close() })
	return closer(func() error { stop(); return g.Close() }), nil
}

// run belongs to one thread: hot keys are delivered to the one that registered them.
func (g *windowsGrab) run(fn func(), started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(g.done)
	g.thread = windows.GetCurrentThreadId()
	var m message
	peekMessage.Call(uintptr(unsafe.Pointer(&m)), 0, wmUser, wmUser, 0) // makes the queue
	if err := register(idPause, modNoRepeat, vkPause); err != nil {
		started <- err
		return
	}
	defer unregisterHotKey.Call(0, idPause)
	if err := register(idBreak, modNoRepeat|modControl, vkCancel); err == nil {
		defer unregisterHotKey.Call(0, idBreak)
	}
	started <- nil
	for {
		r, _, _ := getMessage.Call(uintptr(unsafe.Pointer(&m)), 0, 0, 0)
		if int32(r) <= 0 { // the end, or an error
			return
		}
		if m.id == wmHotkey {
			fn()
		}
	}
}

func register(id, mods, key uintptr) error {
	r, _, err := registerHotKey.Call(0, id, mods, key)
	switch {
	case r != 0:
		return nil
	case errors.Is(err, syscall.Errno(windows.ERROR_HOTKEY_ALREADY_REGISTERED)):
		return fmt.Errorf("%w: Pause", ErrTaken)
	}
	return fmt.Errorf("hotkey: register: %w", err)
}

// Close ends the thread's loop and waits for it.
func (g *windowsGrab) Close() error {
	g.once.Do(func() { postThreadMessage.Call(uintptr(g.thread), wmQuit, 0, 0) })
	<-g.done
	return nil
}
