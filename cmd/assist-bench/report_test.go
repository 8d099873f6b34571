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
	all := everywhere
	for _, tt := range []struct {
		name string
		cmd  runCmd
		want string // line: acts
		ok   bool
	}{
		{"quick", runCmd{Links: all, Quick: true}, "lan here", true},
		{"quick with a line", runCmd{Links: []string{"2m"}, Quick: true}, "2m", true},
		{"all", runCmd{Links: all}, "lan 2m 256k 28k step here", true},
		{"only the service", runCmd{Links: all, Scenes: []string{service}}, "here", true},
		{"only a scene", runCmd{Links: all, Scenes: []string{scene.Page}}, "lan 2m 256k 28k", true},
		{"both", runCmd{Links: all, Scenes: []string{customerProgram, scene.Page}, Quick: true}, "lan here", true},
		{"a scene of no chosen line", runCmd{Links: []string{"2m"}, Scenes: []string{service}}, "", false},
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

// What is quick has a tenth of the people at the service, and no goal that is for all of them.
func TestChooseTenth(t *testing.T) {
	for quick, want := range map[bool][]string{false: {service, customerProgram}, true: {serviceTenth, customerProgram}} {
		c := runCmd{Links: []string{here}, Quick: quick}
		list, err := c.choose()
		if err != nil || !slices.Equal(list[0].Acts, want) {
			t.Errorf("quick %v: %v, %v", quick, list, err)
		}
		goals := 0
		for _, r := range rows(list, results{{here, serviceTenth, memory}: 40, {here, service, memory}: 190}, nil) {
			if r.Goal != nil && r.Act != customerProgram {
				goals++
			}
		}
		if quick != (goals == 0) {
			t.Errorf("quick %v: %d goals of the service", quick, goals)
		}
	}
	if !slices.Equal(hereActs, []string{service, customerProgram}) {
		t.Error("the table of acts was changed")
	}
}

// Every act of a line has a length, every goal belongs to an act that is played, and every kind has its place.
func TestTables(t *testing.T) {
	for _, l := range lines {
		for _, act := range l.Acts {
			if _, ok := lengths[act]; !ok && act != first && l.Name != here {
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
		{Name: here, Title: "Nowhere", Acts: hereActs},
	}
	ours := results{
		{"lan", first, readable}: 0.25, {"lan", scene.Rest, seen}: 14, {"lan", scene.Log, frames}: 29.6, {"lan", scene.Log, psnr}: math.Inf(1),
		{"lan", scene.Log, painted}: 30, {"lan", scene.Page, painted}: 11, {"lan", idle, observer}: 0.5, {"2m", first, readable}: 9,
		{here, service, memory}: 240, {here, service, callLate}: 7.5, {here, customerProgram, size}: 34,
	}
	vnc := results{{"lan", scene.Rest, seen}: 10, {"lan", scene.Log, psnr}: 41.25, {"lan", scene.Page, psnr}: math.Inf(1)}
	r := &report{Rows: rows(list, ours, vnc), Took: 12, Notes: []string{"a note"}, NotRun: map[string]string{"28k": "no tunnel"}}
	if met, missed, open := r.count(); met != 4 || missed != 2 || open == 0 {
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
		"kB/s both ways - <= 0.250 - - not measured", "frames painted a second 11.0", "4 goals met, 2 missed", "a note",
		"Nowhere", "service call to answer, p99 (ms) 7.50 <= 20.0 - - yes", "memory (MB) 240 <= 200 - - NO", "program stripped (MB) 34.0 <= 35.0 - - yes",
		"stripped, xz -9 (MB) - <= 12.0 - - not measured",
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
