package capture

// there is set by the file of a system that can say no before it is asked for a picture.
var there func() error

// There reports why [Open] cannot give a picture on this desktop, as far as can be told without taking one: ErrWayland or an error
// that wraps ErrUnsupported. It takes a few milliseconds. Nil is no promise.
func There() error {
	if there == nil {
		return nil
	}
	return there()
}
