package dial

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/jcmturner/gokrb5/v8/messages"
	"github.com/jcmturner/gokrb5/v8/types"
)

// cacheFile is a credential cache with one ticket of ann's.
func cacheFile(t testing.TB, version uint16, until time.Time) []byte {
	t.Helper()
	u32 := binary.BigEndian.AppendUint32
	data := func(b []byte, s string) []byte { return append(u32(b, uint32(len(s))), s...) }
	name := func(b []byte, list ...string) []byte {
		b = data(u32(u32(b, 1), uint32(len(list))), "REALM")
		for _, s := range list {
			b = data(b, s)
		}
		return b
	}
	ticket, err := (&messages.Ticket{TktVNO: 5, Realm: "REALM", SName: types.NewPrincipalName(2, "krbtgt/REALM"),
		EncPart: types.EncryptedData{EType: 18, Cipher: make([]byte, 64)}}).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	b := binary.BigEndian.AppendUint16(nil, version)
	if version == 0x0504 {
		b = append(b, 0, 12, 0, 1, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0)
	}
	b = name(name(name(b, "ann"), "ann"), "krbtgt", "REALM")
	b = append(b, 0, 18)
	if version == 0x0503 {
		b = append(b, 0, 18)
	}
	b = data(b, strings.Repeat("k", 32))
	b = u32(u32(u32(u32(b, 0), 0), uint32(until.Unix())), 0)
	b = append(b, 0, 0, 0, 0, 0)
	b = data(append(u32(b, 1), 0, 2), "addr") // one address
	b = u32(b, 0)                             // no authorization data
	return data(data(b, string(ticket)), "")
}

func TestParseCache(t *testing.T) {
	tgt := types.NewPrincipalName(2, "krbtgt/REALM")
	for _, version := range []uint16{0x0503, 0x0504} {
		whole := cacheFile(t, version, time.Now().Add(time.Hour))
		c, err := parseCache(whole)
		if err != nil || c.realm != "REALM" || c.client.PrincipalNameString() != "ann" || len(c.entries) != 1 {
			t.Fatalf("%#x: %v, %q", version, err, c.realm)
		}
		if c.find(tgt, "REALM") == nil || c.find(tgt, "OTHER") != nil || c.find(types.NewPrincipalName(2, "HTTP/p"), "") != nil {
			t.Errorf("%#x: wrong ticket found", version)
		}
		for n := range whole { // cut anywhere but after the owner's name
			if c, err := parseCache(whole[:n]); err == nil && len(c.entries) > 0 {
				t.Errorf("%#x: %d of %d bytes make a ticket", version, n, len(whole))
			}
		}
		if c, err := parseCache(cacheFile(t, version, time.Now().Add(-time.Hour))); err != nil || c.find(tgt, "REALM") != nil {
			t.Errorf("%#x: %v, or a ticket that has ended", version, err)
		}
		huge := bytes.Replace(whole, []byte{0, 0, 0, 1, 0, 2}, []byte{0xff, 0xff, 0xff, 0xff, 0, 2}, 1) // addresses
		if _, err := parseCache(huge); err == nil {
			t.Errorf("%#x: four billion addresses", version)
		}
	}
}

func FuzzCache(f *testing.F) {
	f.Add(cacheFile(f, 0x0503, time.Unix(1<<31, 0)))
	f.Add(cacheFile(f, 0x0504, time.Unix(1<<31, 0)))
	f.Add([]byte{5, 4, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := parseCache(b)
		if err != nil {
			return
		}
		for _, e := range c.entries {
			if token, err := c.pass(e).token(); err == nil && len(token) == 0 {
				t.Error("empty token")
			}
		}
	})
}

// FuzzKDC opens what a KDC, or somebody on the way to it, says.
func FuzzKDC(f *testing.F) {
	key := types.EncryptionKey{KeyType: 18, KeyValue: make([]byte, 32)}
	ticket := messages.Ticket{TktVNO: 5, Realm: "R", SName: types.NewPrincipalName(2, "HTTP/p"), EncPart: types.EncryptedData{EType: 18, Cipher: make([]byte, 64)}}
	rep := messages.TGSRep{KDCRepFields: messages.KDCRepFields{PVNO: 5, MsgType: 13, CRealm: "R", CName: types.NewPrincipalName(1, "ann"), Ticket: ticket}}
	for _, n := range []int{0, 1, 63, 64, 200} {
		rep.EncPart = types.EncryptedData{EType: 18, Cipher: make([]byte, n)}
		b, err := rep.Marshal()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	fail := messages.NewKRBError(types.NewPrincipalName(2, "krbtgt/R"), "R", 7, "no")
	b, err := fail.Marshal()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, k := range []types.EncryptionKey{key, {KeyType: 23, KeyValue: make([]byte, 16)}, {KeyType: 20, KeyValue: make([]byte, 32)}} {
			if _, err := openReply(b, k); err == nil {
				t.Error("a forged answer is taken")
			}
		}
	})
}

func TestCachePath(t *testing.T) {
	for name, want := range map[string]string{
		"FILE:/tmp/x": "/tmp/x", "/tmp/x": "/tmp/x", `C:\x`: `C:\x`, "KEYRING:persistent:0": "", "KCM:": "", "DIR:/tmp": "",
	} {
		t.Setenv("KRB5CCNAME", name)
		if got, err := cachePath(); got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	t.Setenv("KRB5CCNAME", "")
	if got, err := cachePath(); (err == nil) != (runtime.GOOS != "windows") || !strings.HasPrefix(got, "/tmp/krb5cc_") && err == nil {
		t.Errorf("%q, %v", got, err)
	}
}

// TestOddCacheFiles: none of these may cost time or memory, and each is the same as no ticket.
func TestOddCacheFiles(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, b []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	t.Setenv("KRB5_CONFIG", write("conf", []byte("[libdefaults]\ndns_lookup_kdc = false\n")))
	for name, path := range map[string]string{
		"missing": filepath.Join(dir, "no"), "folder": dir, "device": "/dev/zero", "empty": write("empty", nil), "text": write("text", []byte("hello")),
		"large": write("large", make([]byte, maxKerberosFile+1)), "ended": write("ended", cacheFile(t, 0x0504, time.Unix(1, 0))),
		"no KDC": write("nokdc", cacheFile(t, 0x0504, time.Now().Add(time.Hour))),
	} {
		t.Setenv("KRB5CCNAME", "FILE:"+path)
		if p, err := kerberosTicket(inTime(t), "p.test"); err == nil || p != nil {
			t.Errorf("%s: %v, %v", name, p, err)
		}
	}
}

func TestRealms(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"krb5.conf": "# comment\nincludedir " + dir + "/more\ninclude " + dir + "/krb5.conf\n[libdefaults]\n dns_lookup_kdc = No\n\n[realms]\n" +
			" A = {\n  kdc = kdc.a\n  kdc = tcp/kdc2.a:1088*\n  kdc = https://kdc.a/\n  auth_to_local_names = {\n   fred = x\n   kdc = not.a\n  }\n  kdc = [2001:db8::1]:88\n  kdc = one.too.many\n }\n" +
			"}\n[domain_realm]\n.a.test = A\nb.a.test = B\n[ other ]\n= {\n",
		"more/b":     "[realms]\nB = {\nkdc = kdc.b\n}\n",
		"more/c.bak": "[realms]\nB = {\nkdc = old.b\n}\n",
	} {
		path := filepath.Join(dir, name)
		_ = os.MkdirAll(filepath.Dir(path), 0o755)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("KRB5_CONFIG", filepath.Join(dir, "krb5.conf"))
	r := loadRealms()
	want := map[string][]string{"A": {"kdc.a:88", "kdc2.a:1088", "[2001:db8::1]:88"}, "B": {"kdc.b:88"}}
	if !reflect.DeepEqual(r.kdcs, want) || r.dns { // though the file includes itself
		t.Errorf("%v, DNS %v", r.kdcs, r.dns)
	}
	for host, want := range map[string]string{"x.y.a.test": "A", "b.a.test": "B", "a.test": "HOME", "": "HOME", "c": "HOME"} {
		if got := r.ofHost(host, "HOME"); got != want {
			t.Errorf("%q is of %s, want %s", host, got, want)
		}
	}
}

// TestHostileKDC: what answers need not be one.
func TestHostileKDC(t *testing.T) {
	for name, answer := range map[string]string{
		"goes": "", "endless": "\xff\xff\xff\xff", "nothing": "\x00\x00\x00\x00", "short": "\x00\x00\x00\x09abc",
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, func(c net.Conn) {
				_, _ = c.Read(make([]byte, 4096))
				_, _ = c.Write([]byte(answer))
			})
			r := realms{kdcs: map[string][]string{"R": {s.addr()}}}
			if b, err := r.ask(inTime(t), "R", []byte("question")); err == nil {
				t.Errorf("%q", b)
			}
		})
	}
	if _, err := (realms{}).ask(inTime(t), "R", nil); err == nil || errors.Is(err, errNoMore) {
		t.Error(err)
	}
}
