package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// measureHere measures what no line is part of. What goes wrong costs only its act.
func (c *runCmd) measureHere(ctx context.Context, l line, out results, log func(string, ...any)) (notes []string, err error) {
	assist, err := program(c.Assist)
	if err != nil {
		return nil, err
	}
	server, err := program(c.Server)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "assist-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	log("%s", l.Title)
	for i, act := range l.Acts {
		place := filepath.Join(dir, fmt.Sprint(i))
		if err := os.Mkdir(place, 0o700); err != nil {
			return notes, err
		}
		put := func(k kind, v float64) { out[figure{l.Name, act, k}] = v }
		log("  %s", act)
		err := within(ctx, hereTime, func(ctx context.Context) error {
			said, err := playHere(ctx, place, assist, server, act, put, log)
			notes = append(notes, said...)
			return err
		})
		if err != nil && ctx.Err() == nil {
			log("  %s: %v", act, err)
			notes = append(notes, fmt.Sprintf("%s: %v", act, err))
		}
	}
	return notes, nil
}

func playHere(ctx context.Context, dir, assist, server, act string, put func(kind, float64), log func(string, ...any)) ([]string, error) {
	if act == customerProgram {
		return measureProgram(ctx, dir, assist, server, put, log)
	}
	return measureService(ctx, dir, server, act, put, log)
}
