package capturetest

import (
	"image"
	"slices"
	"testing"

	"assist/media/capture"
	"assist/media/frame"
)

// Plugs is a Stage whose monitors a test plugs.
type Plugs interface {
	Stage
	// Plug makes these the monitors, at these places of the desktop, and the one with the index primary the primary one. A
	// monitor is known by its index; an empty rectangle leaves it unplugged.
	Plug(primary int, monitors ...image.Rectangle)
}

// PlugOpener opens a source and the stage that it reads, once the stage has been made ready.
type PlugOpener func(t *testing.T, o capture.Options, ready func(Plugs)) (capture.Source, Plugs)

// Two monitors of different sizes, side by side with their upper edges at different heights. The second one is the primary.
var (
	left  = image.Rect(0, 60, 400, 360)
	right = image.Rect(400, 0, 1040, 480)
	both  = image.Rect(0, 0, 1040, 480)
)

// RunDisplays tests how one kind of source handles several displays.
func RunDisplays(t *testing.T, open PlugOpener) {
	for _, tt := range []struct {
		name string
		test func(*testing.T, PlugOpener)
	}{
		{"List", testList},
		{"One", testOne},
		{"All", testAll},
		{"AllTooLarge", testAllTooLarge},
		{"Follow", testFollow},
		{"MaskInEach", testMaskInEach},
		{"Unplug", testUnplug},
		{"Change", testChangeOfDisplay},
		{"Grow", testGrow},
		{"Numbers", testNumbers},
	} {
		t.Run(tt.name, func(t *testing.T) { tt.test(t, open) })
	}
}

func testList(t *testing.T, open PlugOpener) {
	d := twoDisplays(t, open, capture.Options{})
	if len(d.last.Displays) != 2 {
		t.Fatalf("displays %+v, want two", d.last.Displays)
	}
	l, r := d.at(left), d.at(right)
	if l.Primary || !r.Primary || l.Name == "" || l.Name == r.Name || l.ID == r.ID {
		t.Errorf("displays %+v", d.last.Displays)
	}
	if d.last.Choice != r.ID || d.last.Shown != r.ID || d.picture.Rect != right.Sub(right.Min) {
		t.Errorf("chosen %d, shown %d of %v, want the primary %d", d.last.Choice, d.last.Shown, d.picture.Rect, r.ID)
	}
	for _, id := range []uint8{l.ID, r.ID} {
		if id == capture.All || id == capture.Follow {
			t.Errorf("a display has the ID %d", id)
		}
	}
	if err := d.src.Select(200); err == nil {
		t.Error("Select of a display that is not there: no error")
	}
}

func testOne(t *testing.T, open PlugOpener) {
	d := twoDisplays(t, open, capture.Options{})
	d.corners(right)
	d.pointTo(image.Pt(401, 3))
	d.choose(d.at(left).ID, left)
	d.corners(left)
	d.pointTo(image.Pt(0, 359))
	d.stage.Fill(right, 90, 91, 92)
	if dirty := d.calm(); len(dirty) > 0 {
		t.Errorf("a change of the other display is one of this at %v", dirty)
	}
}

func testAll(t *testing.T, open PlugOpener) {
	d := twoDisplays(t, open, capture.Options{})
	d.stage.Fill(both, 7, 8, 9) // also where no display is
	d.choose(capture.All, both)
	for _, r := range []image.Rectangle{left, right} {
		d.corners(r)
	}
	d.stage.Fill(both, 70, 80, 90)
	d.until("all in one colour", func() bool { return d.showsAt(left, 70, 80, 90) && d.showsAt(right, 70, 80, 90) })
	for _, hole := range []image.Rectangle{image.Rect(0, 0, 400, 60), image.Rect(0, 360, 400, 480)} {
		if !d.showsAt(hole, 0, 0, 0) {
			t.Errorf("%v, which no display shows, is not black", hole)
		}
	}
	d.pointTo(image.Pt(1039, 479))
	d.pointTo(image.Pt(0, 60))
}

func testAllTooLarge(t *testing.T, open PlugOpener) {
	d := twoDisplays(t, open, capture.Options{})
	d.choose(capture.All, both)
	far := right.Add(image.Pt(frame.MaxSide-1040+1, 0))
	d.plugs.Plug(1, left, far)
	d.untilShown(far)
	if err := d.src.Select(capture.All); err == nil {
		t.Error("Select of all displays, which are too large: no error")
	}
}

func testFollow(t *testing.T, open PlugOpener) {
	d := twoDisplays(t, open, capture.Options{})
	d.stage.MovePointer(image.Pt(100, 100))
	d.choose(capture.Follow, left)
	d.pointTo(image.Pt(102, 103))
	d.stage.MovePointer(image.Pt(500, 10))
	d.untilShown(right)
	if want := image.Pt(100, 10); d.last.Pointer != want || d.last.Choice != capture.Follow {
		t.Errorf("pointer %v, want %v; chosen %d", d.last.Pointer, want, d.last.Choice)
	}
	d.corners(right)
	d.stage.MovePointer(image.Pt(399, 359))
	d.untilShown(left)
	d.plugs.Plug(0, image.Rectangle{}, right)
	d.untilShown(right)
	if d.last.Choice != capture.Follow {
		t.Errorf("chosen %d once the followed display has gone", d.last.Choice)
	}
}

func testMaskInEach(t *testing.T, open PlugOpener) {
	hide := image.Rect(350, 100, 450, 200) // on both
	beside := image.Rect(340, 90, 460, 210)
	d := twoDisplays(t, open, capture.Options{Mask: func() []image.Rectangle { return []image.Rectangle{hide} }})
	d.stage.MovePointer(image.Pt(900, 400))
	for _, c := range []struct {
		id    uint8
		place image.Rectangle
	}{{d.at(left).ID, left}, {d.at(right).ID, right}, {capture.All, both}, {capture.Follow, right}} {
		d.choose(c.id, c.place)
		for i := range byte(2) {
			d.stage.Fill(beside, 100+i, 110, 120)
			edge := image.Rect(340, 90, 349, 210)
			if !edge.In(c.place) {
				edge = image.Rect(451, 90, 460, 210)
			}
			d.until("a change round what is hidden", func() bool { return d.showsAt(edge, 100+i, 110, 120) })
			if r := hide.Intersect(c.place).Sub(c.place.Min); !d.isGrey(r) {
				t.Errorf("choice %d shows what is hidden at %v", c.id, r)
			}
		}
	}
}

func testUnplug(t *testing.T, open PlugOpener) {
	d := twoDisplays(t, open, capture.Options{})
	l := d.at(left)
	d.choose(l.ID, left)
	d.plugs.Plug(1, image.Rectangle{}, right)
	d.untilShown(right)
	if len(d.last.Displays) != 1 || d.last.Choice != d.at(right).ID {
		t.Errorf("displays %+v, chosen %d once the chosen one has gone; want the primary", d.last.Displays, d.last.Choice)
	}
	if err := d.src.Select(l.ID); err == nil {
		t.Error("Select of a display that has gone: no error")
	}
	d.plugs.Plug(1, left, right)
	d.until("the display to come back", func() bool { return len(d.last.Displays) == 2 })
	if again := d.at(left); again.ID != l.ID {
		t.Errorf("a display that comes back has ID %d, had %d", again.ID, l.ID)
	}
	if d.last.Choice != d.at(right).ID {
		t.Errorf("chosen %d when another display came", d.last.Choice)
	}
	d.choose(l.ID, left)
	d.corners(left)
}

// The chosen display is turned round, moves, and becomes the primary one.
func testChangeOfDisplay(t *testing.T, open PlugOpener) {
	d := twoDisplays(t, open, capture.Options{})
	l := d.at(left)
	d.choose(l.ID, left)
	turned := image.Rect(0, 60, 300, 460)
	d.plugs.Plug(1, turned, right)
	d.untilShown(turned)
	d.corners(turned)
	moved := turned.Add(image.Pt(100, -60))
	d.plugs.Plug(1, moved, right)
	d.untilShown(moved)
	d.corners(moved)
	d.pointTo(image.Pt(100, 399))
	d.plugs.Plug(0, moved, right)
	d.until("another primary", func() bool { return d.at(moved).Primary && !d.at(right).Primary })
	if d.last.Shown != l.ID || d.last.Choice != l.ID {
		t.Errorf("chosen %d, shown %d, want %d all the time", d.last.Choice, d.last.Shown, l.ID)
	}
}

// A display comes and goes while all are shown.
func testGrow(t *testing.T, open PlugOpener) {
	d := twoDisplays(t, open, capture.Options{})
	d.choose(capture.All, both)
	third := image.Rect(500, 480, 820, 720)
	d.plugs.Plug(1, left, right, third)
	d.untilShown(image.Rect(0, 0, 1040, 720))
	d.corners(third)
	d.plugs.Plug(1, left, right)
	d.untilShown(both)
}

// Sources that share numbers call a display the same, and no other one.
func testNumbers(t *testing.T, open PlugOpener) {
	numbers := &capture.Numbers{}
	before := []capture.Display{{Name: "elsewhere"}}
	numbers.Give(before)
	d := twoDisplays(t, open, capture.Options{Numbers: numbers})
	for _, m := range d.last.Displays {
		if m.ID == before[0].ID {
			t.Errorf("display %+v has the number of another one", m)
		}
	}
	again := slices.Clone(d.last.Displays)
	slices.Reverse(again)
	numbers.Give(again)
	for _, m := range again {
		if d.at(m.Bounds).ID != m.ID {
			t.Errorf("display %q is %d and %d", m.Name, d.at(m.Bounds).ID, m.ID)
		}
	}
}
