package xconn

import (
	"encoding/binary"
	"io"
	"net"
	"testing"
	"time"
)

// raw is a raw event of the extension 131.
func raw(kind uint16) []byte {
	e := packet32(genericEvent, 131)
	binary.LittleEndian.PutUint16(e[8:], kind)
	binary.LittleEndian.PutUint16(e[10:], 9)
	binary.LittleEndian.PutUint32(e[12:], 70_000)
	binary.LittleEndian.PutUint32(e[16:], 127)
	return e
}

func TestRawsRead(t *testing.T) {
	raws := Raws{131}
	for _, kind := range []uint16{RawKeyPress, RawButtonPress} {
		want := Raw{Kind: kind, Device: 9, Time: 70_000, Detail: 127}
		if got, ok := raws.Read(raw(kind)); !ok || got != want {
			t.Errorf("%+v, %v; want %+v", got, ok, want)
		}
	}
	sent := raw(RawKeyPress)
	sent[0] |= 0x80
	for name, e := range map[string][]byte{
		"an event of a device": raw(2), "none that is known": raw(lastRaw + 1), "from a program": sent,
		"of another extension": packet32(genericEvent, 132), "no generic one": packet32(2, 131), "cut": raw(RawKeyPress)[:20], "nothing": nil,
	} {
		if got, ok := raws.Read(e); ok {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if got, ok := (Raws{}).Read(packet32(genericEvent, 0)); ok {
		t.Errorf("nothing was asked for: %+v", got)
	}
}

func FuzzRawsRead(f *testing.F) {
	f.Add(raw(RawKeyPress))
	f.Add([]byte{genericEvent, 131})
	f.Fuzz(func(t *testing.T, e []byte) {
		if r, ok := (Raws{131}).Read(e); ok && (r.Kind < RawKeyPress || r.Kind > lastRaw) {
			t.Errorf("%+v", r)
		}
	})
}

// server answers the requests of SelectRaw as one with an XInput version does, 0.0 for none, and returns what was selected.
func server(t *testing.T, nc net.Conn, major, minor uint16) (selected []byte) {
	ask := func(b []byte) bool {
		_, err := io.ReadFull(nc, b)
		return err == nil
	}
	if !ask(make([]byte, 12)) {
		return nil
	}
	setup := make([]byte, 8+32+40)
	setup[0], setup[2], setup[6] = 1, 11, byte((len(setup)-8)/4)
	setup[8+20], setup[8+29] = 1, 0 // one screen, no formats
	binary.LittleEndian.PutUint32(setup[12:], 0x200000)
	binary.LittleEndian.PutUint32(setup[16:], 0x1fffff)
	nc.Write(setup)
	for number := uint16(1); ; number++ {
		head := make([]byte, 4)
		if !ask(head) {
			return selected
		}
		body := make([]byte, 4*int(binary.LittleEndian.Uint16(head[2:]))-len(head))
		if !ask(body) {
			return selected
		}
		reply := packet32(kindReply)
		binary.LittleEndian.PutUint16(reply[2:], number)
		switch {
		case head[0] == 98: // QueryExtension
			reply[8], reply[9] = min(byte(major), 1), 131
		case head[1] == xiQueryVersion:
			binary.LittleEndian.PutUint16(reply[8:], major)
			binary.LittleEndian.PutUint16(reply[10:], minor)
		case head[1] == xiSelectEvents:
			selected = body
			continue // there is no answer
		}
		nc.Write(reply)
	}
}

// Servers without the extension, or with one whose raw events stop when somebody grabs a device, are not relied on.
func TestSelectRaw(t *testing.T) {
	t.Setenv("XAUTHORITY", "/nonexistent")
	for _, tt := range []struct {
		name         string
		major, minor uint16
		want         bool
	}{{"no XInput 2", 0, 0, false}, {"2.0", 2, 0, false}, {"2.1", 2, 1, true}, {"2.2", 2, 2, true}} {
		t.Run(tt.name, func(t *testing.T) {
			client, far := net.Pipe()
			client.SetDeadline(time.Now().Add(10 * time.Second))
			result := make(chan []byte, 1)
			go func() { result <- server(t, far, tt.major, tt.minor) }()
			c, err := handshake(client, address{}, func([]byte) {})
			if err != nil {
				t.Fatal(err)
			}
			raws, ok, err := c.SelectRaw(AllDevices, RawKeyPress)
			c.Close()
			if ok != tt.want || err != nil || (raws.opcode == 131) != ok {
				t.Errorf("%+v, %v, %v; want %v", raws, ok, err, tt.want)
			}
			selected := <-result
			if (selected != nil) != tt.want {
				t.Fatalf("selected %x", selected)
			}
			if tt.want && (binary.LittleEndian.Uint16(selected[8:]) != AllDevices || binary.LittleEndian.Uint32(selected[12:]) != 1<<RawKeyPress) {
				t.Errorf("selected %x", selected)
			}
		})
	}
}
