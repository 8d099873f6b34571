package e2e

import (
	"bytes"
	"crypto/ed25519"
	"crypto/mlkem"
	"crypto/mlkem/mlkemtest"
	"encoding/json"
	"flag"
	"os"
	"testing"

	"github.com/gtank/ristretto255"
)

var update = flag.Bool("update", false, "write testdata/handshake.json anew")

// known is a whole handshake with all its randomness, for this program's future and for others'.
type known struct {
	Name string `json:"name"`

	// What goes in.
	Code           string   `json:"code"`
	Info           string   `json:"info"`
	OfferSDP       string   `json:"offer_sdp"`
	OfferPrint     hexBytes `json:"offer_fingerprint"`
	AnswerSDP      string   `json:"answer_sdp"`
	AnswerPrint    hexBytes `json:"answer_fingerprint"`
	Chain          hexBytes `json:"chain"`
	SignerSeed     hexBytes `json:"engineer_ed25519_seed"`
	CustomerRandom hexBytes `json:"customer_random"` // scalar before reduction[64], ML-KEM seed[64], nonce[32]
	EngineerRandom hexBytes `json:"engineer_random"` // scalar before reduction[64]
	Encapsulation  hexBytes `json:"encapsulation_random"`

	// What is in between.
	CI         hexBytes `json:"ci"`
	SID        hexBytes `json:"sid"`
	ISK        hexBytes `json:"isk"`
	KEM        hexBytes `json:"kem_secret"`
	Transcript hexBytes `json:"transcript"`
	PRK        hexBytes `json:"prk"`
	Master     hexBytes `json:"master"`

	// What comes out.
	M1          hexBytes `json:"m1"`
	M2          hexBytes `json:"m2"`
	M3          hexBytes `json:"m3"`
	CheckNumber string   `json:"check_number"`
	SessionID   hexBytes `json:"session_id"`
	Ticket      hexBytes `json:"resume_ticket"`

	// "hello" sealed as the first record or frame of epoch 0, on channels "control" (ordered) and "pointer" (unordered).
	Control [2]hexBytes `json:"control_record_customer_engineer"`
	Pointer [2]hexBytes `json:"pointer_record_customer_engineer"`
	Frame   [2]hexBytes `json:"frame_customer_engineer"`
}

// inputs are the vectors' first halves. The second ones are computed for -update and compared otherwise.
func inputs() []known {
	fill := func(start byte, n int) hexBytes {
		b := make(hexBytes, n)
		for i := range b {
			b[i] = start + byte(i)
		}
		return b
	}
	small := known{
		Name: "empty", Code: "000 0000", OfferPrint: make(hexBytes, 32), AnswerPrint: make(hexBytes, 32),
		Chain: hexBytes{}, SignerSeed: make(hexBytes, 32), CustomerRandom: fill(1, 160), EngineerRandom: fill(2, 64), Encapsulation: fill(3, 32),
	}
	usual := known{
		Name: "usual", Code: "123 4567", Info: `{"name":"Anna Example","case":"12345,678,000"}`,
		OfferSDP: "v=0\r\no=- 1 2 IN IP4 0.0.0.0\r\n", OfferPrint: fill(0x40, 32),
		AnswerSDP: "v=0\r\no=- 3 4 IN IP4 0.0.0.0\r\n", AnswerPrint: fill(0x80, 32),
		Chain: hexBytes("opaque here"), SignerSeed: fill(0x11, 32),
		CustomerRandom: fill(0x21, 160), EngineerRandom: fill(0x51, 64), Encapsulation: fill(0x91, 32),
	}
	return []known{small, usual}
}

// run fills in what comes of the inputs.
func (v *known) run(t *testing.T) {
	t.Helper()
	c := mustCode(t, v.Code)
	private := ed25519.NewKeyFromSeed(v.SignerSeed)
	customer, m1, err := start(chance{random: bytes.NewReader(v.CustomerRandom)}, c.Secret, Offer{
		Room: c.Room, Info: []byte(v.Info), SDP: []byte(v.OfferSDP), Fingerprint: [32]byte(v.OfferPrint),
	})
	if err != nil {
		t.Fatal(err)
	}
	ch := chance{bytes.NewReader(v.EngineerRandom), func(ek *mlkem.EncapsulationKey768) ([]byte, []byte) {
		shared, ciphertext, err := mlkemtest.Encapsulate768(ek, v.Encapsulation)
		if err != nil {
			t.Fatal(err)
		}
		v.KEM = bytes.Clone(shared)
		return shared, ciphertext
	}}
	answer := Answer{SDP: []byte(v.AnswerSDP), Fingerprint: [32]byte(v.AnswerPrint), Chain: v.Chain}
	engineer, m2, err := respond(ch, c, m1, answer, func(m []byte) []byte { return ed25519.Sign(private, m) })
	if err != nil {
		t.Fatal(err)
	}
	v.between(t, customer.s, engineer.s, m1, m2)
	ck, _, m3, err := customer.Finish(m2, func(chain, signed, signature []byte) error {
		if !bytes.Equal(chain, v.Chain) || !ed25519.Verify(private.Public().(ed25519.PublicKey), signed, signature) {
			return errUnknown
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	ek, err := engineer.Confirm(m3)
	if err != nil {
		t.Fatal(err)
	}
	id := ck.SessionID()
	ticket, err := ck.Ticket()
	if err != nil {
		t.Fatal(err)
	}
	v.Ticket = ticket[:]
	v.M1, v.M2, v.M3, v.CheckNumber, v.SessionID, v.Master = m1, m2, m3, ek.CheckNumber(), id[:], ek.k.master[:]
	for i, k := range []*Keys{ck, ek} {
		control, _, _ := k.Channel("control", 0, Ordered)
		pointer, _, _ := k.Channel("pointer", 0, Unordered)
		frame, _, _ := k.Media(0)
		v.Control[i], v.Pointer[i] = seal(t, control, "hello"), seal(t, pointer, "hello")
		v.Frame[i] = sealFrame(t, frame, "hello")
	}
}

// between notes what the protocol keeps to itself.
func (v *known) between(t *testing.T, c *customerState, e *engineerState, m1, m2 []byte) {
	t.Helper()
	m, err := parseMessage2(m2)
	if err != nil {
		t.Fatal(err)
	}
	k, ok := cpaceShared(ristretto255.NewScalar().Set(c.scalar), m.share)
	if !ok {
		t.Fatal("share")
	}
	v.CI, v.SID = cpaceContext(mustCode(t, v.Code).Room)
	v.ISK = cpaceKey(v.SID, k, c.share, m1, m.share, m.body)
	v.Transcript, v.PRK = bytes.Clone(e.schedule.th[:]), bytes.Clone(e.schedule.prk[:])
}

func TestHandshakeVectors(t *testing.T) {
	got := inputs()
	for i := range got {
		got[i].run(t)
	}
	text, err := json.MarshalIndent(got, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	text = append(text, '\n')
	if *update {
		if err := os.WriteFile("testdata/handshake.json", text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/handshake.json")
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(text, want) {
		return
	}
	g, w := bytes.Split(text, []byte("\n")), bytes.Split(want, []byte("\n"))
	for i := range min(len(g), len(w)) {
		if !bytes.Equal(g[i], w[i]) {
			t.Errorf("line %d: %.120s, want %.120s", i+1, g[i], w[i])
		}
	}
	t.Error("the protocol is not what it was: a change needs a new version")
}
