// Package text is where every sentence people read comes from: the catalogues in assets/texts, in the
// language chosen once at start. It also writes times and durations, and makes text from the other end safe
// to show.
//
// Fyne's own catalogue always follows the system's language; ours can be told which one to use, so it is
// kept here. The package shows nothing and knows no window, so that a terminal can use it, too.
package text

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"assist/app/problem"
	"assist/assets"
)

// languages are those with a full catalogue. The first is used when the system's is not among them.
var languages = []string{"en", "ja"}

// catalogue is every text of one language.
type catalogue struct {
	language string
	texts    map[string]string
	terms    string
}

// chosen is what Load chose. Before Load the texts are English.
var chosen atomic.Pointer[catalogue]

var english = sync.OnceValue(func() *catalogue {
	c, err := read(assets.Texts, languages[0])
	if err != nil {
		panic(err) // built into the program, and checked by the tests
	}
	return c
})

// Load chooses the language of every text from now on: "en" or "ja", with or without a region ("ja-JP"),
// or "" for the system's own, and English if there are no texts in that. A language asked for by name that
// we do not have is an error and changes nothing.
func Load(language string) error {
	want := language
	if want == "" {
		want = languages[0]
		for _, name := range slices.Backward(system()) {
			if l := known(name); l != "" {
				want = l
			}
		}
	} else if want = known(want); want == "" {
		return fmt.Errorf("text: no texts in language %q", language)
	}
	c, err := read(assets.Texts, want)
	if err != nil {
		return err
	}
	chosen.Store(c)
	return nil
}

// Languages lists the languages there are texts in.
func Languages() []string { return append([]string(nil), languages...) }

// Language returns the language in use, "en" or "ja".
func Language() string { return current().language }

// L returns the text of key. A key without a text is returned itself.
func L(key string) string {
	if s, ok := current().texts[key]; ok {
		return s
	}
	return key
}

// F returns the text of key with its fields {{.name}} filled from data. The values are put in as they are and
// are not looked at again, so a value cannot bring fields of its own. A field without a value stays as it is.
func F(key string, data map[string]any) string { return fill(L(key), data) }

// Problem returns what happened and what to do about it.
func Problem(code problem.Code) (what, do string) {
	return L("problem." + string(code) + ".what"), L("problem." + string(code) + ".do")
}

// Terms returns the legal terms, plain text.
func Terms() string { return current().terms }

func current() *catalogue {
	if c := chosen.Load(); c != nil {
		return c
	}
	return english()
}

// known returns the one of our languages that name (like "ja", "ja-JP", "ja_JP.UTF-8") means, or "".
func known(name string) string {
	base := strings.ToLower(name)
	if i := strings.IndexAny(base, "-_."); i >= 0 {
		base = base[:i]
	}
	for _, l := range languages {
		if l == base {
			return l
		}
	}
	return ""
}

// read reads the catalogues of one language. Two parts must not have the same key.
func read(files fs.FS, language string) (*catalogue, error) {
	c := &catalogue{language: language, texts: map[string]string{}}
	names, err := fs.Glob(files, "texts/*."+language+".json")
	if err != nil {
		return nil, fmt.Errorf("text: catalogues: %w", err)
	}
	for _, name := range names {
		data, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("text: catalogue: %w", err)
		}
		var part map[string]string
		if err := json.Unmarshal(data, &part); err != nil {
			return nil, fmt.Errorf("text: catalogue %s: %w", path.Base(name), err)
		}
		for key, s := range part {
			if _, twice := c.texts[key]; twice {
				return nil, fmt.Errorf("text: catalogue %s: key %q is taken", path.Base(name), key)
			}
			c.texts[key] = s
		}
	}
	terms, err := assets.Legal.ReadFile("legal/terms." + language + ".txt")
	if err != nil {
		return nil, fmt.Errorf("text: terms: %w", err)
	}
	c.terms = string(terms)
	return c, nil
}

// fill replaces the fields {{.name}} of s in one pass.
func fill(s string, data map[string]any) string {
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(s, "{{.")
		out.WriteString(before)
		if !found {
			return out.String()
		}
		name, after, closed := strings.Cut(rest, "}}")
		value, given := data[name]
		if closed && given {
			fmt.Fprint(&out, value)
			s = after
			continue
		}
		out.WriteString("{{.")
		s = rest
	}
}
