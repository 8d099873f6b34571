package customer

import (
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"assist/app/cleanup"
	"assist/app/customer"
	"assist/ui/text"
	"assist/ui/theme"
)

// leftovers is the part of the ended screen about this computer: the log that the customer wanted, and what the clean-up
// came to. What was not asked for is not mentioned.
type leftovers struct {
	journal string   // path; "" for none
	files   []string // that the customer wanted, the log first
	path    fyne.CanvasObject
	folder  *theme.Button
	copied  *theme.Button
	failed  *theme.Notice

	report *theme.Notice // nil if nobody asked for a clean-up
	list   *theme.Reader // of what is left or kept besides; nil for nothing
}

func newLeftovers(e customer.Ended) *leftovers {
	l := &leftovers{journal: e.Journal}
	if e.Journal != "" {
		l.files = append(l.files, e.Journal)
		if e.TranscriptFile != "" {
			l.files = append(l.files, e.TranscriptFile)
		}
		l.path = theme.Text(text.Lines(strings.Join(l.files, "\n")))
		l.folder = theme.NewButton(text.L("ended.folder"), l.open)
		l.copied = theme.NewButton(text.L("ended.copy"), func() {
			fyne.CurrentApp().Clipboard().SetContent(e.Journal)
			l.copied.SetText(text.L("ended.copied"))
		})
		l.failed = theme.NewNotice(theme.Wrong)
	}
	if e.CleanUp != nil {
		l.judge(e.CleanUp)
	}
	return l
}

// open shows the folder of the log in the system's own way.
func (l *leftovers) open() {
	if err := fyne.CurrentApp().OpenURL(fileURL(filepath.Dir(l.journal))); err != nil {
		l.failed.Set(text.L("ended.folder-failed"), "")
	}
}

// fileURL is the address of a path. On Windows, where a path begins with a letter, it gets a slash in front.
func fileURL(path string) *url.URL {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	return &url.URL{Scheme: "file", Path: path}
}

// judge says what a clean-up came to.
func (l *leftovers) judge(r *cleanup.Report) {
	l.report = theme.NewNotice(theme.Good)
	kept := slices.DeleteFunc(slices.Clone(r.Kept), func(n cleanup.Note) bool { return slices.Contains(l.files, n.Path) })
	l.report.SetTone(verdict(r))
	if lines := append(notes(r.Left), notes(kept)...); len(lines) > 0 {
		l.list = theme.NewReader(l.report.Text(), strings.Join(lines, "\n"))
	}
}

// verdict sums a report up.
func verdict(r *cleanup.Report) (theme.Tone, string, string) {
	soon := slices.ContainsFunc(r.Kept, func(n cleanup.Note) bool { return n.Reason == cleanup.AtEnd })
	wanted := slices.ContainsFunc(r.Kept, func(n cleanup.Note) bool { return n.Reason != cleanup.AtEnd })
	switch {
	case len(r.Left) > 0:
		return theme.Mind, text.L("ended.left"), ""
	case soon && wanted:
		return theme.Good, text.L("ended.soon-kept"), ""
	case soon:
		return theme.Good, text.L("ended.soon"), ""
	case wanted:
		return theme.Good, text.L("ended.kept"), ""
	}
	return theme.Good, text.L("ended.clean"), ""
}

// notes writes a line for each note: what, and why it is there.
func notes(list []cleanup.Note) []string {
	var lines []string
	for _, n := range list {
		lines = append(lines, text.F("ended.note", map[string]any{"path": text.Plain(n.Path), "why": reason(n.Reason)}))
	}
	return lines
}

// reason says why something is left or kept.
func reason(r cleanup.Reason) string {
	key := "cleanup." + string(r)
	if s := text.L(key); s != key {
		return s
	}
	return text.L("cleanup.failed")
}

// parts are what is shown, in order.
func (l *leftovers) parts() []fyne.CanvasObject {
	var parts []fyne.CanvasObject
	if l.journal != "" {
		parts = append(parts,
			container.New(theme.Tight{}, theme.Strong(text.L("ended.journal")), l.path),
			container.NewHBox(l.folder, l.copied), l.failed)
	}
	if l.report != nil {
		parts = append(parts, l.report)
	}
	if l.list != nil {
		parts = append(parts, theme.High(l.list, listHeight))
	}
	return parts
}

// listHeight is how much room the list of what is left has. A longer one is scrolled.
const listHeight = 130

func (l *leftovers) focusable() []fyne.CanvasObject {
	if l.journal == "" {
		return nil
	}
	return []fyne.CanvasObject{l.folder, l.copied}
}

func (l *leftovers) elements(m map[string]fyne.CanvasObject) {
	if l.journal != "" {
		m["journal"], m["folder"], m["copy"], m["folder-failed"] = l.path, l.folder, l.copied, l.failed
	}
	if l.report != nil {
		m["clean-up"] = l.report
	}
	if l.list != nil {
		m["left"] = l.list
	}
}
