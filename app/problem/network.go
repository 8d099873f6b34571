package problem

import (
	"slices"

	"assist/signaling/diag"
)

// FromNetwork returns the code that says most about why the service was not reached, and false if err is no fault of the way
// to it. The first message then says already what a whole report would.
func FromNetwork(err error) (Code, bool) {
	f := diag.OfError(err)
	return Code(f), f != diag.None
}

// general are the codes that a report may say more about.
var general = []Code{ServiceUnreachable, ServiceUntrusted, ServiceLost, ServiceFault, RelayUnreachable}

// InNetwork reports whether a fault lies in the network, so that a connection report is of use.
func (c Code) InNetwork() bool {
	return slices.Contains(general, c) || slices.Contains(diag.Faults(), diag.Fault(c)) && c != ServiceFull && c != ServiceVersion
}
