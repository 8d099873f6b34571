package wire

// Fault is what does not work on the customer's computer.
type Fault uint8

// The faults.
const (
	NoScreen   Fault = iota // its picture cannot be taken
	OnWayland               // the same, because the desktop is a Wayland session
	NoInput                 // keys and pointer cannot be given to it
	SignHidden              // something there hides what shows the customer who can do what, and Stop with it
	Unmarked                // its program cannot leave its own windows out of the picture
)

// Trouble tells the engineer why a level does not hold, though it was wanted.
type Trouble struct{ What Fault }

func (*Trouble) Type() Type { return TTrouble }

func (m *Trouble) Append(b []byte) []byte { return append(b, byte(TTrouble), byte(m.What)) }

func (m *Trouble) parse(r *reader) {
	m.What = Fault(r.u8())
	r.check(m.What <= Unmarked)
}
