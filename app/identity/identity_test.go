package identity

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"math"
	"strings"
	"testing"
	"time"
)

var now = time.Date(2031, 5, 6, 7, 8, 9, 0, time.UTC)

// fixture is an organisation with one engineer who is signed in since now.
type fixture struct {
	organisation Organisation
	root         ed25519.PrivateKey
	accountKey   ed25519.PrivateKey
	account      Account
	cert         []byte
	session      *Session
}

// key returns the key pair made of one repeated byte.
func key(b byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{b}, ed25519.SeedSize))
}

func public(k ed25519.PrivateKey) ed25519.PublicKey { return k.Public().(ed25519.PublicKey) }

func newFixture(t testing.TB) *fixture {
	t.Helper()
	f := &fixture{root: key(1), accountKey: AccountKey(bytes.Repeat([]byte{2}, 64))}
	f.organisation = Organisation{public(f.root)}
	f.account = Account{
		Account: "a.example", Name: "山田 Anna", Organisation: "Example Support K.K.",
		Key: public(f.accountKey), NotBefore: now.Add(-24 * time.Hour),
	}
	var err error
	if f.cert, err = SignAccount(f.root, f.account); err != nil {
		t.Fatal(err)
	}
	if f.session, err = NewSession(f.accountKey, f.cert, now); err != nil {
		t.Fatal(err)
	}
	return f
}

// signAnyway signs without the checks of SignAccount.
func (f *fixture) signAnyway(a Account) []byte {
	if a.NotAfter.IsZero() {
		a.NotAfter = a.NotBefore.Add(AccountValidity)
	}
	b := a.append(nil)
	return append(b, ed25519.Sign(f.root, signedAccount(b))...)
}

// chainFor is the chain of a console at a chosen time, without the checks of NewSession.
func chainFor(accountKey ed25519.PrivateKey, cert []byte, session ed25519.PublicKey, from, to time.Time) []byte {
	return chain(cert, signSession(accountKey, cert, session, from, to))
}

func TestVerify(t *testing.T) {
	f := newFixture(t)
	want := Engineer{Name: "山田 Anna", Organisation: "Example Support K.K.", Account: "a.example"}
	for _, trusted := range []*Organisation{nil, &f.organisation} {
		want.Verified = trusted != nil
		got, signer, err := Verify(f.session.Chain, trusted, now)
		if err != nil || got != want {
			t.Fatalf("Verify = %+v, %v, want %+v", got, err, want)
		}
		msg := []byte("label: message")
		if !ed25519.Verify(signer, msg, f.session.Sign(msg)) {
			t.Error("the key returned does not check the session's signature")
		}
		if got, err := VerifySignature(f.session.Chain, trusted, now, msg, f.session.Sign(msg)); err != nil || got != want {
			t.Errorf("VerifySignature = %+v, %v", got, err)
		}
		if _, err := VerifySignature(f.session.Chain, trusted, now, []byte("other"), f.session.Sign(msg)); !errors.Is(err, ErrForged) {
			t.Errorf("signature of another message: %v", err)
		}
	}
	if len(f.session.Chain) > MaxChain {
		t.Errorf("chain of %d bytes", len(f.session.Chain))
	}
}

func TestLongestChainFits(t *testing.T) {
	f := newFixture(t)
	long := strings.Repeat("𠮷", MaxName) // four bytes each
	f.account.Account, f.account.Name, f.account.Organisation = long, long, long
	cert, err := SignAccount(f.root, f.account)
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewSession(f.accountKey, cert, now)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Chain) != MaxChain {
		t.Errorf("longest chain is %d bytes, MaxChain %d", len(s.Chain), MaxChain)
	}
	if _, _, err := Verify(s.Chain, &f.organisation, now); err != nil {
		t.Error(err)
	}
}

func TestForgedChains(t *testing.T) {
	f := newFixture(t)
	thief, other := key(7), key(8)
	console := public(key(9))
	from, to := now, now.Add(SessionValidity)

	otherAccount := f.account
	otherAccount.Key, otherAccount.Account, otherAccount.Name = public(other), "b.example", "Bert"
	otherCert, _ := SignAccount(f.root, otherAccount)
	otherSession := signSession(other, otherCert, console, from, to)

	renewed := f.account // the same account and key, certified again
	renewed.NotBefore = renewed.NotBefore.Add(time.Hour)
	renewedCert, _ := SignAccount(f.root, renewed)

	foreign := f.account
	foreignCert, _ := SignAccount(thief, foreign)

	future := f.account
	future.NotBefore = now.Add(24 * time.Hour)
	futureCert, _ := SignAccount(f.root, future)
	past := f.account
	past.NotBefore, past.NotAfter = now.Add(-48*time.Hour), now.Add(-24*time.Hour)
	pastCert, _ := SignAccount(f.root, past)
	endless := f.account
	endless.NotAfter = endless.NotBefore.Add(MaxAccountValidity + time.Second)

	good := f.session.Chain
	session := signSession(f.accountKey, f.cert, console, from, to)
	for _, tt := range []struct {
		name    string
		chain   []byte
		trusted error // with the organisation known
		nobody  error // with nobody trusted
	}{
		{"good", good, nil, nil},
		{"signed by another organisation", chainFor(f.accountKey, foreignCert, console, from, to), ErrForged, nil},
		{"another account's session", chain(f.cert, otherSession), ErrForged, ErrForged},
		{"session by a thief", chainFor(thief, f.cert, console, from, to), ErrForged, ErrForged},
		{"session by the organisation", chainFor(f.root, f.cert, console, from, to), ErrForged, ErrForged},
		{"session moved to a renewed certificate", chain(renewedCert, session), ErrForged, ErrForged},
		{"session expired", chainFor(f.accountKey, f.cert, console, now.Add(-14*time.Hour), now.Add(-2*time.Hour)), ErrExpired, ErrExpired},
		{"session in the future", chainFor(f.accountKey, f.cert, console, now.Add(time.Hour), now.Add(2*time.Hour)), ErrEarly, ErrEarly},
		{"session for days", chainFor(f.accountKey, f.cert, console, now, now.Add(72*time.Hour)), ErrSyntax, ErrSyntax},
		{"session ends before it begins", chainFor(f.accountKey, f.cert, console, now, now.Add(-time.Second)), ErrSyntax, ErrSyntax},
		{"account expired", chainFor(f.accountKey, pastCert, console, from, to), ErrExpired, ErrExpired},
		{"account in the future", chainFor(f.accountKey, futureCert, console, from, to), ErrEarly, ErrEarly},
		{"account for years", chainFor(f.accountKey, f.signAnyway(endless), console, from, to), ErrSyntax, ErrSyntax},
		{"account in place of session", chain(f.cert, f.cert), ErrSyntax, ErrSyntax},
		{"session in place of account", chain(session, session), ErrSyntax, ErrSyntax},
		{"no session", chain(f.cert, nil), ErrSyntax, ErrSyntax},
		{"account alone", f.cert, ErrSyntax, ErrSyntax},
		{"empty", nil, ErrSyntax, ErrSyntax},
		{"trailing byte", append(bytes.Clone(good), 0), ErrSyntax, ErrSyntax},
		{"trailing byte in the account", chain(append(bytes.Clone(f.cert), 0), session), ErrSyntax, ErrSyntax},
		{"trailing byte in the session", chain(f.cert, append(bytes.Clone(session), 0)), ErrSyntax, ErrSyntax},
		{"too long", make([]byte, MaxChain+1), ErrSyntax, ErrSyntax},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for trusted, want := range map[*Organisation]error{&f.organisation: tt.trusted, nil: tt.nobody} {
				e, signer, err := Verify(tt.chain, trusted, now)
				if !errors.Is(err, want) || want == nil && err != nil {
					t.Errorf("trusted %v: %v, want %v", trusted != nil, err, want)
				}
				if err != nil && (e != Engineer{} || signer != nil) {
					t.Error("refused, but an engineer was returned")
				}
				if err == nil && e.Verified != (trusted != nil) {
					t.Error("Verified is not what was verified")
				}
			}
		})
	}
}

// Every bit counts, also with nobody trusted: the session covers the whole certificate of the account.
func TestEveryFlippedBitIsSeen(t *testing.T) {
	f := newFixture(t)
	for _, trusted := range []*Organisation{nil, &f.organisation} {
		for i := range f.session.Chain {
			for bit := range 8 {
				c := bytes.Clone(f.session.Chain)
				c[i] ^= 1 << bit
				if _, _, err := Verify(c, trusted, now); err == nil {
					t.Errorf("trusted %v: bit %d of byte %d may be flipped", trusted != nil, bit, i)
				}
			}
		}
	}
}

func TestEveryTruncationIsSeen(t *testing.T) {
	f := newFixture(t)
	for i := range f.session.Chain {
		if _, _, err := Verify(f.session.Chain[:i], nil, now); !errors.Is(err, ErrSyntax) {
			t.Errorf("%d bytes: %v", i, err)
		}
	}
}

func TestTimes(t *testing.T) {
	f := newFixture(t)
	end := now.Add(SessionValidity)
	for _, tt := range []struct {
		at   time.Time
		want error
	}{
		{now, nil},
		{now.Add(-backdating), nil},
		{now.Add(-backdating - Skew), nil},
		{now.Add(-backdating - Skew - time.Second), ErrEarly},
		{end, nil},
		{end.Add(Skew), nil},
		{end.Add(Skew + time.Second), ErrExpired},
		{time.Time{}, ErrEarly},
		{time.Unix(math.MaxInt32*100, 0), ErrExpired},
	} {
		if _, _, err := Verify(f.session.Chain, &f.organisation, tt.at); !errors.Is(err, tt.want) || tt.want == nil && err != nil {
			t.Errorf("at %v: %v, want %v", tt.at, err, tt.want)
		}
	}
}

func TestSignAccountRefuses(t *testing.T) {
	f := newFixture(t)
	for name, change := range map[string]func(*Account){
		"no key":     func(a *Account) { a.Key = nil },
		"short key":  func(a *Account) { a.Key = a.Key[1:] },
		"ends early": func(a *Account) { a.NotAfter = a.NotBefore },
		"too long":   func(a *Account) { a.NotAfter = a.NotBefore.Add(MaxAccountValidity + time.Second) },
		"before 1970": func(a *Account) {
			a.NotBefore = time.Unix(-10, 0)
		},
		"zero time": func(a *Account) { a.NotBefore = time.Time{} },
		"year 10000": func(a *Account) {
			a.NotBefore = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)
		},
	} {
		a := f.account
		change(&a)
		if cert, err := SignAccount(f.root, a); err == nil {
			t.Errorf("%s: signed %x", name, cert)
		}
	}
	if _, err := SignAccount(nil, f.account); err == nil {
		t.Error("signed without a key")
	}
}

func TestVerifyAccount(t *testing.T) {
	f := newFixture(t)
	a, err := VerifyAccount(f.cert, f.organisation, now)
	if err != nil || a.Name != f.account.Name || !a.Key.Equal(f.account.Key) || !a.NotAfter.Equal(f.account.NotBefore.Add(AccountValidity)) {
		t.Errorf("VerifyAccount = %+v, %v", a, err)
	}
	for name, tt := range map[string]struct {
		o    Organisation
		at   time.Time
		want error
	}{
		"other":   {Organisation{public(key(5))}, now, ErrForged},
		"none":    {Organisation{}, now, ErrForged},
		"expired": {f.organisation, now.Add(AccountValidity), ErrExpired},
	} {
		if _, err := VerifyAccount(f.cert, tt.o, tt.at); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
	if _, _, err := Verify(f.session.Chain, &Organisation{}, now); !errors.Is(err, ErrForged) {
		t.Errorf("an organisation without a key verified: %v", err)
	}
}

func TestAccountKey(t *testing.T) {
	a, b := bytes.Repeat([]byte{1}, 64), bytes.Repeat([]byte{2}, 64)
	if !AccountKey(a).Equal(AccountKey(a)) || AccountKey(a).Equal(AccountKey(b)) {
		t.Error("the key does not follow the export key")
	}
	defer func() {
		if recover() == nil {
			t.Error("an empty export key gave a key")
		}
	}()
	AccountKey(nil)
}

func FuzzVerify(f *testing.F) {
	x := newFixture(f)
	f.Add(x.session.Chain)
	f.Add(x.session.Chain[:len(x.session.Chain)-1])
	f.Add([]byte{version, kindChain, 0, 0, 0, 0})
	f.Add(chain(x.cert, nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		e, _, err := Verify(b, nil, now)
		if err != nil && e != (Engineer{}) {
			t.Error("refused, but an engineer was returned")
		}
		if a, s, _, err := parseChain(b); err == nil {
			again := chain(append(a.append(nil), a.signature...),
				append(appendTime(appendTime(append([]byte{version, kindSession}, s.key...), s.notBefore), s.notAfter), s.signature...))
			if !bytes.Equal(again, b) {
				t.Errorf("%x has a second encoding", b)
			}
		}
		if _, err := VerifySignature(b, &x.organisation, now, []byte("m"), []byte("s")); err == nil {
			t.Error("a bad signature passed")
		}
	})
}

func FuzzParseAccount(f *testing.F) {
	x := newFixture(f)
	f.Add(x.cert)
	f.Add([]byte{version, kindAccount, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := ParseAccount(b)
		if err == nil && (checkName(a.Name) != nil || checkName(a.Account) != nil || checkName(a.Organisation) != nil) {
			t.Errorf("%+v passed with a bad name", a)
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	f := newFixture(b)
	for b.Loop() {
		if _, _, err := Verify(f.session.Chain, &f.organisation, now); err != nil {
			b.Fatal(err)
		}
	}
}
