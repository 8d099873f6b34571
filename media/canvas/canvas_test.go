package canvas

import (
	"image"
	"testing"

	"pgregory.net/rapid"

	"assist/media/frame"
)

var size = image.Pt(200, 100) // 7 x 4 tiles, the last ones cut off

func painted(v byte) *frame.Frame {
	f := frame.New(size.X, size.Y)
	f.Fill(f.Rect, v, v, v)
	return f
}

// shows fails t unless the pixel at p is v.
func shows(t *testing.T, c *Canvas, p image.Point, v byte) {
	t.Helper()
	if got := c.Frame().Row(p.X, p.X+1, p.Y)[0]; got != v {
		t.Errorf("at %v is %d, want %d", p, got, v)
	}
}

func TestPlanes(t *testing.T) {
	var c Canvas
	if c.Frame() != nil || c.Motion(1, painted(1), image.Point{}, []image.Rectangle{image.Rect(0, 0, 1, 1)}) != nil || c.Release(2, nil) != nil {
		t.Fatal("something to see before there is a picture")
	}
	exact := painted(10)
	c.Exact(exact, []image.Rectangle{exact.Rect})
	if c.Frame() != exact {
		t.Error("the exact picture alone was copied")
	}
	tiles := []image.Rectangle{image.Rect(1, 1, 3, 2), image.Rect(6, 3, 7, 4)}
	seen := c.Motion(5, painted(20), image.Point{}, tiles)
	if len(seen) != 2 || seen[0] != image.Rect(32, 32, 96, 64) || seen[1] != image.Rect(192, 96, 200, 100) {
		t.Errorf("motion shows %v", seen)
	}
	shows(t, &c, image.Pt(33, 33), 20)
	shows(t, &c, image.Pt(10, 10), 10)
	exact.Fill(exact.Rect, 11, 11, 11)
	if seen := c.Exact(exact, []image.Rectangle{image.Rect(20, 40, 70, 50)}); len(seen) != 1 || seen[0] != image.Rect(20, 40, 32, 50) {
		t.Errorf("beneath motion is seen %v", seen)
	}
	shows(t, &c, image.Pt(33, 41), 20)
	shows(t, &c, image.Pt(21, 41), 11)
	c.Release(7, tiles[:1])
	shows(t, &c, image.Pt(33, 41), 11)
	c.Motion(6, painted(30), image.Point{}, tiles) // sent before the release, and late
	shows(t, &c, image.Pt(33, 41), 11)
	shows(t, &c, image.Pt(195, 97), 30)
	c.Release(4, tiles[1:]) // so is this
	if c.InMotion() != 1 {
		t.Errorf("%d tiles in motion", c.InMotion())
	}
	c.Release(8, tiles[1:])
	if c.Frame() != exact || c.InMotion() != 0 {
		t.Error("a copy is kept though nothing is over the picture")
	}
}

func TestOutside(t *testing.T) {
	var c Canvas
	exact := painted(10)
	c.Exact(exact, []image.Rectangle{exact.Rect})
	small := frame.New(40, 40)
	if seen := c.Motion(1, small, image.Pt(32, 32), []image.Rectangle{image.Rect(0, 0, 1000, 1000)}); len(seen) != 1 || seen[0] != image.Rect(32, 32, 64, 64) {
		t.Errorf("a small frame of motion paints %v", seen)
	}
	if seen := c.Motion(2, small, image.Pt(500, 500), []image.Rectangle{image.Rect(15, 15, 17, 17)}); seen != nil {
		t.Errorf("outside the picture: %v", seen)
	}
	wide := frame.New(300, 20)
	if c.Exact(wide, []image.Rectangle{wide.Rect}); c.Frame() != wide || c.InMotion() != 0 {
		t.Error("a picture of another size keeps the motion of the one before")
	}
}

// TestAnyOrder gives frames of motion and releases in any order: the newest one that named a tile decides.
func TestAnyOrder(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var c Canvas
		exact := painted(0)
		c.Exact(exact, nil)
		newest := map[int]uint32{}
		motion := map[uint32]bool{}
		for _, number := range rapid.Permutation([]uint32{1, 2, 3, 4, 5, 6, 7, 8}).Draw(rt, "order") {
			x := rapid.IntRange(0, 6).Draw(rt, "from")
			tiles := []image.Rectangle{image.Rect(x, 0, rapid.IntRange(x+1, 7).Draw(rt, "to"), 1)}
			if motion[number] = rapid.Bool().Draw(rt, "motion"); motion[number] {
				c.Motion(number, painted(byte(number)), image.Point{}, tiles)
			} else {
				c.Release(number, tiles)
			}
			for i := tiles[0].Min.X; i < tiles[0].Max.X; i++ {
				newest[i] = max(newest[i], number)
			}
		}
		for i := range 7 {
			want := byte(0)
			if motion[newest[i]] {
				want = byte(newest[i])
			}
			if got := c.Frame().Row(i*frame.Tile, i*frame.Tile+1, 3)[0]; got != want {
				rt.Fatalf("tile %d shows %d, want %d", i, got, want)
			}
		}
	})
}
