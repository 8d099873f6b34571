package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// Lives of the service's own certificate.
const (
	ownLife  = 397 * 24 * time.Hour
	ownRenew = 30 * 24 * time.Hour // before its end a new one is made
)

// ownCertificate returns the certificate that the service made for itself in folder, making it if it is not there, about to
// end, or for other hosts. Apps trust it by its own text, ca, as PEM.
func ownCertificate(folder string, hosts []string) (pair tls.Certificate, ca []byte, err error) {
	certFile, keyFile := filepath.Join(folder, "tls-certificate.pem"), filepath.Join(folder, "tls-key.pem")
	pair, err = tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil || !serves(pair.Leaf, hosts) || time.Until(pair.Leaf.NotAfter) < ownRenew {
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return tls.Certificate{}, nil, fmt.Errorf("tls: own certificate: %w", err)
		}
		if err := makeCertificate(certFile, keyFile, hosts); err != nil {
			return tls.Certificate{}, nil, fmt.Errorf("tls: own certificate: %w", err)
		}
		if pair, err = tls.LoadX509KeyPair(certFile, keyFile); err != nil {
			return tls.Certificate{}, nil, fmt.Errorf("tls: own certificate: %w", err)
		}
	}
	return pair, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.Leaf.Raw}), nil
}

func serves(c *x509.Certificate, hosts []string) bool {
	for _, h := range hosts {
		if c.VerifyHostname(h) != nil {
			return false
		}
	}
	return true
}

func makeCertificate(certFile, keyFile string, hosts []string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader) // small: it crosses the slowest lines
	if err != nil {
		return err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return err
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "Assist service"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(ownLife),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true,
	}
	for _, h := range hosts {
		if ip := net.ParseIP(h); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, h)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	if err := writeFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})); err != nil {
		return err
	}
	return writeFile(certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

// writeFile replaces name by content, wholly or not at all, with mode 0600.
func writeFile(name string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".new-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}

// minSecret is the size of the shortest relay secret, in bytes.
const minSecret = 16

// readSecret reads a relay secret: the text of file without what surrounds it.
func readSecret(file string) ([]byte, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("relay secret: %w", err)
	}
	secret := bytes.TrimSpace(text)
	if len(secret) < minSecret {
		return nil, fmt.Errorf("relay secret: %s holds less than %d characters", file, minSecret)
	}
	return secret, nil
}

// ownSecret returns the relay secret in folder, making it if it is not there.
func ownSecret(folder string) ([]byte, error) {
	file := filepath.Join(folder, "relay-secret")
	secret, err := readSecret(file)
	if !errors.Is(err, fs.ErrNotExist) {
		return secret, err
	}
	var b [32]byte
	rand.Read(b[:]) // never fails, see crypto/rand
	if err := writeFile(file, []byte(base64.RawURLEncoding.EncodeToString(b[:])+"\n")); err != nil {
		return nil, fmt.Errorf("relay secret: %w", err)
	}
	return readSecret(file)
}
