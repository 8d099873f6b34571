package dial

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/jcmturner/gokrb5/v8/client"
	"github.com/jcmturner/gokrb5/v8/config"
	krb "github.com/jcmturner/gokrb5/v8/credentials"
	"github.com/jcmturner/gokrb5/v8/crypto"
	"github.com/jcmturner/gokrb5/v8/iana/etypeID"
	"github.com/jcmturner/gokrb5/v8/iana/nametype"
	"github.com/jcmturner/gokrb5/v8/messages"
	"github.com/jcmturner/gokrb5/v8/spnego"
	"github.com/jcmturner/gokrb5/v8/types"
)

const (
	maxKerberosFile  = 1 << 20   // bytes of a credential cache or a configuration
	maxKerberosReply = 128 << 10 // bytes of what a KDC says
	minSealed        = 64        // bytes: no KDC seals less, and the cipher needs that much
	maxReferrals     = 5
	maxKDCs          = 3 // asked, of one realm
	kdcTime          = time.Second
)

// kerberosTicket gets the ticket for HTTP/host (RFC 4120) from the person's credential cache, or with what is in there from a
// KDC. The cache is the file that KRB5CCNAME names or /tmp/krb5cc_<uid>. Caches of other kinds (KEYRING, KCM, DIR, API)
// count as no ticket, and so does what Windows keeps in the system: there, KRB5CCNAME has to be set.
func kerberosTicket(ctx context.Context, host string) (*pass, error) {
	path, err := cachePath()
	if err != nil {
		return nil, err
	}
	b, err := readSmall(path)
	if err != nil {
		return nil, err
	}
	c, err := parseCache(b)
	if err != nil {
		return nil, err
	}
	name := types.NewPrincipalName(nametype.KRB_NT_SRV_HST, "HTTP/"+host)
	if e := c.find(name, ""); e != nil {
		return c.pass(*e), nil
	}
	tgt := c.find(types.NewPrincipalName(nametype.KRB_NT_SRV_INST, "krbtgt/"+c.realm), c.realm)
	if tgt == nil {
		return nil, errors.New("credential cache holds no ticket that lasts")
	}
	e, err := loadRealms().exchange(ctx, c, *tgt, name)
	if err != nil {
		return nil, err
	}
	return c.pass(e), nil
}

// cachePath returns the credential cache's path.
func cachePath() (string, error) {
	name := os.Getenv("KRB5CCNAME")
	if path, ok := strings.CutPrefix(name, "FILE:"); ok {
		return path, nil
	}
	kind, _, ok := strings.Cut(name, ":")
	switch {
	case ok && len(kind) > 1: // one letter is a drive
		return "", errors.New("credential cache is not a file")
	case name != "":
		return name, nil
	case runtime.GOOS == "windows":
		return "", errors.New("KRB5CCNAME is not set")
	}
	return "/tmp/krb5cc_" + strconv.Itoa(os.Getuid()), nil
}

// readSmall reads a file of a size to be expected.
func readSmall(path string) ([]byte, error) {
	switch info, err := os.Stat(path); {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular(): // a pipe would never end
		return nil, errors.New("not a regular file")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxKerberosFile+1))
	if err == nil && len(b) > maxKerberosFile {
		err = fmt.Errorf("file of more than %d bytes", maxKerberosFile)
	}
	return b, err
}

// realms is what matters here of krb5.conf.
type realms struct {
	kdcs map[string][]string // by realm
	of   map[string]string   // realm by host, or by domain with a dot in front
	dns  bool                // look for KDCs there
}

// loadRealms reads the files that KRB5_CONFIG names, or /etc/krb5.conf. Without a file, KDCs are looked up in DNS.
func loadRealms() realms {
	r := realms{make(map[string][]string), make(map[string]string), true}
	paths := os.Getenv("KRB5_CONFIG")
	if paths == "" {
		paths = "/etc/krb5.conf"
	}
	for _, p := range filepath.SplitList(paths) {
		r.read(p, true)
	}
	return r
}

// read takes over a file; more says that it may include others.
func (r *realms) read(path string, more bool) {
	b, err := readSmall(path)
	if err != nil {
		return
	}
	section, realm, depth := "", "", 0
	for line := range strings.Lines(string(b)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.ContainsRune("#;", rune(line[0])) {
			continue
		}
		if dir, ok := strings.CutPrefix(line, "includedir "); ok && more {
			r.readAll(strings.TrimSpace(dir))
			continue
		}
		if file, ok := strings.CutPrefix(line, "include "); ok && more {
			r.read(strings.TrimSpace(file), false)
			continue
		}
		key, value, _ := strings.Cut(line, "=")
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		switch {
		case line[0] == '[':
			section, depth = strings.ToLower(strings.Trim(line, "[]* ")), 0
		case line[0] == '}':
			depth = max(depth-1, 0)
		case strings.HasPrefix(value, "{"):
			if depth++; depth == 1 {
				realm = key
			}
		case section == "libdefaults" && key == "dns_lookup_kdc":
			r.dns = !strings.ContainsAny(value[:min(len(value), 1)], "nNfF0") && !strings.EqualFold(value, "off")
		case section == "realms" && depth == 1 && key == "kdc":
			r.add(realm, value)
		case section == "domain_realm" && depth == 0:
			r.of[strings.ToLower(key)] = value
		}
	}
}

// readAll takes over the files of a directory that MIT's library would: names of letters, digits, - and _, or *.conf.
func (r *realms) readAll(dir string) {
	list, _ := os.ReadDir(dir)
	for _, f := range list {
		name := f.Name()
		odd := strings.ContainsFunc(name, func(c rune) bool {
			return !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_')
		})
		if !odd || strings.HasSuffix(name, ".conf") && name[0] != '.' {
			r.read(filepath.Join(dir, name), false)
		}
	}
}

// add adds a KDC: host, host:port or either with tcp/ in front. Others cannot be asked from here.
func (r *realms) add(realm, kdc string) {
	kdc = strings.TrimPrefix(strings.TrimSpace(strings.TrimSuffix(kdc, "*")), "tcp/")
	host, port, err := splitService(kdc)
	if err != nil || len(r.kdcs[realm]) == maxKDCs {
		return
	}
	r.kdcs[realm] = append(r.kdcs[realm], kdcAddr(host, port))
}

func kdcAddr(host string, port uint16) string {
	const usual = 88
	if port == 0 {
		port = usual
	}
	return net.JoinHostPort(host, strconv.Itoa(int(port)))
}

// ofHost returns a host's realm; without an entry, it is home.
func (r *realms) ofHost(host, home string) string {
	if realm := r.of[host]; realm != "" {
		return realm
	}
	for i := range len(host) {
		if realm := r.of[host[i:]]; host[i] == '.' && realm != "" {
			return realm
		}
	}
	return home
}

// exchange gets a service's ticket for a ticket-granting one (RFC 4120 section 3.3), and follows referrals (RFC 6806 section
// 8). Its KDCs are asked by TCP, which all of them speak and in which large tickets fit.
func (r realms) exchange(ctx context.Context, c cache, tgt entry, service types.PrincipalName) (entry, error) {
	cfg := config.New()
	cfg.LibDefaults.Canonicalize = true
	cfg.LibDefaults.DefaultTGSEnctypeIDs = keyTypes
	realm, name := c.realm, service
	if to := r.ofHost(service.NameString[1], realm); to != realm {
		name = types.NewPrincipalName(nametype.KRB_NT_SRV_INST, "krbtgt/"+to)
	}
	for range maxReferrals {
		req, err := messages.NewTGSReq(c.client, realm, cfg, tgt.ticket, tgt.key, name, false)
		if err != nil {
			return entry{}, err
		}
		b, err := req.Marshal()
		if err != nil {
			return entry{}, err
		}
		if b, err = r.ask(ctx, realm, b); err != nil {
			return entry{}, err
		}
		rep, err := openReply(b, tgt.key)
		if err != nil {
			return entry{}, err
		}
		if ok, err := rep.Verify(cfg, req); !ok {
			return entry{}, err
		}
		got, is := rep.DecryptedEncPart, rep.Ticket.SName
		tgt = entry{is, rep.Ticket.Realm, got.Key, got.EndTime, rep.Ticket}
		switch {
		case is.Equal(service):
			return tgt, nil
		case len(is.NameString) != 2 || is.NameString[0] != "krbtgt":
			return entry{}, errors.New("KDC's ticket is for somebody else")
		}
		realm, name = is.NameString[1], service
	}
	return entry{}, errors.New("KDCs refer to each other")
}

// openReply reads what a KDC sealed with key. The library does not check the sizes.
func openReply(b []byte, key types.EncryptionKey) (rep messages.TGSRep, err error) {
	var fail messages.KRBError
	if fail.Unmarshal(b) == nil {
		return rep, fmt.Errorf("KDC's error %d", fail.ErrorCode)
	}
	if err := rep.Unmarshal(b); err != nil {
		return rep, err
	}
	if len(rep.EncPart.Cipher) < minSealed || len(rep.Ticket.SName.NameString) == 0 || !usableKey(key) {
		return rep, errors.New("malformed KDC's answer")
	}
	if err := rep.DecryptEncPart(key); err != nil {
		return rep, err
	}
	if !usableKey(rep.DecryptedEncPart.Key) {
		return rep, errors.New("ticket's key cannot be used")
	}
	return rep, nil
}

// keyTypes are the ciphers to have keys for, best first.
var keyTypes = []int32{
	etypeID.AES256_CTS_HMAC_SHA1_96, etypeID.AES128_CTS_HMAC_SHA1_96,
	etypeID.AES256_CTS_HMAC_SHA384_192, etypeID.AES128_CTS_HMAC_SHA256_128, etypeID.RC4_HMAC,
}

// usableKey reports whether the library can work with a key.
func usableKey(k types.EncryptionKey) bool {
	for _, id := range keyTypes {
		if e, err := crypto.GetEtype(id); id == k.KeyType {
			return err == nil && len(k.KeyValue) == e.GetKeyByteSize()
		}
	}
	return false
}

// ask puts a question to the KDCs of a realm, one after the other.
func (r realms) ask(ctx context.Context, realm string, question []byte) ([]byte, error) {
	list := r.kdcs[realm]
	if len(list) == 0 && r.dns && validHost(realm) {
		_, found, err := net.DefaultResolver.LookupSRV(ctx, "kerberos", "tcp", realm)
		if err != nil {
			return nil, err
		}
		for _, s := range found[:min(len(found), maxKDCs)] {
			list = append(list, kdcAddr(strings.TrimSuffix(s.Target, "."), s.Port))
		}
	}
	err := errors.New("realm has no known KDC")
	for _, addr := range list {
		var answer []byte
		if answer, err = askKDC(ctx, addr, question); err == nil {
			return answer, nil
		}
	}
	return nil, err
}

// askKDC puts a question to one KDC (RFC 4120 section 7.2.2).
func askKDC(ctx context.Context, addr string, question []byte) (answer []byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, kdcTime)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	err = during(ctx, conn, func() error {
		message := append(binary.BigEndian.AppendUint32(nil, uint32(len(question))), question...)
		if _, err := conn.Write(message); err != nil {
			return err
		}
		in := bufio.NewReader(conn)
		var size [4]byte
		if _, err := io.ReadFull(in, size[:]); err != nil {
			return err
		}
		n := binary.BigEndian.Uint32(size[:])
		if n == 0 || n > maxKerberosReply {
			return fmt.Errorf("KDC's answer of %d bytes", n)
		}
		answer = make([]byte, n)
		_, err := io.ReadFull(in, answer)
		return err
	})
	return answer, err
}

// pass is an entry as it is shown to a proxy.
func (c cache) pass(e entry) *pass {
	owner := &client.Client{Credentials: krb.NewFromPrincipalName(c.client, c.realm)}
	return &pass{until: e.until, token: func() ([]byte, error) {
		first, err := spnego.NewNegTokenInitKRB5(owner, e.ticket, e.key)
		if err != nil {
			return nil, err
		}
		return (&spnego.SPNEGOToken{Init: true, NegTokenInit: first}).Marshal()
	}}
}
