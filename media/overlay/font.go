package overlay

import (
	"image"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// How much is looked at to find letters that the given fonts lack.
const (
	maxFiles  = 20000 // entries of the system's font folders
	maxOpened = 200   // fonts opened in search of letters
)

// liked are parts of file names of fonts that look well on a sign, in lower case. Where a font has Japanese and Chinese shapes of
// a letter, the Japanese ones are wanted.
var liked = []string{
	"notosanscjkjp-regular", "notosanscjk-regular", "notosansjp", "ipaexg", "ipagp", "ipag", "vl-pgothic", "vl-gothic", "takaopgothic",
	"mplus-1p-regular", "mplus2-regular", "yugothm", "yugothr", "meiryo", "msgothic", "droidsansfallback",
	"notosans-regular", "dejavusans.", "segoeui.", "arial.", "liberationsans-regular",
}

// fonts finds the fonts for a text.
type fonts struct {
	given []*sfnt.Font
	dirs  []string
	files []string // of the system, the liked ones first; nil until they are needed
}

// newFonts reads the given fonts; what is no font is left out.
func newFonts(given [][]byte) *fonts {
	f := &fonts{dirs: fontDirs()}
	for _, b := range given {
		if parsed, err := opentype.Parse(b); err == nil {
			f.given = append(f.given, parsed)
		}
	}
	return f
}

// fontDirs are the folders with the system's fonts.
func fontDirs() []string {
	if runtime.GOOS == "windows" {
		return []string{filepath.Join(os.Getenv("WINDIR"), "Fonts")}
	}
	dirs := []string{"/usr/share/fonts", "/usr/local/share/fonts", "/usr/X11R6/lib/X11/fonts"}
	if home, err := os.UserHomeDir(); err == nil {
		dirs = append(dirs, filepath.Join(home, ".local/share/fonts"), filepath.Join(home, ".fonts"))
	}
	return dirs
}

// system lists the system's fonts.
func (f *fonts) system() []string {
	if f.files != nil {
		return f.files
	}
	f.files = []string{}
	seen := 0
	for _, dir := range f.dirs {
		filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if seen++; seen > maxFiles {
				return fs.SkipAll
			}
			switch {
			case err != nil && d != nil && d.IsDir():
				return fs.SkipDir
			case err != nil || d.IsDir():
				return nil
			}
			switch strings.ToLower(filepath.Ext(path)) {
			case ".ttf", ".otf", ".ttc", ".otc":
				f.files = append(f.files, path)
			}
			return nil
		})
	}
	slices.SortFunc(f.files, func(a, b string) int {
		if by := rank(a) - rank(b); by != 0 {
			return by
		}
		return strings.Compare(a, b)
	})
	return f.files
}

// rank is how far behind in liked a file is.
func rank(path string) int {
	name := strings.ToLower(filepath.Base(path))
	if i := slices.IndexFunc(liked, func(part string) bool { return strings.Contains(name, part) }); i >= 0 {
		return i
	}
	return len(liked)
}

// face returns a face of a size in pixels for the letters of text. Letters that no font has are drawn as boxes; without any
// font at all a small one that is built in is used. Close it after use.
func (f *fonts) face(size int, text string) font.Face {
	b := &blend{size: size, by: map[rune]font.Face{}}
	missing := map[rune]bool{}
	for _, r := range text {
		missing[r] = true
	}
	for _, parsed := range f.given {
		b.add(parsed, missing)
	}
	opened := 0
	for _, path := range f.system() {
		if len(missing) == 0 || opened == maxOpened {
			break
		}
		opened++
		b.open(path, missing)
	}
	if len(b.faces) == 0 {
		return basicfont.Face7x13
	}
	return b
}

// blend is several fonts as one face: each letter comes from the first that has it.
type blend struct {
	size  int
	faces []font.Face
	by    map[rune]font.Face // that has the letter
	files []*os.File
	buf   sfnt.Buffer
}

// add takes a font in if it has letters that are missing, and strikes those off.
func (b *blend) add(f *sfnt.Font, missing map[rune]bool) (taken bool) {
	var face font.Face
	for r := range missing {
		i, err := f.GlyphIndex(&b.buf, r)
		if err != nil || i == 0 {
			continue
		}
		if _, err := f.LoadGlyph(&b.buf, i, fixed.I(b.size), nil); err != nil { // there, and of a kind that cannot be drawn
			continue
		}
		if face == nil {
			if face, err = opentype.NewFace(f, &opentype.FaceOptions{Size: float64(b.size), DPI: 72, Hinting: font.HintingFull}); err != nil {
				return false
			}
			b.faces = append(b.faces, face)
		}
		b.by[r] = face
		delete(missing, r)
	}
	return face != nil
}

// open takes in the first font of a file that has letters that are missing. The file stays open as long as the face.
func (b *blend) open(path string, missing map[rune]bool) {
	file, err := os.Open(path)
	if err != nil {
		return
	}
	if all, err := opentype.ParseCollectionReaderAt(file); err == nil && all.NumFonts() > 0 {
		if f, err := all.Font(0); err == nil && b.add(f, missing) {
			b.files = append(b.files, file)
			return
		}
	}
	file.Close()
}

// of returns the face for a letter.
func (b *blend) of(r rune) font.Face {
	if face, ok := b.by[r]; ok {
		return face
	}
	return b.faces[0]
}

// Close implements font.Face.
func (b *blend) Close() error {
	for _, f := range b.files {
		f.Close()
	}
	return nil
}

// Glyph implements font.Face.
func (b *blend) Glyph(dot fixed.Point26_6, r rune) (image.Rectangle, image.Image, image.Point, fixed.Int26_6, bool) {
	return b.of(r).Glyph(dot, r)
}

// GlyphBounds implements font.Face.
func (b *blend) GlyphBounds(r rune) (fixed.Rectangle26_6, fixed.Int26_6, bool) {
	return b.of(r).GlyphBounds(r)
}

// GlyphAdvance implements font.Face.
func (b *blend) GlyphAdvance(r rune) (fixed.Int26_6, bool) { return b.of(r).GlyphAdvance(r) }

// Kern implements font.Face. Letters of different fonts know nothing of each other, so there is none.
func (b *blend) Kern(rune, rune) fixed.Int26_6 { return 0 }

// Metrics implements font.Face.
func (b *blend) Metrics() font.Metrics { return b.faces[0].Metrics() }
