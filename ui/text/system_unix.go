//go:build !windows && !darwin

package text

import (
	"os"
	"strings"
)

func init() { system = fromEnvironment }

// fromEnvironment reads the variables as gettext does: the first of three names the language, and LANGUAGE others that come before it,
// unless it is "C".
func fromEnvironment() []string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		value := os.Getenv(name)
		if value == "" {
			continue
		}
		if base, _, _ := strings.Cut(value, "."); base == "C" || base == "POSIX" {
			return nil
		}
		return append(strings.Split(os.Getenv("LANGUAGE"), ":"), value)
	}
	return nil
}
