//go:build linux

package stage

// NewPlainDisplay starts a display as NewDisplay does, on which nothing can be drawn with OpenGL.
func NewPlainDisplay(dir, size string) (*Display, error) {
	return startDisplay(dir, "Xvfb", nil, "-screen", "0", size+"x24", "-nolisten", "tcp", "-noreset", "-extension", "GLX")
}
