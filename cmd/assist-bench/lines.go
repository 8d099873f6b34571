package main

import (
	"fmt"
	"slices"
	"time"

	"assist/cmd/internal/scene"
)

// line is the one between the customer and all others; the engineer's is always perfect.
type line struct {
	Name  string
	Title string
	Rate  int           // bits a second; 0: no bound
	Delay time.Duration // one way
	Queue time.Duration // that the line holds before it drops
	// Acts are what can be measured over it in reasonable time.
	Acts []string
	// Patience is how long something may take to come through.
	Patience time.Duration
}

// Acts that are not scenes.
const (
	first = "first" // the first picture
	idle  = "idle"  // nothing happens
	key   = "key"   // the engineer presses keys, one after the other is seen
	chat  = "chat"  // a message while a page scrolls
	step  = "step"  // the line becomes slow while a page scrolls

	service         = "service"        // a service full of people
	serviceTenth    = "service, tenth" // with a tenth of them
	customerProgram = "program"        // the customer's program as a file, and its start
)

// here is the name of the line that is none: what is measured there has nothing to do with lines.
const here = "here"

var hereActs = []string{service, customerProgram}

var allActs = []string{first, idle, scene.Rest, key, scene.Typing, scene.Log, scene.Page, scene.Drag, scene.Video, scene.Slides}

var lines = []line{
	{Name: "lan", Title: "LAN", Acts: allActs, Patience: 8 * time.Second},
	{
		Name: "2m", Title: "2 Mbit/s, 50 ms", Rate: 2_000_000, Delay: 25 * time.Millisecond, Queue: 300 * time.Millisecond,
		Acts: allActs, Patience: 12 * time.Second,
	},
	{
		Name: "256k", Title: "256 kbit/s, 150 ms", Rate: 256_000, Delay: 75 * time.Millisecond, Queue: 500 * time.Millisecond,
		Acts: []string{first, idle, scene.Rest, key, scene.Typing, scene.Log, scene.Page, scene.Video}, Patience: 20 * time.Second,
	},
	{
		Name: "28k", Title: "28.8 kbit/s, 150 ms", Rate: 28_800, Delay: 75 * time.Millisecond, Queue: 2 * time.Second,
		Acts: []string{first, idle, scene.Rest, key, scene.Typing, chat}, Patience: 45 * time.Second,
	},
	{
		Name: "step", Title: "10 Mbit/s, then 100 kbit/s", Rate: 10_000_000, Delay: 25 * time.Millisecond, Queue: 300 * time.Millisecond,
		Acts: []string{step}, Patience: 20 * time.Second,
	},
	{Name: here, Title: "Without a line", Acts: hereActs},
}

// theirs is the line as a program is taken over it that cannot do with so slow a one: the first picture and typing say that.
func (l line) theirs() line {
	if l.Rate > 0 && l.Rate < 56_000 {
		l.Acts = slices.DeleteFunc(slices.Clone(l.Acts), func(a string) bool {
			return a != first && a != scene.Typing && a != scene.Rest
		})
	}
	return l
}

// slowed is the rate of the line that becomes slow, in bits a second.
const slowed = 100_000

// everywhere is all lines.
var everywhere = []string{"lan", "2m", "256k", "28k", "step", here}

// choose returns the lines and acts that the command line asks for. A line without any act is left out.
func (c *runCmd) choose() ([]line, error) {
	for _, s := range c.Scenes {
		if !slices.Contains(slices.Concat(allActs, []string{chat, step}, hereActs), s) {
			return nil, fmt.Errorf("there is no scene %q", s)
		}
	}
	names := c.Links
	if c.Quick && slices.Equal(names, everywhere) {
		names = []string{"lan", here}
	}
	var list []line
	for _, n := range names {
		i := slices.IndexFunc(lines, func(l line) bool { return l.Name == n })
		if i < 0 {
			return nil, fmt.Errorf("there is no line %q", n)
		}
		l := lines[i]
		l.Acts = c.chosen(l)
		if len(l.Acts) > 0 {
			list = append(list, l)
		}
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("no line of %v has a scene of %v", names, c.Scenes)
	}
	return list, nil
}

// chosen returns the acts of a line.
func (c *runCmd) chosen(l line) []string {
	acts := slices.Clone(l.Acts)
	if len(c.Scenes) > 0 {
		acts = slices.DeleteFunc(slices.Clone(c.Scenes), func(a string) bool {
			return (a == step) != (l.Name == "step") || slices.Contains(hereActs, a) != (l.Name == here)
		})
	}
	if i := slices.Index(acts, service); i >= 0 && c.Quick {
		acts[i] = serviceTenth
	}
	return acts
}

// length is how long an act lasts.
type length struct {
	steps int // of a scene, or keys
	idle  time.Duration
}

// lengths of the acts; the second one is the quick one.
var lengths = map[string][2]length{
	idle:         {{idle: 10 * time.Second}, {idle: 4 * time.Second}},
	scene.Rest:   {{steps: 24}, {steps: 10}},
	key:          {{steps: 24}, {steps: 10}},
	scene.Typing: {{steps: 40}, {steps: 20}},
	scene.Log:    {{steps: 120}, {steps: 75}},
	scene.Page:   {{steps: 180}, {steps: 105}},
	scene.Drag:   {{steps: 120}, {steps: 75}},
	scene.Video:  {{steps: 120}, {steps: 72}},
	scene.Slides: {{steps: 4}, {steps: 2}},
	chat:         {{steps: 300}, {steps: 300}},
	step:         {{steps: 360}, {steps: 360}},
}

func (c *runCmd) length(act string) length {
	if c.Quick {
		return lengths[act][1]
	}
	return lengths[act][0]
}
