package peer

import (
	"encoding/base64"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// sdp returns the description as the WebRTC library wants it (RFC 8829). All of it but the fields of the
// description is fixed.
func (d description) sdp() string {
	setup := "active"
	if d.offer {
		setup = "actpass"
	}
	var b strings.Builder
	b.WriteString("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=fingerprint:sha-256 ")
	for i, x := range d.fingerprint {
		if i > 0 {
			b.WriteByte(':')
		}
		fmt.Fprintf(&b, "%02X", x)
	}
	b.WriteString("\r\na=group:BUNDLE 0\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\n" +
		"a=mid:0\r\na=sendrecv\r\na=sctp-port:5000\r\n")
	fmt.Fprintf(&b, "a=setup:%s\r\na=max-message-size:%d\r\n", setup, MaxMessage)
	if len(d.sctp) > 0 {
		fmt.Fprintf(&b, "a=sctp-init:%s\r\n", base64.StdEncoding.EncodeToString(d.sctp))
	}
	// Motion's track is taken for granted. Without a word of it the library would make one of its own.
	fmt.Fprintf(&b, "a=ssrc:%d cname:motion\r\n", motionSSRC)
	fmt.Fprintf(&b, "a=ice-ufrag:%s\r\na=ice-pwd:%s\r\n", d.ufrag, d.pwd)
	for i, c := range d.candidates {
		fmt.Fprintf(&b, "a=candidate:%d 1 udp %d %s %d typ relay raddr 0.0.0.0 rport 9\r\n",
			i+1, c.priority, c.at.Addr(), c.at.Port())
	}
	b.WriteString("a=end-of-candidates\r\n")
	return b.String()
}

// extract takes the fields of a description out of the library's own SDP.
func extract(sdp string, offer bool, fingerprint [32]byte) (description, error) {
	d := description{offer: offer, fingerprint: fingerprint}
	for line := range strings.Lines(sdp) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		switch key {
		case "a=ice-ufrag":
			d.ufrag = value
		case "a=ice-pwd":
			d.pwd = value
		case "a=sctp-init":
			init, err := base64.StdEncoding.DecodeString(value)
			if err != nil {
				return d, fmt.Errorf("peer: local description: %w", err)
			}
			d.sctp = init
		case "a=candidate":
			c, ok := parseCandidate(value)
			if ok && len(d.candidates) < maxCandidates {
				d.candidates = append(d.candidates, c)
			}
		}
	}
	// What cannot be read back is not sent.
	if _, err := parseDescription(d.marshal()); err != nil {
		return d, fmt.Errorf("peer: local description: %w", err)
	}
	return d, nil
}

// parseCandidate reads "foundation component udp priority address port typ relay …" (RFC 8839 section 5.1). Those
// of the second component are copies.
func parseCandidate(value string) (candidate, bool) {
	f := strings.Fields(value)
	if len(f) < 8 || f[1] != "1" || !strings.EqualFold(f[2], "udp") || f[7] != "relay" {
		return candidate{}, false
	}
	priority, err := strconv.ParseUint(f[3], 10, 32)
	if err != nil {
		return candidate{}, false
	}
	at, err := netip.ParseAddrPort(f[4] + ":" + f[5])
	if strings.Contains(f[4], ":") {
		at, err = netip.ParseAddrPort("[" + f[4] + "]:" + f[5])
	}
	return candidate{at, uint32(priority)}, err == nil
}
