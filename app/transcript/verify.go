package transcript

import (
	"bufio"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"assist/app/identity"
	"assist/app/wire"
)

// What Verify finds, inside a [LineError].
var (
	ErrOther      = errors.New("not the first line of a transcript")
	ErrBroken     = errors.New("not the line that was written here")
	ErrUnfinished = errors.New("the rest is missing")
	ErrSignature  = errors.New("the signature is not one of these entries")
	ErrIdentity   = errors.New("not the identity of the engineer, or not signed by the organisation")
)

// LineError says which line of a file, counted from 1, is the first wrong one, or would have to follow.
type LineError struct {
	Line  int
	Cause error
}

func (e *LineError) Error() string { return fmt.Sprintf("transcript: line %d: %v", e.Line, e.Cause) }
func (e *LineError) Unwrap() error { return e.Cause }

// Report is what a transcript proves.
type Report struct {
	// Summary is what happened. Its Engineer is the one whom the certificate in the file names, verified if the reader
	// trusts the organisation.
	Summary Summary `json:"summary"`
	// CustomerSigned and EngineerSigned are how many entries, from the first on, each end signed: at least 1, and one of them
	// all.
	CustomerSigned int `json:"customer_signed"`
	EngineerSigned int `json:"engineer_signed"`
	// Key is the customer's key, base64url. Nobody vouches for it but the engineer's signature: it tells a customer's copies
	// apart.
	Key string `json:"customer_key"`
}

// JSON is the report as an indented JSON object.
func (r *Report) JSON() ([]byte, error) { return marshal(r) }

// Verify reads a transcript to its end and returns what it proves. With a trusted organisation the engineer must be one of
// its; with nil the signatures must check all the same, and who the engineer is stays unverified. What is wrong with the
// file is a [LineError]; any other error is from reading.
//
// A file with nothing signed by one of the ends is not valid: anybody can write one.
func Verify(r io.Reader, trusted *identity.Organisation) (Report, error) {
	v := &verifier{in: bufio.NewReaderSize(r, maxFileLine), book: newBook(Session{}), trusted: trusted}
	if err := v.run(); err != nil {
		return Report{}, err
	}
	s := v.story.summary
	s.Engineer, s.EndedBy, s.Signed = v.engineerIs, endedBy(s.Reason), min(v.customer.number, v.engineer.number)
	return Report{
		Summary: s, CustomerSigned: v.customer.number, EngineerSigned: v.engineer.number, Key: encoding.EncodeToString(v.story.key),
	}, nil
}

// maxFileLine is longer than every line: an entry with its chain, a signature with an identity.
const maxFileLine = wire.MaxEntry + 64

// verifier follows a file as the ends followed the session.
type verifier struct {
	book
	in         *bufio.Reader
	line       int // that was read last
	trusted    *identity.Organisation
	heads      []head // after every entry
	engineerIs Engineer
}

func (v *verifier) wrong(cause error) error { return &LineError{v.line, cause} }

// read returns the next line, and false at the end of the file.
func (v *verifier) read() (string, bool, error) {
	v.line++
	line, err := v.in.ReadSlice('\n')
	switch {
	case err == io.EOF && len(line) == 0:
		return "", false, nil
	case err == io.EOF:
		return "", false, v.wrong(ErrUnfinished)
	case errors.Is(err, bufio.ErrBufferFull):
		return "", false, v.wrong(ErrBroken)
	case err != nil:
		return "", false, fmt.Errorf("transcript: verify: %w", err)
	}
	return string(line[:len(line)-1]), true, nil
}

// must returns the next line, which there has to be.
func (v *verifier) must() (string, error) {
	line, ok, err := v.read()
	if err == nil && !ok {
		err = v.wrong(ErrUnfinished)
	}
	return line, err
}

func (v *verifier) run() error {
	first, err := v.must()
	if _, wrong := errors.AsType[*LineError](err); wrong || err == nil && first != heading {
		return v.wrong(ErrOther)
	}
	if err != nil {
		return err
	}
	for !v.story.ended {
		line, err := v.must()
		if err != nil {
			return err
		}
		if err := v.entry(line); err != nil {
			return err
		}
	}
	if err := v.signedBy(byCustomer); err != nil {
		return err
	}
	if err := v.signedBy(byEngineer); err != nil {
		return err
	}
	if _, more, err := v.read(); err != nil || more {
		return v.wrong(ErrBroken)
	}
	return nil
}

// entry takes the line of an entry.
func (v *verifier) entry(line string) error {
	if strings.HasPrefix(line, signatureWord) {
		return v.wrong(ErrUnfinished) // the end was cut out
	}
	if len(line) <= chainSize || v.number() == MaxEntries || v.size > MaxSize {
		return v.wrong(ErrBroken)
	}
	text := line[:len(line)-chainSize]
	e, err := parseEntry(text)
	if err != nil || line != seal(text, v.head.next(text)) || v.append(&e, text) != nil {
		return v.wrong(ErrBroken)
	}
	v.heads = append(v.heads, v.head)
	return nil
}

// signedBy takes the line of a signature.
func (v *verifier) signedBy(by string) error {
	line, err := v.must()
	if err != nil {
		return err
	}
	fields, err := parseSignature(line, by)
	if err != nil {
		return v.wrong(ErrBroken)
	}
	s, chain, err := readSignature(fields)
	if err != nil || line != s.line(by, chain) || s.number < 1 || s.number > v.number() {
		return v.wrong(ErrBroken)
	}
	if by == byCustomer {
		v.customer = s
		return v.checkCustomer()
	}
	v.engineer = s
	return v.checkEngineer(chain)
}

// checkCustomer holds the customer's signature against the entries. It covers everything but an end that the engineer's
// end wrote.
func (v *verifier) checkCustomer() error {
	all := v.number()
	if v.story.by == byEngineer {
		all--
	}
	if v.customer.number != all || !v.customer.checks(v.story.key, labelCustomer, v.heads[v.customer.number-1]) {
		return v.wrong(ErrSignature)
	}
	return nil
}

// checkEngineer holds the engineer's identity and signature against the entries.
func (v *verifier) checkEngineer(chain []byte) error {
	if hash(chain) != v.story.identity {
		return v.wrong(ErrIdentity)
	}
	who, key, err := identity.Verify(chain, v.trusted, v.story.summary.Started)
	if err != nil {
		return v.wrong(ErrIdentity)
	}
	v.engineerIs = names(who)
	said := v.story.summary.Engineer
	said.Verified = who.Verified
	if said != v.engineerIs {
		return v.wrong(ErrIdentity)
	}
	if v.story.by == byEngineer && v.engineer.number != v.number() ||
		!v.engineer.checks(key, labelEngineer, v.heads[v.engineer.number-1]) {
		return v.wrong(ErrSignature)
	}
	return nil
}

// parseSignature reads the fields of a signature's line.
func parseSignature(line, by string) ([]field, error) {
	rest, ok := strings.CutPrefix(line, signatureWord+by+" ")
	if !ok {
		return nil, errLine
	}
	return parseFields(rest)
}

// readSignature takes a signature, and the identity if there is one, from its fields.
func readSignature(fields []field) (s signature, chain []byte, err error) {
	for _, f := range fields {
		var b []byte
		switch f.name {
		case "entry":
			s.number, err = strconv.Atoi(f.value)
		case "identity":
			chain, err = encoding.DecodeString(f.value)
		case "value":
			if b, err = encoding.DecodeString(f.value); err == nil && len(b) != ed25519.SignatureSize {
				err = errLine
			}
			copy(s.value[:], b)
		}
		if err != nil {
			return s, nil, err
		}
	}
	return s, chain, nil
}
