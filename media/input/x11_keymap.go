//go:build linux

package input

import (
	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// The level of a character: which modifiers select it.
const (
	levelShift  = 1
	levelThird  = 2 // AltGr
	levelsMax   = 4
	groupsKnown = 2 // the core protocol orders only the first two groups
)

// columns are where the core protocol puts the levels of each group: 3 and 4 of the first group
// stand behind 1 and 2 of both. What follows depends on the server, so the second group has two levels.
var columns = [groupsKnown][levelsMax]int{{0, 1, 4, 5}, {2, 3, -1, -1}}

// stroke is a key with the modifiers that make it type a character.
type stroke struct {
	code  byte
	level int
}

// keymap is what the server's keys mean at the moment.
type keymap struct {
	strokes   [groupsKnown]map[rune]stroke
	spare     []byte // keycodes without any meaning
	modifiers []byte // keycodes that are modifiers
	shift     byte   // keycodes, 0 if there is none
	third     byte
	caps      byte
}

// readKeymap asks the server. The spare keycodes that are mine are not in its answer.
func readKeymap(c *xgb.Conn, mine func(byte) bool) (*keymap, error) {
	setup := xproto.Setup(c)
	first := setup.MinKeycode
	mapping := xproto.GetKeyboardMapping(c, first, byte(setup.MaxKeycode-first)+1)
	mods, err := xproto.GetModifierMapping(c).Reply()
	if err != nil {
		return nil, err
	}
	reply, err := mapping.Reply()
	if err != nil {
		return nil, err
	}
	m := &keymap{}
	for _, code := range mods.Keycodes {
		if code != 0 {
			m.modifiers = append(m.modifiers, byte(code))
		}
	}
	m.fill(byte(first), int(reply.KeysymsPerKeycode), reply.Keysyms, mine)
	return m, nil
}

// fill reads syms, which has per keysyms for each keycode from first on.
func (m *keymap) fill(first byte, per int, syms []xproto.Keysym, mine func(byte) bool) {
	for g := range m.strokes {
		m.strokes[g] = make(map[rune]stroke)
	}
	if per == 0 {
		return
	}
	key := func(i int) []xproto.Keysym { return syms[i*per : (i+1)*per] }
	n := len(syms) / per
	for i := range n {
		m.special(first+byte(i), key(i), mine)
	}
	for level := range levelsMax {
		if level&levelShift != 0 && m.shift == 0 || level&levelThird != 0 && m.third == 0 {
			continue
		}
		for i := range n {
			code := first + byte(i)
			if _, real := UsageFromX11(int(code)); !real {
				continue
			}
			for g := range m.strokes {
				if col := columns[g][level]; col >= 0 && col < per {
					m.add(g, stroke{code, level}, uint32(key(i)[col]))
				}
			}
		}
	}
}

// special notes modifiers and keycodes that have no meaning.
func (m *keymap) special(code byte, syms []xproto.Keysym, mine func(byte) bool) {
	empty := true
	for _, s := range syms {
		empty = empty && s == 0
	}
	if _, real := UsageFromX11(int(code)); empty && !real && !mine(code) {
		m.spare = append(m.spare, code)
	}
	for sym, at := range map[uint32]*byte{symShiftL: &m.shift, symLevel3: &m.third, symCaps: &m.caps} {
		if *at == 0 && uint32(syms[0]) == sym {
			*at = code
		}
	}
}

// add notes that s types sym, unless a simpler stroke does.
func (m *keymap) add(group int, s stroke, sym uint32) {
	r, ok := runeOf(sym)
	if !ok {
		return
	}
	if _, known := m.strokes[group][r]; !known {
		m.strokes[group][r] = s
	}
}

// find returns the stroke that types r while group is on.
func (m *keymap) find(r rune, group int) (stroke, bool) {
	if group >= groupsKnown {
		return stroke{}, false
	}
	s, ok := m.strokes[group][r]
	return s, ok
}
