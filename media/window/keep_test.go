package window

import (
	"context"
	"image"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// desk is a window that others take away, and that comes back when it is put back, if it can.
type desk struct {
	fault fault
	stuck bool // nothing helps
	looks int
	mends []time.Duration // since the beginning
	again []bool
	began time.Time
}

func (d *desk) look() (fault, error) { d.looks++; return d.fault, nil }

func (d *desk) mend(_ fault, again bool) error {
	d.mends = append(d.mends, time.Since(d.began))
	d.again = append(d.again, again)
	if !d.stuck {
		d.fault = fault{}
	}
	return nil
}

// holding keeps a desk for a time, while play happens to it, and returns when the window was lost.
func holding(t *testing.T, d *desk, how time.Duration, play func(tell func())) (lost []time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), how)
	defer cancel()
	d.began = time.Now()
	news := make(chan struct{}, 1)
	tell := func() {
		select {
		case news <- struct{}{}:
		default:
		}
	}
	go play(tell)
	err := hold(ctx, d, news, Keeping{Lost: func(Loss) { lost = append(lost, time.Since(d.began)) }, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Error(err)
	}
	synctest.Wait()
	return lost
}

// times makes something happen so often, one after the other.
func times(n int, each time.Duration, d *desk, f fault) func(tell func()) {
	return func(tell func()) {
		for range n {
			time.Sleep(each)
			d.fault = f
			tell()
		}
	}
}

func TestHold(t *testing.T) {
	const second = time.Second
	menu := fault{what: covered, grace: coverGrace, by: 7}
	for _, tt := range []struct {
		name  string
		desk  desk
		play  func(d *desk) func(tell func())
		mends int
		lost  int
	}{
		{"nothing happens", desk{}, func(d *desk) func(func()) { return times(0, 0, d, fault{}) }, 0, 0},
		{"taken away once", desk{}, func(d *desk) func(func()) { return times(1, second, d, fault{what: hidden}) }, 1, 0},
		{"three times in ten seconds", desk{}, func(d *desk) func(func()) { return times(3, 2*second, d, fault{what: away}) }, 3, 0},
		{"four times in ten seconds", desk{}, func(d *desk) func(func()) { return times(4, 2*second, d, fault{what: away}) }, 4, 1},
		{"four times in a minute", desk{}, func(d *desk) func(func()) { return times(4, 12*second, d, fault{what: hidden}) }, 4, 0},
		{"menus, one after the other", desk{}, func(d *desk) func(func()) {
			return func(tell func()) {
				for by := range uint64(8) {
					time.Sleep(second)
					d.fault = fault{what: covered, grace: coverGrace, by: by + 1}
					tell()
				}
			}
		}, 8, 0},
		{"one that goes by itself", desk{}, func(d *desk) func(func()) {
			return func(tell func()) {
				times(1, second, d, menu)(tell)
				times(1, coverGrace/2, d, fault{})(tell)
			}
		}, 0, 0},
		{"one that comes on top again and again", desk{}, func(d *desk) func(func()) { return times(5, 2*second, d, menu) }, 5, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := tt.desk
				lost := holding(t, &d, 70*time.Second, tt.play(&d))
				if len(d.mends) != tt.mends || len(lost) != tt.lost {
					t.Errorf("put back %v, lost %v; want %d and %d times", d.mends, lost, tt.mends, tt.lost)
				}
			})
		})
	}
}

// A window that does not come back is lost a second later, and not fought for.
func TestHoldStuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := desk{stuck: true}
		lost := holding(t, &d, time.Minute, times(1, time.Second, &d, fault{what: hidden}))
		if len(lost) == 0 || lost[0] > 2*time.Second+newsRest {
			t.Errorf("lost after %v, taken away after a second", lost)
		}
		if n := len(d.mends); n > 16 {
			t.Errorf("put back %d times in a minute", n)
		}
		if !slices.Contains(d.again, true) || d.again[0] {
			t.Errorf("tried again: %v", d.again)
		}
		for i := 1; i < len(d.mends); i++ {
			if gap := d.mends[i] - d.mends[i-1]; gap < mendRest {
				t.Errorf("put back %v after %v", gap, d.mends[i-1])
			}
		}
	})
}

// Somebody who takes it away in the moment it is put back is not fought either, whatever happens on the desktop.
func TestHoldContested(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := desk{}
		lost := holding(t, &d, time.Minute, times(600, 100*time.Millisecond, &d, fault{what: away}))
		if len(lost) == 0 || lost[0] > 3*time.Second {
			t.Errorf("lost after %v", lost)
		}
		if n := len(d.mends); n > 2*60 {
			t.Errorf("put back %d times in a minute", n)
		}
		if d.looks > 11*60 {
			t.Errorf("looked %d times in a minute", d.looks)
		}
	})
}

func TestInside(t *testing.T) {
	left, right := image.Rect(0, 0, 1000, 800), image.Rect(1000, 0, 3000, 1200)
	both := []image.Rectangle{left, right}
	for _, tt := range []struct {
		name     string
		r        image.Rectangle
		monitors []image.Rectangle
		want     image.Point
	}{
		{"there", image.Rect(10, 20, 910, 150), both, image.Pt(10, 20)},
		{"off everything", image.Rect(5000, 5000, 5900, 5100), both, image.Pt(100, 700)},
		{"above", image.Rect(1500, -100, 2400, 30), both, image.Pt(1500, 0)},
		{"more on the right one", image.Rect(900, 100, 1800, 200), both, image.Pt(1000, 100)},
		{"too wide", image.Rect(-50, 700, 1250, 900), both[:1], image.Pt(0, 600)},
		{"no monitor", image.Rect(1, 2, 3, 4), nil, image.Pt(1, 2)},
	} {
		if got := inside(tt.r, tt.monitors); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestMissing(t *testing.T) {
	r := image.Rect(10, 10, 110, 110)
	for _, tt := range []struct {
		name   string
		others []image.Rectangle
		want   int
	}{
		{"nothing there", nil, 10000},
		{"all there", []image.Rectangle{image.Rect(0, 0, 200, 200)}, 0},
		{"two halves", []image.Rectangle{image.Rect(0, 0, 60, 200), image.Rect(60, 0, 200, 200)}, 0},
		{"two that overlap", []image.Rectangle{image.Rect(0, 0, 70, 110), image.Rect(50, 0, 110, 110)}, 0},
		{"a hole", []image.Rectangle{image.Rect(0, 0, 200, 50), image.Rect(0, 60, 200, 200), image.Rect(0, 50, 50, 60), image.Rect(60, 50, 200, 60)}, 100},
	} {
		n := 0
		for _, left := range missing(r, tt.others) {
			n += area(left)
		}
		if n != tt.want {
			t.Errorf("%s: %d pixels, want %d", tt.name, n, tt.want)
		}
	}
}
