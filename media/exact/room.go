package exact

import (
	"image"

	"assist/media/frame"
)

// debt is what is owed of a tile, or of several.
type debt struct {
	r     image.Rectangle // in pixels from the picture's corner
	photo bool
}

// sort finds what moves have not made right, and sorts it into photos and text, what is new before what is late. Where there is little room,
// photos wait for all text.
func (e *Encoder) sort(f *frame.Frame) {
	e.photos, e.texts = e.photos[:0], e.texts[:0]
	room := MaxPayload
	if e.PhotoRoom > 0 {
		room = min(room, e.PhotoRoom*rawBytes/2) // they shrink by a third, about
	}
	room = e.pick(f, changed, room)
	e.texts = join(e.texts)
	late := len(e.texts)
	room = e.pick(f, waiting, room)
	e.texts = append(e.texts[:late], join(e.texts[late:])...)
	if e.PhotoRoom > 0 && len(e.texts) > 0 {
		for _, r := range e.photos {
			e.owed = append(e.owed, debt{r, true})
		}
		e.photos, room = e.photos[:0], 0
	}
	e.pick(f, waitingPhoto, room)
}

// pick sorts the tiles of one state, and returns how many bytes of photos there is room for after them.
func (e *Encoder) pick(f *frame.Frame, of state, room int) int {
	some := e.PhotoRoom == 0 || len(e.photos)+len(e.texts) > 0 // one at least is to go
	for i, t := range e.tiles {
		if t != of {
			continue
		}
		tile := e.grid.tile(i%e.grid.cols, i/e.grid.cols)
		if of == waitingPhoto && some && room <= 0 {
			e.owed = append(e.owed, debt{tile, true})
			continue
		}
		r := changes(e.shown, f, tile)
		if r.Empty() {
			continue
		}
		isPhoto := photoIn(f, tile, r)
		bytes := area(r) * rawBytes
		switch {
		case e.Hold != nil && e.Hold(r.Min, isPhoto):
		case !isPhoto:
			e.texts = append(e.texts, r)
		case room < bytes && some:
			e.owed = append(e.owed, debt{r, true})
			if e.PhotoRoom > 0 {
				room = 0 // for all after it, too
			}
		default:
			room -= bytes
			e.photos = append(e.photos, r)
			some = true
		}
	}
	return room
}

// writeTexts writes the rectangles of text for which there is room.
func (e *Encoder) writeTexts(f *frame.Frame) {
	m, pixels, some := e.model, maxPart, false
	most := len(m.buf) + maxText
	if e.Room > 0 {
		pixels = min(pixels, max(e.Room*textPixels, frame.Tile*frame.Tile))
		most = min(most, e.begun+e.Room)
	}
	for _, r := range e.texts {
		for part := range pieces(r, pixels) {
			if len(m.buf) > most && (e.Room == 0 || some || len(e.photos) > 0) {
				e.owed = append(e.owed, debt{part, false})
				continue
			}
			some = true
			m.again(stepText, true)
			m.place(stepText, part)
			e.shelf.keep(e.shown, part, false)
			m.rect(e.shown, f, part)
		}
	}
}
