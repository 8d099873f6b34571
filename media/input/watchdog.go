package input

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

// An operating system does not lift the keys of a program that dies: X keeps what XTEST pressed down for ever, and so
// does Windows with SendInput. So a second process is told what is down before it goes down. It reads
// a pipe whose other end only this process has; when that closes, it releases what is left and ends.
//
// A record is four bytes: 1 down or 0 up, the kind, and the injector's own number of the key, big endian.

// grip is something an injector has changed in the system and must change back.
type grip struct {
	kind gripKind
	code uint16
}

// gripKind says what a grip's number means. Each injector has kinds of its own.
type gripKind uint8

const (
	gripX11Key    gripKind = 1 + iota // an X11 keycode is down
	gripX11Button                     // an X11 button is down
	gripX11Spare                      // an X11 keycode without a key was given a character
	gripKey                           // the key of a usage is down
	gripButton                        // a button of Buttons is down
)

// maxGrips is more than an injector ever holds.
const maxGrips = 512

// recordSize is the size of a record in bytes, well below what a pipe writes in one piece.
const recordSize = 4

// watchLimit is how long a record may take. A watchdog slower than that is given up.
const watchLimit = 500 * time.Millisecond

// releaser is an injector that can undo what another process left.
type releaser interface {
	undo([]grip) error
}

// Watchdog is the link to the second process. A nil Watchdog does nothing. Its methods may be
// called from any goroutine.
type Watchdog struct {
	mu   sync.Mutex
	pipe *os.File // nil: given up or closed
	cmd  *exec.Cmd
	log  *slog.Logger
}

// StartWatchdog starts cmd, which must do nothing but call [WatchdogMain]: usually this program once more,
// with an argument that leads there. Hand the result to the injector by its options; close it after the injector.
func StartWatchdog(cmd *exec.Cmd, log *slog.Logger) (*Watchdog, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("input: watchdog: %w", err)
	}
	defer r.Close()
	cmd.Stdin = r
	detach(cmd)
	if err := cmd.Start(); err != nil {
		w.Close()
		return nil, fmt.Errorf("input: watchdog: %w", err)
	}
	return &Watchdog{pipe: w, cmd: cmd, log: log}, nil
}

// tell sends a record. Without a watchdog input goes on: it is a second line, not a condition.
func (w *Watchdog) tell(g grip, down bool) {
	if w == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.pipe == nil {
		return
	}
	rec := [recordSize]byte{0, byte(g.kind)}
	if down {
		rec[0] = 1
	}
	binary.BigEndian.PutUint16(rec[2:], g.code)
	w.pipe.SetWriteDeadline(time.Now().Add(watchLimit)) // not every system can; then it waits
	if _, err := w.pipe.Write(rec[:]); err != nil {
		w.log.Warn("input: watchdog lost", "err", err)
		w.pipe.Close()
		w.pipe = nil
	}
}

// Close ends the second process and waits for it.
func (w *Watchdog) Close() error {
	if w == nil {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.cmd == nil {
		return nil
	}
	if w.pipe != nil {
		w.pipe.Close()
		w.pipe = nil
	}
	end := time.AfterFunc(2*replyLimit, func() { w.cmd.Process.Kill() })
	defer end.Stop()
	err := w.cmd.Wait()
	w.cmd = nil
	if err != nil {
		return fmt.Errorf("input: watchdog: %w", err)
	}
	return nil
}

// WatchdogMain is what the second process does: it outlives the first, reads records from
// standard input until it ends, and releases what is left. Then the process must end.
func WatchdogMain() error {
	signal.Ignore(os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	return RunWatchdog(os.Stdin)
}

// RunWatchdog reads records from r until it ends and releases what is down then. It opens the
// system only if there is something to release.
func RunWatchdog(r io.Reader) error {
	left, err := readGrips(r)
	if err != nil || len(left) == 0 {
		return err
	}
	injector, err := NewInjector()
	if err != nil {
		return err
	}
	defer injector.Close()
	u, ok := injector.(releaser)
	if !ok {
		return nil
	}
	return u.undo(left)
}

// readGrips reads to the end and returns what is held there, in the order it was taken. Half a record at
// the end is what a dying process leaves, and no error.
func readGrips(r io.Reader) ([]grip, error) {
	var h []grip
	var rec [recordSize]byte
	for {
		_, err := io.ReadFull(r, rec[:])
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return h, nil
		}
		if err != nil {
			return h, fmt.Errorf("input: watchdog: %w", err)
		}
		h = hold(h, grip{gripKind(rec[1]), binary.BigEndian.Uint16(rec[2:])}, rec[0] == 1)
	}
}

// hold adds g to h or removes it.
func hold(h []grip, g grip, down bool) []grip {
	for i := range h {
		if h[i] == g {
			h = append(h[:i], h[i+1:]...)
			break
		}
	}
	if down && len(h) < maxGrips {
		h = append(h, g)
	}
	return h
}
