package theme

import (
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

// Entry is Fyne's entry that says what it is for when it is read aloud.
type Entry struct {
	widget.Entry
	// OnFocus hears when the entry gets the focus.
	OnFocus func()

	name string
}

// NewEntry is an entry of one line. name is what it is for.
func NewEntry(name string) *Entry {
	e := &Entry{name: name}
	e.ExtendBaseWidget(e)
	return e
}

// NewPassword is an entry that shows dots.
func NewPassword(name string) *Entry {
	e := &Entry{name: name}
	e.Password = true
	e.ExtendBaseWidget(e)
	return e
}

// FocusGained tells OnFocus.
func (e *Entry) FocusGained() {
	e.Entry.FocusGained()
	told(e.OnFocus)
}

// TypedKey edits what is typed.
func (e *Entry) TypedKey(ev *fyne.KeyEvent) {
	if ev.Name == fyne.KeyEscape {
		escape(e, ev)
		return
	}
	e.Entry.TypedKey(ev)
}

func told(hears func()) {
	if hears != nil {
		hears()
	}
}

// AccessibilityLabel is what the entry is for, never what is typed in it.
func (e *Entry) AccessibilityLabel() string { return e.name }

// AccessibilityRole is a text's, the nearest there is.
func (e *Entry) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// Typed is how many characters are typed in it.
func (e *Entry) Typed() int { return utf8.RuneCountInString(e.Text) }

// Field is a label, the entry it names, and beneath it the place for what is wrong with what was typed. The place takes
// up no room while nothing is wrong.
type Field struct {
	Object fyne.CanvasObject
	Entry  *Entry
	shown  fyne.CanvasObject
	wrong  *Notice
}

// NewField makes a field around a new entry. hint is shown in the entry while it is empty.
func NewField(label, hint string) *Field {
	e := NewEntry(label)
	e.SetPlaceHolder(hint)
	return FieldOf(label, e, e)
}

// FieldOf makes a field around entry, which is shown as shown: the same, or dressed up.
func FieldOf(label string, entry *Entry, shown fyne.CanvasObject) *Field {
	f := &Field{Entry: entry, shown: shown, wrong: NewNotice(Wrong)}
	f.Object = container.New(stackedLayout{}, Strong(label), shown, f.wrong)
	return f
}

// Row shows fields side by side. What is wrong with them is said beneath all of them, where there is room for a sentence.
func Row(fields ...*Field) fyne.CanvasObject {
	columns := container.NewGridWithColumns(len(fields))
	all := container.New(Tight{By: closer}, columns)
	for _, f := range fields {
		f.Object.(*fyne.Container).Remove(f.wrong)
		columns.Add(f.Object)
		all.Add(f.wrong)
	}
	return all
}

// SetWrong says what is wrong with what was typed, beneath it; "" takes it back.
func (f *Field) SetWrong(what string) { f.wrong.Set(what, "") }

// Wrong returns what SetWrong said.
func (f *Field) Wrong() string { return f.wrong.what.Text }

// stackedLayout puts a label close to the entry beneath it, and the notice beneath that.
type stackedLayout struct{}

const closer = 8 // by how much

func (stackedLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	for i, o := range objects {
		if !o.Visible() {
			continue
		}
		m := o.MinSize()
		size.Width = max(size.Width, m.Width)
		size.Height += m.Height
		if i > 0 {
			size.Height -= closer * float32(2-i)
		}
	}
	return size
}

func (stackedLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	var y float32
	for i, o := range objects {
		if !o.Visible() {
			continue
		}
		if i > 0 {
			y -= closer * float32(2-i)
		}
		h := o.MinSize().Height
		o.Move(fyne.NewPos(0, y))
		o.Resize(fyne.NewSize(size.Width, h))
		y += h
	}
}
