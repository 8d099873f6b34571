package console

import (
	"image"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"assist/app/engineer"
	"assist/ui/text"
	"assist/ui/theme"
)

// longestName is how many characters of a monitor's name are shown.
const longestName = 20

// screens is the choice among the customer's monitors: one, all as one picture, or the one where the customer's pointer is. It is
// away while there is only one.
type screens struct {
	object fyne.CanvasObject
	choose *widget.Select

	now     engineer.DisplaysChanged
	ids     []uint8 // what the options stand for
	setting bool    // the options are being set, nobody chooses
}

// newScreens makes a choice that tells show what was chosen.
func newScreens(show func(id uint8)) *screens {
	s := &screens{}
	s.choose = widget.NewSelect(nil, func(string) {
		if i := s.choose.SelectedIndex(); !s.setting && i >= 0 && i < len(s.ids) {
			show(s.ids[i])
		}
	})
	s.object = container.NewBorder(nil, nil, theme.Line(text.L("console.displays")), nil, s.choose)
	s.set(engineer.DisplaysChanged{})
	return s
}

// set takes what there is to choose from. It returns a sentence for the engineer if what was chosen can no longer be had.
func (s *screens) set(ev engineer.DisplaysChanged) (lost string) {
	before := s.now
	s.now = ev
	s.setting = true
	defer func() { s.setting = false }()
	var names []string
	s.ids = s.ids[:0]
	for i, d := range ev.Displays {
		names, s.ids = append(names, displayName(i, d)), append(s.ids, d.ID)
	}
	if all := together(ev.Displays); all.Dx() <= engineer.MaxPicture && all.Dy() <= engineer.MaxPicture {
		size := map[string]any{"width": all.Dx(), "height": all.Dy()}
		names, s.ids = append(names, text.F("console.display.all", size)), append(s.ids, engineer.AllDisplays)
	}
	names, s.ids = append(names, s.following()), append(s.ids, engineer.FollowPointer)
	s.choose.SetOptions(names)
	if i := slices.Index(s.ids, ev.Choice); i >= 0 {
		s.choose.SetSelectedIndex(i)
	} else {
		s.choose.ClearSelected()
	}
	visible(s.object, len(ev.Displays) > 1)
	if len(before.Displays) == 0 || len(ev.Displays) == 0 || before.Choice == ev.Choice || before.Choice == engineer.FollowPointer {
		return ""
	}
	switch {
	case before.Choice == engineer.AllDisplays && !slices.Contains(s.ids, engineer.AllDisplays):
		return "console.display.large"
	case before.Choice != engineer.AllDisplays && !slices.Contains(s.ids, before.Choice):
		return "console.display.gone"
	}
	return ""
}

// displayName is how a monitor is called in the list.
func displayName(i int, d engineer.Display) string {
	key := "console.display"
	if d.Primary {
		key = "console.display.primary"
	}
	name := []rune(peer(d.Name))
	if len(name) > longestName {
		name = append(name[:longestName-1], '…')
	}
	return text.F(key, map[string]any{"number": i + 1, "name": string(name), "width": d.Bounds.Dx(), "height": d.Bounds.Dy()})
}

// following is the option to follow the pointer, with the monitor where it is while that is chosen.
func (s *screens) following() string {
	i := slices.IndexFunc(s.now.Displays, func(d engineer.Display) bool { return d.ID == s.now.Shown })
	if i < 0 || s.now.Choice != engineer.FollowPointer {
		return text.L("console.display.follow")
	}
	return text.F("console.display.following", map[string]any{"number": i + 1})
}

// together is the size of all monitors as one picture.
func together(displays []engineer.Display) image.Rectangle {
	var all image.Rectangle
	for _, d := range displays {
		all = all.Union(d.Bounds)
	}
	return all
}
