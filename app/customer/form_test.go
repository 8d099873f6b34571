package customer

import (
	"errors"
	"maps"
	"strings"
	"testing"
	"unicode/utf8"

	"assist/app/problem"
)

var whole = Form{
	Name: "Ada Example", CustomerNumber: "0012-345", CaseNumber: "12345", Branch: "7/B", Country: "JP",
	Product: "Big box", Terms: true,
}

func with(change func(*Form)) Form {
	f := whole
	change(&f)
	return f
}

func TestValidate(t *testing.T) {
	for _, tt := range []struct {
		name string
		form Form
		want map[Field]problem.Code
	}{
		{"whole", whole, nil},
		{"only what is needed", Form{Name: "山田 太郎", Terms: true}, nil},
		{"one letter", Form{Name: "李", Terms: true}, nil},
		{"nothing", Form{}, map[Field]problem.Code{FieldName: problem.NameEmpty, FieldTerms: problem.TermsUnaccepted}},
		{"spaces for a name", with(func(f *Form) { f.Name = " \u3000\t" }), map[Field]problem.Code{FieldName: problem.NameEmpty}},
		{"unseen name", with(func(f *Form) { f.Name = "\u200b\u202e" }), map[Field]problem.Code{FieldName: problem.NameEmpty}},
		{"only a dash", with(func(f *Form) { f.Name = "-" }), map[Field]problem.Code{FieldName: problem.NameEmpty}},
		{"64 wide letters", with(func(f *Form) { f.Name = strings.Repeat("山", 64) }), nil},
		{"65 letters", with(func(f *Form) { f.Name = strings.Repeat("a", 65) }), map[Field]problem.Code{FieldName: problem.FieldTooLong}},
		{"product too long", with(func(f *Form) { f.Product = strings.Repeat("p", 65) }), map[Field]problem.Code{FieldProduct: problem.FieldTooLong}},
		{"wide digits", with(func(f *Form) { f.CaseNumber, f.Country = "１２３４５", "ｊｐ" }), nil},
		{"customer number with a sign", with(func(f *Form) { f.CustomerNumber = "12;34" }), map[Field]problem.Code{FieldCustomerNumber: problem.CustomerNumber}},
		{"customer number of letters elsewhere", with(func(f *Form) { f.CustomerNumber = "номер" }), map[Field]problem.Code{FieldCustomerNumber: problem.CustomerNumber}},
		{"customer number too long", with(func(f *Form) { f.CustomerNumber = strings.Repeat("1", 25) }), map[Field]problem.Code{FieldCustomerNumber: problem.FieldTooLong}},
		{"customer number of dashes", with(func(f *Form) { f.CustomerNumber = "--" }), map[Field]problem.Code{FieldCustomerNumber: problem.CustomerNumber}},
		{"case too short", with(func(f *Form) { f.CaseNumber = "1234" }), map[Field]problem.Code{FieldCaseNumber: problem.CaseNumber}},
		{"case of 12", with(func(f *Form) { f.CaseNumber = "TS0012345678" }), nil},
		{"case too long", with(func(f *Form) { f.CaseNumber = "TS00123456789" }), map[Field]problem.Code{FieldCaseNumber: problem.CaseNumber}},
		{"branch", with(func(f *Form) { f.Branch = "B_1" }), map[Field]problem.Code{FieldBranch: problem.BranchNumber}},
		{"country of three digits", with(func(f *Form) { f.Country = "760" }), nil},
		{"country of three letters", with(func(f *Form) { f.Country = "JPN" }), map[Field]problem.Code{FieldCountry: problem.CountryCode}},
		{"country mixed", with(func(f *Form) { f.Country = "J1" }), map[Field]problem.Code{FieldCountry: problem.CountryCode}},
		{"terms", with(func(f *Form) { f.Terms = false }), map[Field]problem.Code{FieldTerms: problem.TermsUnaccepted}},
	} {
		if got := tt.form.Validate(); !maps.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestClean(t *testing.T) {
	got := Form{
		Name: "  Ame\u0301lie\u200b \u202eX\t Y ", CustomerNumber: " ００１２－３４ ", CaseNumber: "１２３４５",
		Branch: "b–1", Country: "ｊｐ", Product: "Z" + strings.Repeat("\u0301", 9),
	}.Clean()
	want := Form{
		Name: "Amélie X Y", CustomerNumber: "0012-34", CaseNumber: "12345", Branch: "b-1", Country: "JP",
		Product: "\u0179" + strings.Repeat("\u0301", 3),
	}
	if got != want {
		t.Errorf("%#v, want %#v", got, want)
	}
	if again := got.Clean(); again != got {
		t.Errorf("cleaned twice: %#v", again)
	}
}

func TestParse(t *testing.T) {
	for _, f := range []Form{whole, {Name: "山田 太郎", Terms: true}} {
		got, err := Parse(f.JSON())
		if err != nil || got != f {
			t.Errorf("%s: %+v, %v", f.JSON(), got, err)
		}
	}
	for name, data := range map[string]string{
		"nothing":        ``,
		"null":           `null`,
		"list":           `[]`,
		"unknown key":    `{"n":"A","t":true,"x":1}`,
		"two":            `{"n":"A","t":true}{"n":"A","t":true}`,
		"wrong type":     `{"n":1,"t":true}`,
		"no terms":       `{"n":"A","t":false}`,
		"no name":        `{"t":true}`,
		"bidi":           `{"n":"A\u202eB","t":true}`,
		"control":        `{"n":"A\u0007","t":true}`,
		"spaces around":  `{"n":" A","t":true}`,
		"small country":  `{"n":"A","y":"jp","t":true}`,
		"not normalised": `{"n":"Ame\u0301","t":true}`,
		"too long":       `{"n":"` + strings.Repeat("A", 65) + `","t":true}`,
		"too big":        `{"n":"A","t":true}` + strings.Repeat(" ", MaxForm),
		"surrogate":      `{"n":"A\ud800","t":true}`,
	} {
		if f, err := Parse([]byte(data)); !errors.Is(err, ErrForm) || f != (Form{}) {
			t.Errorf("%s: %+v, %v", name, f, err)
		}
	}
}

func TestLongestFormFits(t *testing.T) {
	f := Form{
		Name: strings.Repeat("𠮷", MaxName), CustomerNumber: strings.Repeat("9", MaxCustomerNumber),
		CaseNumber: strings.Repeat("9", MaxCaseNumber), Branch: strings.Repeat("9", MaxBranch), Country: "JP",
		Product: strings.Repeat("&", MaxProduct), Terms: true,
	}
	if wrong := f.Validate(); len(wrong) > 0 {
		t.Fatal(wrong)
	}
	if n := len(f.JSON()); n > MaxForm {
		t.Errorf("%d bytes, more than MaxForm", n)
	}
	if got, err := Parse(f.JSON()); err != nil || got != f {
		t.Errorf("%+v, %v", got, err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{}`))
	f.Add(whole.JSON())
	f.Add([]byte(`{"n":"A\u202e","t":true}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		form, err := Parse(data)
		if err != nil {
			if form != (Form{}) {
				t.Errorf("an error and a form: %+v", form)
			}
			return
		}
		if again, err := Parse(form.JSON()); err != nil || again != form {
			t.Errorf("%#v does not survive a round trip: %#v, %v", form, again, err)
		}
		if strings.ContainsFunc(form.Name+form.Product, unseen) {
			t.Errorf("unseen characters in %#v", form)
		}
	})
}

func FuzzClean(f *testing.F) {
	f.Add("Ada", "1234-5")
	f.Add("e\u0301\u0301\u0301\u0301\u0301", "ｱｰﾞ")
	f.Fuzz(func(t *testing.T, text, number string) {
		once := Form{Name: text, CustomerNumber: number, Country: number, Terms: true}.Clean()
		if again := once.Clean(); again != once {
			t.Errorf("%#v becomes %#v", once, again)
		}
		if !utf8.ValidString(once.Name) {
			t.Errorf("%q is not UTF-8", once.Name)
		}
		if len(once.Validate()) == 0 {
			if got, err := Parse(once.JSON()); err != nil || got != once {
				t.Errorf("%#v is valid but does not arrive: %#v, %v", once, got, err)
			}
		}
	})
}
