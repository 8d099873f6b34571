package measure

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of proc(5): all Linux systems say a hundredth of a second.
const tick = 10 * time.Millisecond

// CPU returns the processor time that a process has used, with the processes that it started and those that they started.
// What has ended counts if it was waited for.
func CPU(pid int) (time.Duration, error) {
	stats, err := readStats()
	if err != nil {
		return 0, err
	}
	if _, ok := stats[pid]; !ok {
		return 0, fmt.Errorf("measure: there is no process %d", pid)
	}
	var sum time.Duration
	for id := range stats {
		if descends(stats, id, pid) {
			sum += stats[id].used
		}
	}
	return sum, nil
}

// stat is what is read of a process.
type stat struct {
	parent int
	used   time.Duration
}

func descends(stats map[int]stat, id, ancestor int) bool {
	for range 64 { // deeper than any tree here, and no circle
		if id == ancestor {
			return true
		}
		s, ok := stats[id]
		if !ok || s.parent == 0 {
			return false
		}
		id = s.parent
	}
	return false
}

func readStats() (map[int]stat, error) {
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil, fmt.Errorf("measure: %w", err)
	}
	stats := map[int]stat{}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			continue // it has just ended
		}
		id, s, err := parseStat(string(b))
		if err != nil {
			return nil, fmt.Errorf("measure: %s: %w", file, err)
		}
		stats[id] = s
	}
	return stats, nil
}

// parseStat reads the line of /proc/PID/stat.
func parseStat(line string) (id int, s stat, err error) {
	number, _, _ := strings.Cut(line, " ")
	if id, err = strconv.Atoi(number); err != nil {
		return 0, s, err
	}
	end := strings.LastIndex(line, ") ") // the program's name may hold anything
	if end < 0 {
		return 0, s, errors.New("no name")
	}
	fields := strings.Fields(line[end+2:])
	const parent, user, system, childUser, childSystem, enough = 1, 11, 12, 13, 14, 15
	if len(fields) < enough {
		return 0, s, errors.New("too short")
	}
	var values [enough]int
	for _, i := range []int{parent, user, system, childUser, childSystem} {
		if values[i], err = strconv.Atoi(fields[i]); err != nil {
			return 0, s, err
		}
	}
	sum := values[user] + values[system] + values[childUser] + values[childSystem]
	return id, stat{values[parent], time.Duration(sum) * tick}, nil
}
