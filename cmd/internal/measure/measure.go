// Package measure turns what was seen into figures: middle and late ones of many times, how alike two pictures are,
// whether text can be read, the processor time of programs.
//
// It measures nothing by itself but processor time, and holds nothing against a goal.
package measure

import (
	"slices"
	"time"
)

// Times are samples of one duration.
type Times []time.Duration

// Quantile returns the sample that a share p of all do not exceed (the nearest rank), and 0 if there are none.
func (t Times) Quantile(p float64) time.Duration {
	if len(t) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(t))
	rank := int(p*float64(len(t)) + 0.999999)
	return sorted[max(0, min(len(t)-1, rank-1))]
}

// Median is the middle sample.
func (t Times) Median() time.Duration { return t.Quantile(0.5) }

// Milliseconds is d in milliseconds.
func Milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// Median returns the middle one of figures, and 0 if there are none.
func Median(list []float64) float64 {
	if len(list) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(list))
	return sorted[(len(list)-1)/2]
}
