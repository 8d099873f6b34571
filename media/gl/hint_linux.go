package gl

import (
	"errors"
	"fmt"

	"assist/media/internal/xconn"
)

func init() { hint = askServer }

// askServer looks whether the X server lets programs use OpenGL at all.
func askServer() error {
	c, err := xconn.Dial("", func([]byte) {})
	if err != nil {
		return err
	}
	defer c.Close()
	_, found, err := c.Use("GLX")
	if err != nil {
		return fmt.Errorf("GLX: %w", err)
	}
	if !found {
		return errors.New("the X server has no GLX extension")
	}
	return nil
}
