package journal

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"assist/app/session"
)

// wants holds that p is found wrong in a line, for a reason.
func wants(t *testing.T, what string, p []byte, line int, cause error) {
	t.Helper()
	err := verify(bytes.NewReader(p))
	if at, ok := errors.AsType[*LineError](err); !ok || at.Line != line || !errors.Is(err, cause) {
		t.Errorf("%s: %v, want line %d: %v", what, err, line, cause)
	}
}

// lines splits p into lines, each with its end.
func lines(p []byte) [][]byte {
	l := bytes.SplitAfter(p, []byte("\n"))
	return l[:len(l)-1]
}

func golden(t testing.TB) []byte {
	p, err := os.ReadFile("testdata/session.log")
	if err == nil {
		err = verify(bytes.NewReader(p))
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestEveryByteCounts changes every byte to every other value.
func TestEveryByteCounts(t *testing.T) {
	p := golden(t)
	line := 1
	for i, was := range p {
		for d := 1; d < 256; d++ {
			p[i] = was ^ byte(d)
			wants(t, "changed byte", p, line, ErrBroken)
		}
		p[i] = was
		if was == '\n' {
			line++
		}
		if t.Failed() {
			t.Fatalf("at byte %d", i)
		}
	}
}

func TestEveryEndCounts(t *testing.T) {
	p := golden(t)
	for n := range p {
		line, cause := 1+bytes.Count(p[:n], []byte("\n")), ErrBroken
		if n == 0 || p[n-1] == '\n' {
			cause = ErrUnfinished
		}
		wants(t, "cut off", p[:n], line, cause)
	}
	all := lines(p)
	for _, more := range []string{"\n", "x", string(all[1]), string(all[len(all)-1]), string(p)} {
		wants(t, "added", append(bytes.Clone(p), more...), len(all)+1, ErrBroken)
	}
}

func TestEveryLineCounts(t *testing.T) {
	p := golden(t)
	all := lines(p)
	for i := range all {
		without := append(append([][]byte{}, all[:i]...), all[i+1:]...)
		cause := ErrBroken
		if i == len(all)-1 {
			cause = ErrUnfinished
		}
		wants(t, "left out", bytes.Join(without, nil), i+1, cause)
		for k := range all {
			if k <= i {
				continue
			}
			swapped := append([][]byte{}, all...)
			swapped[i], swapped[k] = swapped[k], swapped[i]
			wants(t, "swapped", bytes.Join(swapped, nil), i+1, ErrBroken)
		}
		twice := append(append([][]byte{}, all[:i+1]...), all[i:]...)
		wants(t, "twice", bytes.Join(twice, nil), i+2, ErrBroken)
	}
}

// TestForeignChain has lines whose chain is right, but which no journal has.
func TestForeignChain(t *testing.T) {
	const head = `2026-11-22T18:31:05.120+09:00 100 opened format="1" session="1"`
	for _, tt := range []struct {
		name  string
		texts []string
		line  int
		cause error
	}{
		{"no head", []string{`t 101 connected`}, 1, ErrBroken},
		{"another version", []string{`t 100 opened format="2" session="1"`}, 1, ErrBroken},
		{"no number", []string{head, `t paused`}, 2, ErrBroken},
		{"number too large", []string{head, `t 65536 x`}, 2, ErrBroken},
		{"not a number", []string{head, `t -1 x`}, 2, ErrBroken},
		{"second head", []string{head, head}, 2, ErrBroken},
		{"event of a later program", []string{head, `t 150 file-sent name="x"`}, 3, ErrUnfinished},
		{"after the end", []string{head, `t 190 disconnected`, `t 190 disconnected`}, 3, ErrBroken},
		{"too long", []string{head, "t 101 " + string(bytes.Repeat([]byte("x"), maxLine))}, 2, ErrBroken},
	} {
		sum := begin
		var p []byte
		for _, s := range tt.texts {
			var line []byte
			line, sum = seal(sum, []byte(s))
			p = append(p, line...)
		}
		wants(t, tt.name, p, tt.line, tt.cause)
	}
}

// TestAnotherSession puts the lines of one session behind the head of another.
func TestAnotherSession(t *testing.T) {
	other := ada
	other.ID = "ffeeddccbbaa9988"
	j := create(t, other)
	head, err := os.ReadFile(j.Path())
	must(t, err)
	wants(t, "other head", bytes.Join(append([][]byte{head}, lines(golden(t))[1:]...), nil), 2, ErrBroken)
}

func TestVerifyFiles(t *testing.T) {
	j := create(t, ada)
	must(t, j.Level(session.ChatOnly))
	if err := Verify(j.Path()); !errors.Is(err, ErrUnfinished) {
		t.Errorf("a journal that goes on: %v", err)
	}
	must(t, j.Close())
	if err := Verify(j.Path()); !errors.Is(err, ErrUnfinished) {
		t.Errorf("a journal without an end: %v", err)
	}
	folder := t.TempDir()
	for _, path := range []string{folder, filepath.Join(folder, "nothing"), os.DevNull} {
		err := Verify(path)
		if _, ok := errors.AsType[*LineError](err); err == nil || ok {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// FuzzVerify reads anything. What it finds whole must be so in every part.
func FuzzVerify(f *testing.F) {
	p := golden(f)
	f.Add(p, uint16(3))
	f.Add(p[:len(p)/2], uint16(0))
	f.Add(append(bytes.Clone(p), p...), uint16(1))
	f.Add([]byte(chainField+"0123456789abcdef\n"), uint16(0))
	f.Add(bytes.Repeat([]byte("x"), 2*maxLine), uint16(0))
	f.Fuzz(func(t *testing.T, p []byte, at uint16) {
		if verify(bytes.NewReader(p)) != nil {
			return
		}
		q := bytes.Clone(p)
		q[int(at)%len(q)]++
		if verify(bytes.NewReader(q)) == nil {
			t.Errorf("one byte may change in %q", p)
		}
	})
}
