package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"assist/cmd/internal/scene"
)

// TestMain is the painter when the benchmark starts this program as one.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "paint" {
		if err := (&paintCmd{}).Run(context.Background()); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// TestMeasure measures a few things of a session, and holds the figures against what cannot be.
func TestMeasure(t *testing.T) {
	dir := t.TempDir()
	out, err := exec.Command("go", "build", "-tags", "x11", "-o", dir+"/", "assist/cmd/assist", "assist/cmd/assist-server").CombinedOutput()
	if err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	c := &runCmd{
		Links: []string{"lan"}, Scenes: []string{first, key, scene.Drag}, Quick: true,
		Assist: filepath.Join(dir, "assist"), Server: filepath.Join(dir, "assist-server"),
	}
	list, err := c.choose()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	r, err := c.report(ctx, list, t.Logf)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(r.Notes)
	within := map[figure][2]float64{ // wide: other programs run here too
		{"lan", first, readable}:      {0.01, 30},
		{"lan", first, exact}:         {0.01, 30},
		{"lan", key, keySeen}:         {0.1, 2000},
		{"lan", key, overtaken}:       {0, 0},
		{"lan", scene.Drag, frames}:   {0.5, 31},
		{"lan", scene.Drag, painted}:  {5, 31},
		{"lan", scene.Drag, equal}:    {0, 10},
		{"lan", scene.Drag, customer}: {0.0001, 8},
	}
	for _, row := range r.Rows {
		f := figure{row.Line, row.Act, row.Kind}
		bounds, ok := within[f]
		if !ok {
			continue
		}
		delete(within, f)
		if row.Ours == nil || *row.Ours < bounds[0] || *row.Ours > bounds[1] {
			t.Errorf("%v: %s, not within %v", f, number(row.Ours), bounds)
		}
	}
	for f := range within {
		t.Errorf("%v was not measured", f)
	}
}
