package assets

import _ "embed"

// JapaneseRegular and JapaneseBold are fonts with the Japanese signs only, the same on every computer. What is in them and
// where they come from stands in fonts/make, their licence in fonts/OFL.txt.
var (
	//go:embed fonts/japanese-regular.otf
	JapaneseRegular []byte
	//go:embed fonts/japanese-bold.otf
	JapaneseBold []byte
)

// FontLicence is the licence of both fonts, which must go along with them.
//
//go:embed fonts/OFL.txt
var FontLicence string
