//go:build linux

package input_test

import (
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"assist/media/input"
	"assist/media/input/inputtest"
)

// A real program gets what was typed, character for character, also many at once that no key makes.
func TestXterm(t *testing.T) {
	if _, err := exec.LookPath("xterm"); err != nil {
		t.Skip("xterm is not installed: no program to type into")
	}
	display := inputtest.Display(t)
	file := filepath.Join(t.TempDir(), "typed")
	cmd := exec.Command("xterm", "-u8", "-e", "sh", "-c", `stty -echo; touch "$0"; exec cat >"$0"`, file)
	cmd.Env = append(cmd.Environ(), "DISPLAY="+display, "LC_ALL=C.UTF-8")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	defer cmd.Process.Kill()
	read := func() string {
		b, err := os.ReadFile(file)
		if err != nil {
			return err.Error()
		}
		return string(b)
	}
	inputtest.Await(t, "", read)
	chain := input.NewChain(openX11(t, display), input.ChainOptions{})
	defer chain.Close()
	chain.SetDisplays([]image.Rectangle{inputtest.Screen})
	chain.Open()
	if err := chain.Pointer(input.Pointer{X: 3000, Y: 3000}); err != nil { // over xterm: without a window manager it has the keys
		t.Fatal(err)
	}
	const pangram = "The quick brown fox, Grüße {[@]} ~5€\n" +
		"いろはにほへと ちりぬるを わかよたれそ つねならむ うゐのおくやま けふこえて あさきゆめみし ゑひもせす\n"
	text(t, chain, pangram)
	press(t, chain, 0xe1, true)
	tap(t, chain, 0x04, 0x28)
	press(t, chain, 0xe1, false)
	tap(t, chain, 0x04, 0x28)
	inputtest.Await(t, pangram+"A\na\n", read)
}
