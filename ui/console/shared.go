package console

import (
	"fyne.io/fyne/v2"

	"assist/ui/theme"
)

// chatLeast is how much room the messages keep where there is little.
const chatLeast = 110

// sharedLayout shares a height between a scroll area and what stands beneath it: the area gets what its content needs as long as
// the other keeps the least it needs. So the panel never makes the window higher than the screen, whatever opens in it.
type sharedLayout struct{}

// MinSize is enough to see a little of both.
func (sharedLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	above, beneath := objects[0].MinSize(), objects[1].MinSize()
	return fyne.NewSize(max(above.Width, beneath.Width), above.Height+max(chatLeast, beneath.Height))
}

// Layout shares the height.
func (sharedLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	above, beneath := objects[0].(*theme.Scroll), objects[1]
	least := max(chatLeast, beneath.MinSize().Height)
	for range 2 { // texts that wrap tell their height once they have their width
		high := max(above.MinSize().Height, min(above.Content.MinSize().Height, size.Height-least))
		above.Resize(fyne.NewSize(size.Width, high))
	}
	beneath.Move(fyne.NewPos(0, above.Size().Height))
	beneath.Resize(fyne.NewSize(size.Width, size.Height-above.Size().Height))
}
