package rate

import (
	"container/heap"
	"math/rand/v2"
	"slices"
	"time"
)

// sim is a link played event by event: a sender with a Controller, a bottleneck that serves packets in order, and a
// receiver that answers whole frames. Nothing in it depends on real time.
type sim struct {
	line
	rng    *rand.Rand
	now    time.Duration
	events events
	order  int

	ctl    Controller
	number uint32
	idle   bool // the sender waits for the controller
	turn   int  // of the wakes, the one that counts

	flow  []*packet // the sender's, not in the network yet
	sent  int       // bytes in the network that no word has come about
	wnd   float64
	ssth  float64
	cross reno

	queue   []*packet
	queued  int
	serving bool

	frames   map[uint32]*simFrame
	missing  []*packet // that later ones wait for, in order
	received uint64
	decoded  time.Duration

	served   float64 // bytes of the picture's packets that went through the bottleneck
	carried  int     // bytes of frames that arrived
	crossed  float64
	arrived  int
	ages     []time.Duration // of frames when they arrived
	waits    []time.Duration // in the queue, sampled
	offered  bool            // there was something to send throughout
	measured time.Duration   // since when served and waits count
}

// line is what a link is like.
type line struct {
	rate   float64       // bytes a second
	trip   time.Duration // over the empty link
	room   time.Duration // of the bottleneck's queue, in its own time; 0 for two seconds
	loss   float64       // share of packets
	jitter time.Duration // of answers
	late   float64       // share of answers that are lost
	mute   bool          // answers carry neither bytes nor stamps
	drift  float64       // of the other end's clock
	sctp   bool          // a window that begins small lies between
	// others
	steady float64 // bytes a second
	greedy bool    // a TCP connection
}

type packet struct {
	frame   uint32
	bytes   int
	last    bool
	cross   bool
	steady  bool
	arrived bool
	at      time.Duration
}

type simFrame struct {
	bytes int
	begun time.Duration
}

const (
	packetSize = 1150
	header     = 90 // of IP, UDP, TURN, DTLS, SCTP and the seal
	encodeTime = 8 * time.Millisecond
)

func newSim(l line, seed uint64) *sim {
	if l.room == 0 {
		l.room = 2 * time.Second
	}
	return &sim{line: l, rng: rand.New(rand.NewPCG(seed, 1)), frames: map[uint32]*simFrame{}, wnd: 4380, ssth: 1 << 20, idle: true, offered: true}
}

// event is something that happens.
type event struct {
	at    time.Duration
	order int
	do    func()
}

type events []event

func (e events) Len() int { return len(e) }
func (e events) Less(i, j int) bool {
	return e[i].at < e[j].at || e[i].at == e[j].at && e[i].order < e[j].order
}
func (e events) Swap(i, j int) { e[i], e[j] = e[j], e[i] }
func (e *events) Push(x any)   { *e = append(*e, x.(event)) }
func (e *events) Pop() any {
	last := (*e)[len(*e)-1]
	*e = (*e)[:len(*e)-1]
	return last
}

func (s *sim) after(d time.Duration, do func()) {
	s.order++
	heap.Push(&s.events, event{s.now + max(d, 0), s.order, do})
}

// run plays until end.
func (s *sim) run(end time.Duration) {
	for len(s.events) > 0 && s.events[0].at <= end {
		e := heap.Pop(&s.events).(event)
		s.now = e.at
		e.do()
	}
	s.now = end
}

// clock is now as the controller sees it.
func (s *sim) clock() time.Time { return time.Unix(1_000_000, 0).Add(s.now) }

// greet sends a frame whenever the controller lets it, as large as it says, give or take.
func (s *sim) greet(size func() int) {
	s.turn++
	turn := s.turn
	if wait := s.ctl.Wait(s.clock()); wait > 0 {
		s.idle = true
		s.after(wait, func() {
			if turn == s.turn {
				s.greet(size)
			}
		})
		return
	}
	s.idle = false
	begun := s.now
	s.after(encodeTime, func() {
		if turn == s.turn {
			s.send(size(), begun)
			s.greet(size)
		}
	})
}

// pause stops a sender.
func (s *sim) pause() {
	s.offered, s.idle = false, false
	s.turn++
}

// nudge lets a waiting sender look again.
func (s *sim) nudge(size func() int) {
	if s.idle && size != nil {
		s.greet(size)
	}
}

// target is a frame near the controller's target.
func (s *sim) target() int {
	return int(float64(s.ctl.Target(s.clock())) * (0.7 + 0.5*s.rng.Float64()))
}

// send sends a frame.
func (s *sim) send(bytes int, begun time.Duration) {
	s.number++
	s.ctl.Sent(s.number, bytes, Exact, s.clock())
	s.frames[s.number] = &simFrame{bytes, begun}
	for left := max(bytes, 1); left > 0; left -= packetSize {
		n := min(left, packetSize)
		s.flow = append(s.flow, &packet{frame: s.number, bytes: n + header, last: left <= packetSize})
	}
	s.pump()
}

// pump gives packets to the network, as many as the window allows.
func (s *sim) pump() {
	for len(s.flow) > 0 && (!s.sctp || float64(s.sent) < s.wnd) {
		p := s.flow[0]
		s.flow = s.flow[1:]
		s.sent += p.bytes
		s.missing = append(s.missing, p)
		s.enqueue(p)
	}
}

// enqueue puts a packet before the bottleneck, or loses it.
func (s *sim) enqueue(p *packet) {
	if !p.cross && !p.steady && s.rng.Float64() < s.loss || float64(s.queued+p.bytes) > max(s.rate*s.room.Seconds(), 4*1300) {
		s.lose(p)
		return
	}
	p.at = s.now
	s.queue = append(s.queue, p)
	s.queued += p.bytes
	if !s.serving {
		s.serve()
	}
}

// lose has a packet sent again a round trip later, as the layers below do.
func (s *sim) lose(p *packet) {
	switch {
	case p.steady:
		return
	case p.cross:
		s.after(s.trip+s.wait(), s.cross.lost)
		return
	}
	s.after(s.trip+s.wait()+10*time.Millisecond, func() {
		s.ssth = max(s.wnd/2, 4380)
		s.wnd = s.ssth
		s.enqueue(p)
	})
}

// wait is how long a packet that comes now would wait.
func (s *sim) wait() time.Duration { return span(s.queued, s.rate) }

func (s *sim) serve() {
	if len(s.queue) == 0 {
		s.serving = false
		return
	}
	s.serving = true
	p := s.queue[0]
	s.after(span(p.bytes, s.rate), func() {
		s.queue = s.queue[1:]
		s.queued -= p.bytes
		s.after(s.trip/2, func() { s.arrive(p) })
		if s.now >= s.measured {
			if p.cross || p.steady {
				s.crossed += float64(p.bytes)
			} else {
				s.served += float64(p.bytes)
			}
		}
		s.serve()
	})
}

func (s *sim) arrive(p *packet) {
	switch {
	case p.steady:
		return
	case p.cross:
		s.after(s.trip/2, s.cross.acked)
		return
	}
	p.arrived = true
	s.received += uint64(max(p.bytes-header, 0))
	s.after(s.trip/2, func() { // the layer below hears of it
		s.sent -= p.bytes
		if s.wnd < s.ssth {
			s.wnd += float64(p.bytes)
		} else {
			s.wnd += float64(p.bytes) * float64(packetSize) / s.wnd
		}
		s.pump()
	})
	for len(s.missing) > 0 && s.missing[0].arrived {
		first := s.missing[0]
		s.missing = s.missing[1:]
		if first.last {
			s.whole(first.frame)
		}
	}
}

// whole decodes a frame, and answers it.
func (s *sim) whole(number uint32) {
	f := s.frames[number]
	delete(s.frames, number)
	s.decoded = max(s.decoded, s.now) + time.Millisecond + time.Duration(f.bytes)*2*time.Nanosecond
	done, received := s.decoded, s.received
	s.after(done-s.now, func() {
		s.ages = append(s.ages, s.now-f.begun)
		if s.now >= s.measured {
			s.carried += f.bytes
		}
		s.arrived++
		if s.rng.Float64() < s.late {
			return
		}
		ack := Ack{Number: number, Received: received, Stamp: uint32(float64(s.now.Milliseconds())*(1+s.drift)) + 0xfffff000}
		if s.mute {
			ack.Received = 0
		}
		s.after(s.trip/2+time.Duration(s.rng.Float64()*float64(s.jitter)), func() {
			s.ctl.Acked(ack, s.clock())
			s.nudge(s.size())
		})
	})
}

// size is what the sender sends next; nil while it does not send by itself.
func (s *sim) size() func() int {
	if !s.offered {
		return nil
	}
	return s.target
}

// watch samples the queue.
func (s *sim) watch() {
	if s.now >= s.measured {
		s.waits = append(s.waits, s.wait())
	}
	s.after(5*time.Millisecond, s.watch)
}

// others lets the other traffic run.
func (s *sim) others() {
	if s.steady > 0 {
		var next func()
		next = func() {
			s.enqueue(&packet{bytes: packetSize, steady: true})
			s.after(time.Duration((0.5+s.rng.Float64())*float64(span(packetSize, s.steady))), next)
		}
		next()
	}
	if s.greedy {
		s.cross = reno{s: s, wnd: 2, ssth: 1 << 20}
		s.cross.pump()
	}
}

// reno is a TCP connection that always has something to send.
type reno struct {
	s        *sim
	wnd      float64
	ssth     float64
	flight   int
	cutUntil time.Duration
}

func (r *reno) pump() {
	for float64(r.flight) < r.wnd {
		r.flight++
		r.s.enqueue(&packet{bytes: packetSize, cross: true})
	}
}

func (r *reno) acked() {
	r.flight--
	if r.wnd < r.ssth {
		r.wnd++
	} else {
		r.wnd += 1 / r.wnd
	}
	r.pump()
}

func (r *reno) lost() {
	r.flight--
	if r.s.now >= r.cutUntil {
		r.wnd = max(r.wnd/2, 2)
		r.ssth = r.wnd
		r.cutUntil = r.s.now + r.s.trip + r.s.wait()
	}
	r.pump()
}

// quantile returns the q-th part of all.
func quantile(all []time.Duration, q float64) time.Duration {
	if len(all) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(all))
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}
