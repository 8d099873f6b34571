package peer

import (
	"bytes"
	"net"
	"testing"
	"time"

	"github.com/pion/stun/v4"
)

// taken is a connection that keeps what is written.
type taken struct {
	net.Conn
	bytes.Buffer
}

func (c *taken) Write(p []byte) (int, error)      { return c.Buffer.Write(p) }
func (c *taken) Read([]byte) (int, error)         { return 0, net.ErrClosed }
func (c *taken) SetWriteDeadline(time.Time) error { return nil }

// TestQuestionsOnAStreamAreAskedOnce: the library asks a relay again where it thinks that a question is lost. Indications, data and other
// questions go out as often as they are written.
func TestQuestionsOnAStreamAreAskedOnce(t *testing.T) {
	message := func(kind stun.MessageType, id byte) []byte {
		return stun.MustBuild(stun.NewTransactionIDSetter([12]byte{id}), kind, stun.NewSoftware("test")).Raw
	}
	request := stun.NewType(stun.MethodAllocate, stun.ClassRequest)
	many := [][]byte{message(request, 1)}
	for id := range byte(8) {
		many = append(many, message(request, id+10))
	}
	for _, tt := range []struct {
		name string
		list [][]byte
		want int // messages that go out
	}{
		{"once", [][]byte{message(request, 1)}, 1},
		{"again", [][]byte{message(request, 1), message(request, 1), message(request, 1)}, 1},
		{"two by turns", [][]byte{message(request, 1), message(request, 2), message(request, 1), message(request, 2)}, 2},
		{"another kind", [][]byte{message(request, 1), message(stun.NewType(stun.MethodRefresh, stun.ClassRequest), 2)}, 2},
		{"an indication", [][]byte{message(stun.NewType(stun.MethodSend, stun.ClassIndication), 1), message(stun.NewType(stun.MethodSend, stun.ClassIndication), 1)}, 2},
		{"an answer", [][]byte{message(stun.NewType(stun.MethodBinding, stun.ClassSuccessResponse), 1), message(stun.NewType(stun.MethodBinding, stun.ClassSuccessResponse), 1)}, 2},
		{"channel data", [][]byte{bytes.Repeat([]byte{0x40}, 24), bytes.Repeat([]byte{0x40}, 24)}, 2},
		{"short channel data", [][]byte{{0x40, 0, 0, 0}, {0x40, 0, 0, 0}}, 2},
		{"after many others", append(many, many[0]), 10},
	} {
		n := newNetwork(Config{}, nil)
		out := &taken{}
		s := &stream{Conn: out, network: n}
		want := 0
		for i, p := range tt.list {
			if written, err := s.Write(p); written != len(p) || err != nil {
				t.Errorf("%s: message %d: %d, %v", tt.name, i, written, err)
			}
		}
		for _, p := range tt.list[:tt.want] {
			want += len(p)
		}
		if out.Len() != want || n.sent.Load() != uint64(want) {
			t.Errorf("%s: %d bytes went out, %d counted, want %d", tt.name, out.Len(), n.sent.Load(), want)
		}
		n.close()
	}
}
