package customer

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"assist/app/code"
	"assist/app/customer"
	"assist/app/problem"
	"assist/ui/text"
	"assist/ui/theme"
)

// formScreen is where code, name and the rest are typed. It is made once: what was typed stays.
type formScreen struct {
	content fyne.CanvasObject
	code    *theme.Digits
	fields  map[customer.Field]*theme.Field
	codeBox *theme.Field
	terms   *theme.Choice
	connect *theme.Button

	more, less   *theme.Button
	details      *fyne.Container
	read, unread *theme.Button
	typing, page *fyne.Container // what is shown: the form, or the terms
	reader       *theme.Reader
	termsWrong   *theme.Notice
	notice       *theme.Notice
	life         *theme.Countdown
	what, do     string // of the notice, without the life

	join func(customer.Form, code.Code)

	network      func(test bool) // shows the window about the network; nil: there is none
	way, testWay *theme.Button   // nil without it
	offer        *fyne.Container // of the test, where that may help
}

// order is the order in which fields are looked through for the first wrong one.
var order = []customer.Field{
	customer.FieldName, customer.FieldCustomerNumber, customer.FieldProduct,
	customer.FieldCaseNumber, customer.FieldBranch, customer.FieldCountry,
}

func newFormScreen(prefill customer.Form, o Options, join func(customer.Form, code.Code)) *formScreen {
	f := &formScreen{join: join, fields: map[customer.Field]*theme.Field{}, network: o.Network}
	f.code = theme.NewDigits(text.L("form.code"), code.RoomDigits, code.SecretDigits)
	f.code.OnDigits = func(string) { f.codeBox.SetWrong("") }
	f.code.OnSubmitted = func(string) { f.submit() }
	f.codeBox = theme.FieldOf(text.L("form.code"), &f.code.Entry, theme.Sized(f.code, 34))
	f.makeFields(prefill)
	f.makeTerms(prefill.Terms)
	f.notice = theme.NewNotice(theme.Wrong)
	f.life = theme.NewCountdown(f.sayLife)
	f.connect = theme.Primary(text.L("form.connect"), f.submit)
	f.layout(o.Service)
	if f.detailsFilled() {
		f.showDetails(true)
	}
	return f
}

func (f *formScreen) makeFields(prefill customer.Form) {
	for field, text2 := range map[customer.Field][2]string{
		customer.FieldName:           {text.L("form.name"), prefill.Name},
		customer.FieldCustomerNumber: {text.L("form.customer-number"), prefill.CustomerNumber},
		customer.FieldProduct:        {text.L("form.product"), prefill.Product},
		customer.FieldCaseNumber:     {text.L("form.case"), prefill.CaseNumber},
		customer.FieldBranch:         {text.L("form.branch"), prefill.Branch},
		customer.FieldCountry:        {text.L("form.country"), prefill.Country},
	} {
		made := theme.NewField(text2[0], "")
		made.Entry.SetText(text.Plain(text2[1]))
		made.Entry.OnChanged = func(string) { made.SetWrong("") }
		made.Entry.OnSubmitted = func(string) { f.submit() }
		f.fields[field] = made
	}
	f.fields[customer.FieldCountry].Entry.SetPlaceHolder(text.L("form.country-hint"))
	f.more = theme.NewButton(text.L("form.more"), func() { f.showDetails(true) })
	f.less = theme.NewButton(text.L("form.less"), func() { f.showDetails(false) })
	f.details = container.NewVBox(
		theme.Row(f.fields[customer.FieldCustomerNumber], f.fields[customer.FieldProduct]),
		theme.Row(f.fields[customer.FieldCaseNumber], f.fields[customer.FieldBranch], f.fields[customer.FieldCountry]),
	)
	f.details.Hide()
	f.less.Hide()
}

func (f *formScreen) makeTerms(accepted bool) {
	f.terms = theme.NewTick(text.L("form.terms"), func(bool) { f.termsWrong.Set("", "") })
	f.terms.SetChosen(accepted)
	f.termsWrong = theme.NewNotice(theme.Wrong)
	f.read = theme.NewButton(text.L("form.terms-show"), func() { f.showTerms(true) })
	f.unread = theme.NewButton(text.L("form.terms-hide"), func() { f.showTerms(false) })
	f.reader = theme.NewReader(text.L("form.terms-show"), text.Terms())
}

func (f *formScreen) layout(service string) {
	top := container.NewVBox(
		container.New(theme.Tight{}, theme.Heading(text.L("form.title")), theme.Text(text.L("form.intro"))),
		f.codeBox.Object,
		f.fields[customer.FieldName].Object,
		container.NewHBox(f.more, f.less),
		f.details,
		container.NewBorder(nil, nil, nil, f.read, f.terms),
		f.termsWrong,
	)
	scroll := theme.NewScroll(top)
	scroll.Follow(f.more, f.less, f.terms, f.read)
	scroll.FollowFields(f.codeBox)
	for _, field := range f.fields {
		scroll.FollowFields(field)
	}
	address := theme.Text(text.F("form.service", map[string]any{"service": text.Plain(service)}))
	address.Importance = widget.LowImportance
	feet := container.NewVBox(f.notice, f.connect, address)
	if f.network != nil {
		f.way = theme.Quiet(text.L("network.open"), func() { f.network(false) })
		f.testWay = theme.NewButton(text.L("network.offer"), func() { f.network(true) })
		f.offer = container.NewHBox(f.testWay)
		f.offer.Hide()
		feet = container.NewVBox(f.notice, f.offer, f.connect, container.NewBorder(nil, nil, nil, f.way, address))
	}
	f.typing = container.NewBorder(nil, theme.Feet(feet), nil, nil, scroll)
	f.page = container.NewBorder(nil, f.unread, nil, nil, f.reader)
	f.page.Hide()
	f.content = theme.Page(container.NewStack(f.typing, f.page))
}

// form is what is typed now.
func (f *formScreen) form() customer.Form {
	return customer.Form{
		Name:           f.fields[customer.FieldName].Entry.Text,
		CustomerNumber: f.fields[customer.FieldCustomerNumber].Entry.Text,
		CaseNumber:     f.fields[customer.FieldCaseNumber].Entry.Text,
		Branch:         f.fields[customer.FieldBranch].Entry.Text,
		Country:        f.fields[customer.FieldCountry].Entry.Text,
		Product:        f.fields[customer.FieldProduct].Entry.Text,
		Terms:          f.terms.Chosen(),
	}
}

func (f *formScreen) detailsFilled() bool {
	form := f.form()
	return form.CustomerNumber+form.CaseNumber+form.Branch+form.Country+form.Product != ""
}

// submit joins if everything is right, and else says beside each field what is wrong and goes to the first.
func (f *formScreen) submit() {
	f.clearWrong()
	form := f.form().Clean()
	wrong := form.Validate()
	parsed, codeErr := code.Parse(f.code.Value())
	var first fyne.Focusable
	mark := func(e fyne.Focusable, set func(string), fault problem.Code) {
		what, do := text.Problem(fault)
		set(text.Join(what, do))
		if first == nil {
			first = e
		}
	}
	switch {
	case f.code.Value() == "":
		mark(f.code, f.codeBox.SetWrong, problem.CodeEmpty)
	case codeErr != nil:
		mark(f.code, f.codeBox.SetWrong, problem.CodeSyntax)
	}
	for _, field := range order {
		if fault, bad := wrong[field]; bad {
			if field != customer.FieldName {
				f.showDetails(true)
			}
			mark(f.fields[field].Entry, f.fields[field].SetWrong, fault)
		}
	}
	if fault, bad := wrong[customer.FieldTerms]; bad {
		mark(f.terms, func(s string) { f.termsWrong.Set(s, "") }, fault)
	}
	if first != nil {
		f.content.Refresh() // where things are now is where the focus must be brought into view
		f.focus(first)
		return
	}
	f.forget()
	f.join(form, parsed)
}

// clearWrong takes back what was said beside the fields.
func (f *formScreen) clearWrong() {
	f.codeBox.SetWrong("")
	f.termsWrong.Set("", "")
	for _, field := range f.fields {
		field.SetWrong("")
	}
}

func (f *formScreen) focus(o fyne.Focusable) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(f.connect); c != nil {
		c.Focus(o)
	}
}

// refused says why the code led nowhere, and what is left of its tries and its time.
func (f *formScreen) refused(e customer.Refused) {
	f.what, f.do = text.Problem(e.Problem.Code)
	if e.GuessesLeft > 0 {
		f.do = text.Join(f.do, text.F("form.tries-left", map[string]any{"left": e.GuessesLeft}))
	}
	f.notice.Set(f.what, f.do)
	f.offerTest(e.Problem.Code.InNetwork())
	if e.Problem.Code == problem.CodeWrong && !e.Expires.IsZero() {
		f.life.Start(e.Expires)
	}
	f.focus(f.code)
}

// sayLife adds to the notice how long the code is still good for.
func (f *formScreen) sayLife(left time.Duration) string {
	life := text.L("form.code-over")
	if left > 0 {
		life = text.F("form.code-life", map[string]any{"time": text.Clock(left)})
	}
	f.notice.Set(f.what, text.Join(f.do, life))
	return life
}

// forget takes back what was said about the last try.
func (f *formScreen) forget() {
	f.life.Stop()
	f.notice.Set("", "")
	f.offerTest(false)
}

// offerTest shows the button that tries every way, where that may help.
func (f *formScreen) offerTest(on bool) {
	switch {
	case f.offer == nil:
	case on:
		f.offer.Show()
	default:
		f.offer.Hide()
	}
}

// clearCode empties the code, for a new one.
func (f *formScreen) clearCode() {
	f.forget()
	f.clearWrong()
	f.code.SetValue("")
}

// showDetails opens or closes the fields that few need, and leaves the keyboard on the button that undoes it.
func (f *formScreen) showDetails(on bool) {
	if f.details.Visible() == on {
		return
	}
	next := f.more
	if on {
		f.more.Hide()
		f.less.Show()
		f.details.Show()
		next = f.less
	} else {
		f.less.Hide()
		f.more.Show()
		f.details.Hide()
	}
	f.content.Refresh()
	f.focus(next)
}

// showTerms shows the terms in the place of the form, or the form again.
func (f *formScreen) showTerms(on bool) {
	if on {
		f.typing.Hide()
		f.page.Show()
		f.focus(f.reader)
		return
	}
	f.page.Hide()
	f.typing.Show()
	f.focus(f.terms)
}

func (f *formScreen) elements() map[string]fyne.CanvasObject {
	m := map[string]fyne.CanvasObject{
		"code": f.code, "terms": f.terms, "connect": f.connect, "more": f.more, "less": f.less,
		"read-terms": f.read, "close-terms": f.unread, "notice": f.notice, "terms-text": f.reader,
	}
	for field, shown := range f.fields {
		m[string(field)] = shown.Entry
	}
	if f.network != nil {
		m["network"], m["test-network"] = f.way, f.testWay
	}
	return m
}
