//go:build linux

package play

import (
	"image"
	"testing"
)

func TestDigits(t *testing.T) {
	if got := digits("123 4567\n"); got != "1234567" {
		t.Errorf("%q", got)
	}
}

func TestDesk(t *testing.T) {
	if got := desk(CustomerDesk); got != image.Pt(1280, 800) {
		t.Error(got)
	}
}
