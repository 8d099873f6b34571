package engineer

import (
	"testing"

	"assist/media/input"
)

func TestOvertaken(t *testing.T) {
	at := Pointer{X: 1, Y: 1}
	pressed := Pointer{X: 1, Y: 1, Buttons: input.Left}
	for _, tt := range []struct {
		name string
		ev   any
		rest []any
		last Pointer
		want bool
	}{
		{"a move before a move", Pointer{X: 2}, []any{Pointer{X: 3}}, at, true},
		{"the last move", Pointer{X: 2}, nil, at, false},
		{"a move before a key", Pointer{X: 2}, []any{Key{}}, at, false},
		{"a move before a press", Pointer{X: 2}, []any{pressed}, at, false},
		{"a press", pressed, []any{pressed}, at, false},
		{"a drag before a drag", Pointer{X: 2, Buttons: input.Left}, []any{Pointer{X: 3, Buttons: input.Left}}, pressed, true},
		{"a wheel", Pointer{WheelY: 1}, []any{Pointer{X: 3}}, at, false},
		{"a move before a wheel", Pointer{X: 2}, []any{Pointer{WheelY: 1}}, at, false},
		{"another display", Pointer{Display: 1}, []any{Pointer{Display: 1}}, at, false},
		{"a key", Key{}, []any{Key{}}, at, false},
	} {
		if got := overtaken(tt.ev, tt.rest, tt.last); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}
