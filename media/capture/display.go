package capture

import (
	"image"
	"slices"

	"assist/media/capture/internal/choice"
)

// Display is one monitor. Bounds are desktop pixels; all displays share one coordinate system. Its ID is 1 to 254.
type Display = choice.Display

// Numbers gives displays their IDs. A display keeps its ID as long as the Numbers live, also while it is unplugged, so that who
// names a display by its ID never means another one. The zero value is ready.
type Numbers = choice.Numbers

// What [Source.Select] takes besides the ID of a display.
const (
	All    = choice.All    // all displays as one picture; what lies between them is black
	Follow = choice.Follow // the display where the pointer has rested for half a second
)

// MaxDisplays is the largest number of displays that a source tells apart.
const MaxDisplays = choice.Max

// primaryFirst puts the primary display at the head of the list.
func primaryFirst(ds []Display) {
	slices.SortStableFunc(ds, func(a, b Display) int {
		switch {
		case a.Primary == b.Primary:
			return 0
		case a.Primary:
			return -1
		}
		return 1
	})
}

// Places returns where displays are, by ID: the bounds of them all under All, and an empty rectangle where no display has the ID. A place
// on a picture of a display, or of all, named together with its Update.Shown, is a place in one of these rectangles.
func Places(list []Display) []image.Rectangle {
	places := []image.Rectangle{All: choice.Union(list)}
	for _, d := range list {
		for len(places) <= int(d.ID) {
			places = append(places, image.Rectangle{})
		}
		if d.ID != All {
			places[d.ID] = d.Bounds
		}
	}
	return places
}
