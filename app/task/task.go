// Package task is work that runs in the background, can be waited for beside other things, and is never
// left behind.
package task

import "context"

// Task is work under way. Value and Err are set once Done is closed.
type Task[T any] struct {
	Done  chan struct{}
	Value T
	Err   error

	cancel context.CancelFunc
}

// Start runs f in the background, with a context that ends with ctx or with [Task.Cancel].
func Start[T any](ctx context.Context, f func(context.Context) (T, error)) *Task[T] {
	ctx, cancel := context.WithCancel(ctx)
	t := &Task[T]{Done: make(chan struct{}), cancel: cancel}
	go func() {
		defer close(t.Done)
		defer cancel()
		t.Value, t.Err = f(ctx)
	}()
	return t
}

// Cancel asks the work to end.
func (t *Task[T]) Cancel() { t.cancel() }

// Stop asks the work to end and waits for it. What came of it is still returned: it may have been done.
func (t *Task[T]) Stop() (T, error) {
	t.cancel()
	<-t.Done
	return t.Value, t.Err
}
