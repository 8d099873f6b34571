//go:build linux || freebsd || netbsd || openbsd

package capture_test

import (
	"errors"
	"testing"

	"assist/media/capture"
	"assist/media/capture/capturetest"
)

func TestThere(t *testing.T) {
	for _, tt := range []struct {
		name string
		env  map[string]string
		want error
	}{
		{"no display", map[string]string{"DISPLAY": ""}, capture.ErrUnsupported},
		{"no server", map[string]string{"DISPLAY": ":65000"}, capture.ErrUnsupported},
		{"Wayland without X", map[string]string{"DISPLAY": "", "WAYLAND_DISPLAY": "wayland-0"}, capture.ErrWayland},
		{"Wayland by its type", map[string]string{"DISPLAY": ":65000", "XDG_SESSION_TYPE": "wayland"}, capture.ErrWayland},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("XDG_SESSION_TYPE", "")
			t.Setenv("WAYLAND_DISPLAY", "")
			for k, v := range tt.env {
				t.Setenv(k, v)
			}
			if err := capture.There(); !errors.Is(err, tt.want) {
				t.Errorf("There: %v, want %v", err, tt.want)
			}
		})
	}
	for _, tt := range []struct {
		name string
		args []string
		want error
	}{
		{"a screen", []string{"-screen", "0", "640x480x24"}, nil},
		{"no damage reports", []string{"-screen", "0", "640x480x24", "-extension", "DAMAGE"}, nil},
		{"few colours", []string{"-screen", "0", "640x480x8"}, capture.ErrUnsupported},
	} {
		t.Run(tt.name, func(t *testing.T) {
			capturetest.Xvfb(t, tt.args...)
			if err := capture.There(); !errors.Is(err, tt.want) {
				t.Errorf("There: %v, want %v", err, tt.want)
			}
		})
	}
}
