package main

import (
	"fmt"
	"log/slog"

	"assist/app/engineer"
	"assist/media/surface"
	"assist/ui/viewer"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver"
)

// nativeSurface makes windows of the system's own for the picture in win. Without them the picture is drawn by Fyne.
func nativeSurface(win fyne.Window, log *slog.Logger) viewer.OpenSurface {
	return func(read func(func(*engineer.Frame)), l viewer.Listener) (viewer.Surface, error) {
		s, err := openSurface(win, read, l, log)
		if err != nil {
			log.Info("no native window for the picture", "error", err)
			return nil, err
		}
		return s, nil
	}
}

func openSurface(win fyne.Window, read surface.Read, l surface.Listener, log *slog.Logger) (surface.Surface, error) {
	native, ok := win.(driver.NativeWindow)
	if !ok {
		return nil, fmt.Errorf("%w: the window is not the system's", surface.ErrUnsupported)
	}
	var parent uintptr
	native.RunNative(func(context any) {
		switch c := context.(type) {
		case driver.X11WindowContext:
			parent = c.WindowHandle
		case *driver.X11WindowContext:
			parent = c.WindowHandle
		}
	})
	if parent == 0 {
		return nil, fmt.Errorf("%w: the window is not one of X11", surface.ErrUnsupported)
	}
	return surface.Open(parent, read, l, log)
}
