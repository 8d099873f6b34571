package text

// system lists the names of the languages that the user of this system prefers, best first: "ja_JP.UTF-8", "ja-JP". A file of the
// system sets it.
var system = func() []string { return nil }
