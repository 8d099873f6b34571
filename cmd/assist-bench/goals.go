package main

import "assist/cmd/internal/scene"

// kind is a kind of figure.
type kind string

// The kinds, with their units.
const (
	sight     kind = "allow to first sight (s)"
	readable  kind = "allow to readable (s)"
	exact     kind = "allow to equal (s)"
	seen      kind = "change to seen (ms)"
	seenLate  kind = "change to seen, p95 (ms)"
	keySeen   kind = "key to seen (ms)"
	keyLate   kind = "key to seen, p95 (ms)"
	frames    kind = "frames seen a second"
	painted   kind = "frames painted a second"
	upload    kind = "kB/s to the engineer"
	download  kind = "kB/s to the customer"
	total     kind = "kB/s both ways"
	psnr      kind = "PSNR in motion (dB)"
	equal     kind = "equal after the end (s)"
	customer  kind = "customer's cores"
	engineer  kind = "engineer's cores"
	displays  kind = "displays' cores"
	observer  kind = "observer's cores"
	message   kind = "message to seen (s)"
	age       kind = "age of the picture, 5-8 s after (s)"
	overtaken kind = "keys lost"

	callMiddle   kind = "call to answer (ms)"
	callLate     kind = "call to answer, p99 (ms)"
	connectLate  kind = "connecting, p99 (ms)"
	memory       kind = "memory (MB)"
	serviceCores kind = "service's cores"
	size         kind = "stripped (MB)"
	sizePacked   kind = "stripped, xz -9 (MB)"
	window       kind = "start to the form (s)"
)

// figure names one figure of a measurement.
type figure struct {
	Line string
	Act  string
	Kind kind
}

// goal is what a figure is held against.
type goal struct {
	Value   float64
	AtLeast bool // else at most
}

func (g goal) met(v float64) bool {
	if g.AtLeast {
		return v >= g.Value*0.98 // a frame that comes just after the end is not missing
	}
	return v <= g.Value
}

// goals are those of the design. The service's are for the whole crowd: a tenth of it has none.
var goals = map[figure]goal{
	{"lan", first, readable}: {Value: 0.3}, {"2m", first, readable}: {Value: 1},
	{"256k", first, readable}: {Value: 2}, {"28k", first, readable}: {Value: 8},

	{"lan", scene.Rest, seen}: {Value: 10}, {"2m", scene.Rest, seen}: {Value: 38},
	{"lan", key, keySeen}: {Value: 12}, {"2m", key, keySeen}: {Value: 65},
	{"28k", scene.Typing, keyLate}: {Value: 600},
	{"lan", scene.Page, seen}:      {Value: 60}, {"2m", scene.Page, seen}: {Value: 150},

	{"lan", scene.Log, frames}: {30, true}, {"lan", scene.Page, frames}: {30, true},
	{"lan", scene.Drag, frames}: {30, true}, {"lan", scene.Video, frames}: {24, true},

	{"lan", idle, total}: {Value: 0.25}, {"lan", scene.Typing, upload}: {Value: 1.5},
	{"lan", scene.Log, upload}: {Value: 300}, {"lan", scene.Page, upload}: {Value: 150}, {"lan", scene.Drag, upload}: {Value: 75},
	{"lan", scene.Video, upload}: {Value: 425}, {"lan", scene.Slides, upload}: {Value: 50},

	{"lan", scene.Rest, equal}: {Value: 0.3}, {"lan", scene.Typing, equal}: {Value: 0.3}, {"lan", scene.Log, equal}: {Value: 0.3},
	{"lan", scene.Page, equal}: {Value: 0.3}, {"lan", scene.Drag, equal}: {Value: 0.3}, {"lan", scene.Video, equal}: {Value: 0.3},
	{"lan", scene.Slides, equal}: {Value: 0.3},
	{"2m", scene.Rest, equal}:    {Value: 1}, {"2m", scene.Typing, equal}: {Value: 1}, {"2m", scene.Log, equal}: {Value: 1},
	{"2m", scene.Page, equal}: {Value: 1}, {"2m", scene.Drag, equal}: {Value: 1}, {"2m", scene.Slides, equal}: {Value: 1},

	{"lan", idle, customer}: {Value: 0.01}, {"lan", scene.Typing, customer}: {Value: 0.01},
	{"lan", scene.Log, customer}: {Value: 0.25}, {"lan", scene.Page, customer}: {Value: 0.25}, {"lan", scene.Drag, customer}: {Value: 0.25},
	{"lan", scene.Video, customer}: {Value: 0.25}, {"lan", scene.Slides, customer}: {Value: 0.25},

	{"28k", chat, message}: {Value: 1},
	{"step", step, age}:    {Value: 1},

	{here, service, memory}: {Value: 200}, {here, service, callLate}: {Value: 20},
	{here, customerProgram, size}: {Value: 35}, {here, customerProgram, sizePacked}: {Value: 12}, {here, customerProgram, window}: {Value: 2},
}
