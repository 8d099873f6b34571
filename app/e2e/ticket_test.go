package e2e

import (
	"errors"
	"testing"
)

func TestTicket(t *testing.T) {
	c, e := agree(t, seeded(1))
	mine, err := c.Ticket()
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := e.Ticket()
	if err != nil || mine != theirs {
		t.Errorf("the two ends have %x and %x, %v", mine, theirs, err)
	}
	if again, err := c.Ticket(); err != nil || again != mine {
		t.Errorf("the second time %x, %v", again, err)
	}
	if id := c.SessionID(); id == mine {
		t.Error("the ticket is public")
	}
	other, _ := agree(t, seeded(2))
	if another, err := other.Ticket(); err != nil || another == mine {
		t.Errorf("another session's ticket is %x, %v", another, err)
	}
	c.Erase()
	if _, err := c.Ticket(); !errors.Is(err, ErrDone) {
		t.Errorf("after Erase: %v", err)
	}
}
