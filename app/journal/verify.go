package journal

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
)

// What Verify finds, inside a [LineError].
var (
	ErrBroken     = errors.New("not the line that was written here")
	ErrUnfinished = errors.New("the end of the session is missing")
)

// LineError says which line of a journal, counted from 1, is the first wrong one, or would have to follow.
type LineError struct {
	Line  int
	Cause error // ErrBroken or ErrUnfinished
}

func (e *LineError) Error() string { return fmt.Sprintf("journal: line %d: %v", e.Line, e.Cause) }
func (e *LineError) Unwrap() error { return e.Cause }

// Verify reads the journal at path and returns nil if it is whole, from its first line to the end of the session. A
// [LineError] with ErrUnfinished is a journal that is right as far as it goes: the session is not over, the program was
// killed, or the end was cut off. Any other error is from reading.
func Verify(path string) error {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("not a file")
	}
	if err != nil {
		return fmt.Errorf("journal: verify: %w", err)
	}
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("journal: verify: %w", err)
	}
	defer file.Close()
	return verify(file)
}

func verify(from io.Reader) error {
	in := bufio.NewReaderSize(from, maxLine)
	sum, ended := begin, false
	for n := 1; ; n++ {
		line, err := in.ReadSlice('\n')
		switch {
		case err == io.EOF && len(line) == 0 && ended:
			return nil
		case err == io.EOF && len(line) == 0:
			return &LineError{n, ErrUnfinished}
		case err != nil && err != io.EOF && !errors.Is(err, bufio.ErrBufferFull):
			return fmt.Errorf("journal: verify: %w", err)
		case err != nil || ended || len(line) <= chainSize:
			return &LineError{n, ErrBroken}
		}
		text, chain := line[:len(line)-chainSize], line[len(line)-chainSize:]
		sum = next(sum, text)
		if want := chainField + hex.EncodeToString(sum[:chainBytes]) + "\n"; string(chain) != want {
			return &LineError{n, ErrBroken}
		}
		ev, ok := kind(text)
		if !ok || (ev == opened) != (n == 1) {
			return &LineError{n, ErrBroken}
		}
		ended = ev == disconnected
	}
}

// kind reads which event a line is, and whether a journal of this version may have it.
func kind(text []byte) (ev event, ok bool) {
	parts := bytes.SplitN(text, []byte(" "), 4)
	if len(parts) < 3 {
		return 0, false
	}
	number, err := strconv.ParseUint(string(parts[1]), 10, 16)
	if err != nil {
		return 0, false
	}
	ev = event(number)
	if ev == opened {
		return ev, len(parts) == 4 && bytes.HasPrefix(parts[3], []byte(`format="`+version+`" session="`))
	}
	return ev, true
}
