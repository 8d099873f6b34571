package customer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"assist/app/problem"
)

// Form is what the customer types before a session. Only Name and Terms are needed. The engineer and the
// service's audit log get all of it; the code is not part of it.
type Form struct {
	Name           string `json:"n"`
	CustomerNumber string `json:"c,omitempty"`
	CaseNumber     string `json:"k,omitempty"`
	Branch         string `json:"b,omitempty"`
	Country        string `json:"y,omitempty"` // two letters (ISO 3166-1) or three digits
	Product        string `json:"p,omitempty"`
	Terms          bool   `json:"t"` // the terms were read and accepted
}

// Field names one field of a Form.
type Field string

// The fields.
const (
	FieldName           Field = "name"
	FieldCustomerNumber Field = "customer-number"
	FieldCaseNumber     Field = "case-number"
	FieldBranch         Field = "branch"
	FieldCountry        Field = "country"
	FieldProduct        Field = "product"
	FieldTerms          Field = "terms"
)

// The longest and shortest texts, in characters (runes).
const (
	MaxName           = 64
	MaxCustomerNumber = 24
	MinCaseNumber     = 5
	MaxCaseNumber     = 12
	MaxBranch         = 12
	MaxProduct        = 64
)

// MaxForm is the longest JSON of a form, in bytes.
const MaxForm = 2048

// ErrForm means that bytes are not the JSON of a form that a customer's program would send.
var ErrForm = errors.New("customer: not a form")

// Clean returns f the way it is sent: normal form C, full-width letters and digits of numbers folded to plain ones, no
// spaces around, no characters that cannot be seen (they come along when text is pasted), a country in capitals.
func (f Form) Clean() Form {
	f.Name = cleanText(f.Name)
	f.Product = cleanText(f.Product)
	f.CustomerNumber = cleanNumber(f.CustomerNumber)
	f.CaseNumber = cleanNumber(f.CaseNumber)
	f.Branch = cleanNumber(f.Branch)
	f.Country = strings.ToUpper(cleanNumber(f.Country))
	return f
}

// Validate says what is wrong with each field of f.Clean(). The map is empty if f can be sent.
func (f Form) Validate() map[Field]problem.Code {
	f = f.Clean()
	wrong := map[Field]problem.Code{}
	add := func(field Field, bad bool, code problem.Code) {
		if _, known := wrong[field]; bad && !known {
			wrong[field] = code
		}
	}
	long := func(field Field, s string, longest int) {
		add(field, utf8.RuneCountInString(s) > longest, problem.FieldTooLong)
	}
	add(FieldName, !strings.ContainsFunc(f.Name, letterOrDigit), problem.NameEmpty)
	long(FieldName, f.Name, MaxName)
	long(FieldProduct, f.Product, MaxProduct)
	long(FieldCustomerNumber, f.CustomerNumber, MaxCustomerNumber)
	long(FieldBranch, f.Branch, MaxBranch)
	add(FieldCustomerNumber, !number(f.CustomerNumber), problem.CustomerNumber)
	add(FieldBranch, !number(f.Branch), problem.BranchNumber)
	n := utf8.RuneCountInString(f.CaseNumber)
	add(FieldCaseNumber, n > 0 && (n < MinCaseNumber || n > MaxCaseNumber || !number(f.CaseNumber)), problem.CaseNumber)
	add(FieldCountry, !country(f.Country), problem.CountryCode)
	add(FieldTerms, !f.Terms, problem.TermsUnaccepted)
	return wrong
}

// JSON returns the form as it is sent. It does not validate.
func (f Form) JSON() []byte {
	data, err := json.Marshal(f.Clean())
	if err != nil {
		panic(err) // strings and a bool
	}
	return data
}

// Parse reads a form that came from a customer's program. It accepts exactly what such a program sends: a clean and
// valid form, no unknown keys, at most MaxForm bytes. Everything else is ErrForm.
func Parse(data []byte) (Form, error) {
	if len(data) > MaxForm {
		return Form{}, fmt.Errorf("%w: %d bytes", ErrForm, len(data))
	}
	var f Form
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		return Form{}, fmt.Errorf("%w: %w", ErrForm, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Form{}, fmt.Errorf("%w: something follows", ErrForm)
	}
	if f != f.Clean() {
		return Form{}, fmt.Errorf("%w: not clean", ErrForm)
	}
	for field, code := range f.Validate() {
		return Form{}, fmt.Errorf("%w: %s: %s", ErrForm, field, code)
	}
	return f, nil
}

// cleanText cleans words. White space of any kind becomes one plain space.
func cleanText(s string) string {
	s = strings.ToValidUTF8(s, "")
	s = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		if unseen(r) {
			return -1
		}
		return r
	}, s)
	return norm.NFC.String(dropMarks(strings.Join(strings.Fields(s), " ")))
}

// cleanNumber cleans numbers: words whose wide or otherwise dressed-up letters, digits and dashes are plain ones.
func cleanNumber(s string) string {
	s = norm.NFKC.String(cleanText(s))
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Pd, r) || r == '−' || r == 'ー' {
			return '-'
		}
		return r
	}, s)
	return cleanText(s)
}

// maxMarks is how many accents one letter keeps. More pile up over the lines around it.
const maxMarks = 4

func dropMarks(s string) string {
	marks := 0
	return strings.Map(func(r rune) rune {
		if !unicode.IsMark(r) {
			marks = 0
			return r
		}
		if marks++; marks > maxMarks {
			return -1
		}
		return r
	}, norm.NFD.String(s))
}

// unseen reports whether r is not drawn, or changes how others are drawn.
func unseen(r rune) bool {
	switch r {
	case '\u115F', '\u1160', '\u17B4', '\u17B5', '\u2800', '\u3164', '\uFFA0', '\uFFFC', '\uFFFD':
		return true // counted as letters or symbols, drawn as nothing
	}
	return !unicode.IsPrint(r) || unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

func letterOrDigit(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// number reports whether s is empty, or made of plain letters and digits with single spaces, dashes and slashes.
func number(s string) bool {
	for _, r := range s {
		if !plainLetter(r) && !plainDigit(r) && !strings.ContainsRune(" -/", r) {
			return false
		}
	}
	return s == "" || strings.ContainsFunc(s, func(r rune) bool { return plainLetter(r) || plainDigit(r) })
}

func country(s string) bool {
	all := func(is func(rune) bool) bool { return strings.IndexFunc(s, func(r rune) bool { return !is(r) }) < 0 }
	switch len(s) {
	case 0:
		return true
	case 2:
		return all(plainLetter)
	case 3:
		return all(plainDigit)
	}
	return false
}

func plainLetter(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }
func plainDigit(r rune) bool  { return r >= '0' && r <= '9' }
