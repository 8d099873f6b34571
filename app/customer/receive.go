package customer

import (
	"context"

	"assist/app/session"
	"assist/app/wire"
	"assist/media/input"
)

// receive reads one channel and hands every message that the level allows to take.
func (l *live) receive(ctx context.Context, ch wire.Channel, take func(wire.Message) error) error {
	for {
		m, err := l.m.conn.Receive(ctx, ch)
		if err != nil {
			return err
		}
		if ch == wire.Input {
			l.inputs.Add(1)
		}
		if !session.Allowed(m.Type(), session.Engineer, l.level()) {
			l.r.cfg.Log.Debug("refused", "type", m.Type(), "level", l.level())
			continue
		}
		if err := take(m); err != nil {
			return err
		}
	}
}

// receiveInput takes keys, buttons, wheel and text.
func (l *live) receiveInput(ctx context.Context) error {
	return l.receive(ctx, wire.Input, func(m wire.Message) error {
		control := l.way()
		if control == nil {
			return nil
		}
		var err error
		switch m := m.(type) {
		case *wire.Key:
			err = control.Key(m.Key)
		case *wire.Point:
			l.buttons.Store(uint32(m.Pointer.Buttons))
			err = control.Pointer(m.Pointer)
		case *wire.Text:
			err = control.Text(m.Text)
		}
		l.inputFailed(err)
		return nil
	})
}

// receivePointer takes moves. One that is older than the input already here would undo it, and is dropped.
func (l *live) receivePointer(ctx context.Context) error {
	return l.receive(ctx, wire.Pointer, func(m wire.Message) error {
		move, ok := m.(*wire.Move)
		control := l.way()
		if !ok || control == nil || int32(move.After-l.inputs.Load()) < 0 {
			return nil
		}
		l.inputFailed(control.Pointer(input.Pointer{
			Display: move.Display, X: move.X, Y: move.Y, Buttons: input.Buttons(l.buttons.Load()),
		}))
		return nil
	})
}

// receiveSeen takes the answers to frames.
func (l *live) receiveSeen(ctx context.Context) error {
	return l.receive(ctx, wire.Exact, func(m wire.Message) error {
		if seen, ok := m.(*wire.Seen); ok {
			l.flow.seen(seen.Frame)
		}
		return nil
	})
}

// way returns the way in, if there is one.
func (l *live) way() Control {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.control
}

// inputFailed takes a refusal of the system: control ends, the session goes on.
func (l *live) inputFailed(err error) {
	if err != nil {
		l.lower(session.ViewOnly)
		l.r.box.Put(trouble{inputProblem(err), session.ViewOnly})
	}
}
