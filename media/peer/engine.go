package peer

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"math/big"
	"strings"
	"sync/atomic"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/stun/v4"
	"github.com/pion/webrtc/v4"
)

// newAPI makes what PeerConnection and track are made with.
func newAPI(l *Link) *webrtc.API {
	// A fresh engine takes any codec.
	media := &webrtc.MediaEngine{}
	_ = media.RegisterCodec(motionCodec, webrtc.RTPCodecTypeVideo)
	// No interceptor: motion asks for what it lacks by itself, and nothing is reported at rest.
	return webrtc.NewAPI(webrtc.WithMediaEngine(media), webrtc.WithInterceptorRegistry(nil), webrtc.WithSettingEngine(settings(l)))
}

// newPeerConnection makes a PeerConnection that connects fast and through relays only.
func newPeerConnection(api *webrtc.API, targets []target, certificate webrtc.Certificate) (*webrtc.PeerConnection, error) {
	return api.NewPeerConnection(webrtc.Configuration{
		ICEServers:         servers(targets),
		ICETransportPolicy: webrtc.ICETransportPolicyRelay,
		BundlePolicy:       webrtc.BundlePolicyMaxBundle,
		Certificates:       []webrtc.Certificate{certificate},
		// Ask the relays now, not when the other end is known.
		ICECandidatePoolSize: 1,
	})
}

func settings(l *Link) webrtc.SettingEngine {
	var s webrtc.SettingEngine
	s.LoggerFactory = loggerFactory{l.log}
	// Short credentials keep questions short.
	s.SetICECredentials(randomText(4), randomText(22))
	s.SetNet(l.net)
	s.SetICEProxyDialer(dialer{l})
	s.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4, webrtc.NetworkTypeTCP4})
	s.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	// The wait is for better candidates than relayed ones, which never come here.
	s.SetRelayAcceptanceMinWait(0)
	s.SetICETimeouts(l.net.cfg.Silence, l.net.cfg.Patience, l.net.cfg.KeepAlive)
	s.SetICEBindingRequestHandler(firstPair())
	// The other end is reached through a relay that knows both: nobody floods us with false addresses.
	s.SetDTLSInsecureSkipHelloVerify(true)
	s.EnableSctpSnap(true)
	s.SetSCTPMaxMessageSize(MaxMessage)
	s.DetachDataChannels()
	s.BufferFactory = l.tap
	return s
}

// firstPair takes the first pair of relayed addresses on which a question of the other end has come in, which has
// proved by then to know our ICE password.
func firstPair() func(*stun.Message, ice.Candidate, ice.Candidate, *ice.CandidatePair) bool {
	var taken atomic.Bool
	return func(_ *stun.Message, local, remote ice.Candidate, _ *ice.CandidatePair) bool {
		return local.Type() == ice.CandidateTypeRelay && remote.Type() == ice.CandidateTypeRelay &&
			taken.CompareAndSwap(false, true)
	}
}

// servers names the relays as network and dialer know them. All TCP ones go by turn: the dialer speaks TLS.
func servers(targets []target) []webrtc.ICEServer {
	out := make([]webrtc.ICEServer, len(targets))
	for i, t := range targets {
		transport := "tcp"
		if t.udp {
			transport = "udp"
		}
		out[i] = webrtc.ICEServer{
			URLs:       []string{"turn:" + alias(i) + "?transport=" + transport},
			Username:   t.relay.Username,
			Credential: t.relay.Credential,
		}
	}
	return out
}

// newCertificate makes this end's DTLS certificate, for one link, and its SHA-256.
func newCertificate() (webrtc.Certificate, [32]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return webrtc.Certificate{}, [32]byte{}, err
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		NotBefore:    now.Add(-24 * time.Hour),
		NotAfter:     now.Add(7 * 24 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return webrtc.Certificate{}, [32]byte{}, err
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		return webrtc.Certificate{}, [32]byte{}, fmt.Errorf("own certificate: %w", err)
	}
	return webrtc.CertificateFromX509(key, parsed), sha256.Sum256(der), nil
}

// randomText returns n characters of 6 random bits each that ICE credentials may have.
func randomText(n int) string {
	raw := make([]byte, (n*6+7)/8)
	_, _ = rand.Read(raw) // never fails (crypto/rand)
	return strings.TrimRight(base64.RawStdEncoding.EncodeToString(raw), "=")[:n]
}
