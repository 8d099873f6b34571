package task

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestResult(t *testing.T) {
	want := errors.New("cause")
	work := Start(t.Context(), func(context.Context) (int, error) { return 7, want })
	<-work.Done
	if work.Value != 7 || !errors.Is(work.Err, want) {
		t.Errorf("%d, %v", work.Value, work.Err)
	}
	if v, err := work.Stop(); v != 7 || !errors.Is(err, want) {
		t.Errorf("after Stop: %d, %v", v, err)
	}
}

func TestStopWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := false
		work := Start(t.Context(), func(ctx context.Context) (int, error) {
			<-ctx.Done()
			time.Sleep(time.Second)
			ended = true
			return 0, ctx.Err()
		})
		if _, err := work.Stop(); !ended || !errors.Is(err, context.Canceled) {
			t.Errorf("ended %v, %v", ended, err)
		}
	})
}
