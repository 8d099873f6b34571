package main

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"os"

	"assist/app/identity"
)

// organisationCommand is organisation init.
type organisationCommand struct {
	Name string `required:"" help:"Name of the organisation, as customers see it; the same as in the configuration."`
	Out  string `required:"" type:"path" help:"File to write the key to. It must not exist."`
}

// Run makes the key, writes its file with mode 0600, and prints the public half.
func (o *organisationCommand) Run(t terminal) error {
	organisation, key, err := identity.NewOrganisation()
	if err != nil {
		return err
	}
	f, err := os.OpenFile(o.Out, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("organisation key: %w", err)
	}
	_, err = f.Write(identity.MarshalKey(key))
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("organisation key: %w", err)
	}
	fmt.Fprintf(t.err, "The key of %s is in %s. Who has it can name engineers: keep it away from the service's host.\n"+
		"Customers' programs need the public half:\n", o.Name, o.Out)
	fmt.Fprintln(t.out, organisation)
	return nil
}

// maxKeyFile is the size of the largest key file, in bytes.
const maxKeyFile = 16 << 10

func readOrganisationKey(file string) (ed25519.PrivateKey, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("organisation key: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxKeyFile))
	if err != nil {
		return nil, fmt.Errorf("organisation key: %w", err)
	}
	return identity.ParsePrivateKey(text)
}
