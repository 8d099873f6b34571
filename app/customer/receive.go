package customer

import (
	"assist/app/session"
	"assist/app/wire"
	"assist/media/input"
)

// receive reads one channel and hands every message that the level allows to take.
func (l *live) receive(t *turn, ch wire.Channel, take func(wire.Message) error) error {
	for {
		m, err := t.Receive(t.ctx, ch)
		if err != nil {
			return err
		}
		if ch == wire.Input {
			t.inputs.Add(1)
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
func (l *live) receiveInput(t *turn) error {
	return l.receive(t, wire.Input, func(m wire.Message) error {
		control := l.way()
		if control == nil {
			return nil
		}
		var err error
		switch m := m.(type) {
		case *wire.Key:
			err = control.Key(m.Key)
		case *wire.Point:
			t.buttons.Store(uint32(m.Pointer.Buttons))
			err = control.Pointer(m.Pointer)
		case *wire.Text:
			err = control.Text(m.Text)
		}
		l.inputFailed(err)
		return nil
	})
}

// receivePointer takes moves. One that is older than the input already here would undo it, and is dropped.
func (l *live) receivePointer(t *turn) error {
	return l.receive(t, wire.Pointer, func(m wire.Message) error {
		move, ok := m.(*wire.Move)
		control := l.way()
		if !ok || control == nil || int32(move.After-t.inputs.Load()) < 0 {
			return nil
		}
		l.inputFailed(control.Pointer(input.Pointer{
			Display: move.Display, X: move.X, Y: move.Y, Buttons: input.Buttons(t.buttons.Load()),
		}))
		return nil
	})
}

// receiveSeen takes the answers to frames.
func (l *live) receiveSeen(t *turn) error {
	return l.receive(t, wire.Exact, func(m wire.Message) error {
		switch m := m.(type) {
		case *wire.Seen:
			t.flow.seen(m)
		case *wire.Again:
			if p := t.picture.Load(); p != nil {
				p.beginAgain(m)
			}
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
