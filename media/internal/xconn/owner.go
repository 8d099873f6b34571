package xconn

import (
	"encoding/binary"
	"errors"

	"github.com/jezek/xgb/xproto"
)

// X-Resource 1.2 (resproto.txt), of which xgb reads one answer at most.
const (
	resVersion    = 0
	resClientIDs  = 4
	resMajor      = 1
	resMinor      = 2
	pidOfLocal    = 2 // which of a client's identifications is asked for
	ownerHead     = 12
	maxOwners     = 256 // windows that are asked about at once
	ownersOffset  = packet
	specification = 8
)

var errOwners = errors.New("the answer about clients is cut short")

// Owners tells which processes connections belong to, as the server itself knows from their sockets: no program can say otherwise.
// The zero Owners knows nothing.
type Owners struct{ conn *Conn }

// UseOwners returns what tells the owners. It reports false when the server does not (before X.Org 1.13).
func (c *Conn) UseOwners() (Owners, bool, error) {
	ext, found, err := c.Use("X-Resource")
	if err != nil || !found {
		return Owners{}, false, err
	}
	v, err := c.Request([]byte{ext.Opcode, resVersion, 2, 0, resMajor, resMinor, 0, 0}).Reply()
	if err != nil || len(v) < ownerHead {
		return Owners{}, false, err
	}
	major, minor := binary.LittleEndian.Uint16(v[8:]), binary.LittleEndian.Uint16(v[10:])
	return Owners{c}, major == resMajor && minor >= resMinor, nil
}

// Of returns the process of each window's, or other resource's, connection. What is missing belongs to nobody, to the server, or to a
// program on another computer.
func (o Owners) Of(ids ...uint32) (map[uint32]int, error) {
	pids := map[uint32]int{}
	for len(ids) > 0 {
		n := min(len(ids), maxOwners)
		if err := o.ask(ids[:n], pids); err != nil {
			return nil, err
		}
		ids = ids[n:]
	}
	return pids, nil
}

// ask asks about some, and adds what it learns to pids.
func (o Owners) ask(ids []uint32, pids map[uint32]int) error {
	o.conn.ExtLock.RLock()
	opcode := o.conn.Extensions["X-Resource"]
	o.conn.ExtLock.RUnlock()
	b := make([]byte, 8, 8+specification*len(ids))
	b[0], b[1] = opcode, resClientIDs
	binary.LittleEndian.PutUint16(b[2:], uint16(cap(b)/4))
	binary.LittleEndian.PutUint32(b[4:], uint32(len(ids)))
	for _, id := range ids {
		b = binary.LittleEndian.AppendUint32(b, id)
		b = binary.LittleEndian.AppendUint32(b, pidOfLocal)
	}
	r, err := o.conn.Request(b).Reply()
	if err != nil {
		return err
	}
	return readOwners(r, ^setupMask(o.conn), ids, pids)
}

// readOwners reads an answer: for each connection its number, what follows, how many bytes, and the process.
func readOwners(r []byte, base uint32, ids []uint32, pids map[uint32]int) error {
	if len(r) < ownersOffset {
		return errOwners
	}
	n := binary.LittleEndian.Uint32(r[8:])
	clients := map[uint32]int{}
	for r = r[ownersOffset:]; n > 0; n-- {
		if len(r) < ownerHead {
			return errOwners
		}
		client, kind, size := binary.LittleEndian.Uint32(r), binary.LittleEndian.Uint32(r[4:]), binary.LittleEndian.Uint32(r[8:])
		r = r[ownerHead:]
		if size%4 != 0 || uint64(size) > uint64(len(r)) {
			return errOwners
		}
		if kind == pidOfLocal && size >= 4 {
			clients[client&base] = int(binary.LittleEndian.Uint32(r))
		}
		r = r[size:]
	}
	for _, id := range ids {
		if pid, ok := clients[id&base]; ok {
			pids[id] = pid
		}
	}
	return nil
}

// setupMask returns the bits of a number that tell a connection's resources apart.
func setupMask(c *Conn) uint32 { return xproto.Setup(c.Conn).ResourceIdMask }
