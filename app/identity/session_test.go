package identity

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestSessionEndsWithTheAccount(t *testing.T) {
	f := newFixture(t)
	f.account.NotAfter = now.Add(time.Hour)
	cert, err := SignAccount(f.root, f.account)
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewSession(f.accountKey, cert, now)
	if err != nil {
		t.Fatal(err)
	}
	if !s.NotAfter.Equal(now.Add(time.Hour)) {
		t.Errorf("NotAfter %v", s.NotAfter)
	}
	if _, _, err := Verify(s.Chain, &f.organisation, now.Add(2*time.Hour)); !errors.Is(err, ErrExpired) {
		t.Errorf("two hours later: %v", err)
	}
}

func TestNewSessionRefuses(t *testing.T) {
	f := newFixture(t)
	for _, tt := range []struct {
		name string
		key  ed25519.PrivateKey
		cert []byte
		at   time.Time
		want error
	}{
		{"another key", key(5), f.cert, now, ErrWrongKey},
		{"no key", nil, f.cert, now, ErrWrongKey},
		{"expired", f.accountKey, f.cert, now.Add(AccountValidity), ErrExpired},
		{"early", f.accountKey, f.cert, now.Add(-48 * time.Hour), ErrEarly},
		{"cut short", f.accountKey, f.cert[:len(f.cert)-1], now, ErrSyntax},
		{"none", f.accountKey, nil, now, ErrSyntax},
	} {
		if s, err := NewSession(tt.key, tt.cert, tt.at); !errors.Is(err, tt.want) || s != nil {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
}

func TestSessionErase(t *testing.T) {
	f := newFixture(t)
	private := f.session.key.private
	f.session.Erase()
	f.session.Erase()
	if f.session.Sign([]byte("x")) != nil || *private != [ed25519.PrivateKeySize]byte{} {
		t.Error("the key outlives Erase")
	}
}

func TestSessionHides(t *testing.T) {
	f := newFixture(t)
	seed := f.session.key.private[:ed25519.SeedSize]
	leaks := []string{
		strings.Trim(fmt.Sprint(seed[:6]), "[]"), fmt.Sprintf("%x", seed[:6]), fmt.Sprintf("%X", seed[:6]), string(seed[:6]),
	}
	held := struct{ hidden *Session }{f.session}
	direct := struct{ hidden Session }{*f.session}
	for verb := rune(' '); verb < 0x7f; verb++ {
		for _, v := range []any{f.session, *f.session, held, &held, direct, &direct} {
			for _, flag := range []string{"", "#", "+"} {
				text := fmt.Sprintf("%"+flag+string(verb), v)
				for _, leak := range leaks {
					if strings.Contains(text, leak) {
						t.Fatalf("%%%s%c of %T shows the key", flag, verb, v)
					}
				}
			}
		}
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "session", f.session)
	if got := log.String(); !regexp.MustCompile(`"session":"\[session\]"`).MatchString(got) {
		t.Errorf("log: %s", got)
	}
}
