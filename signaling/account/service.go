package account

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/bytemare/opaque"
)

// Keys are the service's own secrets: OPRF seed and AKE key. Without them no password is of any use.
type Keys struct{ server *opaque.Server }

// LogValue keeps the keys out of every log.
func (*Keys) LogValue() slog.Value { return slog.StringValue("[keys]") }

// String keeps the keys out of every print.
func (*Keys) String() string { return "[keys]" }

// GoString keeps the keys out of every print.
func (*Keys) GoString() string { return "[keys]" }

// OpenKeys reads the keys from file, making them if it is not there. The file has mode 0600.
func OpenKeys(file string) (*Keys, error) {
	raw, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		if err := makeKeys(file); err != nil {
			return nil, fmt.Errorf("account: keys: %w", err)
		}
		raw, err = os.ReadFile(file)
	}
	if err != nil {
		return nil, fmt.Errorf("account: keys: %w", err)
	}
	defer clear(raw)
	material, err := suite().DecodeServerKeyMaterial(raw)
	if err != nil {
		return nil, fmt.Errorf("account: keys: %s is not what it was: %w", file, err)
	}
	server, err := suite().Server()
	if err != nil {
		return nil, fmt.Errorf("account: keys: %w", err)
	}
	if err := server.SetKeyMaterial(material); err != nil {
		return nil, fmt.Errorf("account: keys: %w", err)
	}
	return &Keys{server}, nil
}

// makeKeys writes new keys under another name first: the file is whole or not there. Of two who make them at once one wins.
func makeKeys(file string) error {
	private, public := suite().KeyGen()
	material := opaque.ServerKeyMaterial{
		Identity: serverName, PrivateKey: private, PublicKeyBytes: public.Encode(), OPRFGlobalSeed: suite().GenerateOPRFSeed(),
	}
	f, err := os.CreateTemp(filepath.Dir(file), ".keys-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(material.Encode())
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), file); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

// Attempt is a sign-in at the service's end, between KE2 and KE3.
type Attempt struct {
	keys    *Keys
	output  *opaque.ServerOutput
	account Account
	real    bool // account exists and is enabled
}

// Begin answers KE1 for the account called name with KE2, whether there is such an account or not. An error means that the
// message is not OPAQUE's or that the book cannot be read.
func (k *Keys) Begin(ctx context.Context, book *Book, name string, ke1 []byte) (*Attempt, []byte, error) {
	m, err := k.server.Deserialize.KE1(ke1)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrFailed, err)
	}
	// Both are always done, so that both cost their time.
	record, err := suite().GetFakeRecord([]byte(name))
	if err != nil {
		return nil, nil, fmt.Errorf("account: %w", err)
	}
	record.ClientIdentity = []byte(name)
	a, err := book.Get(ctx, name)
	if err != nil && !errors.Is(err, ErrUnknown) {
		return nil, nil, err
	}
	t := &Attempt{keys: k, account: a, real: err == nil && !a.Disabled}
	if t.real {
		if record.RegistrationRecord, err = k.server.Deserialize.RegistrationRecord(a.Record); err != nil {
			return nil, nil, fmt.Errorf("account: stored record: %w", err)
		}
	}
	ke2, output, err := k.server.GenerateKE2(m, record)
	if err != nil {
		return nil, nil, fmt.Errorf("account: %w", err)
	}
	t.output = output
	return t, ke2.Serialize(), nil
}

// Finish returns the account if KE3 proves its password, and ErrFailed otherwise.
func (t *Attempt) Finish(ke3 []byte) (Account, error) {
	m, err := t.keys.server.Deserialize.KE3(ke3)
	if err != nil {
		return Account{}, ErrFailed
	}
	if err := t.keys.server.LoginFinish(m, t.output.ClientMAC); err != nil || !t.real {
		return Account{}, ErrFailed
	}
	return t.account, nil
}

// Register makes the account called name with password, both ends of the registration being this process. makeCertificate
// gets the export key that every later sign-in with this password yields. The account is returned, not stored.
func (k *Keys) Register(name, password string, makeCertificate func(exportKey []byte) ([]byte, error)) (Account, error) {
	if err := CheckName(name); err != nil {
		return Account{}, err
	}
	if len(password) < MinPassword {
		return Account{}, ErrPassword
	}
	record, exportKey, err := k.register(name, []byte(password))
	if err != nil {
		return Account{}, err
	}
	defer clear(exportKey)
	certificate, err := makeCertificate(exportKey)
	if err != nil {
		return Account{}, fmt.Errorf("account: certificate: %w", err)
	}
	return Account{Name: name, Record: record, Certificate: certificate, Created: time.Now().UTC()}, nil
}

func (k *Keys) register(name string, password []byte) (record, exportKey []byte, err error) {
	client, err := newClient(password)
	if err != nil {
		return nil, nil, err
	}
	defer client.ClearState()
	request, err := client.RegistrationInit(password)
	if err != nil {
		return nil, nil, fmt.Errorf("account: register: %w", err)
	}
	response, err := k.server.RegistrationResponse(request, []byte(name), nil)
	if err != nil {
		return nil, nil, fmt.Errorf("account: register: %w", err)
	}
	m, exportKey, err := client.RegistrationFinalize(response, []byte(name), serverName, stretching())
	if err != nil {
		return nil, nil, fmt.Errorf("account: register: %w", err)
	}
	return m.Serialize(), exportKey, nil
}
