package viewer

import (
	"fmt"
	"image"
	"slices"
	"testing"

	"assist/app/engineer"
)

// far writes down what reaches the customer's side.
type far struct{ got []string }

func (f *far) add(format string, args ...any) { f.got = append(f.got, fmt.Sprintf(format, args...)) }

func (f *far) Key(k engineer.Key) {
	if k.Down {
		f.add("+%02x", int(k.Usage))
	} else {
		f.add("-%02x", int(k.Usage))
	}
}

func (f *far) Pointer(p engineer.Pointer) {
	f.add("@%d %d,%d b%d w%d,%d", p.Display, p.X, p.Y, p.Buttons, p.WheelX, p.WheelY)
}

func (f *far) Text(s string) { f.add("%q", s) }
func (f *far) ReleaseAll()   { f.add("release") }

// take returns what came since the last time.
func (f *far) take() []string {
	got := f.got
	f.got = nil
	return got
}

// The keyboard of the tests: a scancode is the usage and a thousand, 1 is a key without a usage.
const noUsage = 1

func scan(u engineer.Usage) int { return int(u) + 1000 }

func testUsage(scancode int) (engineer.Usage, bool) {
	return engineer.Usage(scancode - 1000), scancode > 1000
}

func openHands() (*hands, *far) {
	f := &far{}
	h := newHands(f)
	h.usage = testUsage
	h.setOpen(true)
	return h, f
}

func expect(t *testing.T, f *far, want ...string) {
	t.Helper()
	if got := f.take(); !slices.Equal(got, want) {
		t.Errorf("sent %v, want %v", got, want)
	}
}

// Some keys of the tests.
const (
	keyA     engineer.Usage = 0x04
	keyEnter engineer.Usage = 0x28
)

// down and up are a key as the window library tells of it.
func down(h *hands, scancode int) { h.note(scancode, true); h.keyDown(scancode) }
func up(h *hands, scancode int)   { h.note(scancode, false); h.keyUp(scancode) }

func TestKeys(t *testing.T) {
	for _, tt := range []struct {
		name string
		do   func(*hands)
		want []string
	}{
		{"down and up", func(h *hands) { down(h, scan(keyA)); up(h, scan(keyA)) }, []string{"+04", "-04"}},
		{"the same press again", func(h *hands) { down(h, scan(keyA)); down(h, scan(keyA)) }, []string{"+04"}},
		{"released elsewhere", func(h *hands) { up(h, scan(keyA)) }, nil},
		{"without a usage", func(h *hands) { down(h, noUsage); up(h, noUsage) }, nil},
		{"Pause is the customer's", func(h *hands) { down(h, scan(keyPause)); up(h, scan(keyPause)) }, nil},
		{"its character", func(h *hands) { down(h, scan(keyA)); h.keyTyped(scan(keyA)); h.typed('a'); up(h, scan(keyA)) },
			[]string{"+04", "-04"}},
		{"repeated", func(h *hands) {
			down(h, scan(keyA))
			for range 5 {
				h.keyTyped(scan(keyA))
				h.typed('a')
			}
			up(h, scan(keyA))
		}, []string{"+04", "-04"}},
		{"repeating from before the focus came", func(h *hands) { h.keyTyped(scan(keyA)); h.typed('a') }, nil},
		{"character without a key", func(h *hands) { h.typed('日') }, []string{`"日"`}},
		{"character of a key without a usage", func(h *hands) { down(h, noUsage); h.keyTyped(noUsage); h.typed('ø') },
			[]string{`"ø"`}},
		{"committed with Return", func(h *hands) {
			down(h, scan(keyEnter))
			h.typed('本')
			up(h, scan(keyEnter))
		}, []string{"+28", `"本"`, "-28"}},
		{"shortcut", func(h *hands) {
			down(h, scan(keyLeftCtrl))
			down(h, scan(0x06))
			up(h, scan(0x06))
			up(h, scan(keyLeftCtrl))
		}, []string{"+e0", "+06", "-06", "-e0"}},
		{"let go", func(h *hands) { down(h, scan(keyA)); h.letGo(); up(h, scan(keyA)) }, []string{"+04", "release"}},
		{"closed with a key down", func(h *hands) { down(h, scan(keyA)); h.setOpen(false); up(h, scan(keyA)) },
			[]string{"+04", "release"}},
		{"closed", func(h *hands) {
			h.setOpen(false)
			down(h, scan(keyA))
			h.typed('日')
			h.press([]engineer.Usage{keyA})
			h.text("text")
			h.move(image.Pt(1, 1), image.Pt(9, 9))
			h.button(leftButton, true, image.Pt(1, 1), image.Pt(9, 9))
			h.wheel(0, 3, image.Pt(1, 1), image.Pt(9, 9))
			h.letGo()
		}, []string{"release"}},
		{"pressed together", func(h *hands) { h.press([]engineer.Usage{keyLeftCtrl, keyLeftAlt, keyDelete}) },
			[]string{"+e0", "+e2", "+4c", "-4c", "-e2", "-e0"}},
		{"text", func(h *hands) { h.text("a\r\nb\xff") }, []string{`"a\nb"`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h, f := openHands()
			tt.do(h)
			expect(t, f, tt.want...)
		})
	}
}

func TestLeavingChord(t *testing.T) {
	for _, tt := range []struct {
		name  string
		keys  []engineer.Usage // pressed, then the first is released
		leave bool
	}{
		{"left hand", []engineer.Usage{keyLeftCtrl, keyLeftAlt, keyLeftShift}, true},
		{"any order, right keys", []engineer.Usage{keyRightShift, keyLeftAlt, keyRightCtrl}, true},
		{"without Alt", []engineer.Usage{keyLeftCtrl, keyLeftShift}, false},
		{"with another key", []engineer.Usage{keyLeftCtrl, keyLeftAlt, keyLeftShift, keyA}, false},
		{"another key first", []engineer.Usage{keyA, keyLeftCtrl, keyLeftAlt, keyLeftShift}, false},
		{"AltGr types characters", []engineer.Usage{keyLeftCtrl, 0xE6, keyLeftShift}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h, _ := openHands()
			for _, u := range tt.keys {
				h.keyDown(scan(u))
			}
			if got := h.keyUp(scan(tt.keys[0])); got != tt.leave {
				t.Errorf("leave %v, want %v", got, tt.leave)
			}
			if h.keyUp(scan(tt.keys[1])) {
				t.Error("the second release leaves again")
			}
		})
	}
}

func TestPointer(t *testing.T) {
	size := image.Pt(101, 11)
	h, f := openHands()
	h.display = 2
	h.move(image.Pt(0, 0), size)
	h.move(image.Pt(0, 0), size) // not moved
	h.move(image.Pt(50, 10), size)
	h.button(leftButton, true, image.Pt(50, 10), size)
	h.move(image.Pt(100, 10), size)
	h.button(leftButton, false, image.Pt(100, 10), size)
	h.button(rightButton, false, image.Pt(100, 10), size) // its press was not ours
	expect(t, f, "@2 0,0 b0 w0,0", "@2 32768,65535 b0 w0,0", "@2 32768,65535 b1 w0,0",
		"@2 65535,65535 b1 w0,0", "@2 65535,65535 b0 w0,0")
	h.move(image.Pt(1, 1), image.Point{}) // no picture
	expect(t, f)
}

func TestReleasedButtonStaysReleased(t *testing.T) {
	size := image.Pt(10, 10)
	h, f := openHands()
	h.button(leftButton, true, image.Pt(0, 0), size)
	h.letGo()
	f.take()
	h.move(image.Pt(9, 9), size)
	h.button(leftButton, false, image.Pt(9, 9), size)
	expect(t, f, "@0 65535,65535 b0 w0,0")
}

func TestWheel(t *testing.T) {
	for _, tt := range []struct {
		name  string
		turns []float32
		want  []int8
	}{
		{"a notch", []float32{1}, []int8{1}},
		{"a half makes nothing", []float32{0.5}, nil},
		{"two halves", []float32{0.5, 0.5}, []int8{1}},
		{"tenths add up", []float32{0.25, 0.25, 0.25, 0.25, 0.25}, []int8{1}},
		{"turning back forgets the rest", []float32{0.75, -0.5, -0.5}, []int8{-1}},
		{"up", []float32{-1, -2}, []int8{-1, -2}},
		{"never too much", []float32{1250}, []int8{maxNotches}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h, f := openHands()
			for _, turned := range tt.turns {
				h.wheel(0, turned, image.Pt(0, 0), image.Pt(5, 5))
			}
			var want []string
			for _, n := range tt.want {
				want = append(want, fmt.Sprintf("@0 0,0 b0 w0,%d", n))
			}
			expect(t, f, want...)
		})
	}
}

func TestLongTextIsCut(t *testing.T) {
	h, f := openHands()
	long := make([]rune, maxTyped+1)
	for i := range long {
		long[i] = '日'
	}
	if h.text(string(long)) {
		t.Error("all of it was typed")
	}
	expect(t, f, fmt.Sprintf("%q", string(long[:maxTyped])))
	if !h.text(string(long[:maxTyped])) {
		t.Error("as much as is allowed was cut")
	}
}
