package dial

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/Azure/go-ntlmssp"
)

// sayNTLM returns NTLM's next message. All of them go over one connection, which is what gets logged in ([MS-NTHT]
// section 3.1).
func (t *tunnel) sayNTLM() (string, error) {
	var message []byte
	var err error
	if t.said.token == "" {
		t.opened = true
		message, err = ntlmssp.NewNegotiateMessage("", "")
	} else {
		if t.conn == nil {
			return "", fmt.Errorf("%w: proxy ends the connection that NTLM needs", ErrProxyReply)
		}
		message, err = answerNTLM(t.said.token, t.with)
	}
	if err != nil {
		return "", fmt.Errorf("%w: NTLM: %w", ErrProxyReply, err)
	}
	return "NTLM " + base64.StdEncoding.EncodeToString(message), nil
}

// answerNTLM answers a CHALLENGE_MESSAGE ([MS-NLMP] section 2.2.1.2).
func answerNTLM(token string, with credentials) ([]byte, error) {
	theirs, err := base64.StdEncoding.DecodeString(token)
	if err != nil {
		return nil, errors.New("not base64")
	}
	if theirs, err = cleanChallenge(theirs); err != nil {
		return nil, err
	}
	return ntlmssp.NewAuthenticateMessage(theirs, with.user, string(with.password), nil)
}

// cleanChallenge returns what matters of a challenge. Old proxies send shorter ones, without target information or with
// its place left out, and some name places beyond the end. Nobody here needs the target's name. The answer is
// in Unicode, and its own flags say so.
func cleanChallenge(theirs []byte) ([]byte, error) {
	const (
		oldSize, size = 40, 48
		flagsAt       = 20
		saltAt        = 24
		infoAt        = 40 // length, most, place
		unicode       = 1 << 0
		hasInfo       = 1 << 23
	)
	if len(theirs) < oldSize {
		return nil, fmt.Errorf("challenge of %d bytes", len(theirs))
	}
	flags := binary.LittleEndian.Uint32(theirs[flagsAt:]) | unicode
	clean := make([]byte, size, len(theirs)+size)
	copy(clean, theirs[:12])
	binary.LittleEndian.PutUint32(clean[flagsAt:], flags)
	copy(clean[saltAt:], theirs[saltAt:saltAt+8])
	if len(theirs) < size || flags&hasInfo == 0 {
		return clean, nil
	}
	n, at := binary.LittleEndian.Uint16(theirs[infoAt:]), binary.LittleEndian.Uint32(theirs[infoAt+4:])
	if n == 0 || at < size || uint64(at)+uint64(n) > uint64(len(theirs)) {
		return clean, nil
	}
	binary.LittleEndian.PutUint16(clean[infoAt:], n)
	binary.LittleEndian.PutUint16(clean[infoAt+2:], n)
	binary.LittleEndian.PutUint32(clean[infoAt+4:], size)
	return append(clean, theirs[at:int(at)+int(n)]...), nil
}
