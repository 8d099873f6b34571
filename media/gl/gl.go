// Package gl finds out whether this computer has the OpenGL that windows are drawn with, before the window library is
// asked for one: without it, that library shows nothing and says nothing, or ends the program.
//
// Drivers crash, so the trial is made by a second process, which is this program once more. The package draws
// nothing, and knows nothing of windows beyond the one that the trial needs and nobody sees.
package gl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"
)

// ErrMissing says that no window can be drawn here.
var ErrMissing = errors.New("gl: no usable OpenGL")

// limit is how long the trial may take. It takes about 0.1 s where OpenGL is there.
const limit = 5 * time.Second

// needMajor and needMinor are the OpenGL version that Fyne asks for.
const (
	needMajor = 2
	needMinor = 1
)

// Set by the file of a system that has a trial. Where there is none, OpenGL is always there.
var (
	// hint is quick: its error says that there surely is no OpenGL.
	hint func() error
	// try makes a context like the window library's and returns the version it has. It may crash.
	try func() (version string, err error)
)

// Probe reports whether windows can be drawn: nil, or ErrMissing with the reason. again starts this program so that it
// calls [ProbeMain]; it must not have been started.
func Probe(ctx context.Context, again *exec.Cmd) error {
	if hint != nil {
		if err := hint(); err != nil {
			return fmt.Errorf("%w: %w", ErrMissing, err)
		}
	}
	if try == nil {
		return nil
	}
	if err := watch(ctx, again); err != nil {
		return fmt.Errorf("%w: %w", ErrMissing, err)
	}
	return nil
}

// watch runs the trial, and ends it if it hangs.
func watch(ctx context.Context, again *exec.Cmd) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	var said reason
	again.Stdout, again.Stderr, again.WaitDelay = nil, &said, time.Second
	if err := again.Start(); err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { again.Process.Kill() })
	defer stop()
	if err := again.Wait(); err != nil && !errors.Is(err, exec.ErrWaitDelay) { // what the trial left running is not ours
		if ctx.Err() != nil {
			return errors.New("the trial hangs")
		}
		return fmt.Errorf("trial: %w: %s", err, said)
	}
	return nil
}

// reason keeps the beginning of what is written.
type reason []byte

// maxReason is how much of it is kept, in bytes.
const maxReason = 200

func (r *reason) Write(p []byte) (int, error) {
	*r = append(*r, p[:min(len(p), maxReason-len(*r))]...)
	return len(p), nil
}

// String is the first line.
func (r reason) String() string {
	first, _, _ := strings.Cut(string(r), "\n")
	return strings.TrimSpace(first)
}

// ProbeMain is the second process: it makes the trial and writes the version to out. Its error means no OpenGL.
func ProbeMain(out io.Writer) error {
	if try == nil {
		return nil
	}
	version, err := try()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrMissing, err)
	}
	if !enough(version) {
		return fmt.Errorf("%w: version %q is too old", ErrMissing, version)
	}
	_, err = fmt.Fprintln(out, version)
	return err
}

// enough reports whether a version, as glGetString(GL_VERSION) names it, is one that windows can be drawn with. It is "MAJOR.MINOR" and
// more, or "OpenGL ES …", which is another thing.
func enough(version string) bool {
	var major, minor int
	if n, err := fmt.Sscanf(version, "%d.%d", &major, &minor); n != 2 || err != nil {
		return false
	}
	return major > needMajor || major == needMajor && minor >= needMinor
}
