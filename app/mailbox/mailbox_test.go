package mailbox

import (
	"slices"
	"sync"
	"testing"
)

func TestOrderAndNothingLost(t *testing.T) {
	b := New[int]()
	var writers sync.WaitGroup
	const each, n = 1000, 4
	for w := range n {
		writers.Go(func() {
			for i := range each {
				b.Put(w*each + i)
			}
		})
	}
	var got []int
	for len(got) < n*each {
		<-b.Ready()
		got = append(got, b.Take()...)
	}
	writers.Wait()
	for w := range n {
		mine := slices.DeleteFunc(slices.Clone(got), func(v int) bool { return v/each != w })
		if len(mine) != each || !slices.IsSorted(mine) {
			t.Errorf("writer %d: %d items, sorted %v", w, len(mine), slices.IsSorted(mine))
		}
	}
	if rest := b.Take(); len(rest) != 0 {
		t.Errorf("%d items too many", len(rest))
	}
}
