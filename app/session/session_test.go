package session

import (
	"slices"
	"testing"

	"assist/app/wire"
)

func TestNextKnowsEveryPair(t *testing.T) {
	legal := map[State]map[Event]State{
		Idle:      {CodeEntered: Joining, HungUp: Closed},
		Joining:   {PeerJoined: Verifying, KeyRefused: Idle, HungUp: Closed},
		Verifying: {KeyAgreed: Asking, KeyRefused: Idle, HungUp: Closed},
		Asking:    {Granted: Live, HungUp: Closed},
		Live:      {Granted: Live, HungUp: Closed},
	}
	for s := Idle; s <= Closed; s++ {
		for ev := CodeEntered; ev <= HungUp; ev++ {
			want, ok := legal[s][ev]
			got, err := Next(s, ev)
			switch {
			case ok && (err != nil || got != want):
				t.Errorf("%v while %v: %v, %v; want %v", ev, s, got, err, want)
			case !ok && (err == nil || got != s):
				t.Errorf("%v while %v: %v, %v; want a refusal", ev, s, got, err)
			}
		}
	}
}

// TestNothingReachesLiveAroundAsking walks every path.
func TestNothingReachesLiveAroundAsking(t *testing.T) {
	type step struct {
		at    State
		asked bool
	}
	todo, done := []step{{at: Idle}}, map[step]bool{}
	for len(todo) > 0 {
		at := todo[0]
		todo = todo[1:]
		if done[at] {
			continue
		}
		done[at] = true
		if at.at == Live && !at.asked {
			t.Fatal("a path leads to live without asking")
		}
		for ev := CodeEntered; ev <= HungUp; ev++ {
			if to, err := Next(at.at, ev); err == nil {
				todo = append(todo, step{to, at.asked || to == Asking})
			}
		}
	}
	if !done[step{Live, true}] || !done[step{Closed, true}] {
		t.Error("live or closed is never reached")
	}
}

func TestEveryMessageHasARow(t *testing.T) {
	for _, ty := range wire.Types() {
		if _, ok := rules[ty]; !ok {
			t.Errorf("type %#x has no row in the permission table", ty)
		}
	}
	for ty := range rules {
		if !slices.Contains(wire.Types(), ty) {
			t.Errorf("the permission table knows type %#x, wire does not", ty)
		}
	}
}

// TestEngineerPowers spells out what an engineer may do at each level. The list is kept apart from the
// table on purpose: who widens the table must widen it here, too.
func TestEngineerPowers(t *testing.T) {
	always := []wire.Type{wire.THello, wire.TPong, wire.TEnd, wire.THead}
	chat := append(slices.Clone(always), wire.TChat, wire.TAsk)
	view := append(slices.Clone(chat), wire.TShow, wire.TSeen, wire.TAgain)
	control := append(slices.Clone(view), wire.TKey, wire.TPoint, wire.TMove, wire.TText)
	for level, want := range map[Access][]wire.Type{NoAccess: always, ChatOnly: chat, ViewOnly: view, SharedControl: control} {
		for ty := range 256 {
			ty := wire.Type(ty)
			if got := Allowed(ty, Engineer, level); got != slices.Contains(want, ty) {
				t.Errorf("engineer sends %#x at %v: allowed %v", ty, level, got)
			}
		}
	}
}

func TestNobodyElse(t *testing.T) {
	for _, ty := range wire.Types() {
		if Allowed(ty, Side(2), SharedControl) {
			t.Errorf("a third side may send %#x", ty)
		}
	}
}
