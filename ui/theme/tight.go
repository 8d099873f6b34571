package theme

import "fyne.io/fyne/v2"

// Tight is a layout like a column, but closer: labels that belong together stand like lines of one text.
type Tight struct {
	// By is by how much two objects overlap; below zero it is how far apart they are. Zero is right for labels, which have
	// empty room around their text.
	By float32
}

func (t Tight) by() float32 {
	if t.By == 0 {
		return overlap
	}
	return t.By
}

// MinSize is the size of the column.
func (t Tight) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	for i, o := range visible(objects) {
		m := o.MinSize()
		size.Width = max(size.Width, m.Width)
		size.Height += m.Height
		if i > 0 {
			size.Height -= t.by()
		}
	}
	return size
}

// Layout puts the objects beneath each other.
func (t Tight) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	var y float32
	for _, o := range visible(objects) {
		o.Resize(fyne.NewSize(size.Width, o.MinSize().Height))
		h := o.MinSize().Height // for this width
		o.Resize(fyne.NewSize(size.Width, h))
		o.Move(fyne.NewPos(0, y))
		y += h - t.by()
	}
}

func visible(objects []fyne.CanvasObject) []fyne.CanvasObject {
	var some []fyne.CanvasObject
	for _, o := range objects {
		if o.Visible() {
			some = append(some, o)
		}
	}
	return some
}
