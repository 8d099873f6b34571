package terminal

import (
	"time"

	"assist/app/code"
	"assist/app/customer"
	"assist/app/problem"
	"assist/ui/text"
)

// field is a field of the form that is typed.
type field struct {
	name  customer.Field
	label string // key of its text
	value func(*customer.Form) *string
}

var nameField = field{customer.FieldName, "form.name", func(f *customer.Form) *string { return &f.Name }}

// details are the fields that nobody has to fill in.
var details = []field{
	{customer.FieldCustomerNumber, "form.customer-number", func(f *customer.Form) *string { return &f.CustomerNumber }},
	{customer.FieldProduct, "form.product", func(f *customer.Form) *string { return &f.Product }},
	{customer.FieldCaseNumber, "form.case", func(f *customer.Form) *string { return &f.CaseNumber }},
	{customer.FieldBranch, "form.branch", func(f *customer.Form) *string { return &f.Branch }},
	{customer.FieldCountry, "form.country", func(f *customer.Form) *string { return &f.Country }},
}

// askCode asks for the code, and then for what is missing in the form.
func (d *Dialogue) askCode() {
	d.want(text.L("form.code"), func(line string) {
		parsed, err := code.Parse(line)
		switch {
		case digitsOf(line) == "":
			d.problem(problem.CodeEmpty)
		case err != nil:
			d.problem(problem.CodeSyntax)
		case d.accepted && len(d.form.Validate()) == 0:
			d.join(parsed) // the form was sent before
		default:
			d.askField(nameField, func() { d.askMore(parsed) })
		}
	})
}

// askField asks for a field until it is right. An empty line keeps what is there.
func (d *Dialogue) askField(f field, then func()) {
	value := f.value(&d.form)
	label := text.L(f.label)
	if *value != "" {
		label += " [" + text.Plain(*value) + "]"
	}
	d.want(label, func(line string) {
		before := *value
		if command(line) != "" {
			*value = line
		}
		d.form = d.form.Clean()
		if fault, wrong := d.form.Validate()[f.name]; wrong {
			*value = before
			d.problem(fault)
			return
		}
		then()
	})
}

// askMore asks whether there are details to tell.
func (d *Dialogue) askMore(c code.Code) {
	d.want(text.L("form.more")+" "+text.L("terminal.yes-no"), func(line string) {
		if yes(line) {
			d.askDetails(details, c)
			return
		}
		d.checkDetails(c)
	})
}

func (d *Dialogue) askDetails(rest []field, c code.Code) {
	if len(rest) == 0 {
		d.askTerms(c)
		return
	}
	d.askField(rest[0], func() { d.askDetails(rest[1:], c) })
}

// checkDetails asks again for those details that came with the program's start and are wrong.
func (d *Dialogue) checkDetails(c code.Code) {
	wrong := d.form.Validate()
	for _, f := range details {
		if fault, bad := wrong[f.name]; bad {
			d.problem(fault)
			*f.value(&d.form) = ""
			d.askField(f, func() { d.checkDetails(c) })
			return
		}
	}
	d.askTerms(c)
}

// askTerms asks to accept the terms.
func (d *Dialogue) askTerms(c code.Code) {
	d.want(text.L("terminal.terms"), func(line string) {
		switch {
		case command(line) == "t":
			d.say("", text.Terms())
		case yes(line):
			d.accepted = true
			d.join(c)
		default:
			d.problem(problem.TermsUnaccepted)
		}
	})
}

// join sends the form.
func (d *Dialogue) join(c code.Code) {
	d.form.Terms = d.accepted
	d.ask = nil
	d.actions.Join(d.form.Clean(), c)
}

// refused says why the code led nowhere, and asks for one again.
func (d *Dialogue) refused(e customer.Refused) {
	d.problem(e.Problem.Code)
	if e.GuessesLeft > 0 {
		d.say(text.F("form.tries-left", map[string]any{"left": e.GuessesLeft}))
	}
	if !e.Expires.IsZero() {
		if left := time.Until(e.Expires); left > 0 {
			d.say(text.F("form.code-life", map[string]any{"time": text.Clock(left)}))
		} else {
			d.say(text.L("form.code-over"))
		}
	}
	d.askCode()
}
