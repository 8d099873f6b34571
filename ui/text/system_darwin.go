package text

import (
	"os/exec"
	"strings"
)

func init() { system = fromDefaults }

// fromDefaults reads the list that the settings show: ("ja-JP", en). Programs that are not started in a terminal have no LANG.
func fromDefaults() []string {
	out, err := exec.Command("/usr/bin/defaults", "read", "-g", "AppleLanguages").Output()
	if err != nil {
		return nil
	}
	return strings.FieldsFunc(string(out), func(r rune) bool { return strings.ContainsRune("()\", \n", r) })
}
