package dial

import (
	"encoding/binary"
	"errors"
	"time"

	"github.com/jcmturner/gokrb5/v8/messages"
	"github.com/jcmturner/gokrb5/v8/types"
)

// cache is a person's Kerberos credentials, as in MIT's "Credential cache file format", versions 3 and 4.
type cache struct {
	client  types.PrincipalName
	realm   string
	entries []entry
}

// entry is one ticket, and the key that the owner has for it.
type entry struct {
	server types.PrincipalName
	realm  string
	key    types.EncryptionKey
	until  time.Time
	ticket messages.Ticket
}

const (
	maxEntries    = 256
	maxComponents = 8
)

// parseCache reads a credential cache. What can be read of its tickets but not used is left out.
func parseCache(b []byte) (cache, error) {
	r := &cacheReader{rest: b}
	version := r.u16()
	switch version {
	case 0x0503:
	case 0x0504:
		r.take(uint32(r.u16())) // header
	default:
		return cache{}, errors.New("not a credential cache")
	}
	var c cache
	c.client, c.realm = r.principal()
	for range maxEntries {
		if r.bad || len(r.rest) == 0 {
			break
		}
		if e, ok := r.entry(version); ok {
			c.entries = append(c.entries, e)
		}
	}
	if r.bad || len(c.client.NameString) == 0 || c.realm == "" {
		return cache{}, errors.New("malformed credential cache")
	}
	return c, nil
}

// find returns the last ticket for a server that lasts, or nil. No realm stands for any.
func (c cache) find(server types.PrincipalName, realm string) *entry {
	for i := len(c.entries) - 1; i >= 0; i-- {
		e := &c.entries[i]
		if e.server.Equal(server) && (realm == "" || e.realm == realm) && time.Until(e.until) > ticketRest {
			return e
		}
	}
	return nil
}

// cacheReader reads from the front; bad once that is not possible, and then all is empty.
type cacheReader struct {
	rest []byte
	bad  bool
}

func (r *cacheReader) take(n uint32) []byte {
	if r.bad || uint64(n) > uint64(len(r.rest)) {
		r.bad, r.rest = true, nil
		return nil
	}
	b := r.rest[:n:n]
	r.rest = r.rest[n:]
	return b
}

func (r *cacheReader) u16() uint16 {
	if b := r.take(2); b != nil {
		return binary.BigEndian.Uint16(b)
	}
	return 0
}

func (r *cacheReader) u32() uint32 {
	if b := r.take(4); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

func (r *cacheReader) data() []byte { return r.take(r.u32()) }

func (r *cacheReader) principal() (name types.PrincipalName, realm string) {
	name.NameType = int32(r.u32())
	n := r.u32()
	if n > maxComponents {
		r.bad, r.rest = true, nil
	}
	realm = string(r.data())
	for i := uint32(0); i < n && !r.bad; i++ {
		name.NameString = append(name.NameString, string(r.data()))
	}
	return name, realm
}

// entry reads one ticket, and reports whether it can be used.
func (r *cacheReader) entry(version uint16) (e entry, ok bool) {
	r.principal()
	e.server, e.realm = r.principal()
	e.key.KeyType = int32(r.u16())
	if version == 0x0503 {
		r.u16() // again
	}
	e.key.KeyValue = r.data()
	r.take(2 * 4) // when it was got, from when it holds
	e.until = time.Unix(int64(r.u32()), 0)
	r.take(4 + 1 + 4)    // how long it can be renewed, kind of key, flags
	for range [2]int{} { // addresses, authorization data
		for n := r.u32(); n > 0 && !r.bad; n-- {
			r.u16()
			r.data()
		}
	}
	ticket := r.data()
	r.data() // second ticket
	if r.bad || !usableKey(e.key) || e.ticket.Unmarshal(ticket) != nil || len(e.ticket.SName.NameString) == 0 {
		return entry{}, false
	}
	return e, true
}
