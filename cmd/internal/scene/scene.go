// Package scene draws what people do at a computer, for measurements of what shows it elsewhere: a desktop at rest, typing,
// a log and a page that scroll, a window that is dragged, a video, slides.
//
// A scene is a picture for every step, and always the same one: text, places and colours come from a fixed seed, and the
// letters from fonts inside the program. Every step carries [marker] numbers at fixed places, by which a reader of the
// screen knows which step it sees.
//
// The package paints into memory. It knows no display and no clock.
package scene

import (
	"fmt"
	"image"

	"assist/cmd/internal/marker"
	"assist/media/frame"
)

// Size of the screen that scenes fill, in pixels.
var Size = image.Pt(1920, 1080)

// Screen is all of it.
var Screen = image.Rectangle{Max: Size}

// Top is how much of the screen, at its upper edge, holds nothing but the background and the slides: a window that somebody
// else shows there covers no marker.
const Top = 200

// Names are the scenes there are.
var Names = []string{Rest, Typing, Log, Page, Drag, Video, Slides}

// The scenes.
const (
	Rest   = "rest"   // a small menu comes and goes on a desktop with text
	Typing = "typing" // one letter each step
	Log    = "log"    // a terminal scrolls by a line
	Page   = "page"   // a page scrolls; elsewhere something small changes now and then
	Drag   = "drag"   // a window is dragged over others
	Video  = "video"  // 640x360 pixels beside text
	Slides = "slides" // the whole screen
)

// Scene is one of them. It is not safe for concurrent use.
type Scene struct {
	Name string
	// Rate is how many steps a second has; 0: a step comes with each key.
	Rate float64
	// Region is where it happens.
	Region image.Rectangle
	// Marks are the places of the markers of the step: a step is on a screen when all show it.
	Marks []image.Point
	// Probe is the place of a marker that counts every ProbeEvery steps; there is none if ProbeEvery is 0.
	Probe      image.Point
	ProbeEvery int
	// Text is where the text of the desktop is, at step 0.
	Text []image.Rectangle

	base *frame.Frame
	// draw makes Region show step n, whatever it showed before, and returns what differs from step n-1.
	draw func(f *frame.Frame, n int) []image.Rectangle
}

// New makes a scene.
func New(name string) (*Scene, error) {
	made := map[string]func(*desktop) *Scene{
		Rest: newRest, Typing: newTyping, Log: newLog, Page: newPage, Drag: newDrag, Video: newVideo, Slides: newSlides,
	}[name]
	if made == nil {
		return nil, fmt.Errorf("scene: there is no scene %q", name)
	}
	d := newDesktop()
	s := made(d)
	s.Name, s.base, s.Text = name, d.frame(), d.text
	return s, nil
}

// Begin makes f, which has Size, show step 0. The markers count from first.
func (s *Scene) Begin(f *frame.Frame, first uint16) {
	f.CopyRect(s.base, Screen)
	s.draw(f, 0)
	s.mark(f, 0, first)
}

// Step makes f, which shows any step of the scene, show step n, and returns what is different from step n-1: the
// parts in the order in which they should reach a screen, markers last.
func (s *Scene) Step(f *frame.Frame, n int, first uint16) []image.Rectangle {
	dirty := s.draw(f, n)
	for _, at := range s.mark(f, n, first) {
		if r := marker.Bounds(at); !within(r, dirty) {
			dirty = append(dirty, r)
		}
	}
	return dirty
}

// mark paints the markers of step n and returns the places of those that are new.
func (s *Scene) mark(f *frame.Frame, n int, first uint16) []image.Point {
	fresh := s.Marks
	for _, at := range s.Marks {
		marker.Paint(f, at, first+uint16(n))
	}
	if s.ProbeEvery > 0 {
		marker.Paint(f, s.Probe, first+uint16(n/s.ProbeEvery))
		if n%s.ProbeEvery == 0 {
			fresh = append(fresh[:len(fresh):len(fresh)], s.Probe)
		}
	}
	return fresh
}

func within(r image.Rectangle, list []image.Rectangle) bool {
	for _, l := range list {
		if r.In(l) {
			return true
		}
	}
	return false
}
