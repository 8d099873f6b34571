//go:build !windows && !darwin

package text

import "testing"

func TestSystemLanguage(t *testing.T) {
	for _, tt := range []struct {
		name string
		env  map[string]string
		want string
	}{
		{"nothing", nil, "en"},
		{"plain", map[string]string{"LANG": "ja_JP.UTF-8"}, "ja"},
		{"messages before lang", map[string]string{"LC_MESSAGES": "en_GB.UTF-8", "LANG": "ja_JP.UTF-8"}, "en"},
		{"all before messages", map[string]string{"LC_ALL": "ja_JP", "LC_MESSAGES": "en_GB.UTF-8"}, "ja"},
		{"a list", map[string]string{"LANG": "fr_FR.UTF-8", "LANGUAGE": "fr:ja:en"}, "ja"},
		{"C", map[string]string{"LANG": "C.UTF-8", "LANGUAGE": "ja"}, "en"},
		{"no language of ours", map[string]string{"LANG": "fr_FR.UTF-8"}, "en"},
		{"garbage", map[string]string{"LANG": "\xff", "LANGUAGE": "::"}, "en"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE"} {
				t.Setenv(name, tt.env[name])
			}
			load(t, "")
			if Language() != tt.want {
				t.Errorf("chose %q", Language())
			}
		})
	}
}
