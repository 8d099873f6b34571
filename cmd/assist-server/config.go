package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"

	"github.com/BurntSushi/toml"
)

// config is the configuration file, TOML. Paths are taken from the file's own folder.
type config struct {
	// Listen is address:port, for TCP and UDP.
	Listen string `toml:"listen"`
	// PublicIP is the address that relayed addresses carry. It is that of Listen if left out.
	PublicIP string `toml:"public_ip"`
	// Data is the folder for everything the service keeps.
	Data string `toml:"data"`
	// Organisation is the name that engineers' certificates carry.
	Organisation string `toml:"organisation"`
	// Hosts are the names and addresses in the service's own certificate, if it has no other.
	Hosts []string `toml:"hosts"`
	// NATS is the URL of an external cluster; if left out, what there is to keep is kept in Data.
	NATS string `toml:"nats"`
	// RelaySecretFile holds the secret that relays share. If left out one is made in Data.
	RelaySecretFile string `toml:"relay_secret_file"`
	TLS             struct {
		Certificate string `toml:"certificate"` // PEM, the chain with the leaf first
		Key         string `toml:"key"`         // PEM
	} `toml:"tls"`

	listen   netip.AddrPort
	publicIP netip.Addr
}

// maxConfig is the size of the largest configuration file, in bytes.
const maxConfig = 64 << 10

// readConfig reads and checks file. Its errors name the line where there is one.
func readConfig(file string) (config, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return config{}, fmt.Errorf("configuration: %w", err)
	}
	if len(text) > maxConfig {
		return config{}, fmt.Errorf("configuration: %s: larger than %d bytes", file, maxConfig)
	}
	c, err := parseConfig(string(text))
	if err != nil {
		return config{}, fmt.Errorf("configuration: %s: %w", file, err)
	}
	folder, err := filepath.Abs(filepath.Dir(file))
	if err != nil {
		return config{}, fmt.Errorf("configuration: %w", err)
	}
	for _, path := range []*string{&c.Data, &c.RelaySecretFile, &c.TLS.Certificate, &c.TLS.Key} {
		if *path != "" && !filepath.IsAbs(*path) {
			*path = filepath.Join(folder, *path)
		}
	}
	return c, nil
}

func parseConfig(text string) (config, error) {
	var c config
	meta, err := toml.Decode(text, &c)
	if err != nil {
		if p, ok := errors.AsType[toml.ParseError](err); ok {
			return config{}, fmt.Errorf("line %d: %s", p.Position.Line, p.Message)
		}
		return config{}, err
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		return config{}, fmt.Errorf("line %d: there is no setting %q", lineOf(text, unknown[0]), unknown[0])
	}
	return c, c.check()
}

// lineOf returns the number of the line that sets key.
func lineOf(text string, key toml.Key) int {
	table, n := "", 0
	for line := range strings.Lines(text) {
		n++
		line, _, _ = strings.Cut(strings.TrimSpace(line), "#")
		if name, is := strings.CutPrefix(line, "["); is {
			table = strings.Trim(name, "[] ")
			if table == key.String() {
				return n
			}
			continue
		}
		name, _, is := strings.Cut(line, "=")
		name = strings.Trim(strings.TrimSpace(name), `"'`)
		if is && (name == key.String() || table != "" && table+"."+name == key.String()) {
			return n
		}
	}
	return n
}

func (c *config) check() error {
	var err error
	if c.listen, err = netip.ParseAddrPort(c.Listen); err != nil {
		return fmt.Errorf("listen must be address:port, for example \"0.0.0.0:443\", not %q", c.Listen)
	}
	if c.PublicIP == "" && !c.listen.Addr().IsUnspecified() {
		c.PublicIP = c.listen.Addr().String()
	}
	if c.publicIP, err = netip.ParseAddr(c.PublicIP); err != nil {
		return fmt.Errorf("public_ip must be the address under which the service is reached, not %q", c.PublicIP)
	}
	switch {
	case c.Data == "":
		return errors.New("data is missing: the folder for what the service keeps")
	case c.Organisation == "":
		return errors.New("organisation is missing: the name that customers see")
	case (c.TLS.Certificate == "") != (c.TLS.Key == ""):
		return errors.New("tls needs both certificate and key, or neither")
	}
	for _, h := range c.Hosts {
		if h == "" || strings.ContainsAny(h, " /:") && net.ParseIP(h) == nil {
			return fmt.Errorf("hosts: %q is neither a name nor an address", h)
		}
	}
	return nil
}

// checkCommand is config check.
type checkCommand struct {
	Config string `required:"" type:"path" help:"Configuration file."`
}

// Run reads the file and the files it names.
func (c *checkCommand) Run(t terminal) error {
	cfg, err := readConfig(c.Config)
	if err != nil {
		return err
	}
	if cfg.TLS.Certificate != "" {
		if _, err := loadCertificate(cfg.TLS.Certificate, cfg.TLS.Key); err != nil {
			return err
		}
	}
	if cfg.RelaySecretFile != "" {
		if _, err := readSecret(cfg.RelaySecretFile); err != nil {
			return err
		}
	}
	fmt.Fprintln(t.out, "The configuration can be used.")
	return nil
}
