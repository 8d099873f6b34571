package engineer

import (
	"testing"
	"time"

	"assist/app/wire"
)

func TestTally(t *testing.T) {
	var c tally
	now := time.Unix(1_000, 0)
	fill := func(after time.Duration) (ev LinkChanged) {
		now = now.Add(after)
		c.fill(&ev, now)
		return ev
	}
	if ev := fill(0); ev != (LinkChanged{}) {
		t.Errorf("before anything came: %+v", ev)
	}
	c.pictures.Add(48)
	if ev := fill(100 * time.Millisecond); ev.Pictures != 0 {
		t.Errorf("%.0f pictures a second after a tenth of one", ev.Pictures)
	}
	if ev := fill(1900 * time.Millisecond); ev.Pictures != 24 {
		t.Errorf("%.0f pictures a second, want 24", ev.Pictures)
	}
	c.exact.Add(1000)
	c.motion.Add(3000)
	c.report.Store(&wire.LinkReport{Rate: 250_000, Queue: 80})
	ev := fill(time.Second)
	if want := (LinkChanged{Exact: 1000, Motion: 3000, Rate: 250_000, Queue: 80 * time.Millisecond}); ev != want {
		t.Errorf("%+v, want %+v", ev, want)
	}
	c.newLink()
	if ev := fill(time.Second); ev.Rate != 0 || ev.Queue != 0 || ev.Exact != 1000 {
		t.Errorf("over a new link: %+v", ev)
	}
}

func TestSteadyRoundTrip(t *testing.T) {
	const ms = time.Millisecond
	for _, tt := range []struct{ told, now, want time.Duration }{
		{0, 0, 0},
		{0, 300 * time.Microsecond, 300 * time.Microsecond},
		{0, 42 * ms, 42 * ms},
		{42 * ms, 45 * ms, 42 * ms},
		{42 * ms, 39 * ms, 42 * ms},
		{42 * ms, 50 * ms, 50 * ms},
		{42 * ms, 30 * ms, 30 * ms},
		{2 * ms, 3 * ms, 2 * ms},
		{2 * ms, 3*ms + 200*time.Microsecond, 3*ms + 200*time.Microsecond},
		{42 * ms, 0, 0},
	} {
		if got := steady(tt.told, tt.now); got != tt.want {
			t.Errorf("%v after %v is told as %v, want %v", tt.now, tt.told, got, tt.want)
		}
	}
}
