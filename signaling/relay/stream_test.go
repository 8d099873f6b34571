package relay

import (
	"bytes"
	"testing"
)

func TestFrameSize(t *testing.T) {
	for _, tt := range frames {
		n, err := frameSize(tt.head)
		if n != tt.want || (err == nil) != (tt.want > 0) {
			t.Errorf("%x: %d, %v, want %d", tt.head, n, err, tt.want)
		}
	}
}

// FuzzStream reads any bytes as a TURN stream: whole messages come out, in order, and nothing else.
func FuzzStream(f *testing.F) {
	for _, tt := range frames {
		f.Add(append(tt.head[:], make([]byte, 100)...))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		s := newStream(&fakeConn{Reader: bytes.NewReader(in)})
		var out []byte
		buf := make([]byte, maxPacket)
		for {
			n, err := s.Read(buf)
			if err != nil {
				break
			}
			if n < 4 || n >= maxPacket {
				t.Fatalf("message of %d bytes", n)
			}
			if want, err := frameSize([4]byte(buf)); err != nil || want != n {
				t.Fatalf("message of %d bytes, its head says %d, %v", n, want, err)
			}
			out = append(out, buf[:n]...)
		}
		if !bytes.HasPrefix(in, out) {
			t.Error("what came out is not what went in")
		}
	})
}
