package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

const (
	// reloadPause is how often the files of a certificate are looked at, at most.
	reloadPause = 5 * time.Second
	// soon is how long before its end a certificate is warned of.
	soon = 14 * 24 * time.Hour
)

// keeper has the certificate that is configured, and reads it again when its files change: a new one needs no restart.
type keeper struct {
	certificate, key string
	log              *slog.Logger

	mu     sync.Mutex
	pair   *tls.Certificate
	stamp  string    // of the files that pair, or the last fault, is from
	looked time.Time // at the files
	warned time.Time // of the end of pair
}

// keepCertificate reads the files for the first time.
func keepCertificate(certificate, key string, log *slog.Logger) (*keeper, error) {
	k := &keeper{certificate: certificate, key: key, log: log, looked: time.Now()}
	k.stamp = k.stampNow()
	pair, err := loadCertificate(certificate, key)
	if err != nil {
		return nil, err
	}
	k.pair = &pair
	return k, nil
}

// get is tls.Config.GetCertificate.
func (k *keeper) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := time.Now()
	if now.Sub(k.looked) >= reloadPause {
		k.looked = now
		k.reload()
	}
	if left := k.pair.Leaf.NotAfter.Sub(now); left < soon && now.Sub(k.warned) > time.Hour {
		k.warned = now
		if left < 0 {
			k.log.Error("the certificate has ended: apps do not trust it any more", "ended", k.pair.Leaf.NotAfter, "file", k.certificate)
		} else {
			k.log.Warn("the certificate ends soon", "ends", k.pair.Leaf.NotAfter, "file", k.certificate)
		}
	}
	return k.pair, nil
}

// reload takes what the files hold if they have changed and can be used. Otherwise what there is stays.
func (k *keeper) reload() {
	stamp := k.stampNow()
	if stamp == k.stamp {
		return
	}
	k.stamp = stamp
	pair, err := loadCertificate(k.certificate, k.key)
	if err != nil {
		k.log.Error("the new certificate cannot be used, the old one stays", "err", err)
		return
	}
	k.pair, k.warned = &pair, time.Time{}
	k.log.Info("a new certificate", "ends", pair.Leaf.NotAfter)
}

// stampNow changes when the files do.
func (k *keeper) stampNow() (stamp string) {
	for _, name := range []string{k.certificate, k.key} {
		if info, err := os.Stat(name); err == nil {
			stamp += fmt.Sprint(info.ModTime().UnixNano(), " ", info.Size(), ";")
		}
	}
	return stamp
}

// loadCertificate reads a certificate and key.
func loadCertificate(certificate, key string) (tls.Certificate, error) {
	pair, err := tls.LoadX509KeyPair(certificate, key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("tls: %w", err)
	}
	now := time.Now()
	if end := pair.Leaf.NotAfter; now.After(end) {
		return tls.Certificate{}, fmt.Errorf("tls: the certificate ended on %s", end.Format(time.DateOnly))
	}
	if begin := pair.Leaf.NotBefore; now.Before(begin) {
		return tls.Certificate{}, fmt.Errorf("tls: the certificate begins on %s only", begin.Format(time.DateOnly))
	}
	return pair, nil
}

// warnings are what may be wrong with a certificate that can be used.
func warnings(leaf *x509.Certificate, hosts []string) (list []string) {
	if time.Until(leaf.NotAfter) < soon {
		list = append(list, "the certificate ends on "+leaf.NotAfter.Format(time.DateOnly))
	}
	for _, h := range hosts {
		if leaf.VerifyHostname(h) != nil {
			list = append(list, fmt.Sprintf("the certificate is not for %q, which is one of hosts", h))
		}
	}
	return list
}
