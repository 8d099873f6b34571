package pac

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dop251/goja"
	"github.com/dop251/goja/parser"
)

// maxDepth is how deep a script's functions may call each other.
const maxDepth = 500

// eval runs a script and asks it. It ends a script that takes too long or too much, unless that is within one step.
func eval(ctx context.Context, j job, sys *system) (result string, err error) {
	defer func() {
		if p := recover(); p != nil { // a mistake of the interpreter, on a script that is after one
			err = fmt.Errorf("%w: interpreter: %v", ErrScript, p)
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, Time)
	defer cancel()
	vm := goja.New()
	vm.SetParserOptions(parser.WithDisableSourceMaps) // else a comment in the script opens a file
	vm.SetMaxCallStackSize(maxDepth)
	vm.SetTimeSource(sys.now)
	sys.ctx = ctx
	for name, f := range sys.functions() {
		if err := vm.Set(name, f); err != nil {
			return "", fmt.Errorf("%w: %w", ErrScript, err)
		}
	}
	watched := make(chan struct{})
	go watch(ctx, vm, watched)
	defer func() { cancel(); <-watched }()

	if _, err := vm.RunString(j.Script); err != nil {
		return "", scriptError(err)
	}
	f, ok := goja.AssertFunction(vm.Get("FindProxyForURLEx"))
	if !ok {
		f, ok = goja.AssertFunction(vm.Get("FindProxyForURL"))
	}
	if !ok {
		return "", fmt.Errorf("%w: no FindProxyForURL", ErrScript)
	}
	v, err := f(goja.Undefined(), vm.ToValue(j.URL), vm.ToValue(j.Host))
	if err != nil {
		return "", scriptError(err)
	}
	if goja.IsNull(v) || goja.IsUndefined(v) {
		return "", nil
	}
	s, ok := v.Export().(string)
	if !ok {
		return "", fmt.Errorf("%w: result is not a string", ErrScript)
	}
	return s, nil
}

// watch ends the script when its time or memory is used up, and ends with ctx.
func watch(ctx context.Context, vm *goja.Runtime, done chan<- struct{}) {
	defer close(done)
	tick := time.NewTicker(memoryTick)
	defer tick.Stop()
	begin := heap()
	for {
		select {
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				vm.Interrupt(fmt.Errorf("%w: time", ErrLimit))
			}
			return
		case <-tick.C:
			if heap() > begin+Memory {
				vm.Interrupt(fmt.Errorf("%w: memory", ErrLimit))
				return
			}
		}
	}
}

// scriptError is what the interpreter fails with.
func scriptError(err error) error {
	if i, ok := errors.AsType[*goja.InterruptedError](err); ok {
		if limit, ok := i.Value().(error); ok {
			return limit
		}
	}
	if _, ok := errors.AsType[*goja.StackOverflowError](err); ok {
		return fmt.Errorf("%w: depth", ErrLimit)
	}
	return fmt.Errorf("%w: %w", ErrScript, err)
}
