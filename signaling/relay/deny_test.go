package relay

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/stun/v4"
	"github.com/pion/turn/v5"
)

// raw is a TURN client over UDP that sends what no library would.
type raw struct {
	*testing.T
	net.Conn
	login []stun.Setter // username, realm, nonce
	key   stun.MessageIntegrity
}

var (
	requested = stun.RawAttribute{Type: stun.AttrRequestedTransport, Value: []byte{17, 0, 0, 0}}
	allocate  = stun.NewType(stun.MethodAllocate, stun.ClassRequest)
)

// newRaw makes an allocation.
func newRaw(t *testing.T, b testbed) *raw {
	t.Helper()
	c, err := net.Dial("udp4", b.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	r := &raw{T: t, Conn: c}
	challenge := r.ask(stun.TransactionID, allocate, requested, stun.Fingerprint)
	var nonce stun.Nonce
	if challenge == nil || nonce.GetFrom(challenge) != nil {
		t.Fatalf("no challenge: %v", challenge)
	}
	user, password := b.Credentials("raw", time.Minute)
	r.login = []stun.Setter{stun.NewUsername(user), stun.NewRealm("a"), nonce}
	r.key = turn.GenerateAuthKey(user, "a", password)
	if m := r.signed(allocate, requested); m == nil || m.Type.Class != stun.ClassSuccessResponse {
		t.Fatalf("no allocation: %v", m)
	}
	return r
}

// ask sends a message and returns the answer, nil if there is none.
func (r *raw) ask(setters ...stun.Setter) *stun.Message {
	r.Helper()
	m, err := stun.Build(setters...)
	if err != nil {
		r.Fatal(err)
	}
	if _, err := r.Write(m.Raw); err != nil {
		r.Fatal(err)
	}
	_ = r.SetReadDeadline(time.Now().Add(2 * time.Second))
	buf := make([]byte, 2000)
	n, err := r.Read(buf)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return nil
	}
	if err != nil {
		r.Fatal(err)
	}
	answer := &stun.Message{Raw: buf[:n]}
	if err := answer.Decode(); err != nil {
		r.Fatalf("%x: %v", buf[:n], err)
	}
	return answer
}

// signed is ask with credentials.
func (r *raw) signed(kind stun.MessageType, setters ...stun.Setter) *stun.Message {
	r.Helper()
	all := append([]stun.Setter{stun.TransactionID, kind}, setters...)
	all = append(all, r.login...)
	return r.ask(append(all, r.key, stun.Fingerprint)...)
}

// peer is a peer's address as any bytes of it, of either family.
type peer struct {
	ip   []byte
	port uint16
}

// AddTo implements stun.Setter.
func (p peer) AddTo(m *stun.Message) error {
	family := byte(1)
	if len(p.ip) == 16 {
		family = 2
	}
	v := binary.BigEndian.AppendUint16([]byte{0, family}, p.port^0x2112)
	mask := append([]byte{0x21, 0x12, 0xa4, 0x42}, m.TransactionID[:]...)
	for i, b := range p.ip {
		v = append(v, b^mask[i])
	}
	m.Add(stun.AttrXORPeerAddress, v)
	return nil
}

// code returns why not, 0 for a yes, and -1 for no answer.
func code(m *stun.Message) int {
	if m == nil {
		return -1
	}
	var e stun.ErrorCodeAttribute
	if m.Type.Class == stun.ClassSuccessResponse || e.GetFrom(m) != nil {
		return 0
	}
	return int(e.Code)
}

// denied says whether m is a no to the address: forbidden, of another family, or not an address at all. The library answers a
// forbidden channel as it answers a stranger, but for the nonce.
func denied(m *stun.Message) bool {
	switch code(m) {
	case 400, 403, 443:
		return true
	case 401:
		return !m.Contains(stun.AttrNonce)
	}
	return false
}

// TestEveryPathIsDenied asks for each odd address on every path there is: a permission, a channel, and packets without either.
func TestEveryPathIsDenied(t *testing.T) {
	b := start(t, nil)
	r := newRaw(t, b)
	port := b.Addr().Port() // the relay's own service, which answers nobody by this way
	permission := stun.NewType(stun.MethodCreatePermission, stun.ClassRequest)
	bind := stun.NewType(stun.MethodChannelBind, stun.ClassRequest)
	send := stun.NewType(stun.MethodSend, stun.ClassIndication)
	data := stun.RawAttribute{Type: stun.AttrData, Value: []byte("knock")}
	channel := func(i int) stun.RawAttribute {
		return stun.RawAttribute{Type: stun.AttrChannelNumber, Value: []byte{0x40, byte(i), 0, 0}}
	}
	tried := 0
	for i, text := range append(odd, "198.97.190.53", "192.0.0.8") {
		a := netip.MustParseAddr(text)
		if a.Unmap() == loopback {
			continue // is what this relay's own addresses are, in a test
		}
		wide := a.As16()
		for _, ip := range [][]byte{a.AsSlice(), wide[:]} {
			tried++
			if m := r.signed(permission, peer{ip, port}); !denied(m) {
				t.Errorf("%s (%d bytes): a permission is answered %v", text, len(ip), m)
			}
			if m := r.signed(bind, channel(i%250), peer{ip, port}); !denied(m) {
				t.Errorf("%s (%d bytes): a channel is answered %v", text, len(ip), m)
			}
			m, err := stun.Build(stun.TransactionID, send, peer{ip, port}, data)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = r.Write(m.Raw)
		}
	}
	if tried < 80 {
		t.Errorf("%d tries", tried)
	}
	// One permission too many among good ones spoils them all.
	good := peer{loopback.AsSlice(), 50000}
	if got := code(r.signed(permission, good, peer{[]byte{8, 8, 8, 8}, 53})); got == 0 {
		t.Errorf("a good and a bad address are answered %d", got)
	}
	// What was sent without a permission has gone nowhere, and the relay answers those it may.
	if got := code(r.signed(permission, good)); got != 0 {
		t.Errorf("the relay's own addresses are answered %d", got)
	}
	if got := code(r.signed(bind, channel(251), good)); got != 0 {
		t.Errorf("a channel to one of them is answered %d", got)
	}
}

// TestSendWithoutPermission sends to another leg of the relay, which would take it.
func TestSendWithoutPermission(t *testing.T) {
	b := start(t, nil)
	r := newRaw(t, b)
	other := b.allocate(t, "udp", "other")
	to := other.LocalAddr().(*net.UDPAddr)
	l := b.board.find(netip.AddrPortFrom(loopback, uint16(to.Port)))
	before := l.heard.Load()
	m, err := stun.Build(stun.TransactionID, stun.NewType(stun.MethodSend, stun.ClassIndication),
		peer{to.IP.To4(), uint16(to.Port)}, stun.RawAttribute{Type: stun.AttrData, Value: []byte("knock")})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = r.Write(m.Raw)
	_, _ = r.Write([]byte{0x40, 0, 0, 4, 'd', 'a', 't', 'a'}) // and on a channel that is not bound
	permission := stun.NewType(stun.MethodCreatePermission, stun.ClassRequest)
	if got := code(r.signed(permission, peer{to.IP.To4(), 1})); got != 0 {
		t.Fatalf("permission: %d", got)
	}
	if l.heard.Load() != before {
		t.Error("a packet came through before there was a permission")
	}
	_, _ = r.Write(m.Raw) // now it may
	for deadline := time.Now().Add(5 * time.Second); l.heard.Load() == before; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("nothing comes through with a permission either: the test sees nothing")
		}
	}
}

// TestNoAmplification throws messages at the relay that are all wrong in some way, and weighs every answer.
func TestNoAmplification(t *testing.T) {
	b := start(t, nil)
	c, err := net.Dial("udp4", b.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	user, _ := b.Credentials("somebody", time.Minute)
	rnd := rand.New(rand.NewPCG(1, 2))
	types := []stun.AttrType{0x0006, 0x0008, 0x000d, 0x0014, 0x0015, 0x0016, 0x0018, 0x0019, 0x001a, 0x0022, 0x7fff, 0x8000, 0x8022, 0xffff}
	sent, answered, worst := 0, 0, 0.0
	size := map[[12]byte]int{} // of each question
	buf := make([]byte, 4000)
	const questions = 2000
	for range questions {
		method := stun.Method(rnd.IntN(14))
		m := stun.New()
		m.Type = stun.NewType(method, stun.MessageClass(rnd.IntN(4)))
		if rnd.IntN(2) == 0 {
			m.Type = allocate
		}
		m.WriteHeader()
		_ = m.NewTransactionID()
		if rnd.IntN(2) == 0 {
			_ = requested.AddTo(m)
		}
		for range rnd.IntN(4) {
			value := make([]byte, rnd.IntN(40))
			for i := range value {
				value[i] = byte(rnd.Uint32())
			}
			if rnd.IntN(3) == 0 {
				value = []byte(user)
			}
			m.Add(types[rnd.IntN(len(types))], value)
		}
		if rnd.IntN(2) == 0 {
			_ = stun.Fingerprint.AddTo(m)
		}
		p := m.Raw
		if rnd.IntN(4) == 0 {
			p[rnd.IntN(len(p))] ^= byte(1 + rnd.IntN(255))
		}
		if rnd.IntN(8) == 0 {
			p = p[:rnd.IntN(len(p))]
		}
		if len(p) >= stunHeader {
			size[[12]byte(p[8:stunHeader])] = len(p)
		}
		if _, err := c.Write(p); err != nil {
			t.Fatal(err)
		}
		sent++
		_ = c.SetReadDeadline(time.Now().Add(time.Millisecond))
		n, err := c.Read(buf)
		if err != nil || n < stunHeader {
			continue
		}
		answered++
		question, ok := size[[12]byte(buf[8:stunHeader])] // the answer may be a late one
		if f := float64(n+ipOverhead) / float64(question+ipOverhead); f > worst {
			worst = f
		}
		if !ok {
			t.Errorf("an answer to no question: %x", buf[:n])
		}
	}
	t.Logf("%d of %d messages were answered, at worst with %.2f times as much", answered, sent, worst)
	if answered == 0 || worst > 1.5 {
		t.Errorf("%d answers, at worst %.2f times the question", answered, worst)
	}
}

// TestRates counts what gets through in ten seconds, with a bound on each leg and one on all legs of a user.
func TestRates(t *testing.T) {
	const second = 100_000 // bytes
	for _, tt := range []struct {
		name          string
		leg, user     int
		legs, packets int // of 1000 bytes, each leg, every 10 ms
		want          int // bytes that get through: those of ten seconds, and one second's worth that is saved up
	}{
		{"no bound", 0, 0, 2, 10, 2 * 10 * 1000 * 1000},
		{"one leg", second, 0, 1, 10, 11 * second},
		{"two legs", second, 0, 2, 10, 2 * 11 * second},
		{"two legs of a user", second, second, 2, 10, 11 * second},
		{"slower than the bound", second, second, 1, 0, 1000},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newSwitchboard(Config{PublicIP: loopback, MaxAllocations: 10, MaxRate: tt.leg, MaxSessionRate: tt.user})
				sink, err := b.add("sink", nil)
				if err != nil {
					t.Fatal(err)
				}
				got := 0
				buf := make([]byte, maxPacket)
				drain := func() {
					for len(sink.inbox) > 0 {
						n, _, _ := sink.ReadFrom(buf)
						got += n
					}
				}
				var legs []*leg
				for range tt.legs {
					l, err := b.add("somebody", nil)
					if err != nil {
						t.Fatal(err)
					}
					legs = append(legs, l)
				}
				p := make([]byte, 1000)
				if tt.packets == 0 {
					_, _ = legs[0].WriteTo(p, sink.udp)
				}
				for range 1000 {
					for _, l := range legs {
						for range tt.packets {
							_, _ = l.WriteTo(p, sink.udp)
						}
					}
					drain()
					time.Sleep(10 * time.Millisecond)
				}
				drain()
				if got < tt.want*99/100-1000 || got > tt.want {
					t.Errorf("%d bytes, want %d", got, tt.want)
				}
				for _, l := range append(legs, sink) {
					_ = l.Close()
				}
			})
		})
	}
}

// TestEndOfASession ends the credentials of one user: its allocations go, and it gets no more, with old or later ones.
func TestEndOfASession(t *testing.T) {
	b := start(t, nil)
	user, password := b.Credentials("over", time.Minute)
	for _, network := range []string{"udp", "tcp"} {
		pc, err := b.client(t, network, user, password).Allocate()
		if err != nil {
			t.Fatal(err)
		}
		defer pc.Close()
	}
	other := b.allocate(t, "udp", "other")
	b.End("over")
	for deadline := time.Now().Add(5 * time.Second); b.Allocations() > 1; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d allocations", b.Allocations())
		}
	}
	later, laterPassword := b.Credentials("over", time.Hour)
	for _, login := range [][2]string{{user, password}, {later, laterPassword}} {
		if _, err := b.client(t, "tcp", login[0], login[1]).Allocate(); err == nil {
			t.Error("an allocation for a session that is over")
		}
	}
	exchange(t, other, b.allocate(t, "udp", "third")) // the others go on
}
