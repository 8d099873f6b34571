//go:build linux && !cgo

package gl

import "errors"

// A program built without cgo has no window library that draws with OpenGL.
func init() {
	hint = func() error { return errors.New("built without windows") }
}
