package crowd

import (
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"testing"
	"time"
)

func at(text string) From { return Of(netip.MustParseAddr(text)) }

func TestOf(t *testing.T) {
	for text, want := range map[string][2]string{
		"192.0.2.1":             {"192.0.2.1/32", "192.0.2.1/32"},
		"::ffff:192.0.2.1":      {"192.0.2.1/32", "192.0.2.1/32"},
		"2001:db8:1:2ff::1":     {"2001:db8:1:200::/56", "2001:db8:1::/48"},
		"2001:db8:1:200:5::9":   {"2001:db8:1:200::/56", "2001:db8:1::/48"},
		"2001:db8:1:300::1":     {"2001:db8:1:300::/56", "2001:db8:1::/48"},
		"2001:db8:2:300::1%eth": {"2001:db8:2:300::/56", "2001:db8:2::/48"},
	} {
		if got := at(text); got.Line.String() != want[0] || got.Site.String() != want[1] {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
	if OfConn(&net.UnixAddr{}) != (From{}) || Of(netip.Addr{}) != (From{}) {
		t.Error("what has no address has a place of its own")
	}
}

// visit is one who comes, and who has to go for it.
type visit struct {
	from string
	want string // "in", "refused", or who goes: "2 goes" is the second who came
}

func TestEnter(t *testing.T) {
	for _, tt := range []struct {
		name   string
		limits Limits
		kept   []int // of the visits: who is known at once
		visits []visit
	}{
		{"a line has so many", Limits{Most: 9, PerLine: 2}, nil, []visit{
			{"192.0.2.1", "in"}, {"192.0.2.1", "in"}, {"192.0.2.1", "refused"}, {"192.0.2.2", "in"},
		}},
		{"a line makes room for itself", Limits{Most: 9, PerLine: 2, Yield: true}, nil, []visit{
			{"192.0.2.2", "in"}, {"192.0.2.1", "in"}, {"192.0.2.1", "in"}, {"192.0.2.1", "2 goes"}, {"192.0.2.1", "3 goes"},
		}},
		{"a site has twice as many", Limits{Most: 9, PerLine: 1}, nil, []visit{
			{"2001:db8:0:100::1", "in"}, {"2001:db8:0:200::1", "in"}, {"2001:db8:0:300::1", "refused"}, {"2001:db8:1:300::1", "in"},
		}},
		{"a site makes room for itself", Limits{Most: 9, PerLine: 1, Yield: true}, nil, []visit{
			{"192.0.2.1", "in"}, {"2001:db8:0:100::1", "in"}, {"2001:db8:0:200::1", "in"}, {"2001:db8:0:300::1", "2 goes"},
		}},
		{"who has most makes room", Limits{Most: 4, PerLine: 3}, nil, []visit{
			{"192.0.2.9", "in"}, {"192.0.2.1", "in"}, {"192.0.2.1", "in"}, {"192.0.2.1", "in"}, {"192.0.2.2", "2 goes"}, {"192.0.2.3", "3 goes"},
		}},
		{"a site counts as one", Limits{Most: 5, PerLine: 3}, nil, []visit{
			{"192.0.2.1", "in"}, {"192.0.2.1", "in"}, {"2001:db8:0:100::1", "in"}, {"2001:db8:0:200::1", "in"}, {"2001:db8:0:300::1", "in"},
			{"192.0.2.2", "3 goes"},
		}},
		{"the oldest of those who have one each", Limits{Most: 3, PerLine: 3}, nil, []visit{
			{"192.0.2.3", "in"}, {"192.0.2.2", "in"}, {"192.0.2.1", "in"}, {"192.0.2.4", "1 goes"}, {"192.0.2.5", "2 goes"},
		}},
		{"who is known stays", Limits{Most: 3, PerLine: 3}, []int{1, 2}, []visit{
			{"192.0.2.1", "in"}, {"192.0.2.1", "in"}, {"192.0.2.2", "in"}, {"192.0.2.3", "3 goes"},
		}},
		{"all are known", Limits{Most: 2, PerLine: 3}, []int{1, 2}, []visit{
			{"192.0.2.1", "in"}, {"192.0.2.1", "in"}, {"192.0.2.3", "refused"},
		}},
		{"a part is for who is known", Limits{Most: 4, PerLine: 4, Reserve: 1}, []int{3}, []visit{
			{"192.0.2.1", "in"}, {"192.0.2.1", "in"}, {"192.0.2.1", "in"}, {"192.0.2.2", "in"}, {"192.0.2.3", "1 goes"},
		}},
		{"nobody is known yet", Limits{Most: 4, PerLine: 4, Reserve: 1}, nil, []visit{
			{"192.0.2.1", "in"}, {"192.0.2.2", "in"}, {"192.0.2.1", "in"}, {"192.0.2.3", "1 goes"},
		}},
		{"no place at all", Limits{}, nil, []visit{{"192.0.2.1", "refused"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := New[int](tt.limits)
			in := 0
			for i, v := range tt.visits {
				p, out := c.Enter(i+1, at(v.from))
				got := "refused"
				switch {
				case out != nil:
					got = fmt.Sprint(out.Value, " goes")
				case p != nil:
					got = "in"
					in++
				}
				if got != v.want {
					t.Errorf("number %d from %s: %s, want %s", i+1, v.from, got, v.want)
				}
				if p != nil && slices.Contains(tt.kept, i+1) {
					c.Keep(p)
				}
			}
			if c.Len() != in {
				t.Errorf("%d are there, %d came in", c.Len(), in)
			}
		})
	}
}

// TestManyComeAndGo does all there is to do at random, and counts along.
func TestManyComeAndGo(t *testing.T) {
	limits := Limits{Most: 40, PerLine: 8, Reserve: 10}
	c := New[int](limits)
	random := rand.New(rand.NewPCG(1, 2))
	type one struct {
		p    *Place[int]
		from From
		kept bool
	}
	var there []*one
	drop := func(p *Place[int]) *one {
		i := slices.IndexFunc(there, func(o *one) bool { return o.p == p })
		if i < 0 {
			t.Fatal("somebody was sent away who is not there")
		}
		o := there[i]
		there = slices.Delete(there, i, i+1)
		return o
	}
	open := func(s netip.Prefix) (n int) {
		for _, o := range there {
			if !o.kept && o.from.Site == s {
				n++
			}
		}
		return n
	}
	for step := range 20_000 {
		switch n := random.IntN(10); {
		case n < 6:
			f := at(fmt.Sprintf("2001:db8:%x:%x00::1", random.IntN(9), random.IntN(3)))
			p, out := c.Enter(step, f)
			if p != nil {
				there = append(there, &one{p: p, from: f})
			}
			if out == nil {
				break
			}
			most := 0
			for _, o := range there {
				most = max(most, open(o.from.Site))
			}
			if o := drop(out); o.kept || open(o.from.Site)+1 != most {
				t.Fatalf("kept %v, the only one of %d more while somebody has %d", o.kept, open(o.from.Site), most)
			}
		case len(there) == 0:
		case n < 7:
			if o := there[random.IntN(len(there))]; random.IntN(3) == 0 {
				c.Keep(o.p)
				o.kept = true
			}
		default:
			o := there[random.IntN(len(there))]
			drop(o.p)
			c.Leave(o.p)
			c.Leave(o.p) // counts once
			c.Keep(o.p)
		}
		if c.Len() != len(there) || c.Len() > limits.Most {
			t.Fatalf("%d are there, %d are counted", len(there), c.Len())
		}
	}
	for _, o := range there {
		c.Leave(o.p)
	}
	if c.all != 0 || c.open != 0 || len(c.sites) != 0 || len(c.order) != 0 {
		t.Errorf("left: %d, %d open, %d sites, %d in order", c.all, c.open, len(c.sites), len(c.order))
	}
}

func TestTurnstile(t *testing.T) {
	const every, burst = time.Second, 4
	s, now := NewTurnstile(every, burst), time.Unix(1, 0)
	through := func(text string) (n int) {
		for s.Allow(at(text), now) {
			n++
		}
		return n
	}
	for _, tt := range []struct {
		from string
		want int
	}{
		{"192.0.2.1", burst}, {"192.0.2.2", burst}, // counted by address
		{"2001:db8:0:100::1", burst}, {"2001:db8:0:1ff::1", 0}, {"2001:db8:0:200::1", burst}, {"2001:db8:0:300::1", 0},
		{"2001:db8:1:300::1", burst},
	} {
		if n := through(tt.from); n != tt.want {
			t.Errorf("%d of %s came through, want %d", n, tt.from, tt.want)
		}
	}
	now = now.Add(every)
	if n, m := through("192.0.2.1"), through("2001:db8:0:300::1"); n != 1 || m != 2 {
		t.Errorf("later %d and %d, want 1 and what the site may", n, m)
	}
}

func TestMemoryIsBounded(t *testing.T) {
	var m Memory[int, int]
	*m.Get(-1) = 7
	for i := range 3 * MaxKeys {
		*m.Get(i) = i
		if i%100 == 0 && *m.Get(-1) != 7 {
			t.Fatal("one that is asked for all the time was forgotten")
		}
	}
	if n := len(m.entries); n != MaxKeys || m.order.Len() != MaxKeys || *m.Get(0) != 0 {
		t.Errorf("%d keys, %d in order", n, m.order.Len())
	}
}

// BenchmarkEnterFull is the cost of a newcomer when all places are taken, by one each from everywhere.
func BenchmarkEnterFull(b *testing.B) {
	c := New[int](Limits{Most: 8192, PerLine: 600, Reserve: 2048})
	i := 0
	for b.Loop() {
		i++
		c.Enter(i, Of(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})))
	}
}
