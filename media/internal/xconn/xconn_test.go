package xconn

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"slices"
	"testing"
	"testing/iotest"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestParse(t *testing.T) {
	for _, tt := range []struct {
		name string
		want address
		bad  bool
	}{
		{name: ":0", want: address{network: "unix", path: "/tmp/.X11-unix/X0"}},
		{name: ":12.1", want: address{network: "unix", path: "/tmp/.X11-unix/X12", display: 12, screen: 1}},
		{name: "unix:3", want: address{network: "unix", path: "/tmp/.X11-unix/X3", display: 3}},
		{name: "localhost:10.0", want: address{network: "tcp", host: "localhost", display: 10}},
		{name: "tcp/far.example:1", want: address{network: "tcp", host: "far.example", display: 1}},
		{name: "::1:0", want: address{network: "tcp", host: "::1"}},
		{name: "/run/x:0", want: address{network: "unix", path: "/run/x:0"}},
		{name: "", bad: true}, {name: "0", bad: true}, {name: ":", bad: true}, {name: ":x", bad: true},
		{name: ":-1", bad: true}, {name: ":0.x", bad: true}, {name: ":0.-1", bad: true}, {name: ":99999", bad: true},
	} {
		got, err := parse(tt.name)
		if (err != nil) != tt.bad || !tt.bad && got != tt.want {
			t.Errorf("parse(%q) = %+v, %v; want %+v, bad %v", tt.name, got, err, tt.want, tt.bad)
		}
	}
}

// entry is one entry of an authority file.
func entry(family uint16, fields ...string) []byte {
	b := binary.BigEndian.AppendUint16(nil, family)
	for _, f := range fields {
		b = binary.BigEndian.AppendUint16(b, uint16(len(f)))
		b = append(b, f...)
	}
	return b
}

func TestFindCookie(t *testing.T) {
	const a, b, c, d = "aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb", "cccccccccccccccc", "dddddddddddddddd"
	ip := net.IPv4(192, 0, 2, 7)
	file := slices.Concat(
		entry(familyLocal, "here", "1", "XDM-AUTHORIZATION-1", a),
		entry(familyLocal, "here", "1", cookieName, "short"),
		entry(familyLocal, "there", "1", cookieName, a),
		entry(familyLocal, "here", "1", cookieName, b),
		entry(familyInternet, string(ip.To4()), "1", cookieName, c),
		entry(familyWild, "", "", cookieName, d),
	)
	for _, tt := range []struct {
		name    string
		file    []byte
		ip      net.IP
		display int
		want    string
	}{
		{"this host", file, nil, 1, b},
		{"this host, by way of a tunnel", file, net.IPv4(127, 0, 0, 1), 1, b},
		{"another host", file, ip, 1, c},
		{"any", file, nil, 2, d},
		{"none", file[:len(file)-3], nil, 2, ""},
		{"empty", nil, nil, 1, ""},
		{"cut", []byte{1, 0, 0, 9, 'h'}, nil, 1, ""},
	} {
		if got := findCookie(tt.file, "here", tt.ip, tt.display); string(got) != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func FuzzFindCookie(f *testing.F) {
	f.Add(entry(familyWild, "", "", cookieName, "dddddddddddddddd"))
	f.Add([]byte{1, 0, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, file []byte) {
		if c := findCookie(file, "here", nil, 0); c != nil && len(c) != 16 {
			t.Errorf("cookie of %d bytes", len(c))
		}
	})
}

// packet32 is 32 bytes that begin with these.
func packet32(b ...byte) []byte { return append(b, make([]byte, packet-len(b))...) }

// long is a packet that says that n more words follow, and those.
func long(kind byte, n int) []byte {
	b := packet32(kind)
	binary.LittleEndian.PutUint32(b[4:], uint32(n))
	for i := range 4 * n {
		b = append(b, byte(i))
	}
	return b
}

// pipe is a connection that only has something to read.
type pipe struct {
	net.Conn
	io.Reader
}

func (p pipe) Read(b []byte) (int, error) { return p.Reader.Read(b) }

// The filter takes out the events, and nothing else, however the bytes arrive.
func TestStream(t *testing.T) {
	setup := []byte{1, 0, 11, 0, 0, 0, 2, 0, 'v', 'e', 'n', 'd', 'o', 'r', 's', '.'}
	event, sent, generic := packet32(12, 1, 2), packet32(0x80|33), long(genericEvent, 5)
	reply, coreError, extError := long(kindReply, 3), packet32(kindError, 9), packet32(kindError, 140, 7)
	in := slices.Concat(setup, event, reply, generic, sent, coreError, extError, reply, event)
	want := slices.Concat(setup, reply, coreError, packet32(kindError, implementation, 7), reply)
	wantEvents := [][]byte{event, generic, sent, event}
	for _, tt := range []struct {
		name string
		wrap func(io.Reader) io.Reader
	}{{"at once", func(r io.Reader) io.Reader { return r }}, {"byte by byte", iotest.OneByteReader}, {"by halves", iotest.HalfReader}} {
		t.Run(tt.name, func(t *testing.T) {
			var events [][]byte
			s := newStream(pipe{Reader: tt.wrap(bytes.NewReader(in))}, func(e []byte) { events = append(events, bytes.Clone(e)) })
			got, err := io.ReadAll(s)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("handed on %x, want %x", got, want)
			}
			if !slices.EqualFunc(events, wantEvents, bytes.Equal) {
				t.Errorf("events %x, want %x", events, wantEvents)
			}
		})
	}
}

func TestStreamTooLong(t *testing.T) {
	huge := packet32(genericEvent)
	binary.LittleEndian.PutUint32(huge[4:], 1<<31)
	in := append([]byte{1, 0, 11, 0, 0, 0, 0, 0}, huge...)
	if _, err := io.ReadAll(newStream(pipe{Reader: bytes.NewReader(in)}, func([]byte) {})); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("an event of 8 GiB: %v, want %v", err, io.ErrUnexpectedEOF)
	}
}

// A server that says nothing, or nonsense, or no, is an error and leaves nothing behind.
func TestHandshake(t *testing.T) {
	t.Setenv("XAUTHORITY", "/nonexistent")
	for _, tt := range []struct {
		name   string
		answer []byte
	}{
		{"nothing", nil},
		{"refused", append([]byte{0, 4, 11, 0, 0, 0, 1, 0}, "nope"...)},
		{"another protocol", append([]byte{1, 0, 12, 0, 0, 0, 0, 0}, make([]byte, 32)...)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			client, server := net.Pipe()
			done := make(chan struct{})
			go func() {
				defer close(done)
				server.Read(make([]byte, 64))
				server.Write(tt.answer)
				server.Close()
			}()
			if _, err := handshake(client, address{}, func([]byte) {}); err == nil {
				t.Error("no error")
			}
			<-done
		})
	}
	t.Setenv("DISPLAY", "")
	if _, err := Dial("", nil); !errors.Is(err, ErrNoDisplay) {
		t.Errorf("Dial without a display: %v, want %v", err, ErrNoDisplay)
	}
}
