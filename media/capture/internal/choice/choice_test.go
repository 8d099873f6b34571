package choice

import (
	"image"
	"testing"
	"time"

	"assist/media/frame"
)

var (
	main  = Display{ID: 1, Name: "main", Bounds: image.Rect(0, 0, 100, 100), Primary: true}
	side  = Display{ID: 2, Name: "side", Bounds: image.Rect(100, 50, 150, 90)}
	third = Display{ID: 3, Name: "third", Bounds: image.Rect(0, 100, 60, 130)}
)

func plugged(ds ...Display) *Choice {
	c := &Choice{}
	c.Plug(ds)
	return c
}

// step is something that happens to a Choice, and what it shows then.
type step struct {
	do            func(*Choice)
	chosen, shown uint8
}

func choose(id uint8) func(*Choice)    { return func(c *Choice) { c.Choose(id) } }
func plug(ds ...Display) func(*Choice) { return func(c *Choice) { c.Plug(ds) } }
func point(x, y, ms int) func(*Choice) {
	return func(c *Choice) { c.Point(image.Pt(x, y), moment(ms)) }
}
func moment(ms int) time.Time                     { return time.Unix(1000, 0).Add(time.Duration(ms) * time.Millisecond) }
func (d Display) moved(r image.Rectangle) Display { d.Bounds = r; return d }

func TestSteps(t *testing.T) {
	far := side.moved(image.Rect(frame.MaxSide, 0, frame.MaxSide+50, 40))
	for _, tt := range []struct {
		name  string
		steps []step
	}{
		{"the primary from the start", []step{{plug(main, side), 1, 1}}},
		{"the primary, whatever its place in the list", []step{{plug(side, main), 1, 1}}},
		{"the first when none is primary", []step{{plug(side, third), 2, 2}}},
		{"one", []step{{plug(main, side), 1, 1}, {choose(2), 2, 2}, {point(1, 1, 0), 2, 2}, {choose(All), All, All}, {choose(1), 1, 1}}},
		{"one that is not there", []step{{plug(main, side), 1, 1}, {choose(2), 2, 2}, {choose(9), 2, 2}}},
		{"one goes", []step{{plug(main, side), 1, 1}, {choose(2), 2, 2}, {plug(main), 1, 1}, {plug(main, side), 1, 1}}},
		{"another goes", []step{{plug(main, side, third), 1, 1}, {choose(2), 2, 2}, {plug(side, third), 2, 2}}},
		{"another primary", []step{{plug(main, side), 1, 1}, {plug(Display{ID: 2, Bounds: side.Bounds, Primary: true}, main), 1, 1}}},
		{"all grow too large", []step{{plug(main, side), 1, 1}, {choose(All), All, All}, {plug(main, far), 1, 1}, {choose(All), 1, 1}}},
		{"follow begins where the pointer is", []step{{plug(main, side), 1, 1}, {choose(Follow), Follow, 1}, {point(120, 60, 0), Follow, 2}}},
		{"follow from all", []step{{plug(main, side), 1, 1}, {choose(All), All, All}, {choose(Follow), Follow, 1}, {point(120, 60, 0), Follow, 2}}},
		{"follow after a rest", []step{
			{plug(main, side), 1, 1}, {choose(Follow), Follow, 1}, {point(5, 5, 0), Follow, 1},
			{point(120, 60, 100), Follow, 1}, {point(130, 60, 400), Follow, 1}, {point(130, 60, 599), Follow, 1}, {point(130, 60, 600), Follow, 2},
			{point(5, 5, 700), Follow, 2}, {point(5, 5, 1200), Follow, 1}}},
		{"a short visit", []step{
			{plug(main, side), 1, 1}, {choose(Follow), Follow, 1}, {point(5, 5, 0), Follow, 1},
			{point(120, 60, 100), Follow, 1}, {point(99, 60, 500), Follow, 1}, {point(120, 60, 700), Follow, 1}, {point(120, 60, 1100), Follow, 1}}},
		{"through one to another", []step{
			{plug(main, side, third), 1, 1}, {choose(Follow), Follow, 1}, {point(5, 5, 0), Follow, 1},
			{point(120, 60, 100), Follow, 1}, {point(5, 120, 500), Follow, 1}, {point(5, 120, 700), Follow, 1}, {point(5, 120, 1000), Follow, 3}}},
		{"between displays", []step{
			{plug(main, side), 1, 1}, {choose(Follow), Follow, 1}, {point(120, 10, 0), Follow, 1}, {point(120, 10, 9000), Follow, 1}}},
		{"the followed one goes", []step{
			{plug(main, side), 1, 1}, {choose(Follow), Follow, 1}, {point(120, 60, 0), Follow, 2},
			{plug(main, third), Follow, 1}, {point(5, 120, 10), Follow, 3}}},
		{"the followed one moves away from the pointer", []step{
			{plug(main, side), 1, 1}, {choose(Follow), Follow, 1}, {point(5, 5, 0), Follow, 1},
			{plug(side.moved(main.Bounds), main.moved(side.Bounds)), Follow, 1}, {point(5, 5, 10), Follow, 1}, {point(5, 5, 510), Follow, 2}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := &Choice{}
			for i, s := range tt.steps {
				s.do(c)
				if v := c.View(); v.Chosen != s.chosen || v.Shown.ID != s.shown {
					t.Fatalf("step %d: chosen %d, shown %d, want %d and %d", i, v.Chosen, v.Shown.ID, s.chosen, s.shown)
				}
			}
		})
	}
}

func TestErrors(t *testing.T) {
	c := plugged(main, side)
	for id, ok := range map[uint8]bool{All: true, Follow: true, 1: true, 2: true, 3: false, 254: false} {
		if err := c.Choose(id); (err == nil) != ok {
			t.Errorf("Choose(%d): %v", id, err)
		}
	}
}

// Due is what wakes a source whose pointer no longer moves.
func TestDue(t *testing.T) {
	c := plugged(main, side)
	wait := func(ms int, want time.Duration, ok bool) {
		t.Helper()
		if d, due := c.Due(moment(ms)); d != want || due != ok {
			t.Errorf("after %d ms: due in %v, %v; want %v, %v", ms, d, due, want, ok)
		}
	}
	point(120, 60, 0)(c)
	wait(0, 0, false)
	choose(Follow)(c)
	wait(0, 0, true)
	point(5, 5, 0)(c)
	wait(0, 0, false)
	point(120, 60, 100)(c)
	wait(100, Rest, true)
	wait(400, 200*time.Millisecond, true)
	wait(900, 0, true)
	point(120, 60, 900)(c)
	wait(900, 0, false)
}

func TestView(t *testing.T) {
	c := plugged(main, side, third)
	choose(All)(c)
	all := c.View()
	if all.Shown.Bounds != image.Rect(0, 0, 150, 130) || len(all.Seen) != 3 {
		t.Errorf("all is %+v", all)
	}
	if all.News(View{}) == nil || all.News(all) != nil {
		t.Error("what is new is not told once")
	}
	// The bounds of all are the same, but not what can be seen in them.
	plug(main, side, third.moved(image.Rect(0, 100, 50, 130)))(c)
	if v := c.View(); v.SamePicture(all) || v.News(all) == nil {
		t.Error("another display is the same picture")
	}
	choose(2)(c)
	one := c.View()
	if len(one.Seen) != 1 || one.Seen[0] != side.Bounds {
		t.Errorf("one is %+v", one)
	}
	plug(main, side)(c)
	if v := c.View(); !v.SamePicture(one) || v.News(one) == nil {
		t.Error("a display beside the chosen one went, and that is no news, or another picture")
	}
	choose(Follow)(c)
	if v := c.View(); !v.SamePicture(one) || v.News(one) == nil {
		t.Error("another choice is no news, or another picture")
	}
}

func TestNumbers(t *testing.T) {
	var n Numbers
	give := func(names ...string) []uint8 {
		ds := make([]Display, len(names))
		for i, name := range names {
			ds[i].Name = name
		}
		n.Give(ds)
		ids := make([]uint8, len(ds))
		for i, d := range ds {
			ids[i] = d.ID
		}
		return ids
	}
	for _, tt := range []struct {
		names []string
		want  []uint8
	}{
		{[]string{"a", "b"}, []uint8{1, 2}},
		{[]string{"b"}, []uint8{2}},
		{[]string{"c", "b", "a"}, []uint8{3, 2, 1}},
		{[]string{"a", "a", "a"}, []uint8{1, 4, 5}},
		{[]string{"", "1 a"}, []uint8{6, 7}},
	} {
		if got := give(tt.names...); string(got) != string(tt.want) {
			t.Errorf("%q: %v, want %v", tt.names, got, tt.want)
		}
	}
	for i := range 2000 {
		name := time.Duration(i).String()
		ids := give("a", name)
		if ids[0] != 1 || ids[1] == All || ids[1] == Follow || ids[1] == 1 {
			t.Fatalf("display %d of many: %v", i, ids)
		}
		if again := give(name); again[0] != ids[1] {
			t.Fatalf("display %d is %d and %d", i, ids[1], again[0])
		}
	}
}
