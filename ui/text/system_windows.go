package text

import "golang.org/x/sys/windows"

func init() {
	system = func() []string {
		names, err := windows.GetUserPreferredUILanguages(windows.MUI_LANGUAGE_NAME)
		if err != nil {
			return nil
		}
		return names
	}
}
