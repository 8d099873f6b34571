package e2e

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"strconv"
	"testing"

	"github.com/gtank/ristretto255"
)

// hexBytes are bytes that stand in a test vector in hexadecimal.
type hexBytes []byte

func (h *hexBytes) UnmarshalText(text []byte) (err error) {
	*h, err = hex.DecodeString(string(text))
	return err
}

func (h hexBytes) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(h)), nil }

func readVectors(t *testing.T, name string, v any) {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, v); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

func wantBytes(t *testing.T, what string, got, want []byte) {
	t.Helper()
	if !bytes.Equal(got, want) {
		t.Errorf("%s = %x, want %x", what, got, want)
	}
}

type cpaceVectors struct {
	Generator struct {
		PRS, CI, SID, String, Hash, Point hexBytes
	}
	Run struct {
		SID     hexBytes
		ScalarA hexBytes `json:"scalar_a"`
		ADA     hexBytes `json:"ad_a"`
		ShareA  hexBytes `json:"share_a"`
		ScalarB hexBytes `json:"scalar_b"`
		ADB     hexBytes `json:"ad_b"`
		ShareB  hexBytes `json:"share_b"`
		K, ISK  hexBytes
	}
	Multiply struct {
		Scalar, Point, Product hexBytes
	}
	Invalid    []hexBytes
	PrependLen [][2]hexBytes `json:"prepend_len"`
	LVCat      struct {
		Parts  []hexBytes
		Result hexBytes
	} `json:"lv_cat"`
}

func scalar(t *testing.T, b []byte) *ristretto255.Scalar {
	t.Helper()
	s, err := ristretto255.NewScalar().SetCanonicalBytes(b)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestCPaceVectors(t *testing.T) {
	var v cpaceVectors
	readVectors(t, "cpace.json", &v)
	if len(v.PrependLen) == 0 || len(v.Invalid) == 0 || len(v.LVCat.Parts) == 0 {
		t.Fatal("vectors are missing")
	}
	for _, p := range v.PrependLen {
		wantBytes(t, "prepend_len", prependLen(nil, p[0]), p[1])
	}
	var parts [][]byte
	for _, p := range v.LVCat.Parts {
		parts = append(parts, p)
	}
	wantBytes(t, "lv_cat", lvCat(parts...), v.LVCat.Result)

	g := v.Generator
	wantBytes(t, "generator string", generatorString(g.PRS, g.CI, g.SID), g.String)
	generator := func() *ristretto255.Element { return cpaceGenerator(g.PRS, g.CI, g.SID) }
	wantBytes(t, "generator", generator().Bytes(), g.Point)

	r := v.Run
	wantBytes(t, "Ya", cpaceShare(scalar(t, r.ScalarA), generator()), r.ShareA)
	wantBytes(t, "Yb", cpaceShare(scalar(t, r.ScalarB), generator()), r.ShareB)
	ka, oka := cpaceShared(scalar(t, r.ScalarA), r.ShareB)
	kb, okb := cpaceShared(scalar(t, r.ScalarB), r.ShareA)
	if !oka || !okb {
		t.Error("good shares refused")
	}
	wantBytes(t, "K of A", ka, r.K)
	wantBytes(t, "K of B", kb, r.K)
	wantBytes(t, "ISK", cpaceKey(r.SID, r.K, r.ShareA, r.ADA, r.ShareB, r.ADB), r.ISK)
}

func TestCPaceMultiply(t *testing.T) {
	var v cpaceVectors
	readVectors(t, "cpace.json", &v)
	s := scalar(t, v.Multiply.Scalar)
	got, ok := cpaceShared(s, v.Multiply.Point)
	if !ok {
		t.Error("valid point refused")
	}
	wantBytes(t, "product", got, v.Multiply.Product)
	for _, p := range append(v.Invalid, nil, v.Multiply.Point[:31], append(bytes.Clone(v.Multiply.Point), 0), bytes.Repeat([]byte{0xff}, 32)) {
		if k, ok := cpaceShared(s, p); ok || k != nil {
			t.Errorf("invalid point %x accepted", p)
		}
	}
	if _, ok := cpaceShared(ristretto255.NewScalar(), v.Multiply.Point); ok {
		t.Error("the neutral element came out, and was accepted")
	}
}

// Whatever is in the secret, the first block of the hash holds it and nothing of the session.
func TestGeneratorStringPads(t *testing.T) {
	for _, n := range []int{0, 4, 22, 100, 108, 109, 127, 128, 300} {
		prs := bytes.Repeat([]byte{7}, n)
		a := generatorString(prs, []byte("one"), []byte("sid"))
		b := generatorString(prs, []byte("two"), []byte("dis"))
		if len(a) < 128 || !bytes.Equal(a[:128], b[:128]) {
			t.Errorf("secret of %d bytes: the first block depends on the session", n)
		}
	}
}

func TestSFrameVectors(t *testing.T) {
	var v struct {
		Header [][3]string
		SFrame struct {
			KID, CTR                uint64
			BaseKey                 hexBytes `json:"base_key"`
			Salt                    hexBytes `json:"sframe_salt"`
			Metadata, Nonce, PT, CT hexBytes
		}
	}
	readVectors(t, "sframe.json", &v)
	if len(v.Header) != 289 {
		t.Fatalf("%d header vectors", len(v.Header))
	}
	for _, h := range v.Header {
		kid, _ := strconv.ParseUint(h[0], 10, 64)
		ctr, _ := strconv.ParseUint(h[1], 10, 64)
		want, _ := hex.DecodeString(h[2])
		wantBytes(t, "header", appendSFrameHeader(nil, kid, ctr), want)
		gotKID, gotCTR, size, err := parseSFrameHeader(append(bytes.Clone(want), 0xaa))
		if err != nil || gotKID != kid || gotCTR != ctr || size != len(want) {
			t.Errorf("header %s = %d %d %d, %v", h[2], gotKID, gotCTR, size, err)
		}
		for i := range want {
			if _, _, _, err := parseSFrameHeader(want[:i]); err == nil {
				t.Errorf("header %s passes with %d bytes", h[2], i)
			}
		}
	}
	s := v.SFrame
	key := newSFrameKey(s.BaseKey, s.KID)
	wantBytes(t, "salt", key.salt[:], s.Salt)
	n := nonce(key.salt, s.CTR)
	wantBytes(t, "nonce", n[:], s.Nonce)
	wantBytes(t, "ciphertext", key.seal(nil, s.PT, s.Metadata, s.CTR), s.CT)
	o := &SFrameOpener{key: key}
	got, err := o.Open(nil, s.CT, s.Metadata)
	if err != nil {
		t.Fatal(err)
	}
	wantBytes(t, "plaintext", got, s.PT)
}

func TestSFrameHeaderHasOneForm(t *testing.T) {
	for _, h := range []string{"8000", "8007", "0807", "0900ff", "9000ff", "a00000ff", "880708", "8fff", ""} {
		b, _ := hex.DecodeString(h)
		if kid, ctr, _, err := parseSFrameHeader(b); err == nil {
			t.Errorf("%s passes as %d, %d", h, kid, ctr)
		}
	}
}
