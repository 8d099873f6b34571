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
	go guard(ctx)
	a := answer{}
	a.Result, err = eval(ctx, j, newSystem())
	if err != nil {
		a = answer{Error: err.Error(), Limit: errors.Is(err, ErrLimit)}
		a.Error = plain(a.Error)
	}
	if len(a.Result) > maxResult {
		a = answer{Error: "result too long"}
	}
	return json.NewEncoder(out).Encode(a)
}

// grace is how long a script that was told to end has for it. Within one step, of a regular expression for instance,
// it does not listen.
const grace = 200 * time.Millisecond

// guard ends the process when the script has not ended by itself.
func guard(ctx context.Context) {
	const exit = 3
	began := time.Now()
	tick := time.NewTicker(memoryTick)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if time.Since(began) > Time+grace || heap() > 2*Memory {
				os.Exit(exit)
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
