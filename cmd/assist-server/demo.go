package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"assist/app/identity"
)

// demoCommand is demo.
type demoCommand struct {
	Listen    string `default:"127.0.0.1:0" help:"Loopback address and port."`
	ReadyFile string `type:"path" help:"Write the line of JSON to this file instead of standard output."`
}

// access is how to reach a demo: one line of JSON.
type access struct {
	Service         string `json:"service"` // host:port
	CA              string `json:"ca"`      // PEM of the certificate to trust
	OrganisationKey string `json:"organisation_key"`
	Account         string `json:"account"`
	Password        string `json:"password"`
}

// Run serves until it is told to end, and leaves nothing behind.
func (d *demoCommand) Run(ctx context.Context, t terminal) (err error) {
	addr, err := loopback(d.Listen)
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "assist-demo-")
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	c := config{Listen: d.Listen, Data: folder, Organisation: "Demo Organisation", listen: addr, publicIP: addr.Addr()}
	s, err := startService(ctx, c, newLog(t.err))
	if err != nil {
		return err
	}
	a, err := s.prepareDemo(context.WithoutCancel(ctx), c)
	if err == nil {
		err = d.tell(a, t)
	}
	if err != nil {
		return errors.Join(err, s.close())
	}
	return s.run(ctx)
}

// prepareDemo makes an organisation and its one engineer.
func (s *service) prepareDemo(ctx context.Context, c config) (access, error) {
	organisation, root, err := identity.NewOrganisation()
	if err != nil {
		return access{}, err
	}
	var random [15]byte
	rand.Read(random[:]) // never fails, see crypto/rand
	a := access{
		Service: s.relay.Addr().String(), CA: string(s.ca), OrganisationKey: organisation.String(),
		Account: "engineer", Password: base64.RawURLEncoding.EncodeToString(random[:]),
	}
	made, err := s.keys.Register(a.Account, a.Password, certifier(root, identity.Account{
		Account: a.Account, Name: "Alex Engineer", Organisation: c.Organisation, NotBefore: time.Now(),
	}))
	if err != nil {
		return access{}, err
	}
	_, err = s.do(ctx, order{"add", made})
	return a, err
}

// tell says how to reach the demo, once it can be reached.
func (d *demoCommand) tell(a access, t terminal) error {
	line, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	line = append(line, '\n')
	if d.ReadyFile != "" {
		if err := writeFile(d.ReadyFile, line); err != nil {
			return fmt.Errorf("demo: ready file: %w", err)
		}
		return nil
	}
	_, err = t.out.Write(line)
	return err
}
