//go:build linux

package gl

import (
	"context"
	"errors"
	"testing"
	"time"
)

func TestEnough(t *testing.T) {
	for version, want := range map[string]bool{
		"4.5 (Compatibility Profile) Mesa 22.3.6": true,
		"2.1.0 - Build 8.15.10.2900":              true,
		"2.1":                                     true,
		"10.0":                                    true,
		"1.1.0":                                   false, // Windows without a driver
		"1.4 (2.1 Mesa 7.0)":                      false,
		"2.0":                                     false,
		"OpenGL ES 3.2 Mesa":                      false,
		"":                                        false,
		"x.y":                                     false,
	} {
		if enough(version) != want {
			t.Errorf("%q: %v", version, !want)
		}
	}
}

// hold puts a system in the place of this one.
func hold(t *testing.T, h func() error, f func() (string, error)) {
	oldHint, oldTry := hint, try
	hint, try = h, f
	t.Cleanup(func() { hint, try = oldHint, oldTry })
}

// TestElsewhere is a system without a trial: OpenGL is always there, and no process is started.
func TestElsewhere(t *testing.T) {
	hold(t, nil, nil)
	if err := Probe(t.Context(), nil); err != nil {
		t.Error(err)
	}
	if err := ProbeMain(nil); err != nil {
		t.Error(err)
	}
}

// TestHint answers without a second process.
func TestHint(t *testing.T) {
	why := errors.New("why")
	hold(t, func() error { return why }, func() (string, error) { return "4.5", nil })
	if err := Probe(t.Context(), nil); !errors.Is(err, ErrMissing) || !errors.Is(err, why) {
		t.Error(err)
	}
}

// TestTrialFails wants ErrMissing whatever becomes of the second process.
func TestTrialFails(t *testing.T) {
	hold(t, nil, func() (string, error) { return "4.5", nil })
	for name, script := range map[string]string{
		"crashes": "kill -SEGV $$", "fails": "echo no driver >&2; exit 1", "hangs": "exec sleep 60", "writes much": "head -c 1000000 /dev/zero >&2; exit 1",
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		if err := Probe(ctx, shell(script)); !errors.Is(err, ErrMissing) || len(err.Error()) > 400 {
			t.Errorf("%s: %v", name, err)
		}
		cancel()
	}
	for _, script := range []string{"exit 0", "sleep 3 & exit 0"} {
		if err := Probe(t.Context(), shell(script)); err != nil {
			t.Errorf("%s: %v", script, err)
		}
	}
}
