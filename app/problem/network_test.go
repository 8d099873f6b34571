package problem

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"assist/signaling/diag"
	"assist/signaling/dial"
)

// TestFaultsAreProblems: what a connection report says has a text for people.
func TestFaultsAreProblems(t *testing.T) {
	for _, f := range diag.Faults() {
		if !slices.Contains(Codes(), Code(f)) {
			t.Errorf("fault %q is no problem", f)
		}
	}
}

func TestFromNetwork(t *testing.T) {
	squid := dial.Way{Proxy: dial.Proxy{Kind: dial.HTTP, Addr: "p:1"}}
	for _, tt := range []struct {
		attempts []dial.Attempt
		want     Code
	}{
		{[]dial.Attempt{{Err: dial.ErrTimeout}}, PortsBlocked},
		{[]dial.Attempt{{Err: dial.ErrTimeout}, {Way: squid, Err: fmt.Errorf("%w: refused (basic)", dial.ErrProxyLogin)}}, ProxyLoginWrong},
		{[]dial.Attempt{{Err: dial.ErrTLSExpired}, {Way: squid, Err: dial.ErrRefused}}, ServiceExpired},
	} {
		err := fmt.Errorf("client: %w", &dial.Error{Attempts: tt.attempts})
		if got, ok := FromNetwork(err); got != tt.want || !ok || !got.InNetwork() {
			t.Errorf("%v: %v, %v", err, got, ok)
		}
	}
	if got, ok := FromNetwork(errors.New("other")); ok {
		t.Errorf("another error is %v", got)
	}
	if CodeWrong.InNetwork() || ServiceFull.InNetwork() || !ServiceUnreachable.InNetwork() {
		t.Error("what lies in the network")
	}
}
