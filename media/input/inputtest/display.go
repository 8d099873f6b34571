//go:build linux

package inputtest

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/jezek/xgb"
)

// Display starts an X server without a screen for the test, 1366 x 768 unless args say otherwise, and returns
// its display. The server ends with the test. args are more arguments of Xvfb.
func Display(t testing.TB, args ...string) string {
	display, _ := StartDisplay(t, args...)
	return display
}

// StartDisplay is Display for tests that stop or kill the server.
func StartDisplay(t testing.TB, args ...string) (string, *os.Process) {
	t.Helper()
	if _, err := exec.LookPath("Xvfb"); err != nil {
		t.Skip("Xvfb is not installed: no X display to inject into")
	}
	xgb.Logger.SetOutput(io.Discard) // it prints that there is no authority
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	all := append([]string{"-displayfd", "3", "-screen", "0", "1366x768x24", "-nolisten", "tcp", "-noreset"}, args...)
	cmd := exec.Command("Xvfb", all...)
	cmd.ExtraFiles = []*os.File{w}
	err = cmd.Start()
	w.Close()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	number, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatalf("Xvfb did not start: %v", err)
	}
	return ":" + strings.TrimSpace(number), cmd.Process
}
