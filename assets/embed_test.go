package assets

import (
	"bytes"
	"image/png"
	"strings"
	"testing"
)

func TestIcon(t *testing.T) {
	img, err := png.Decode(bytes.NewReader(Icon))
	if err != nil {
		t.Fatal(err)
	}
	if size := img.Bounds().Size(); size.X != 512 || size.Y != 512 {
		t.Errorf("the icon is %v", size)
	}
	if _, _, _, alpha := img.At(0, 0).RGBA(); alpha != 0 {
		t.Error("the corner of the icon is not clear")
	}
}

// TestLegalIsPlain holds the terms to plain text of the same number of points in every language.
func TestLegalIsPlain(t *testing.T) {
	names, err := Legal.ReadDir("legal")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	points := 0
	for _, name := range names {
		data, err := Legal.ReadFile("legal/" + name.Name())
		if err != nil {
			t.Fatal(err)
		}
		if i := strings.IndexAny(string(data), "#*_`[]<>\t\r"); i >= 0 {
			t.Errorf("%s: %q is not plain", name.Name(), data[i:min(len(data), i+20)])
		}
		n := strings.Count(string(data), "\n\n")
		if points != 0 && n != points {
			t.Errorf("%s has %d points, another has %d", name.Name(), n, points)
		}
		points = n
	}
}
