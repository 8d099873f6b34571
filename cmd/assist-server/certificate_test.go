package main

import (
	"bytes"
	"crypto/tls"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// pairOf makes a certificate of our own kind for hosts, in folder.
func pairOf(t *testing.T, folder string, hosts ...string) (certificate, key string) {
	t.Helper()
	certificate, key = filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem")
	if err := makeCertificate(certificate, key, hosts); err != nil {
		t.Fatal(err)
	}
	return certificate, key
}

func serial(t *testing.T, k *keeper) string {
	t.Helper()
	pair, err := k.get(&tls.ClientHelloInfo{})
	if err != nil {
		t.Fatal(err)
	}
	return pair.Leaf.SerialNumber.String()
}

// TestRotation changes the files of a certificate under a running service.
func TestRotation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		folder := t.TempDir()
		var log bytes.Buffer
		certificate, key := pairOf(t, folder, "assist.example")
		k, err := keepCertificate(certificate, key, slog.New(slog.NewTextHandler(&log, nil)))
		if err != nil {
			t.Fatal(err)
		}
		first := serial(t, k)
		time.Sleep(time.Minute)
		if serial(t, k) != first || log.Len() > 0 {
			t.Errorf("a change where there was none: %s", &log)
		}
		if err := os.WriteFile(certificate, []byte("half a certifi"), 0o600); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		for range 3 {
			if serial(t, k) != first {
				t.Error("a certificate that cannot be read took the place of one that could")
			}
			time.Sleep(time.Minute)
		}
		if n := strings.Count(log.String(), "the old one stays"); n != 1 {
			t.Errorf("said %d times:\n%s", n, &log)
		}
		serial(t, k)
		pairOf(t, folder, "assist.example")
		if serial(t, k) != first {
			t.Error("the files are read for every connection")
		}
		time.Sleep(reloadPause)
		second := serial(t, k)
		if second == first || !strings.Contains(log.String(), "a new certificate") {
			t.Errorf("not taken:\n%s", &log)
		}
		log.Reset()
		time.Sleep(ownLife - 7*24*time.Hour)
		serial(t, k)
		if !strings.Contains(log.String(), "ends soon") {
			t.Errorf("a week before its end:\n%s", &log)
		}
		time.Sleep(8 * 24 * time.Hour)
		serial(t, k)
		if !strings.Contains(log.String(), "has ended") {
			t.Errorf("after its end:\n%s", &log)
		}
	})
}

// TestCheckSaysWhatIsWrong runs the command on configurations whose certificate is no good.
func TestCheckSaysWhatIsWrong(t *testing.T) {
	s := newSite(t)
	other := t.TempDir()
	_, otherKey := pairOf(t, other, "assist.example")
	certificate, key := pairOf(t, s.folder, "elsewhere.example")
	text, err := os.ReadFile(s.config)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, certificate, key string
		code                   int
		says                   string
	}{
		{"for another name", certificate, key, 0, `Warning: the certificate is not for "assist.example"`},
		{"another's key", certificate, otherKey, 1, "private key does not match"},
		{"no such file", certificate + "x", key, 1, "no such file"},
	} {
		all := string(text) + "[tls]\ncertificate = \"" + tt.certificate + "\"\nkey = \"" + tt.key + "\"\n"
		if err := os.WriteFile(s.config, []byte(all), 0o600); err != nil {
			t.Fatal(err)
		}
		code, stdout, stderr := call(t, "", "check", "--config", s.config)
		if code != tt.code || !strings.Contains(stdout+stderr, tt.says) {
			t.Errorf("%s: exit %d: %s%s", tt.name, code, stdout, stderr)
		}
	}
}
