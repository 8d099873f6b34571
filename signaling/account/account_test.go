package account

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"assist/signaling/store"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const password = "correct horse battery"

type fixture struct {
	keys *Keys
	book *Book
	key  []byte // export key of "ann"
}

func setUp(t *testing.T) fixture {
	t.Helper()
	s, err := store.Open(store.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	bucket, err := s.Bucket(t.Context(), "accounts")
	if err != nil {
		t.Fatal(err)
	}
	f := fixture{book: NewBook(bucket)}
	if f.keys, err = OpenKeys(filepath.Join(t.TempDir(), "keys")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"ann", "dora"} {
		a, err := f.keys.Register(name, password, func(key []byte) ([]byte, error) {
			if name == "ann" {
				f.key = bytes.Clone(key)
			}
			return []byte("certificate of " + name), nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := f.book.Add(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.book.Change(t.Context(), "dora", func(a *Account) { a.Disabled = true }); err != nil {
		t.Fatal(err)
	}
	return f
}

// signIn goes through a whole sign-in, and returns the sizes of what was sent.
func (f fixture) signIn(ctx context.Context, name, password string) (Account, []byte, [3]int, error) {
	s, ke1, err := Start(name, password)
	if err != nil {
		return Account{}, nil, [3]int{}, err
	}
	attempt, ke2, err := f.keys.Begin(ctx, f.book, name, ke1)
	if err != nil {
		return Account{}, nil, [3]int{}, err
	}
	ke3, exportKey, appErr := s.Finish(ke2)
	a, err := attempt.Finish(ke3)
	if (err == nil) != (appErr == nil) {
		err = fmt.Errorf("the two ends disagree: %w, %w", err, appErr)
	}
	return a, exportKey, [3]int{len(ke1), len(ke2), len(ke3)}, err
}

func TestSignIn(t *testing.T) {
	f := setUp(t)
	a, key, sizes, err := f.signIn(t.Context(), "ann", password)
	if err != nil || string(a.Certificate) != "certificate of ann" || !bytes.Equal(key, f.key) || len(key) != 64 {
		t.Fatalf("good sign-in: %+v, %d bytes of key, %v", a, len(key), err)
	}
	for _, tt := range []struct{ name, account, password string }{
		{"wrong password", "ann", "correct horse buttery"},
		{"unknown account", "nobody", password},
		{"disabled account", "dora", password},
		{"a name no account has", "Ann; DROP", password},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a, key, got, err := f.signIn(t.Context(), tt.account, tt.password)
			if !errors.Is(err, ErrFailed) || a.Name != "" || key != nil || got != sizes {
				t.Errorf("%+v, key %d bytes, sizes %v (want %v), %v", a, len(key), got, sizes, err)
			}
		})
	}
}

func TestOldPasswordAfterReset(t *testing.T) {
	f := setUp(t)
	next, err := f.keys.Register("ann", "another password", func([]byte) ([]byte, error) { return []byte("new"), nil })
	if err != nil {
		t.Fatal(err)
	}
	err = f.book.Change(t.Context(), "ann", func(a *Account) { a.Record, a.Certificate = next.Record, next.Certificate })
	if err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := f.signIn(t.Context(), "ann", password); !errors.Is(err, ErrFailed) {
		t.Errorf("old password: %v", err)
	}
	if a, _, _, err := f.signIn(t.Context(), "ann", "another password"); err != nil || string(a.Certificate) != "new" {
		t.Errorf("new password: %+v, %v", a, err)
	}
}

func TestReplayedFinish(t *testing.T) {
	f := setUp(t)
	s, ke1, _ := Start("ann", password)
	first, ke2, err := f.keys.Begin(t.Context(), f.book, "ann", ke1)
	if err != nil {
		t.Fatal(err)
	}
	ke3, _, err := s.Finish(ke2)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := first.Finish(ke3); err != nil {
		t.Fatal(err)
	}
	second, _, err := f.keys.Begin(t.Context(), f.book, "ann", ke1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := second.Finish(ke3); !errors.Is(err, ErrFailed) {
		t.Errorf("a recorded sign-in was taken again: %v", err)
	}
}

func TestGarbage(t *testing.T) {
	f := setUp(t)
	for _, n := range []int{0, 1, 95, 96, 97, 512} {
		if _, _, err := f.keys.Begin(t.Context(), f.book, "ann", bytes.Repeat([]byte{0xff}, n)); !errors.Is(err, ErrFailed) {
			t.Errorf("KE1 of %d bytes: %v", n, err)
		}
		s, ke1, _ := Start("ann", password)
		ke3, key, err := s.Finish(bytes.Repeat([]byte{0xff}, n))
		if !errors.Is(err, ErrFailed) || key != nil || len(ke3) != finishSize {
			t.Errorf("KE2 of %d bytes: %d bytes, %v", n, len(ke3), err)
		}
		attempt, _, err := f.keys.Begin(t.Context(), f.book, "ann", ke1)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := attempt.Finish(bytes.Repeat([]byte{1}, n)); !errors.Is(err, ErrFailed) {
			t.Errorf("KE3 of %d bytes: %v", n, err)
		}
	}
}

func TestKeysFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "keys")
	one, err := OpenKeys(file)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	two, err := OpenKeys(file)
	if err != nil || !bytes.Equal(one.server.ServerKeyMaterial.Encode(), two.server.ServerKeyMaterial.Encode()) {
		t.Errorf("opened again: other keys, %v", err)
	}
	secret := hex.EncodeToString(one.server.ServerKeyMaterial.OPRFGlobalSeed)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
		if s := fmt.Sprintf(verb, one); strings.Contains(s, secret) || len(s) > 100 {
			t.Errorf("%s shows %s", verb, s)
		}
	}
	if err := os.WriteFile(file, []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenKeys(file); err == nil {
		t.Error("damaged keys were opened")
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(file), ".keys-*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

// The suite is written into every account: another one locks them all out.
func TestSuiteIsFixed(t *testing.T) {
	const want = "0101010707070010" // ristretto255 twice, Argon2id, SHA-512 thrice, length of the context
	if got := hex.EncodeToString(suite().Serialize()); got != want+hex.EncodeToString([]byte("assist sign-in 1")) {
		t.Errorf("suite %s", got)
	}
}

func TestCheckName(t *testing.T) {
	for name, ok := range map[string]bool{
		"a": true, "a.engineer@example.com": true, "0-x_y": true, strings.Repeat("a", MaxName): true,
		"": false, ".a": false, "@": false, "Ann": false, "a b": false, "a/b": false, "ä": false, "a\x00": false, "a\n": false,
		strings.Repeat("a", MaxName+1): false,
	} {
		if err := CheckName(name); (err == nil) != ok {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestBook(t *testing.T) {
	f, ctx := setUp(t), t.Context()
	if err := f.book.Add(ctx, Account{Name: "ann"}); !errors.Is(err, ErrExists) {
		t.Errorf("second ann: %v", err)
	}
	if err := f.book.Add(ctx, Account{Name: "Ann"}); !errors.Is(err, ErrName) {
		t.Errorf("bad name: %v", err)
	}
	if err := f.book.Change(ctx, "nobody", func(*Account) {}); !errors.Is(err, ErrUnknown) {
		t.Errorf("change of nobody: %v", err)
	}
	all, err := f.book.List(ctx)
	if err != nil || len(all) != 2 || all[0].Name != "ann" || !all[1].Disabled {
		t.Errorf("List: %+v, %v", all, err)
	}
	if _, err := f.keys.Register("bob", "short", nil); !errors.Is(err, ErrPassword) {
		t.Errorf("short password: %v", err)
	}
}

func FuzzBegin(f *testing.F) {
	k, err := OpenKeys(filepath.Join(f.TempDir(), "keys"))
	if err != nil {
		f.Fatal(err)
	}
	_, ke1, _ := Start("ann", password)
	f.Add("ann", ke1)
	f.Add("", []byte{})
	book := NewBook(nothing{})
	f.Fuzz(func(t *testing.T, name string, ke1 []byte) {
		attempt, ke2, err := k.Begin(t.Context(), book, name, ke1)
		if err != nil {
			return
		}
		if len(ke2) != 320 {
			t.Errorf("KE2 of %d bytes", len(ke2))
		}
		if _, err := attempt.Finish(ke1); err == nil {
			t.Error("signed in")
		}
	})
}

// nothing is a bucket without keys.
type nothing struct{}

func (nothing) Get(context.Context, string) ([]byte, uint64, error) { return nil, 0, nil }
func (nothing) Put(context.Context, string, []byte, uint64) (uint64, bool, error) {
	return 0, false, nil
}
func (nothing) Keys(context.Context) ([]string, error) { return nil, nil }
