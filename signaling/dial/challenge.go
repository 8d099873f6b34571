package dial

import (
	"slices"
	"strings"
)

// challenge is one way in that a proxy offers (RFC 9110 section 11.3).
type challenge struct {
	scheme string            // lower case
	token  string            // what NTLM and Negotiate say
	params map[string]string // names in lower case
}

const (
	maxChallenges = 16
	maxParams     = 32
)

// parseChallenges reads Proxy-Authenticate lines. What makes no sense is left out.
func parseChallenges(lines []string) []challenge {
	var list []challenge
	for _, line := range lines {
		s := &scanner{rest: line}
		for len(list) < maxChallenges && s.next() {
			switch name := s.token(); {
			case name == "":
				s.skip()
			case s.peek("="):
				s.param(list, name)
			default:
				c := challenge{scheme: strings.ToLower(name), params: map[string]string{}}
				if s.peek(" ") {
					c.token = s.token68()
				}
				list = append(list, c)
			}
		}
	}
	return list
}

// scanner reads a list of challenges from left to right.
type scanner struct{ rest string }

// next goes to the next element of the list, and reports whether there is one.
func (s *scanner) next() bool {
	s.rest = strings.TrimLeft(s.rest, " \t,")
	return s.rest != ""
}

// skip leaves out what cannot be read.
func (s *scanner) skip() {
	i := strings.IndexAny(s.rest, ", \t")
	if i < 0 {
		i = len(s.rest) - 1
	}
	s.rest = s.rest[i+1:]
}

// peek reports whether the next byte is c.
func (s *scanner) peek(c string) bool { return strings.HasPrefix(s.rest, c) }

// token reads a token (RFC 9110 section 5.6.2).
func (s *scanner) token() string {
	notPart := func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
	}
	i := strings.IndexFunc(s.rest, notPart)
	if i < 0 {
		i = len(s.rest)
	}
	t := s.rest[:i]
	s.rest = s.rest[i:]
	return t
}

// token68 reads what follows a scheme, unless that is the first parameter.
func (s *scanner) token68() string {
	rest := strings.TrimLeft(s.rest, " ")
	end := strings.IndexAny(rest, ", \t")
	if end < 0 {
		end = len(rest)
	}
	word := rest[:end]
	base := strings.TrimRight(word, "=")
	notPart := func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-._~+/", r))
	}
	after := strings.TrimLeft(rest[end:], " \t")
	if base == "" || strings.ContainsFunc(base, notPart) || after != "" && after[0] != ',' {
		return ""
	}
	s.rest = rest[end:]
	return word
}

// param reads =value, for the last challenge of the list.
func (s *scanner) param(list []challenge, name string) {
	s.rest = strings.TrimLeft(s.rest[1:], " \t")
	var value string
	if s.peek(`"`) {
		value = s.quoted()
	} else {
		value = s.token()
	}
	if len(list) == 0 {
		return
	}
	c, name := list[len(list)-1], strings.ToLower(name)
	if _, twice := c.params[name]; !twice && len(c.params) < maxParams {
		c.params[name] = value
	}
}

// quoted reads a quoted string (RFC 9110 section 5.6.4). One that does not end goes to the end of the line.
func (s *scanner) quoted() string {
	var b strings.Builder
	for i := 1; i < len(s.rest); i++ {
		switch c := s.rest[i]; {
		case c == '"':
			s.rest = s.rest[i+1:]
			return b.String()
		case c == '\\' && i+1 < len(s.rest):
			i++
			b.WriteByte(s.rest[i])
		default:
			b.WriteByte(c)
		}
	}
	s.rest = ""
	return b.String()
}

// pick returns the challenge that shows the password to the fewest people, of those that can be answered.
func pick(list []challenge) (challenge, bool) {
	var best challenge
	strength := 0
	for _, c := range list {
		n := 0
		switch c.scheme {
		case "digest":
			if h, ok := digestHashes[strings.ToUpper(c.params["algorithm"])]; ok && c.canAuth() {
				n = 10 + h.strength
			}
		case "ntlm":
			n = 2
		case "basic":
			n = 1
		}
		if n > strength {
			best, strength = c, n
		}
	}
	return best, strength > 0
}

// offers reports whether a scheme is among the challenges.
func offers(list []challenge, scheme string) bool {
	return slices.ContainsFunc(list, func(c challenge) bool { return c.scheme == scheme })
}
