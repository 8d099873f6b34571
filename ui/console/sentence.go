package console

import (
	"fmt"
	"strings"

	"assist/app/problem"
	"assist/ui/text"
)

// longest is how many characters of a field of the customer's are shown.
const longest = 120

// own are the problems that an engineer must be told differently from a customer.
var own = map[problem.Code]struct{ what, do string }{
	problem.Internal:           {do: "console.problem.internal.do"},
	problem.ServiceUnreachable: {do: "console.problem.service-unreachable.do"},
	problem.ServiceUntrusted:   {do: "console.problem.service-untrusted.do"},
	problem.ServiceVersion:     {do: "console.problem.service-version.do"},
	problem.CertificateGone:    {"console.problem.certificate-expired.what", "console.problem.certificate-expired.do"},
	problem.EngineerGone:       {what: "console.problem.engineer-gone.what"},
	problem.EngineerSilent:     {"console.problem.engineer-silent.what", "console.problem.engineer-silent.do"},
	problem.ScreenUnsupported:  {"console.problem.screen-unsupported.what", "console.problem.screen-unsupported.do"},
	problem.ScreenWayland:      {"console.problem.screen-wayland.what", "console.problem.screen-wayland.do"},
	problem.InputUnsupported:   {"console.problem.input-unsupported.what", "console.problem.input-unsupported.do"},
	problem.SignHidden:         {"console.problem.sign-hidden.what", "console.problem.sign-hidden.do"},
	problem.Unmarked:           {"console.problem.unmarked.what", "console.problem.unmarked.do"},
	problem.RelayUnreachable:   {"console.problem.relay-unreachable.what", "console.problem.relay-unreachable.do"},
}

// sentences says what happened and what to do about it, to an engineer.
func sentences(p *problem.Error) (what, do string) {
	code := problem.Internal
	if p != nil {
		code = p.Code
	}
	what, do = text.Problem(code)
	if key := own[code].what; key != "" {
		what = text.L(key)
	}
	if key := own[code].do; key != "" {
		do = text.L(key)
	}
	return what, do
}

// codeOf is p's code; a nil problem is an internal one.
func codeOf(p *problem.Error) problem.Code {
	if p == nil {
		return problem.Internal
	}
	return p.Code
}

// peer makes a field of the customer's safe to show in a line: plain, and not longer than there is room for.
func peer(s string) string {
	runes := []rune(text.Plain(strings.TrimSpace(s)))
	if len(runes) > longest {
		return string(runes[:longest-1]) + "…"
	}
	return string(runes)
}

// amount writes a number of bytes as people do: "940 B", "12.4 kB", "3.1 MB", "1.20 GB".
func amount(n uint64) string {
	const kB, MB, GB = 1e3, 1e6, 1e9
	switch f := float64(n); {
	case n < kB:
		return fmt.Sprintf("%d B", n)
	case n < MB:
		return fmt.Sprintf("%.1f kB", f/kB)
	case n < GB:
		return fmt.Sprintf("%.1f MB", f/MB)
	default:
		return fmt.Sprintf("%.2f GB", f/GB)
	}
}

// spoken writes digits as they are said, one by one.
func spoken(digits string) string {
	var words []string
	for _, d := range digits {
		if d >= '0' && d <= '9' {
			words = append(words, text.L("console.digit."+string(d)))
		}
	}
	return strings.Join(words, " ")
}
