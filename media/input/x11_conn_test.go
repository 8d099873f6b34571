//go:build linux

package input

import (
	"bytes"
	"encoding/binary"
	"testing"
)

func TestParseDisplay(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want displayName
		ok   bool
	}{
		{":0", displayName{}, true},
		{":12.1", displayName{number: 12, screen: 1}, true},
		{"unix:3", displayName{number: 3}, true},
		{"host:10.0", displayName{host: "host", number: 10}, true},
		{"tcp/host:1", displayName{network: "tcp", host: "host", number: 1}, true},
		{"/tmp/socket:0", displayName{path: "/tmp/socket"}, true},
		{"", displayName{}, false},
		{"0", displayName{}, false},
		{":", displayName{}, false},
		{":x", displayName{}, false},
		{":-1", displayName{}, false},
		{":1.x", displayName{}, false},
		{":99999999", displayName{}, false},
	} {
		if a, err := parseDisplay(tt.in); (err == nil) != tt.ok || a != tt.want {
			t.Errorf("%q: %+v, %v", tt.in, a, err)
		}
	}
}

// entry is one of an Xauthority file.
func entry(family uint16, fields ...string) []byte {
	b := binary.BigEndian.AppendUint16(nil, family)
	for _, f := range fields {
		b = append(binary.BigEndian.AppendUint16(b, uint16(len(f))), f...)
	}
	return b
}

func TestFindCookie(t *testing.T) {
	const magic, cookie, hexed = "MIT-MAGIC-COOKIE-1", "0123456789abcdef", "30313233343536373839616263646566"
	local := entry(familyLocal, "me", "7", magic, cookie)
	for _, tt := range []struct {
		name string
		file []byte
		want string
	}{
		{"ours", local, hexed},
		{"behind others", bytes.Join([][]byte{entry(familyLocal, "you", "7", magic, "x"), entry(familyLocal, "me", "8", magic, "y"), local}, nil), hexed},
		{"any host, any display", entry(familyWild, "", "", magic, cookie), hexed},
		{"another protocol", entry(familyLocal, "me", "7", "XDM-AUTHORIZATION-1", cookie), ""},
		{"a short cookie", entry(familyLocal, "me", "7", magic, "short"), ""},
		{"cut off", local[:len(local)-1], ""},
		{"a length that lies", []byte("\x01\x00\xff\xffme"), ""},
		{"empty", nil, ""},
	} {
		if got := findCookie(bytes.NewReader(tt.file), "me", "7"); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestNoServer(t *testing.T) {
	if _, err := OpenInjector(InjectorOptions{Display: "/nonexistent/socket:0"}); err == nil {
		t.Error("an injector without a server")
	}
}
