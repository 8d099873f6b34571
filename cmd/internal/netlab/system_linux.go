package netlab

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	netnsFolder  = "/run/netns" // where ip(8) keeps namespaces
	configFolder = "/etc/netns" // and what it puts over /etc for the programs in one
	tunDevice    = "/dev/net/tun"
	nic          = "lab0"
	commandTime  = 20 * time.Second
)

// supported reports why there can be no lab.
func supported() error {
	if os.Geteuid() != 0 {
		return fmt.Errorf("%w: not root", ErrUnsupported)
	}
	if _, err := exec.LookPath("ip"); err != nil {
		return fmt.Errorf("%w: %w", ErrUnsupported, err)
	}
	f, err := os.OpenFile(tunDevice, os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnsupported, err)
	}
	return f.Close()
}

// orphanless makes cmd end with this process.
func orphanless(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// ip runs ip(8).
func ip(args ...string) error {
	ctx, cancel := context.WithTimeout(context.Background(), commandTime)
	defer cancel()
	out, err := exec.CommandContext(ctx, "ip", args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("netlab: ip %s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(string(out)))
	}
	return nil
}

// up makes the namespace and its device.
func (h *Host) up() (device, error) {
	if err := ip("netns", "add", h.netns); err != nil {
		return nil, errors.Join(fmt.Errorf("%w: %w", ErrUnsupported, err), h.down())
	}
	dev, err := h.configure()
	if err != nil {
		return nil, errors.Join(err, h.down())
	}
	return dev, nil
}

func (h *Host) configure() (device, error) {
	server := resolver6
	if h.Addr4.IsValid() {
		server = resolver4
	}
	folder := filepath.Join(configFolder, h.netns)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, fmt.Errorf("netlab: %w", err)
	}
	for name, text := range map[string]string{
		"resolv.conf": "nameserver " + server.String() + "\noptions timeout:2 attempts:2\n",
		"hosts":       "127.0.0.1 localhost\n::1 localhost\n",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			return nil, fmt.Errorf("netlab: %w", err)
		}
	}
	var dev device
	err := h.Run(func() (err error) {
		if dev, err = openTUN(); err != nil {
			return err
		}
		lines := []string{"link set lo up", "link set " + nic + " mtu " + strconv.Itoa(mtu) + " up"}
		for _, a := range h.addrs() {
			family, bits := "-4", "/32"
			if a.Is6() {
				family, bits = "-6", "/128 nodad"
			}
			lines = append(lines, family+" addr add "+a.String()+bits+" dev "+nic, family+" route add default dev "+nic)
		}
		for _, line := range lines {
			if err := ip(strings.Fields(line)...); err != nil {
				return errors.Join(err, dev.Close())
			}
		}
		return nil
	})
	return dev, err
}

// openTUN makes the device of the namespace that the thread is in.
func openTUN() (device, error) {
	fd, err := unix.Open(tunDevice, unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnsupported, err)
	}
	request, err := unix.NewIfreq(nic)
	if err != nil {
		_ = unix.Close(fd)
		return nil, fmt.Errorf("netlab: %w", err)
	}
	request.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
	if err := unix.IoctlIfreq(fd, unix.TUNSETIFF, request); err != nil {
		_ = unix.Close(fd)
		return nil, fmt.Errorf("%w: TUN: %w", ErrUnsupported, err)
	}
	return os.NewFile(uintptr(fd), tunDevice), nil
}

// enter moves this goroutine and its thread into the host, until leave is called. A thread that ended in there would take along
// the processes that it has started for others, see [orphanless].
func (h *Host) enter() (leave func(), err error) {
	runtime.LockOSThread()
	home, err := unix.Open("/proc/thread-self/ns/net", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		runtime.UnlockOSThread()
		return nil, fmt.Errorf("netlab: own network: %w", err)
	}
	there, err := unix.Open(filepath.Join(netnsFolder, h.netns), unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err == nil {
		err = unix.Setns(there, unix.CLONE_NEWNET)
		_ = unix.Close(there)
	}
	if err != nil {
		_ = unix.Close(home)
		runtime.UnlockOSThread()
		return nil, fmt.Errorf("netlab: host %s: %w", h.Name, err)
	}
	return func() {
		if unix.Setns(home, unix.CLONE_NEWNET) == nil { // else nobody else may have this thread
			runtime.UnlockOSThread()
		}
		_ = unix.Close(home)
	}, nil
}

// down removes the namespace.
func (h *Host) down() error { return remove(h.netns) }

func remove(netns string) error {
	err := os.RemoveAll(filepath.Join(configFolder, netns))
	if _, statErr := os.Stat(filepath.Join(netnsFolder, netns)); errors.Is(statErr, fs.ErrNotExist) {
		return err
	}
	return errors.Join(err, ip("netns", "delete", netns))
}

// sweep removes the namespaces of processes that are gone.
func sweep(log *slog.Logger) {
	for _, folder := range []string{netnsFolder, configFolder} {
		entries, err := os.ReadDir(folder)
		if err != nil {
			continue
		}
		for _, e := range entries {
			rest, ours := strings.CutPrefix(e.Name(), prefix)
			number, _, _ := strings.Cut(rest, "-")
			pid, err := strconv.Atoi(number)
			if !ours || err != nil || !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
				continue
			}
			if err := remove(e.Name()); err != nil {
				log.Warn("namespace of a dead process stays", "name", e.Name(), "error", err)
			}
		}
	}
}
