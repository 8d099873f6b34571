package customer

import (
	"image"
	"slices"

	"assist/app/wire"
	"assist/media/capture"
)

// choose shows another display.
func (p *picture) choose(id uint8) {
	p.mu.Lock()
	defer p.mu.Unlock()
	known := slices.ContainsFunc(p.list, func(d capture.Display) bool { return d.ID == id })
	if p.source == nil || !known {
		return
	}
	if err := p.source.Select(id); err != nil {
		p.l.r.cfg.Log.Warn("display not selected", "error", err)
		return
	}
	p.shown = id
	p.l.send(&wire.Displays{Shown: id, List: p.list})
}

// setDisplays passes the list of monitors on to the engineer and to the way in.
func (p *picture) setDisplays(list []capture.Display) {
	p.mu.Lock()
	p.list = list
	if p.shown = shownOf(list, p.shown); p.shown != 0 {
		p.source.Select(p.shown)
	}
	shown := p.shown
	p.mu.Unlock()
	p.l.displays(list)
	p.l.send(&wire.Displays{Shown: shown, List: list})
}

// shownOf is the display that is shown of a new list: the one before, if it is still there.
func shownOf(list []capture.Display, before uint8) uint8 {
	if slices.ContainsFunc(list, func(d capture.Display) bool { return d.ID == before }) {
		return before
	}
	return 0
}

// bounds returns where the displays are.
func (p *picture) bounds() []image.Rectangle {
	p.mu.Lock()
	defer p.mu.Unlock()
	bounds := make([]image.Rectangle, len(p.list))
	for i, d := range p.list {
		bounds[i] = d.Bounds
	}
	return bounds
}
