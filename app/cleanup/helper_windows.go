package cleanup

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// Windows removes no file that a process runs from, but it closes the files of a process that ends, and removes those
// that were opened to be removed when closed. So the program makes a copy of itself in the folder for temporary files,
// opens it that way, and starts it with that open file: the helper. The program may go on. When it has ended, the helper
// removes the program's file, and its own end removes the copy.

const (
	readyTime  = 10 * time.Second       // for the helper to say that it is there
	removeTime = 60 * time.Second       // for others, such as virus scanners, to let go of the file
	retryTime  = 100 * time.Millisecond // between two attempts
	readyLine  = "ready\n"
)

// errand is what the helper is told. The handles are its own already: it inherits them.
type errand struct {
	Path   string         `json:"path"`   // of the program
	File   identity       `json:"file"`   // which must be there
	Parent windows.Handle `json:"parent"` // the program's process
	Self   windows.Handle `json:"self"`   // the helper's own file
}

// identity is which file it is, as long as the volume is there.
type identity struct {
	Volume uint32 `json:"volume"`
	High   uint32 `json:"high"`
	Low    uint32 `json:"low"`
}

func init() {
	later = handOver
	help = helper
}

// handOver starts the helper for the program, which is name in root.
func handOver(s *Self, root *os.Root, name string) error {
	clone, err := s.clone(root, name)
	if err != nil {
		return err
	}
	own, err := openToVanish(clone)
	if err != nil {
		return errors.Join(fmt.Errorf("helper's file: %w", err), os.Remove(clone))
	}
	defer windows.CloseHandle(own) // the helper has it, or nobody needs it any more
	parent, err := windows.OpenProcess(windows.SYNCHRONIZE, true, windows.GetCurrentProcessId())
	if err != nil {
		return fmt.Errorf("own process: %w", err)
	}
	defer windows.CloseHandle(parent)
	file, err := s.identity(root, name)
	if err != nil {
		return err
	}
	return startHelper(clone, errand{Path: s.path, File: file, Parent: parent, Self: own})
}

// clone copies the program to a new file of a random name, and returns its path.
func (s *Self) clone(root *os.Root, name string) (path string, err error) {
	to, err := os.CreateTemp("", "assist-*.exe")
	if err != nil {
		return "", fmt.Errorf("copy: %w", err)
	}
	sum, err := s.copyTo(to, root, name)
	if err == nil && sum != s.sum {
		err = errors.New("the content is another one")
	}
	if err = errors.Join(err, to.Close()); err != nil {
		return "", errors.Join(fmt.Errorf("copy: %w", err), os.Remove(to.Name()))
	}
	return to.Name(), nil
}

// identity is which file name in root is, if it is the program's.
func (s *Self) identity(root *os.Root, name string) (identity, error) {
	file, err := root.Open(name)
	if err != nil {
		return identity{}, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return identity{}, err
	}
	if !os.SameFile(info, s.info) {
		return identity{}, errors.New("another file is at the path")
	}
	id, _, err := identify(windows.Handle(file.Fd()))
	return id, err
}

// openToVanish opens the file at path so that it is removed with the last handle to it, and hands that to a process that is
// started. Nobody can write to the file or take it away meanwhile.
func openToVanish(path string) (windows.Handle, error) {
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return 0, err
	}
	inherit := &windows.SecurityAttributes{InheritHandle: 1}
	inherit.Length = uint32(unsafe.Sizeof(*inherit))
	return windows.CreateFile(name, windows.GENERIC_READ|windows.DELETE, windows.FILE_SHARE_READ, inherit,
		windows.OPEN_EXISTING, windows.FILE_FLAG_DELETE_ON_CLOSE|windows.FILE_FLAG_OPEN_REPARSE_POINT, 0)
}

// startHelper starts the program at path as the helper, and waits until it says that it is there.
func startHelper(path string, e errand) error {
	told, err := json.Marshal(e)
	if err != nil {
		return err
	}
	cmd := exec.Command(path, HelperCommand, base64.RawURLEncoding.EncodeToString(told))
	cmd.Dir = os.TempDir() // a process keeps its folder from being removed
	cmd.SysProcAttr = &syscall.SysProcAttr{
		HideWindow:                 true,
		CreationFlags:              windows.CREATE_NO_WINDOW | windows.CREATE_NEW_PROCESS_GROUP,
		AdditionalInheritedHandles: []syscall.Handle{syscall.Handle(e.Parent), syscall.Handle(e.Self)},
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return fmt.Errorf("helper: %w", err)
	}
	defer out.Close()
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("helper: %w", err)
	}
	late := time.AfterFunc(readyTime, func() { cmd.Process.Kill() })
	line := make([]byte, len(readyLine))
	_, err = io.ReadFull(out, line)
	late.Stop()
	if err == nil && string(line) != readyLine {
		err = fmt.Errorf("it says %q", line)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("helper: %w", err), cmd.Process.Kill(), cmd.Wait())
	}
	return cmd.Process.Release()
}

// helper is the helper: a copy of the program, in its own process.
func helper(arg string) error {
	var e errand
	told, err := base64.RawURLEncoding.DecodeString(arg)
	if err == nil {
		err = json.Unmarshal(told, &e)
	}
	if err != nil {
		return fmt.Errorf("errand: %w", err)
	}
	own, err := hashOf(e.Self) // stays open: its end is ours
	if err != nil {
		return fmt.Errorf("own file: %w", err)
	}
	if _, err := os.Stdout.WriteString(readyLine); err != nil {
		return err
	}
	if _, err := windows.WaitForSingleObject(e.Parent, windows.INFINITE); err != nil {
		return fmt.Errorf("wait: %w", err)
	}
	for until := time.Now().Add(removeTime); ; time.Sleep(retryTime) {
		err := e.remove(own)
		if err == nil || !held(err) || time.Now().After(until) {
			return err
		}
	}
}

// held reports whether err says that others have the file open, or still run from it.
func held(err error) bool { return busy(err) || errors.Is(err, windows.ERROR_ACCESS_DENIED) }

// errForeign is returned for a file that is not the program's: it stays.
var errForeign = errors.New("another file is at the path")

// remove removes the program's file if it is the one that was named, and has the content of the helper. Nothing at the path is
// what was wanted, too.
func (e errand) remove(own [sha256.Size]byte) error {
	name, err := windows.UTF16PtrFromString(e.Path)
	if err != nil {
		return err
	}
	file, err := windows.CreateFile(name, windows.GENERIC_READ|windows.DELETE, windows.FILE_SHARE_READ, nil,
		windows.OPEN_EXISTING, windows.FILE_FLAG_OPEN_REPARSE_POINT, 0)
	if isGone(err) {
		return nil
	}
	if err != nil {
		return err
	}
	defer windows.CloseHandle(file)
	id, attributes, err := identify(file)
	if err != nil {
		return err
	}
	sum, err := hashOf(file)
	if err != nil {
		return err
	}
	if id != e.File || sum != own || attributes&windows.FILE_ATTRIBUTE_REPARSE_POINT != 0 {
		return errForeign
	}
	dispose := byte(1) // FILE_DISPOSITION_INFO.DeleteFile
	return windows.SetFileInformationByHandle(file, windows.FileDispositionInfo, &dispose, 1)
}

// identify returns which file it is, and its attributes.
func identify(file windows.Handle) (identity, uint32, error) {
	var info windows.ByHandleFileInformation
	if err := windows.GetFileInformationByHandle(file, &info); err != nil {
		return identity{}, 0, err
	}
	return identity{info.VolumeSerialNumber, info.FileIndexHigh, info.FileIndexLow}, info.FileAttributes, nil
}

// handleReader reads a file by its handle, which stays its owner's.
type handleReader windows.Handle

func (h handleReader) Read(p []byte) (int, error) {
	n, err := windows.Read(windows.Handle(h), p)
	if n == 0 && err == nil {
		err = io.EOF
	}
	return n, err
}

// hashOf reads a file from where its handle stands to the end.
func hashOf(file windows.Handle) (sum [sha256.Size]byte, err error) {
	h := sha256.New()
	if _, err := io.Copy(h, handleReader(file)); err != nil {
		return sum, err
	}
	h.Sum(sum[:0])
	return sum, nil
}
