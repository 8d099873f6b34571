package pac

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"sync"
	"time"
)

// Main reads a job from in, runs its script and writes the answer to out. It is all that its process does: where a
// script does not end in time, or within its memory, the process does.
func Main(in io.Reader, out io.Writer) error {
	const maxJob = 2*MaxScript + 64<<10 // JSON has longer ways to write some bytes
	text, err := io.ReadAll(io.LimitReader(in, maxJob))
	if err != nil {
		return fmt.Errorf("pac: job: %w", err)
	}
	var j job
	if err := json.Unmarshal(text, &j); err != nil {
		return fmt.Errorf("pac: job: %w", err)
	}
	debug.SetGCPercent(50)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var once sync.Once // one answer
	go guard(ctx, func() { once.Do(func() { _ = json.NewEncoder(out).Encode(answer{Error: "one step", Limit: true}) }) })
	var a answer
	if a.Result, err = eval(ctx, j, newSystem()); err != nil {
		a = answer{Error: plain(reason(err)), Limit: errors.Is(err, ErrLimit)}
	}
	if len(a.Result) > maxResult {
		a = answer{Error: "result too long"}
	}
	once.Do(func() { err = json.NewEncoder(out).Encode(a) })
	return err
}

// reason is an error without the part that Find will put in front.
func reason(err error) string {
	s := strings.TrimPrefix(err.Error(), ErrLimit.Error()+": ")
	return strings.TrimPrefix(s, ErrScript.Error()+": ")
}

// grace is how long a script that was told to end has for it. Within one step, of a regular expression for instance,
// it does not listen.
const grace = 150 * time.Millisecond

// guard ends the process when the script has not ended by itself.
func guard(ctx context.Context, tell func()) {
	began := time.Now()
	tick := time.NewTicker(memoryTick)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if time.Since(began) > Time+grace || heap() > 2*Memory {
				tell()
				os.Exit(0)
			}
		}
	}
}

const memoryTick = 2 * time.Millisecond

// heap returns the bytes of all objects in memory.
func heap() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
