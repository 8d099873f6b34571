package motion

import (
	"context"
	"fmt"
	"image"

	"assist/media/frame"
)

const (
	// StillQuantizer is that of the smallest still on which people read text with ease.
	StillQuantizer = 50
	// stillSpeed is the highest cpu-used at which libaom copies blocks from elsewhere in the same picture, which is what makes
	// text small.
	stillSpeed = 7
)

// Still is a single picture that takes long and is small: a fraction of a key frame of text, for seconds of work. It is for the first
// picture over a slow link.
type Still struct {
	done chan struct{}
	msg  []byte
	err  error
}

// StartStill begins to make a still of the rectangle area of f. It has read f when it returns. Of s, only the threads count.
//
// The work goes on in a goroutine of its own, and nothing can stop it: libaom has no way to. Who no longer wants the still forgets
// it; it holds some 50 bytes a pixel outside Go's heap until it is done, so whoever may start many waits for the one before.
func StartStill(f *frame.Frame, area image.Rectangle, q int, s Settings) (*Still, error) {
	if err := check(area); err != nil {
		return nil, err
	}
	if !area.In(f.Rect) {
		return nil, fmt.Errorf("%w %v outside the frame, %v", ErrSize, area, f.Rect)
	}
	c, err := openEncoder(area, Settings{Threads: min(max(s.Threads, 1), 2), Speed: stillSpeed}, true)
	if err != nil {
		return nil, err
	}
	c.begin(true)
	c.paint(f, area)
	still := &Still{done: make(chan struct{})}
	go func() {
		defer close(still.done)
		defer c.close()
		still.msg, still.err = c.encode(nil, fromNothing, quantizer(q))
	}()
	return still, nil
}

// Done is closed when the still is made.
func (s *Still) Done() <-chan struct{} { return s.done }

// Message waits for the still and returns its message, a stream of one key frame for a Decoder of the same rectangle. When ctx ends
// before, it returns the cause of that.
func (s *Still) Message(ctx context.Context) ([]byte, error) {
	select {
	case <-s.done:
		return s.msg, s.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}
