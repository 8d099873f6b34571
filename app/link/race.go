package link

import "sync"

// race decides between a turn that may come back and the next one: what both ends have agreed on is gone through with.
type race struct {
	mu             sync.Mutex
	isback, agreed bool
}

func (r *race) begin() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.isback, r.agreed = false, false
}

// back says that the old turn is back, and reports whether it is used.
func (r *race) back() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.isback = true
	return !r.agreed
}

// silent says that the old turn is gone again.
func (r *race) silent() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.isback = false
}

func (r *race) isBack() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.isback
}

// agree says that the other end wants the new turn, too, and reports whether it is still wanted here.
func (r *race) agree() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.agreed = !r.isback
	return r.agreed
}

// failed says that the new turn did not come up, and reports whether another is wanted.
func (r *race) failed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.agreed = false
	return !r.isback
}
