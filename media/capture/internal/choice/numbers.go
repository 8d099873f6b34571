package choice

import (
	"maps"
	"strconv"
	"sync"
)

// lastID is the highest number of a display.
const lastID = Follow - 1

// Numbers gives displays their IDs. A display keeps its number as long as the Numbers live, also while it is unplugged, so that
// who names a display by number never means another one. The zero value has given none. Its methods may be called from any
// goroutine.
type Numbers struct {
	mu   sync.Mutex
	of   map[string]uint8 // by name
	last uint8
}

// Give sets the IDs of the displays, by name. Of displays with the same name, the first is taken for the first one of before.
func (n *Numbers) Give(list []Display) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.of == nil {
		n.of = map[string]uint8{}
	}
	count := map[string]int{}
	names := make([]string, len(list))
	for i, d := range list {
		count[d.Name]++
		names[i] = strconv.Itoa(count[d.Name]) + " " + d.Name
	}
	n.makeRoom(names)
	for i, name := range names {
		if n.of[name] == 0 {
			n.of[name] = n.next()
		}
		list[i].ID = n.of[name]
	}
}

// makeRoom forgets displays that are not there when numbers run out.
func (n *Numbers) makeRoom(names []string) {
	if len(n.of)+len(names) <= int(lastID) {
		return
	}
	here := map[string]bool{}
	for _, name := range names {
		here[name] = true
	}
	maps.DeleteFunc(n.of, func(name string, _ uint8) bool { return !here[name] })
}

// next returns a number that nobody has, the one longest unused.
func (n *Numbers) next() uint8 {
	taken := map[uint8]bool{}
	for _, id := range n.of {
		taken[id] = true
	}
	for {
		n.last = n.last%lastID + 1
		if !taken[n.last] {
			return n.last
		}
	}
}
