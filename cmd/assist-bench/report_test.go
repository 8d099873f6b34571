package main

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"assist/cmd/internal/scene"
)

func TestChoose(t *testing.T) {
	all := []string{"lan", "2m", "256k", "28k", "step"}
	for _, tt := range []struct {
		name string
		cmd  runCmd
		want string // line: acts
		ok   bool
	}{
		{"quick", runCmd{Links: all, Quick: true}, "lan", true},
		{"quick with a line", runCmd{Links: []string{"2m"}, Quick: true}, "2m", true},
		{"all", runCmd{Links: all}, "lan 2m 256k 28k step", true},
		{"unknown line", runCmd{Links: []string{"moon"}}, "", false},
		{"unknown scene", runCmd{Links: all, Scenes: []string{"ballet"}}, "", false},
	} {
		list, err := tt.cmd.choose()
		var names []string
		for _, l := range list {
			names = append(names, l.Name)
		}
		if got := strings.Join(names, " "); (err == nil) != tt.ok || tt.ok && got != tt.want {
			t.Errorf("%s: %s, %v", tt.name, got, err)
		}
	}
	c := runCmd{Links: all, Scenes: []string{first, step}}
	list, err := c.choose()
	if err != nil || !slices.Equal(list[0].Acts, []string{first}) || !slices.Equal(list[4].Acts, []string{step}) {
		t.Errorf("chosen scenes: %v, %v", list, err)
	}
}

// Every act of a line has a length, every goal belongs to an act that is played, and every kind has its place.
func TestTables(t *testing.T) {
	for _, l := range lines {
		for _, act := range l.Acts {
			if _, ok := lengths[act]; !ok && act != first {
				t.Errorf("%s has no length", act)
			}
		}
	}
	for f := range goals {
		i := slices.IndexFunc(lines, func(l line) bool { return l.Name == f.Line })
		if i < 0 || !slices.Contains(lines[i].Acts, f.Act) || !slices.Contains(kinds, f.Kind) {
			t.Errorf("the goal for %v is for nothing", f)
		}
	}
}

func TestTheirs(t *testing.T) {
	for _, l := range lines {
		got := l.theirs()
		if slow := l.Name == "28k"; slow == slices.Equal(got.Acts, l.Acts) {
			t.Errorf("%s: %v", l.Name, got.Acts)
		}
	}
	if slices.Equal(lines[3].Acts, lines[3].theirs().Acts) {
		t.Error("the table of lines was changed")
	}
}

func TestReport(t *testing.T) {
	list := []line{
		{Name: "lan", Title: "LAN", Acts: []string{first, idle, scene.Rest, scene.Log, scene.Page}},
		{Name: "28k", Title: "Slow", Acts: []string{first}},
	}
	ours := results{
		{"lan", first, readable}: 0.25, {"lan", scene.Rest, seen}: 14, {"lan", scene.Log, frames}: 29.6, {"lan", scene.Log, psnr}: math.Inf(1),
		{"lan", scene.Log, painted}: 30, {"lan", scene.Page, painted}: 11, {"lan", idle, observer}: 0.5, {"2m", first, readable}: 9,
	}
	vnc := results{{"lan", scene.Rest, seen}: 10, {"lan", scene.Log, psnr}: 41.25, {"lan", scene.Page, psnr}: math.Inf(1)}
	r := &report{Rows: rows(list, ours, vnc), Took: 12, Notes: []string{"a note"}, NotRun: map[string]string{"28k": "no tunnel"}}
	if met, missed, open := r.count(); met != 2 || missed != 1 || open == 0 {
		t.Errorf("%d met, %d missed, %d open", met, missed, open)
	}
	var b strings.Builder
	if err := r.print(&b, list); err != nil {
		t.Fatal(err)
	}
	got := strings.Join(strings.Fields(b.String()), " ")
	for _, want := range []string{
		"LAN", "allow to readable (s) 0.250 <= 0.300 - - yes", "change to seen (ms) 14.0 <= 10.0 10.0 1.40 NO",
		"frames seen a second 29.6 >= 30.0 - - yes", "PSNR in motion (dB) exact 41.2 -", "PSNR in motion (dB) - exact -",
		"kB/s both ways - <= 0.250 - - not measured", "frames painted a second 11.0", "2 goals met, 1 missed", "a note",
		"Slow not run: no tunnel",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
	for _, not := range []string{"frames painted a second 30", "observer", "9.00"} {
		if strings.Contains(got, not) {
			t.Errorf("%q in\n%s", not, b.String())
		}
	}
}

func TestJSON(t *testing.T) {
	list := []line{{Name: "lan", Acts: []string{scene.Log}}}
	r := &report{Rows: rows(list, results{{"lan", scene.Log, psnr}: math.Inf(1), {"lan", scene.Log, upload}: 200}, nil)}
	file := filepath.Join(t.TempDir(), "out.json")
	if err := r.write(file); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var back report
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	exactly, met := false, false
	for _, row := range back.Rows {
		exactly = exactly || row.Kind == psnr && row.Exact
		met = met || row.Kind == upload && row.Ours != nil && *row.Ours == 200 && row.Met != nil && *row.Met
	}
	if !exactly || !met {
		t.Errorf("%s", text)
	}
}
