package peer

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"
)

// hostilePair connects a customer with an engineer's end that takes messages of any size for right.
func hostilePair(t *testing.T) (customer, engineer *Link) {
	t.Helper()
	s := startRelay(t)
	customer, engineer = newLink(t, s.config("udp")), newLink(t, s.config("udp"))
	ctx := inTime(t)
	offer, err := customer.Offer(ctx)
	if err != nil {
		t.Fatal(err)
	}
	d, err := parseDescription(offer)
	if err != nil {
		t.Fatal(err)
	}
	engineer.remote = &d
	sdp := strings.Replace(d.sdp(), "max-message-size:65536", "max-message-size:1073741823", 1)
	if err := engineer.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: sdp}); err != nil {
		t.Fatal(err)
	}
	if err := engineer.openPointer(); err != nil {
		t.Fatal(err)
	}
	answer, err := engineer.pc.CreateAnswer(nil)
	if err != nil {
		t.Fatal(err)
	}
	described, err := engineer.describe(ctx, answer, false)
	if err != nil {
		t.Fatal(err)
	}
	if err := customer.Accept(described); err != nil {
		t.Fatal(err)
	}
	connectBoth(t, customer, engineer)
	return customer, engineer
}

// TestAnyBytes sends 100,000 random bytes in messages of random sizes, and then still talks.
func TestAnyBytes(t *testing.T) {
	customer, engineer := hostilePair(t)
	ctx := inTime(t)
	rng := rand.New(rand.NewPCG(1, 2))
	sent := 0
	go func() {
		for {
			if _, err := customer.Channel(Chat).Receive(ctx); err != nil {
				return
			}
		}
	}()
	for sent < 100_000 {
		msg := make([]byte, rng.IntN(3000))
		for i := range msg {
			msg[i] = byte(rng.Uint32())
		}
		if err := engineer.Channel(Chat).Send(ctx, msg); err != nil {
			t.Fatal(err)
		}
		sent += len(msg)
	}
	if err := engineer.Channel(Control).Send(ctx, []byte("still here")); err != nil {
		t.Fatal(err)
	}
	if got, err := customer.Channel(Control).Receive(ctx); err != nil || string(got) != "still here" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestTooLargeMessageEndsTheLink(t *testing.T) {
	customer, engineer := hostilePair(t)
	if _, err := engineer.Channel(Exact).raw.Write(make([]byte, MaxMessage+2)); err != nil {
		t.Fatal(err)
	}
	waitFor(t, customer, Down, 3*time.Second)
	if err := customer.why(); !errors.Is(err, ErrTooLarge) {
		t.Errorf("down because %v", err)
	}
}

// TestEndlessMessage never ends a message: it gets nowhere, and takes no more memory than the receive window.
func TestEndlessMessage(t *testing.T) {
	customer, engineer := hostilePair(t)
	_, _ = engineer.Channel(Exact).raw.Write(make([]byte, 20<<20))
	time.Sleep(500 * time.Millisecond)
	waiting := engineer.Channel(Exact).Waiting()
	t.Logf("%d bytes of 20 MiB were taken, the customer's link is %v", 20<<20-waiting, customer.State())
	if taken := 20<<20 - waiting; taken > 2<<20 {
		t.Errorf("%d bytes of an unfinished message were taken", taken)
	}
}

func TestAssemble(t *testing.T) {
	half := append([]byte{pieceMore}, make([]byte, MaxMessage/2)...)
	for _, tt := range []struct {
		name   string
		pieces [][]byte
		want   string // of the last message that got whole
		err    error
	}{
		{"whole", [][]byte{{0, 'a'}}, "a", nil},
		{"empty", [][]byte{{0, 'a'}, {0}}, "", nil},
		{"three", [][]byte{{1, 'a'}, {1, 'b'}, {0, 'c'}}, "abc", nil},
		{"forgotten", [][]byte{{1, 'a'}, {2}, {0, 'c'}}, "c", nil},
		{"nothing", [][]byte{{}}, "", errPiece},
		{"unknown", [][]byte{{3, 'a'}}, "", errPiece},
		{"too large", [][]byte{half, half, {0, 'x'}}, "", ErrTooLarge},
		{"endless", [][]byte{half, half, half}, "", ErrTooLarge},
	} {
		var whole []byte
		var got string
		var done bool
		var err error
		for _, p := range tt.pieces {
			if whole, done, err = assemble(whole, p); done {
				got, whole = string(whole), nil
			}
		}
		if got != tt.want || !errors.Is(err, tt.err) {
			t.Errorf("%s: %q, %v", tt.name, got, err)
		}
	}
}

// FuzzAssemble takes any pieces: what gets together is never larger than a message.
func FuzzAssemble(f *testing.F) {
	f.Add([]byte{1, 'a', 'b'}, []byte{0, 'c'}, uint16(1))
	f.Add([]byte{1, 'a', 'b'}, []byte{2}, uint16(60000))
	f.Fuzz(func(t *testing.T, p, q []byte, times uint16) {
		var whole []byte
		for range times {
			var done bool
			var err error
			if whole, done, err = assemble(whole, p); err != nil {
				break
			}
			if len(whole) > MaxMessage {
				t.Fatalf("%d bytes", len(whole))
			}
			if done {
				whole = nil
			}
		}
		if whole, _, _ = assemble(whole, q); len(whole) > MaxMessage {
			t.Fatalf("%d bytes", len(whole))
		}
	})
}

func TestForeignChannelEndsTheLink(t *testing.T) {
	for name, init := range map[string]*webrtc.DataChannelInit{
		"any":               nil,
		"ordered Draw":      {ID: new(uint16(Draw))},
		"ordered Pointer":   {ID: new(uint16(Pointer))},
		"unordered further": {ID: new(uint16(40)), Ordered: new(false), MaxRetransmits: new(uint16(0))},
	} {
		t.Run(name, func(t *testing.T) {
			customer, engineer := hostilePair(t)
			if name == "ordered Pointer" {
				customer, engineer = engineer, customer // the offering end may open none
				init.ID = new(uint16(9))
			}
			if _, err := engineer.pc.CreateDataChannel("mine", init); err != nil {
				t.Fatal(err)
			}
			waitFor(t, customer, Down, 3*time.Second)
		})
	}
}

// TestPointerIsUnreliable looks at what the two ends agreed on, which the library does not tell when it fails.
func TestPointerIsUnreliable(t *testing.T) {
	s := startRelay(t)
	customer, engineer := pair(t, s.config("udp"))
	ctx := inTime(t)
	// Both directions carry messages even though only one end opened it.
	for _, way := range []struct{ from, to *Link }{{customer, engineer}, {engineer, customer}} {
		if err := way.from.Channel(Pointer).Send(ctx, []byte("at")); err != nil {
			t.Fatal(err)
		}
		if got, err := way.to.Channel(Pointer).Receive(ctx); err != nil || string(got) != "at" {
			t.Errorf("%q, %v", got, err)
		}
	}
	for _, l := range []*Link{customer, engineer} {
		m, ok := l.pc.SCTP().Metadata()
		if !ok || !m.MessageInterleavingEnabled {
			t.Errorf("messages are not interleaved: %+v", m)
		}
	}
	// What the relay loses is not sent again: the next message comes all the same.
	s.silence(true)
	if err := engineer.Channel(Pointer).Send(ctx, []byte("lost")); err != nil {
		t.Fatal(err)
	}
	time.Sleep(100 * time.Millisecond)
	s.silence(false)
	if err := engineer.Channel(Pointer).Send(ctx, []byte("next")); err != nil {
		t.Fatal(err)
	}
	if got, err := customer.Channel(Pointer).Receive(ctx); err != nil || string(got) != "next" {
		t.Errorf("%q, %v", got, err)
	}
}

// TestHostileMotion has one end send what no honest one sends.
func TestHostileMotion(t *testing.T) {
	rtp := func(raw []byte) func(*testing.T, *Link, *Link) *Link {
		return func(t *testing.T, customer, engineer *Link) *Link {
			if _, err := customer.motion.track.Write(raw); err != nil {
				t.Fatal(err)
			}
			return engineer
		}
	}
	rtcpFrom := func(from, to func(customer, engineer *Link) *Link, packets ...rtcp.Packet) func(*testing.T, *Link, *Link) *Link {
		return func(t *testing.T, customer, engineer *Link) *Link {
			if err := from(customer, engineer).pc.WriteRTCP(packets); err != nil {
				t.Fatal(err)
			}
			return to(customer, engineer)
		}
	}
	first := func(c, _ *Link) *Link { return c }
	second := func(_, e *Link) *Link { return e }
	question := func(ssrc uint32, name string, data []byte) rtcp.Packet {
		return &rtcp.ApplicationDefined{SSRC: ssrc, Name: name, Data: data}
	}
	good := ask{1, []span{{0, 1}}}.append(nil)
	// each sends something and returns the end that is to close the link
	attacks := map[string]func(t *testing.T, customer, engineer *Link) *Link{
		"malformed question":      rtcpFrom(second, first, question(motionSSRC, askName, good[:6])),
		"another name":            rtcpFrom(second, first, question(motionSSRC, "XXXX", good)),
		"malformed beat":          rtcpFrom(second, first, question(motionSSRC, beatName, good)),
		"another source":          rtcpFrom(second, first, question(99, askName, good)),
		"a frame never sent":      rtcpFrom(second, first, question(motionSSRC, askName, good)),
		"negative acknowledgment": rtcpFrom(second, first, &rtcp.TransportLayerNack{MediaSSRC: motionSSRC, Nacks: []rtcp.NackPair{{PacketID: 1}}}),
		"question by the sender":  rtcpFrom(first, second, question(motionSSRC, askName, good)),
		"the other way": func(t *testing.T, customer, engineer *Link) *Link {
			if err := engineer.motion.offer(engineer.api); err != nil {
				t.Fatal(err)
			}
			if _, err := engineer.motion.track.Write(part{kindPart, 1, 0, 1, []byte("x")}.append(nil, 1, 2)); err != nil {
				t.Fatal(err)
			}
			return customer
		},
		"a second track": func(t *testing.T, customer, engineer *Link) *Link {
			track, err := webrtc.NewTrackLocalStaticRTP(motionCodec.RTPCodecCapability, "a", "b")
			if err != nil {
				t.Fatal(err)
			}
			sender, err := customer.api.NewRTPSender(track, customer.pc.SCTP().Transport())
			if err != nil {
				t.Fatal(err)
			}
			err = sender.Send(webrtc.RTPSendParameters{Encodings: []webrtc.RTPEncodingParameters{
				{RTPCodingParameters: webrtc.RTPCodingParameters{SSRC: 77, PayloadType: motionType}},
			}})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := track.Write(part{kindPart, 1, 0, 1, []byte("x")}.append(nil, 1, 2)); err != nil {
				t.Fatal(err)
			}
			return engineer
		},
	}
	for _, name := range []string{"another kind", "frame 0", "short part", "frame too large", "end of nothing"} {
		attacks["packet: "+name] = rtp(badPackets()[name])
	}
	s := startRelay(t)
	for name, attack := range attacks {
		t.Run(name, func(t *testing.T) {
			customer, engineer := pair(t, s.config("udp"))
			waitFor(t, attack(t, customer, engineer), Down, 3*time.Second)
		})
	}
}

// TestGreedyQuestions asks for the same frame again and again: it is sent again a few times only.
func TestGreedyQuestions(t *testing.T) {
	s := startRelay(t)
	customer, engineer := pair(t, s.config("udp"))
	ctx := inTime(t)
	if err := customer.Motion().Send(ctx, make([]byte, 10*partSize)); err != nil {
		t.Fatal(err)
	}
	if _, err := engineer.Motion().Receive(ctx); err != nil {
		t.Fatal(err)
	}
	for range 200 {
		question := &rtcp.ApplicationDefined{SSRC: motionSSRC, Name: askName, Data: ask{1, []span{{0, wholeAsk}}}.append(nil)}
		if err := engineer.pc.WriteRTCP([]rtcp.Packet{question}); err != nil {
			t.Fatal(err)
		}
	}
	if err := customer.Motion().Send(ctx, []byte("next")); err != nil {
		t.Fatal(err)
	}
	if got, err := engineer.Motion().Receive(ctx); err != nil || string(got) != "next" {
		t.Errorf("%q, %v", got, err)
	}
	if n := customer.Motion().Stats().Again; n > 10*maxTries {
		t.Errorf("%d packets were sent again", n)
	}
}
