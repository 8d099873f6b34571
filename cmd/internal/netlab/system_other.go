//go:build !linux

package netlab

import (
	"log/slog"
	"os/exec"
)

func supported() error { return ErrUnsupported }

func orphanless(*exec.Cmd) {}

func (h *Host) up() (device, error) { return nil, ErrUnsupported }

func (h *Host) enter() (leave func(), err error) { return nil, ErrUnsupported }

func (h *Host) down() error { return nil }

func sweep(*slog.Logger) {}
