package customer

import (
	"image"
	"slices"
	"sync"

	"assist/app/wire"
	"assist/media/capture"
)

// displays is what a session knows of this computer's monitors, and which of them the engineer wants to see. It outlives each
// picture, so that a pause does not lead back to the first one.
type displays struct {
	numbers capture.Numbers

	mu     sync.Mutex
	now    wire.Displays // as the engineer was told last
	wanted bool          // the engineer has chosen
	choice uint8         // capture.All, capture.Follow or an ID
}

// shared says which parts of the desktop are shown from now on.
type shared struct{ places []image.Rectangle }

// choose shows another display, all, or the one where the pointer is.
func (p *picture) choose(id uint8) {
	p.mu.Lock()
	source := p.source
	p.mu.Unlock()
	if source == nil {
		return
	}
	if err := source.Select(id); err != nil {
		p.l.r.cfg.Log.Warn("display not selected", "error", err)
		p.l.send(p.l.screens.message()) // so that the engineer's window does not show what was asked for
		return
	}
	d := &p.l.screens
	d.mu.Lock()
	defer d.mu.Unlock()
	d.wanted, d.choice = true, id
}

// begin makes a new source show what the engineer chose on the one before, if that is still there.
func (d *displays) begin(source capture.Source) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.wanted && source.Select(d.choice) != nil {
		d.wanted = false
	}
}

// setDisplays passes what an update says of the monitors on to the engineer, the way in and the customer.
func (p *picture) setDisplays(u capture.Update) {
	d := &p.l.screens
	d.mu.Lock()
	d.now = wire.Displays{Shown: u.Shown, Choice: u.Choice, List: u.Displays}
	d.choice = shownOf(u.Displays, d.choice)
	places := d.places()
	d.mu.Unlock()
	p.l.displays()
	p.l.send(d.message())
	p.l.r.box.Put(shared{places})
}

// shownOf is what is to be shown of a new list: what was chosen before, if it is still there, or else the primary display.
func shownOf(list []capture.Display, before uint8) uint8 {
	has := func(is func(capture.Display) bool) int { return slices.IndexFunc(list, is) }
	switch {
	case before == capture.All, before == capture.Follow, has(func(d capture.Display) bool { return d.ID == before }) >= 0, len(list) == 0:
		return before
	}
	return list[max(0, has(func(d capture.Display) bool { return d.Primary }))].ID
}

// message tells the engineer how things are.
func (d *displays) message() *wire.Displays {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.now
	return &now
}

// places are the displays that are shown. d.mu is held.
func (d *displays) places() []image.Rectangle {
	places := []image.Rectangle{}
	for _, m := range d.now.List {
		if d.now.Shown == capture.All || d.now.Shown == m.ID {
			places = append(places, m.Bounds)
		}
	}
	return places
}

// bounds returns where the displays are, by ID.
func (l *live) bounds() []image.Rectangle {
	l.screens.mu.Lock()
	defer l.screens.mu.Unlock()
	return capture.Places(l.screens.now.List)
}

// displays tells the way in where the monitors are.
func (l *live) displays() {
	bounds := l.bounds()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.control != nil {
		l.control.SetDisplays(bounds)
	}
}
