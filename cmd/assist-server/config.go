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
	// Listen is address:port, for TCP and UDP, or a list of them. Any one alone is enough for everything.
	Listen addresses `toml:"listen"`
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
	relayConfig

	publicIP netip.Addr
	alone    bool // it is for a relay without a service
}

// addresses are one text or a list of them.
type addresses []string

// UnmarshalTOML implements toml.Unmarshaler.
func (a *addresses) UnmarshalTOML(v any) error {
	switch v := v.(type) {
	case string:
		*a = addresses{v}
	case []any:
		for _, one := range v {
			text, ok := one.(string)
			if !ok {
				return errors.New("listen must be a text or a list of texts")
			}
			*a = append(*a, text)
		}
	default:
		return errors.New("listen must be a text or a list of texts")
	}
	return nil
}

// maxConfig is the size of the largest configuration file, in bytes.
const maxConfig = 64 << 10

// readConfig reads and checks file. Its errors name the line where there is one.
func readConfig(file string) (config, error) { return readAs(file, config{}) }

// readAs is readConfig for what c is preset to.
func readAs(file string, c config) (config, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return config{}, fmt.Errorf("configuration: %w", err)
	}
	if len(text) > maxConfig {
		return config{}, fmt.Errorf("configuration: %s: larger than %d bytes", file, maxConfig)
	}
	c, err = parseAs(string(text), c)
	if err != nil {
		return config{}, fmt.Errorf("configuration: %s: %w", file, err)
	}
	folder, err := filepath.Abs(filepath.Dir(file))
	if err != nil {
		return config{}, fmt.Errorf("configuration: %w", err)
	}
	paths := []*string{&c.Data, &c.RelaySecretFile, &c.TLS.Certificate, &c.TLS.Key}
	for i := range c.Relays {
		paths = append(paths, &c.Relays[i].SecretFile)
	}
	for _, path := range paths {
		if *path != "" && !filepath.IsAbs(*path) {
			*path = filepath.Join(folder, *path)
		}
	}
	return c, nil
}

func parseConfig(text string) (config, error) { return parseAs(text, config{}) }

func parseAs(text string, c config) (config, error) {
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

// maxListen is how many ports the service listens on at most: as many as apps take.
const maxListen = 8

func (c *config) check() error {
	if len(c.Listen) == 0 || len(c.Listen) > maxListen {
		return fmt.Errorf("listen must be 1 to %d of address:port, for example [\"0.0.0.0:443\", \"0.0.0.0:80\"]", maxListen)
	}
	var first netip.AddrPort
	for i, text := range c.Listen {
		a, err := netip.ParseAddrPort(text)
		if err != nil {
			return fmt.Errorf("listen must be address:port, for example \"0.0.0.0:443\", not %q", text)
		}
		if i == 0 {
			first = a
		}
	}
	if c.PublicIP == "" && !first.Addr().IsUnspecified() {
		c.PublicIP = first.Addr().String()
	}
	var err error
	if c.publicIP, err = netip.ParseAddr(c.PublicIP); err != nil || c.publicIP.IsUnspecified() {
		return fmt.Errorf("public_ip must be the address under which the service is reached, not %q", c.PublicIP)
	}
	switch {
	case c.Data == "":
		return errors.New("data is missing: the folder for what the service keeps")
	case c.Organisation == "" && !c.alone:
		return errors.New("organisation is missing: the name that customers see")
	case (c.TLS.Certificate == "") != (c.TLS.Key == ""):
		return errors.New("tls needs both certificate and key, or neither")
	}
	for _, h := range c.Hosts {
		if h == "" || strings.ContainsAny(h, " /:") && net.ParseIP(h) == nil {
			return fmt.Errorf("hosts: %q is neither a name nor an address", h)
		}
	}
	return c.relayConfig.check(c.publicIP)
}

// checkCommand is config check.
type checkCommand struct {
	Config string `required:"" type:"path" help:"Configuration file."`
	Relay  bool   `help:"It is that of a relay alone."`
}

// Run reads the file and the files it names.
func (c *checkCommand) Run(t terminal) error {
	cfg, err := readAs(c.Config, config{alone: c.Relay})
	if err != nil {
		return err
	}
	if cfg.TLS.Certificate != "" {
		pair, err := loadCertificate(cfg.TLS.Certificate, cfg.TLS.Key)
		if err != nil {
			return err
		}
		for _, warning := range warnings(pair.Leaf, cfg.Hosts) {
			fmt.Fprintln(t.out, "Warning:", warning)
		}
	}
	if cfg.RelaySecretFile != "" {
		if _, err := readSecret(cfg.RelaySecretFile); err != nil {
			return err
		}
	}
	for _, r := range cfg.Relays {
		if r.SecretFile == "" {
			continue
		}
		if _, err := readSecret(r.SecretFile); err != nil {
			return fmt.Errorf("relay %s: %w", r.Name, err)
		}
	}
	fmt.Fprintln(t.out, "The configuration can be used.")
	return nil
}
