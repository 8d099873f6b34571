// Package invite reads the links that start the customer's program with the service's address filled in, from a web page,
// a mail or a QR code:
//
//	assist://HOST[:PORT]/[CODE][#[SECRET][,KEY]]
//
// CODE is the room of a code, three digits, or all seven. SECRET is the last four digits, if CODE is the room; the part behind #
// does not leave the computer when a browser opens the link. KEY is the public key of the support organisation, as identity
// writes it.
//
// A link fills in what the customer could type. It starts nothing: the consent question comes all the same. Whatever
// does not fit the grammar exactly is refused.
package invite

import (
	"errors"
	"fmt"
	"net"
	"regexp"
	"strconv"
	"strings"

	"assist/app/code"
	"assist/app/identity"
)

// Scheme is the links' scheme.
const Scheme = "assist"

// maxLink is the longest link that is read, in bytes.
const maxLink = 512

// ErrSyntax means that a text is no such link. It does not repeat the text, which may hold a secret.
var ErrSyntax = errors.New("invite: not an assist link")

// Invite is what a link says.
type Invite struct {
	Service      string                 // host or host:port
	Code         code.Code              // zero unless the link has a whole one
	Organisation *identity.Organisation // nil unless the link has a key
}

// grammar is the whole of it: host, port, code, secret, key.
var grammar = regexp.MustCompile(`^assist://([a-zA-Z0-9](?:[a-zA-Z0-9.-]{0,252}[a-zA-Z0-9])?|\[[0-9a-fA-F:.]{2,45}\])(?::([0-9]{1,5}))?/([0-9]{7}|[0-9]{3})?(?:#([0-9]{4})?(?:,([A-Za-z0-9_-]{43}))?)?$`)

// Parse reads a link.
func Parse(link string) (Invite, error) {
	if len(link) > maxLink {
		return Invite{}, ErrSyntax
	}
	m := grammar.FindStringSubmatch(link)
	if m == nil {
		return Invite{}, ErrSyntax
	}
	service, err := parseService(m[1], m[2])
	if err != nil {
		return Invite{}, err
	}
	i := Invite{Service: service}
	if digits := m[3] + m[4]; len(digits) == code.RoomDigits+code.SecretDigits {
		if i.Code, err = code.Parse(digits); err != nil {
			return Invite{}, ErrSyntax
		}
	} else if m[4] != "" {
		return Invite{}, fmt.Errorf("%w: a secret without a room", ErrSyntax)
	}
	if m[5] != "" {
		org, err := identity.ParseOrganisation(m[5])
		if err != nil {
			return Invite{}, fmt.Errorf("%w: key", ErrSyntax)
		}
		i.Organisation = &org
	}
	return i, nil
}

// ParseService reads the address of a service as people type it: host or host:port.
func ParseService(s string) (string, error) {
	i, err := Parse(Scheme + "://" + strings.TrimSpace(s) + "/")
	if err != nil || i.Service == "" {
		return "", ErrSyntax
	}
	return i.Service, nil
}

// parseService checks host and port.
func parseService(host, port string) (string, error) {
	plain := strings.Trim(host, "[]")
	if strings.HasPrefix(host, "[") && net.ParseIP(plain) == nil || strings.Contains(host, "..") {
		return "", fmt.Errorf("%w: host", ErrSyntax)
	}
	if port == "" {
		return host, nil
	}
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
		return "", fmt.Errorf("%w: port", ErrSyntax)
	}
	return net.JoinHostPort(plain, port), nil
}
