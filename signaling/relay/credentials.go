package relay

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/pion/stun/v4"
	"github.com/pion/turn/v5"
)

// maxUsername is the longest TURN username that is looked at, in bytes.
const maxUsername = 128

// Credentials mints a username and password for id, good for ttl: see [Mint].
//
// Whoever has them may hold [MaxPerCredential] allocations. An allocation whose credentials have run out may be
// refreshed as long as packets of a peer arrive on it.
func (s *Server) Credentials(id string, ttl time.Duration) (username, password string) {
	return Mint(s.cfg.Secret, id, ttl)
}

// Mint makes credentials for a relay that has secret, for id, good for ttl (at most [MaxTTL]). They are those of
// draft-uberti-behave-turn-rest-00: the username is "expiry:id", with the expiry in Unix seconds, and the password is
// base64(HMAC-SHA1(secret, username)); coturn takes them with use-auth-secret. An id is cut at 64 bytes.
func Mint(secret []byte, id string, ttl time.Duration) (username, password string) {
	const maxID = 64
	if len(id) > maxID {
		id = id[:maxID]
	}
	expiry := time.Now().Add(min(ttl, MaxTTL)).Unix()
	username = strconv.FormatInt(expiry, 10) + ":" + id
	return username, passwordOf(secret, username)
}

func passwordOf(secret []byte, username string) string {
	mac := hmac.New(sha1.New, secret)
	mac.Write([]byte(username))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func (s *Server) password(username string) string { return passwordOf(s.cfg.Secret, username) }

// End makes the credentials of id worthless, and ends the allocations that were made with them.
func (s *Server) End(id string) { s.board.end(id) }

// parseUsername splits "expiry:id".
func parseUsername(username string) (expiry time.Time, id string, ok bool) {
	if len(username) > maxUsername {
		return time.Time{}, "", false
	}
	stamp, id, found := strings.Cut(username, ":")
	if !found || id == "" {
		return time.Time{}, "", false
	}
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || seconds <= 0 {
		return time.Time{}, "", false
	}
	return time.Unix(seconds, 0), id, true
}

// authenticate is called for every TURN request. The key it returns is checked against the message afterwards.
func (s *Server) authenticate(ra *turn.RequestAttributes) (id string, key []byte, ok bool) {
	expiry, id, ok := parseUsername(ra.Username)
	if !ok || ra.Realm != s.cfg.Realm || s.board.hasEnded(id) {
		return "", nil, false
	}
	now := time.Now()
	if now.After(expiry) && !s.mayOutlive(ra, id, now) {
		return "", nil, false
	}
	return id, turn.GenerateAuthKey(ra.Username, ra.Realm, s.password(ra.Username)), true
}

// mayOutlive says whether a request with credentials that have run out keeps a session alive that is in use. The
// credentials of a live allocation cannot be changed, and a session may last longer than they do.
func (s *Server) mayOutlive(ra *turn.RequestAttributes, id string, now time.Time) bool {
	if ra.Method == stun.MethodAllocate {
		return false
	}
	for _, at := range s.addrs { // which of them the request came to is not said
		l := s.board.legOf(keyAt(ra.SrcAddr, at.Port()))
		if l != nil && l.user == id &&
			now.Sub(l.created) < s.cfg.MaxSession &&
			now.Sub(l.lastReceived()) < pairedSilence {
			return true
		}
	}
	return false
}

// clientKey is how a client is known: one TCP or UDP address of its own, and the port of ours that it speaks to.
type clientKey struct {
	tcp   bool
	addr  netip.AddrPort
	local uint16
}

// keyOf is the key of who speaks from client to local.
func keyOf(client, local net.Addr) clientKey {
	switch l := local.(type) {
	case *net.UDPAddr:
		return keyAt(client, l.AddrPort().Port())
	case *net.TCPAddr:
		return keyAt(client, l.AddrPort().Port())
	}
	return clientKey{}
}

func keyAt(client net.Addr, port uint16) clientKey {
	switch a := client.(type) {
	case *net.UDPAddr:
		return clientKey{false, a.AddrPort(), port}
	case *net.TCPAddr:
		return clientKey{true, a.AddrPort(), port}
	}
	return clientKey{}
}
