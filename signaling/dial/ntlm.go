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
	const (
		headSize   = 48
		oldSize    = 40 // without target information
		flagsAt    = 20
		saltAt     = 24
		unicode    = 1 << 0
		targetInfo = 1 << 23
	)
	theirs, err := base64.StdEncoding.DecodeString(token)
	if err != nil {
		return nil, errors.New("not base64")
	}
	if len(theirs) < oldSize {
		return nil, fmt.Errorf("challenge of %d bytes", len(theirs))
	}
	if flags := binary.LittleEndian.Uint32(theirs[flagsAt:]); flags&targetInfo == 0 {
		// An old proxy's message is shorter, and has its target's name where others have the place of the target
		// information. Nobody here needs that name. The answer is in Unicode, as its own flags say.
		plain := make([]byte, headSize)
		copy(plain, theirs[:12])
		binary.LittleEndian.PutUint32(plain[flagsAt:], flags|unicode)
		copy(plain[saltAt:], theirs[saltAt:saltAt+8])
		theirs = plain
	}
	return ntlmssp.NewAuthenticateMessage(theirs, with.user, string(with.password), nil)
}
