package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"assist/cmd/internal/scene"
)

// results are the figures of one program.
type results map[figure]float64

// row is a figure of ours beside its goal and the rival's.
type row struct {
	Line  string   `json:"line"`
	Act   string   `json:"scene"`
	Kind  kind     `json:"what"`
	Ours  *float64 `json:"ours,omitempty"`
	Goal  *float64 `json:"goal,omitempty"`
	VNC   *float64 `json:"vnc,omitempty"`
	Ratio *float64 `json:"ratio,omitempty"` // ours / VNC
	Met   *bool    `json:"met,omitempty"`
	// Exact and VNCExact say that a picture has no error at all, and so no PSNR.
	Exact    bool `json:"exact,omitempty"`
	VNCExact bool `json:"vnc_exact,omitempty"`
}

// report is all that was measured.
type report struct {
	Began time.Time `json:"began"`
	Took  float64   `json:"seconds"`
	Rows  []row     `json:"rows"`
	Notes []string  `json:"notes"`
	// NotRun says why a line was not measured.
	NotRun map[string]string `json:"not_run,omitempty"`
}

// kinds in the order in which they are printed.
var kinds = []kind{
	sight, readable, exact, message, age, seen, seenLate, keySeen, keyLate, overtaken, frames, painted, upload, download, total, psnr, equal,
	customer, engineer, displays, observer, callMiddle, callLate, connectLate, memory, serviceCores, size, sizePacked, window,
}

// rows puts all figures in order. What has a goal is listed even when it was not measured in a chosen line.
func rows(list []line, ours, vnc results) (all []row) {
	for _, l := range list {
		for _, act := range l.Acts {
			for _, k := range kinds {
				if r, ok := newRow(figure{l.Name, act, k}, ours, vnc); ok {
					all = append(all, r)
				}
			}
		}
	}
	return all
}

func newRow(f figure, ours, vnc results) (r row, ok bool) {
	r = row{Line: f.Line, Act: f.Act, Kind: f.Kind}
	own, haveOwn := ours[f]
	other, haveOther := vnc[f]
	g, haveGoal := goals[f]
	if haveOwn && math.IsInf(own, 1) {
		r.Exact = true
	} else if haveOwn {
		r.Ours = &own
	}
	if haveOther && math.IsInf(other, 1) {
		r.VNCExact = true
	} else if haveOther {
		r.VNC = &other
	}
	if haveGoal {
		r.Goal = &g.Value
	}
	if r.Ours != nil && haveGoal {
		met := g.met(own)
		r.Met = &met
	}
	if r.Ours != nil && r.VNC != nil && other > 0 {
		ratio := own / other
		r.Ratio = &ratio
	}
	return r, haveOwn || haveOther || haveGoal
}

// print writes the report as text.
func (r *report) print(w io.Writer, list []line) error {
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	for _, l := range list {
		fmt.Fprintf(t, "\n%s\n", l.Title)
		if why := r.NotRun[l.Name]; why != "" {
			fmt.Fprintf(t, "not run: %s\n", why)
			continue
		}
		fmt.Fprintln(t, "scene\twhat\tours\tgoal\tVNC\tours/VNC\tgoal met\t")
		act := ""
		for _, row := range r.Rows {
			if row.Line != l.Name || row.dull() {
				continue
			}
			name := row.Act
			if name == act {
				name = ""
			}
			act = row.Act
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", name, row.Kind, value(row.Ours, row.Exact), row.bound(), value(row.VNC, row.VNCExact), number(row.Ratio), row.verdict())
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	met, missed, open := r.count()
	_, err := fmt.Fprintf(w, "\n%d goals met, %d missed, %d not measured, in %.0f s.\n%s\n", met, missed, open, r.Took, strings.Join(r.Notes, "\n"))
	return err
}

// count counts the goals.
func (r *report) count() (met, missed, open int) {
	for _, row := range r.Rows {
		switch {
		case row.Goal == nil:
		case row.Met == nil:
			open++
		case *row.Met:
			met++
		default:
			missed++
		}
	}
	return met, missed, open
}

// dull reports whether a row is for the file only: nobody reads it who does not search for something.
func (r row) dull() bool {
	switch r.Kind {
	case observer:
		return true
	case total:
		return r.Act != idle
	case overtaken:
		return (r.Ours == nil || *r.Ours == 0) && (r.VNC == nil || *r.VNC == 0)
	case painted:
		return r.fits(r.Ours) && r.fits(r.VNC)
	}
	return false
}

// fits reports whether as many frames were painted as the scene has.
func (r row) fits(v *float64) bool {
	s, err := scene.New(r.Act)
	return v == nil || err == nil && *v > 0.95*s.Rate
}

func value(v *float64, exact bool) string {
	if exact {
		return "exact"
	}
	return number(v)
}

func (r row) bound() string {
	if r.Goal == nil {
		return ""
	}
	sign := "<= "
	if goals[figure{r.Line, r.Act, r.Kind}].AtLeast {
		sign = ">= "
	}
	return sign + number(r.Goal)
}

func (r row) verdict() string {
	switch {
	case r.Goal == nil:
		return ""
	case r.Met == nil:
		return "not measured"
	case *r.Met:
		return "yes"
	}
	return "NO"
}

// number writes a figure with three digits that mean something.
func number(v *float64) string {
	switch {
	case v == nil:
		return "-"
	case math.Abs(*v) >= 100:
		return fmt.Sprintf("%.0f", *v)
	case math.Abs(*v) >= 10:
		return fmt.Sprintf("%.1f", *v)
	case math.Abs(*v) >= 1:
		return fmt.Sprintf("%.2f", *v)
	}
	return fmt.Sprintf("%.3f", *v)
}

// write writes the report as JSON.
func (r *report) write(file string) error {
	b, err := json.MarshalIndent(r, "", "\t")
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return os.WriteFile(file, append(b, '\n'), 0o644)
}
