// Package checks holds the house rules that a program can check.
package checks

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const root = "../.."

// layers says which top-level folders a folder may import. Do not widen it to make a build pass: the
// folders are in the order decides, shows, carries for a reason.
var layers = map[string][]string{
	"cmd":       {"cmd", "ui", "app", "media", "signaling", "assets"},
	"ui":        {"ui", "app", "assets"},
	"app":       {"app", "media", "signaling"},
	"media":     {"media"},
	"signaling": {"signaling"},
	"assets":    {},
}

// reserved says which folders may import a library. A folder allows what is below it.
var reserved = map[string][]string{
	"fyne.io/fyne/v2/app":                {"cmd/assist"},
	"fyne.io/fyne/v2":                    {"ui", "cmd"},
	"github.com/pion/":                   {"media/peer", "signaling/relay"},
	"github.com/go-vgo/robotgo":          {"media"},
	"github.com/kbinani/screenshot":      {"media"},
	"github.com/nats-io/":                {"signaling/store"},
	"github.com/gtank/ristretto255":      {"app/e2e"},
	"github.com/dop251/goja":             {"signaling/dial/pac"},
	"github.com/mattn/go-ieproxy":        {"signaling/dial/system"},
	"github.com/Azure/go-ntlmssp":        {"signaling/dial"},
	"github.com/jcmturner/":              {"signaling/dial"},
	"golang.org/x/crypto/openpgp":        {},
	"github.com/klauspost/compress/zstd": {"media/exact"},
}

// server is what runs on the service's host: it starts no process and reads no memory it does not own.
var server = []string{"signaling", "cmd/assist-server"}

// forbidden in server packages, outside tests.
var forbidden = []string{"os/exec", "unsafe", "net/http/pprof", "plugin"}

// file is a parsed Go file and where it is.
type file struct {
	path string // from the root, with slashes
	ast  *ast.File
}

func (f file) folder() string { return path.Dir(f.path) }
func (f file) isTest() bool   { return strings.HasSuffix(f.path, "_test.go") }
func (f file) imports() (list []string) {
	for _, s := range f.ast.Imports {
		if p, err := strconv.Unquote(s.Path.Value); err == nil {
			list = append(list, p)
		}
	}
	return list
}

// sources reads the head of every Go file of the project, for all systems.
func sources(t *testing.T) []file {
	t.Helper()
	var files []file
	fset := token.NewFileSet()
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() && p != root && (strings.HasPrefix(name, ".") || name == "testdata" || name == "build" || name == "out") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(name, ".go") {
			return nil
		}
		rel, err := filepath.Rel(root, p)
		if err != nil {
			return err
		}
		tree, err := parser.ParseFile(fset, p, nil, parser.ImportsOnly|parser.ParseComments)
		if err != nil {
			return err
		}
		files = append(files, file{filepath.ToSlash(rel), tree})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 50 {
		t.Fatalf("only %d files found: the walk is broken", len(files))
	}
	return files
}

func within(folder string, places []string) bool {
	return slices.ContainsFunc(places, func(p string) bool { return folder == p || strings.HasPrefix(folder, p+"/") })
}

func TestLayers(t *testing.T) {
	for _, f := range sources(t) {
		top, _, _ := strings.Cut(f.path, "/")
		allowed, known := layers[top]
		if !known {
			t.Errorf("%s: folder %s is not in the layout", f.path, top)
			continue
		}
		for _, imp := range f.imports() {
			if rest, ok := strings.CutPrefix(imp, "assist/"); ok {
				if to, _, _ := strings.Cut(rest, "/"); !slices.Contains(allowed, to) {
					t.Errorf("%s imports %s: %s may not know %s", f.path, imp, top, to)
				}
			}
		}
	}
}

func TestReservedLibraries(t *testing.T) {
	used := map[string]bool{}
	for _, f := range sources(t) {
		for _, imp := range f.imports() {
			lib, places := longest(imp)
			if lib == "" {
				continue
			}
			used[lib] = true
			if !within(f.folder(), places) {
				t.Errorf("%s imports %s, which only %v may", f.path, imp, places)
			}
		}
	}
	for lib, places := range reserved {
		if len(places) > 0 && !used[lib] {
			t.Errorf("%s is reserved for %v but nobody imports it", lib, places)
		}
	}
}

// longest returns the most exact row of reserved for an import.
func longest(imp string) (lib string, places []string) {
	for l, p := range reserved {
		if (imp == l || strings.HasPrefix(imp, strings.TrimSuffix(l, "/")+"/")) && len(l) > len(lib) {
			lib, places = l, p
		}
	}
	return lib, places
}

func TestServerStartsNothing(t *testing.T) {
	for _, f := range sources(t) {
		if f.isTest() || !within(f.folder(), server) {
			continue
		}
		for _, imp := range f.imports() {
			if slices.Contains(forbidden, imp) {
				t.Errorf("%s imports %s", f.path, imp)
			}
		}
	}
}

func TestPackageComments(t *testing.T) {
	type pack struct{ comment, test bool }
	packs := map[string]*pack{}
	for _, f := range sources(t) {
		p := packs[f.folder()]
		if p == nil {
			p = &pack{}
			packs[f.folder()] = p
		}
		p.test = p.test || f.isTest()
		if !f.isTest() && f.ast.Doc != nil {
			name := f.ast.Name.Name
			text := f.ast.Doc.Text()
			p.comment = p.comment || strings.HasPrefix(text, "Package "+name+" ") || name == "main"
		}
	}
	for folder, p := range packs {
		if !p.comment {
			t.Errorf("%s has no package comment", folder)
		}
		if !p.test && !strings.HasSuffix(folder, "test") {
			t.Errorf("%s has no test file", folder)
		}
	}
}

// run runs a command at the root and returns what it printed.
func run(t *testing.T, env []string, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = root, append(os.Environ(), env...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		t.Errorf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out.String())
	}
	return out.String()
}

func TestFormatted(t *testing.T) {
	if list := run(t, nil, "gofmt", "-l", "app", "assets", "cmd", "media", "signaling", "ui", ".ci"); list != "" {
		t.Errorf("not formatted:\n%s", list)
	}
}

func TestModuleTidy(t *testing.T) {
	run(t, nil, "go", "mod", "tidy", "-diff")
}

func TestVet(t *testing.T) {
	run(t, nil, "go", "vet", "-tags", "x11", "./...")
}

// TestVetWindows type-checks every file for Windows. Without cgo Fyne's in-memory driver stands in for the real one.
func TestVetWindows(t *testing.T) {
	run(t, []string{"GOOS=windows", "CGO_ENABLED=0"}, "go", "vet", "-tags", "win,ci", "./...")
}
