package text

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode"

	"assist/app/problem"
	"assist/assets"
)

// parts reads every catalogue: part, language, key, text.
func parts(t *testing.T) map[string]map[string]map[string]string {
	t.Helper()
	names, err := fs.Glob(assets.Texts, "texts/*.json")
	if err != nil || len(names) == 0 {
		t.Fatal("no catalogues: ", err)
	}
	all := map[string]map[string]map[string]string{}
	for _, name := range names {
		part, language, ok := strings.Cut(strings.TrimSuffix(filepath.Base(name), ".json"), ".")
		if !ok || !slices.Contains(languages, language) {
			t.Errorf("%s is not PART.LANGUAGE.json of a language we have", name)
		}
		data, err := fs.ReadFile(assets.Texts, name)
		if err != nil {
			t.Fatal(err)
		}
		texts := map[string]string{}
		if err := json.Unmarshal(data, &texts); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if twice := len(regexp.MustCompile(`(?m)^\s*"[^"]+":`).FindAll(data, -1)); twice != len(texts) {
			t.Errorf("%s: %d lines with keys but %d keys", name, twice, len(texts))
		}
		if all[part] == nil {
			all[part] = map[string]map[string]string{}
		}
		all[part][language] = texts
	}
	return all
}

var field = regexp.MustCompile(`\{\{\.[a-z]+\}\}`)

func TestCataloguesAgree(t *testing.T) {
	for part, byLanguage := range parts(t) {
		first := byLanguage[languages[0]]
		for _, language := range languages {
			texts := byLanguage[language]
			for key, s := range texts {
				other, there := first[key]
				if !there {
					t.Errorf("%s: %q is in %s only", part, key, language)
					continue
				}
				if strings.TrimSpace(s) != s || s == "" {
					t.Errorf("%s.%s: %q is %q", part, language, key, s)
				}
				got, want := field.FindAllString(s, -1), field.FindAllString(other, -1)
				slices.Sort(got)
				slices.Sort(want)
				if !slices.Equal(got, want) {
					t.Errorf("%s.%s: %q has the fields %v, but %v in %s", part, language, key, got, want, languages[0])
				}
				if rest := field.ReplaceAllString(s, ""); strings.ContainsAny(rest, "{}") {
					t.Errorf("%s.%s: %q has a brace that is no field: %q", part, language, key, s)
				}
				if words := field.ReplaceAllString(s, ""); language == "ja" && !strings.ContainsFunc(words, japanese) &&
					strings.ContainsFunc(words, unicode.IsLower) && !strings.Contains(key, ".keys.") {
					t.Errorf("%s.ja: %q is not translated: %q", part, key, s)
				}
			}
			for key := range first {
				if _, there := texts[key]; !there {
					t.Errorf("%s: %q is not in %s", part, key, language)
				}
			}
		}
	}
}

func japanese(r rune) bool { return unicode.In(r, unicode.Hiragana, unicode.Katakana, unicode.Han) }

func TestEveryProblemHasTexts(t *testing.T) {
	for _, language := range languages {
		load(t, language)
		for _, code := range problem.Codes() {
			what, do := Problem(code)
			for _, s := range []string{what, do} {
				if strings.HasPrefix(s, "problem.") {
					t.Errorf("%s: no text for %q", language, s)
				} else if end := []rune(s)[len([]rune(s))-1]; !strings.ContainsRune(".。443", end) {
					t.Errorf("%s: %q is not a sentence", language, s)
				}
			}
		}
	}
}

// TestProblemsAreKnown fails for texts of problems there are not.
func TestProblemsAreKnown(t *testing.T) {
	for key := range parts(t)["problem"]["en"] {
		code, _, _ := strings.Cut(strings.TrimPrefix(key, "problem."), ".")
		if !slices.Contains(problem.Codes(), problem.Code(code)) {
			t.Errorf("%q is the text of no problem", key)
		}
	}
}

func load(t *testing.T, language string) {
	t.Helper()
	if err := Load(language); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { chosen.Store(nil) })
}

// TestKeysAndSources holds the catalogues against the sources: every key that a source names has a text, and every
// text is named by a source. A key stands in the source as one whole string, or as its beginning up to a point.
func TestKeysAndSources(t *testing.T) {
	keys, begins := map[string]bool{}, map[string]bool{}
	first := map[string]bool{}
	for part, byLanguage := range parts(t) {
		for key := range byLanguage["en"] {
			for i, r := range key {
				if r == '.' {
					begins[key[:i]], begins[key[:i+1]] = true, true
				}
			}
			if part != "problem" { // named by their codes
				keys[key] = true
			}
			start, _, _ := strings.Cut(key, ".")
			first[start] = true
		}
	}
	named := map[string]bool{}
	key := regexp.MustCompile(`^[a-z]+(\.[a-z0-9-]+)+$`)
	for _, s := range literals(t, "../../ui", "../../cmd") {
		if s.asked && !keys[s.text] {
			t.Errorf("%v: there is no text %q", s.at, s.text)
		}
		start, _, _ := strings.Cut(s.text, ".")
		if key.MatchString(s.text) && first[start] && !keys[s.text] && !begins[s.text] {
			t.Errorf("%v: %q looks like a text but there is none", s.at, s.text)
		}
		named[s.text] = true
	}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if !isNamed(key, named) {
			t.Errorf("no source names the text %q", key)
		}
	}
}

// isNamed reports whether key, or what it begins with, of two words at least or up to a point, is named.
func isNamed(key string, named map[string]bool) bool {
	for i, r := range key {
		if r == '.' && (named[key[:i+1]] || strings.Contains(key[:i], ".") && named[key[:i]]) {
			return true
		}
	}
	return named[key]
}

// literal is a string in a source.
type literal struct {
	text  string
	at    token.Position
	asked bool // it is what text.L or text.F is asked for
}

func literals(t *testing.T, folders ...string) []literal {
	t.Helper()
	var all []literal
	files := token.NewFileSet()
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			source, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			asked := map[ast.Expr]bool{}
			ast.Inspect(source, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.ImportSpec:
					return false
				case *ast.CallExpr:
					if s, ok := n.Fun.(*ast.SelectorExpr); ok && len(n.Args) > 0 && (s.Sel.Name == "L" || s.Sel.Name == "F") {
						if x, ok := s.X.(*ast.Ident); ok && x.Name == "text" {
							asked[n.Args[0]] = true
						}
					}
				case *ast.BasicLit:
					if s, err := strconv.Unquote(n.Value); n.Kind == token.STRING && err == nil {
						all = append(all, literal{s, files.Position(n.Pos()), asked[n]})
					}
				}
				return true
			})
			return nil
		})
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	return all
}

func TestLoad(t *testing.T) {
	for _, tt := range []struct{ ask, want string }{
		{"en", "en"}, {"ja", "ja"}, {"ja-JP", "ja"}, {"ja_JP.UTF-8", "ja"}, {"EN-gb", "en"},
	} {
		load(t, tt.ask)
		if Language() != tt.want {
			t.Errorf("Load(%q) chose %q", tt.ask, Language())
		}
	}
	load(t, "ja")
	if err := Load("tlh"); err == nil || Language() != "ja" {
		t.Errorf("a language there is not: %v, then %q", err, Language())
	}
	if L("level.chat") != "チャットのみ" || !strings.Contains(Terms(), "利用条件") {
		t.Errorf("not Japanese: %q", L("level.chat"))
	}
	if err := Load(""); err != nil || !slices.Contains(Languages(), Language()) {
		t.Errorf("the system's: %v, %q", err, Language())
	}
	chosen.Store(nil)
	if L("level.chat") != "Chat only" || L("no.such") != "no.such" {
		t.Error("before Load the texts are not English, or a missing one is not its key")
	}
}

func TestReadRefusesTwoOfOneKey(t *testing.T) {
	files := fstest.MapFS{
		"texts/a.en.json": {Data: []byte(`{"k":"1"}`)},
		"texts/b.en.json": {Data: []byte(`{"k":"2"}`)},
	}
	if _, err := read(files, "en"); err == nil {
		t.Error("the same key in two parts was taken")
	}
	if _, err := read(fstest.MapFS{"texts/a.en.json": {Data: []byte(`[]`)}}, "en"); err == nil {
		t.Error("a list was taken for a catalogue")
	}
}

func TestFill(t *testing.T) {
	data := map[string]any{"name": "{{.left}}", "left": 2}
	for in, want := range map[string]string{
		"":                       "",
		"plain":                  "plain",
		"{{.name}} {{.left}}":    "{{.left}} 2",
		"{{.other}} {{.left}}":   "{{.other}} 2",
		"{{.left":                "{{.left",
		"{{.{{.left}}":           "{{.2",
		"a {{.left}}{{.left}} b": "a 22 b",
	} {
		if got := fill(in, data); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestTimes(t *testing.T) {
	for _, tt := range []struct {
		d           time.Duration
		clock, gone string
	}{
		{-time.Second, "0:00", "00:00"},
		{0, "0:00", "00:00"},
		{time.Millisecond, "0:01", "00:00"},
		{299*time.Second + 1, "5:00", "04:59"},
		{59*time.Minute + 59*time.Second, "59:59", "59:59"},
		{time.Hour + 64*time.Second, "1:01:04", "1:01:04"},
	} {
		if got := Clock(tt.d); got != tt.clock {
			t.Errorf("Clock(%v) = %q, want %q", tt.d, got, tt.clock)
		}
		if got := Elapsed(tt.d); got != tt.gone {
			t.Errorf("Elapsed(%v) = %q, want %q", tt.d, got, tt.gone)
		}
	}
	at := time.Date(2026, 11, 2, 9, 5, 0, 0, time.Local)
	if Time(at) != "09:05" || Date(at) != "2 November 2026" {
		t.Error(Time(at), Date(at))
	}
	if Join("A.", "B.") != "A. B." || List("A", "B") != "A, B" {
		t.Error(Join("A.", "B."), List("A", "B"))
	}
	load(t, "ja")
	if Join("あ。", "い。") != "あ。い。" || List("あ", "い") != "あ、い" {
		t.Error(Join("あ。", "い。"), List("あ", "い"))
	}
	if Date(at) != "2026年11月2日" {
		t.Error(Date(at))
	}
}

func TestPlain(t *testing.T) {
	for in, want := range map[string]string{
		"":                   "",
		"Ada 山田 é 😀 ❤\ufe0f": "Ada 山田 é 😀 ❤\ufe0f",
		"a\u202eb":           "a[U+202E]b",
		"a\nb\x00":           "a[U+000A]b[U+0000]",
		"\u200b\u2066\ufeff": "[U+200B][U+2066][U+FEFF]",
		"\xff\xfe":           "[FF][FE]",
		"\u2028\u3164":       "[U+2028][U+3164]",
	} {
		if got := Plain(in); got != want {
			t.Errorf("Plain(%+q) = %+q, want %+q", in, got, want)
		}
	}
	if got := Lines("a\r\nb\tc\u202e"); got != "a\nb    c[U+202E]" {
		t.Errorf("Lines: %q", got)
	}
	if got := Lines(strings.Repeat("\n", 5000)); strings.Count(got, "\n") >= maxLines {
		t.Errorf("%d lines", strings.Count(got, "\n"))
	}
}

func FuzzPlain(f *testing.F) {
	f.Add("a\u202e\xff\n")
	f.Fuzz(func(t *testing.T, s string) {
		for _, out := range []string{Plain(s), strings.ReplaceAll(Lines(s), "\n", "")} {
			if i := strings.IndexFunc(out, hidden); i >= 0 {
				t.Errorf("%+q becomes %+q, hidden at %d", s, out, i)
			}
		}
		if again := Plain(Plain(s)); again != Plain(s) {
			t.Errorf("twice: %+q", again)
		}
	})
}
