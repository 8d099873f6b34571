// Package assets holds the files that are built into the programs: the texts people read, the legal terms
// and the icon. It owns the files and nothing else: choosing a language and showing a text is package
// ui/text's business.
package assets

import "embed"

// Texts are the text catalogues, one flat JSON object of key and text each, named
// texts/PART.LANGUAGE.json. Fields of a text are written {{.name}}.
//
//go:embed texts/*.json
var Texts embed.FS

// Legal are the terms of a support session, plain text, named legal/terms.LANGUAGE.txt.
//
//go:embed legal/terms.en.txt legal/terms.ja.txt
var Legal embed.FS

// Icon is the program's icon, a PNG of 512 by 512 pixels.
//
//go:embed icon/icon.png
var Icon []byte
