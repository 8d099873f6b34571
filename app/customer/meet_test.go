package customer

import (
	"crypto/ed25519"
	"testing"
	"time"

	"assist/app/e2e"
	"assist/app/identity"
	"assist/app/problem"
)

// TestEngineersDates has this computer's clock stand wrong: what an honest engineer signed is not called forged, and what a
// dishonest one did is.
func TestEngineersDates(t *testing.T) {
	trusted, root, err := identity.NewOrganisation()
	if err != nil {
		t.Fatal(err)
	}
	other, _, err := identity.NewOrganisation()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	key := identity.AccountKey(make([]byte, 64))
	cert, err := identity.SignAccount(root, identity.Account{
		Account: "ada", Name: "Ada Engineer", Organisation: "Example Support", Key: key.Public().(ed25519.PublicKey),
		NotBefore: now.Add(-24 * time.Hour),
	})
	if err != nil {
		t.Fatal(err)
	}
	console, err := identity.NewSession(key, cert, now.Add(-4*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	signed := []byte("signed")
	for _, tt := range []struct {
		name    string
		off     time.Duration
		trusted identity.Organisation
		said    []byte
		want    problem.Code
	}{
		{"nine hours ahead", 9 * time.Hour, trusted, signed, problem.EngineerDates},
		{"nine hours behind", -9 * time.Hour, trusted, signed, problem.EngineerDates},
		{"a year ahead", 365 * 24 * time.Hour, trusted, signed, problem.EngineerDates},
		{"a day behind", -24 * time.Hour, trusted, signed, problem.EngineerDates},
		{"another organisation", 0, other, signed, problem.EngineerForged},
		{"another organisation, nine hours ahead", 9 * time.Hour, other, signed, problem.EngineerForged},
		{"not said by the engineer", 0, trusted, []byte("sighed"), problem.EngineerForged},
		{"not said by the engineer, nine hours ahead", 9 * time.Hour, trusted, []byte("sighed"), problem.EngineerForged},
	} {
		_, err := identity.VerifySignature(console.Chain, &tt.trusted, now.Add(tt.off), tt.said, console.Sign(signed))
		if err == nil {
			t.Errorf("%s: accepted", tt.name)
		} else if got := handshakeProblem(err).Code; got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
	if got := handshakeProblem(e2e.ErrMessage).Code; got != problem.HandshakeBroken {
		t.Errorf("nonsense: %v", got)
	}
}
