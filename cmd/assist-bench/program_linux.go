package main

import (
	"context"
	"debug/buildinfo"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"assist/cmd/internal/measure"
	"assist/cmd/internal/play"
)

// starts is how often the program is started for one figure.
const starts = 5

// measureProgram measures how large the customer's program is without symbols, and how soon its form is there.
func measureProgram(ctx context.Context, dir, assist, server string, put func(kind, float64), log func(string, ...any)) (notes []string, err error) {
	log("  build without symbols")
	stripped, err := strip(ctx, assist, dir)
	if err != nil {
		notes = append(notes, fmt.Sprintf("Program: not built without symbols, so its size was not measured: %v", err))
		stripped = assist
	} else if err := weigh(ctx, stripped, put, log, &notes); err != nil {
		return notes, err
	}
	cast := play.New(play.Config{Assist: stripped, Server: server, Dir: dir})
	defer cast.Close()
	took, err := windowTimes(ctx, cast, log)
	if err != nil {
		return notes, err
	}
	put(window, took.Median().Seconds())
	return append(notes, fmt.Sprintf("Program: the form is there when the window's trace says so, which is written ten times a second; %d starts took up to %.2f s.",
		starts, took.Quantile(1).Seconds())), nil
}

// strip builds the program again without symbols, with the flags that file was built with: others would compile everything anew.
func strip(ctx context.Context, file, dir string) (string, error) {
	info, err := buildinfo.ReadFile(file)
	if err != nil {
		return "", err
	}
	out := filepath.Join(dir, "assist-stripped")
	args := []string{"build", "-buildvcs=false", "-ldflags", "-s -w", "-o", out}
	for _, s := range info.Settings {
		if s.Key == "-tags" {
			args = append(args, "-tags", s.Value)
		}
	}
	said, err := exec.CommandContext(ctx, "go", append(args, info.Path)...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build: %w: %s", err, strings.TrimSpace(string(said)))
	}
	return out, nil
}

// weigh measures the size of a file, and under xz.
func weigh(ctx context.Context, file string, put func(kind, float64), log func(string, ...any), notes *[]string) error {
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	put(size, megabytes(uint64(info.Size())))
	log("  xz")
	packed, err := xz(ctx, file)
	if errors.Is(err, exec.ErrNotFound) {
		*notes = append(*notes, "Program: xz is not installed")
		return nil
	}
	if err == nil {
		put(sizePacked, megabytes(packed))
	}
	return err
}

// xz returns how large a file is under xz -9.
func xz(ctx context.Context, file string) (uint64, error) {
	cmd := exec.CommandContext(ctx, "xz", "-9", "--keep", "--stdout", file)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return 0, err
	}
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	n, err := io.Copy(io.Discard, out)
	if err := errors.Join(err, cmd.Wait()); err != nil {
		return 0, fmt.Errorf("xz: %w", err)
	}
	return uint64(n), nil
}

// windowTimes starts the program again and again on a display of its own.
func windowTimes(ctx context.Context, cast *play.Cast, log func(string, ...any)) (took measure.Times, err error) {
	if err := cast.StartService(ctx); err != nil {
		return nil, err
	}
	desk, err := cast.NewCustomerDesk(ctx)
	if err != nil {
		return nil, err
	}
	log("  start the program %d times", starts)
	for range starts {
		began := time.Now()
		if err := cast.StartCustomer(ctx, desk); err != nil {
			return nil, err
		}
		err := within(ctx, startTime, func(ctx context.Context) error {
			_, _, err := cast.Customer.Windows.Element(ctx, "form", "code")
			return err
		})
		if err != nil {
			return nil, err
		}
		took = append(took, time.Since(began))
		cast.Leave()
	}
	return took, nil
}
