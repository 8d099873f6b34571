package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// memoryOf returns how much memory a process has, in bytes: its own, and its share of what it has with others.
func memoryOf(pid int) (uint64, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return 0, fmt.Errorf("memory: %w", err)
	}
	return parseRollup(string(b))
}

// parseRollup reads Pss from /proc/PID/smaps_rollup.
func parseRollup(text string) (uint64, error) {
	for line := range strings.Lines(text) {
		rest, ok := strings.CutPrefix(line, "Pss:")
		if !ok {
			continue
		}
		number, ok := strings.CutSuffix(strings.TrimSpace(rest), " kB")
		n, err := strconv.ParseUint(strings.TrimSpace(number), 10, 40)
		if !ok || err != nil {
			break
		}
		return n << 10, nil
	}
	return 0, errors.New("memory: smaps_rollup looks different")
}
