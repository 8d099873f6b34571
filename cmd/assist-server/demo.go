package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"assist/app/identity"
)

// demoCommand is demo.
type demoCommand struct {
	Listen    []string `default:"127.0.0.1:0" help:"Loopback address and port. May be given again: the service takes them all."`
	ReadyFile string   `type:"path" help:"Write the line of JSON to this file instead of standard output."`
	Data      string   `type:"path" help:"Keep the data in this folder, its password with it, so that the same demo can be started again."`
}

// access is how to reach a demo: one line of JSON.
type access struct {
	Service         string `json:"service"` // host:port
	CA              string `json:"ca"`      // PEM of the certificate to trust
	OrganisationKey string `json:"organisation_key"`
	Account         string `json:"account"`
	Password        string `json:"password"`
}

// accessFile is where a demo that keeps its data notes how to reach it.
const accessFile = "demo.json"

// Run serves until it is told to end, and leaves nothing behind, unless it was told to keep its data.
func (d *demoCommand) Run(ctx context.Context, t terminal) (err error) {
	var addr netip.AddrPort
	for i := len(d.Listen) - 1; i >= 0; i-- {
		if addr, err = loopback(d.Listen[i]); err != nil {
			return err
		}
	}
	folder := d.Data
	if folder == "" {
		if folder, err = os.MkdirTemp("", "assist-demo-"); err != nil {
			return fmt.Errorf("demo: %w", err)
		}
		defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	}
	c := config{Listen: d.Listen, Data: folder, Organisation: "Demo Organisation", publicIP: addr.Addr()}
	c.Limits.PerAddress = 10_000 // all come from this machine
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

// prepareDemo makes an organisation and its one engineer, unless the data folder has them.
func (s *service) prepareDemo(ctx context.Context, c config) (access, error) {
	file := filepath.Join(c.Data, accessFile)
	if kept, err := os.ReadFile(file); err == nil {
		var a access
		if err := json.Unmarshal(kept, &a); err != nil {
			return access{}, fmt.Errorf("demo: %s: %w", file, err)
		}
		a.Service, a.CA = s.relay.Addr().String(), string(s.ca)
		return a, nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return access{}, fmt.Errorf("demo: %w", err)
	}
	a, err := s.newDemo(ctx, c)
	if err != nil {
		return access{}, err
	}
	line, err := json.Marshal(a)
	if err != nil {
		return access{}, fmt.Errorf("demo: %w", err)
	}
	return a, writeFile(file, line)
}

func (s *service) newDemo(ctx context.Context, c config) (access, error) {
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
