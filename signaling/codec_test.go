package signaling

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"time"
)

const (
	attempt = "0123456789abcdef0123456789abcdef"
	token   = "00112233445566778899aabbccddeeff"
)

var (
	form  = json.RawMessage(`{"name":"山田 太郎","case":"12345"}`)
	relay = Relay{"turns:relay.example:443?transport=tcp", "1700000000:id", "c2VjcmV0", "eu-1"}
)

// examples holds every message once, with every field filled.
var examples = []Message{
	Hello{Version, Customer},
	Ended{attempt, token, attempt, time.Unix(1, 0).UTC(), time.Unix(9, 0).UTC(), "customer-ended", []Level{{"view only", time.Unix(2, 0).UTC()}}},
	Join{"042", form, []byte("m1")}, Confirm{[]byte("m3")}, Reject{}, Leave{},
	SignInStart{"a.engineer", []byte("ke1")}, SignInFinish{[]byte("ke3")},
	Renew{}, Relays{[]Relay{relay}}, OpenRoom{}, ExtendRoom{"042"}, ResumeRoom{"042"}, CancelRoom{"042"}, BurnRoom{"042"},
	Answer{attempt, []byte("m2")}, Accept{attempt},
	Welcome{Version, []Relay{relay}}, Reply{attempt, token, []byte("m2"), 2, time.Minute}, Challenge{[]byte("ke2")},
	SignedIn{[]byte("certificate"), []Relay{relay}}, Room{"042", time.Minute, true}, Done{}, Refused{Burnt},
	Joined{"042", attempt, form, []byte("m1"), "192.0.2.1", []Relay{relay}}, Confirmed{attempt, []byte("m3")},
	Rejected{attempt, 1}, CustomerLeft{attempt, 1}, RoomGone{"042", Expired}, Accepted{attempt}, Revoked{attempt},
	Measured{[]RoundTrip{{"eu-1", 20 * time.Millisecond}}}, Order{[]string{"eu-1", "us"}},
	Meet{attempt}, Pass{[]byte("sealed")}, Passed{[]byte("sealed")},
}

func TestRoundTrip(t *testing.T) {
	seen := map[string]bool{}
	for i, want := range examples {
		frame, err := Encode(uint32(i), want)
		if err != nil {
			t.Fatalf("%s: %v", want.name(), err)
		}
		id, got, err := Decode(frame)
		if err != nil || id != uint32(i) || !reflect.DeepEqual(got, want) {
			t.Errorf("%s came back as %d %#v, %v", frame, id, got, err)
		}
		seen[want.name()] = true
	}
	for name := range kinds {
		if !seen[name] {
			t.Errorf("no example of %s", name)
		}
	}
}

// bad holds frames that must not be understood.
var bad = map[string]string{
	"nothing":            ``,
	"not JSON":           `hello`,
	"null":               `null`,
	"a list":             `[]`,
	"no type":            `{"body":{}}`,
	"unknown type":       `{"type":"shell","body":{}}`,
	"no body":            `{"type":"leave"}`,
	"null body":          `{"type":"leave","body":null}`,
	"trailing text":      `{"type":"leave","body":{}}{}`,
	"unknown field":      `{"type":"leave","body":{"x":1}}`,
	"unknown outside":    `{"type":"leave","body":{},"x":1}`,
	"other case":         `{"type":"extend-room","body":{"Room":"042"}}`,
	"a field twice":      `{"type":"extend-room","body":{"room":"042","room":"043"}}`,
	"twice outside":      `{"type":"leave","type":"reject","body":{}}`,
	"negative id":        `{"type":"leave","id":-1,"body":{}}`,
	"id too large":       `{"type":"leave","id":4294967296,"body":{}}`,
	"not UTF-8":          "{\"type\":\"leave\",\"body\":{}}\xff",
	"room too short":     `{"type":"extend-room","body":{"room":"42"}}`,
	"room not ASCII":     `{"type":"extend-room","body":{"room":"٣٤٥"}}`,
	"room with a sign":   `{"type":"extend-room","body":{"room":"-42"}}`,
	"room a number":      `{"type":"extend-room","body":{"room":42}}`,
	"attempt upper case": `{"type":"accept","body":{"attempt":"0123456789ABCDEF0123456789ABCDEF"}}`,
	"ticket too short":   `{"type":"meet","body":{"ticket":"0123456789abcdef"}}`,
	"ticket no hex":      `{"type":"meet","body":{"ticket":"0123456789abcdef0123456789abcde*"}}`,
	"end of nothing":     `{"type":"ended","body":{"reason":"x"}}`,
	"report too short":   `{"type":"ended","body":{"attempt":"0123456789abcdef0123456789abcdef","report":"00","reason":"x"}}`,
	"report upper case":  `{"type":"ended","body":{"attempt":"0123456789abcdef0123456789abcdef","report":"00112233445566778899AABBCCDDEEFF","reason":"x"}}`,
	"reply no report":    `{"type":"reply","body":{"attempt":"0123456789abcdef0123456789abcdef","m2":"bTI=","left":2,"remaining":1}}`,
	"nothing to pass":    `{"type":"pass","body":{"bytes":""}}`,
	"bad base64":         `{"type":"confirm","body":{"m3":"*"}}`,
	"no m3":              `{"type":"confirm","body":{}}`,
	"unknown role":       `{"type":"hello","body":{"version":1,"role":"root"}}`,
	"form a list":        `{"type":"join","body":{"room":"042","form":[],"m1":"bTE="}}`,
	"form missing":       `{"type":"join","body":{"room":"042","m1":"bTE="}}`,
	"form key twice":     `{"type":"join","body":{"room":"042","form":{"a":1,"a":2},"m1":"bTE="}}`,
	"form too deep":      `{"type":"join","body":{"room":"042","form":{"a":[[[[[[[[1]]]]]]]]},"m1":"bTE="}}`,
	"form too long":      `{"type":"join","body":{"room":"042","form":{"a":"` + strings.Repeat("x", MaxForm) + `"},"m1":"bTE="}}`,
	"negative life":      `{"type":"room","body":{"digits":"042","remaining":-1,"can_extend":true}}`,
	"unknown reason":     `{"type":"refused","body":{"reason":"because"}}`,
	"control character":  `{"type":"sign-in-start","body":{"account":"a\u0000","ke1":"AA=="}}`,
	"account too long":   `{"type":"sign-in-start","body":{"account":"` + strings.Repeat("x", 300) + `","ke1":"AA=="}}`,
	"too long":           `{"type":"leave","body":{}}` + strings.Repeat(" ", MaxMessage),
	"relay field":        `{"type":"welcome","body":{"version":1,"relays":[{"url":"u","username":"n","credential":"c","x":1}]}}`,
	"too many relays":    `{"type":"welcome","body":{"version":1,"relays":[` + strings.Repeat(`{"url":"u","username":"n","credential":"c"},`, MaxRelays) + `{"url":"u","username":"n","credential":"c"}]}}`,
}

func TestDecodeRefuses(t *testing.T) {
	for name, frame := range bad {
		t.Run(name, func(t *testing.T) {
			id, m, err := Decode([]byte(frame))
			if !errors.Is(err, ErrMessage) || m != nil && err == nil {
				t.Errorf("understood as %d %#v, %v", id, m, err)
			}
		})
	}
}

func TestEncodeRefuses(t *testing.T) {
	for _, m := range []Message{
		Join{"42", form, []byte("m1")}, Join{"042", nil, []byte("m1")}, Join{"042", form, make([]byte, MaxHandshake+1)},
		Confirm{}, Pass{make([]byte, MaxPass+1)}, Refused{Reason: "because"}, Ended{Attempt: attempt, Reason: "x", Levels: make([]Level, MaxLevels+1)},
		SignedIn{Certificate: []byte{1}, Relays: make([]Relay, 1)}, Relays{[]Relay{{"turn:a:1", "n", "c", "EU 1"}}},
		Measured{make([]RoundTrip, MaxRelays+1)}, Measured{[]RoundTrip{{"eu", -1}}}, Measured{[]RoundTrip{{"", 1}}}, Order{[]string{"x\n"}},
	} {
		if frame, err := Encode(1, m); err == nil {
			t.Errorf("%#v was written as %s", m, frame)
		}
	}
}

func TestErrorsRepeatNothing(t *testing.T) {
	const canary = "canary-42"
	for _, frame := range []string{
		`{"type":"` + canary + `","body":{}}`, `{"type":"leave","body":{"` + canary + `":1}}`,
		`{"type":"extend-room","body":{"room":"` + canary + `"}}`, canary, `{"type":{"` + canary + `":1}}`,
	} {
		if _, _, err := Decode([]byte(frame)); err == nil || strings.Contains(err.Error(), canary) {
			t.Errorf("%s: %v", frame, err)
		}
	}
}

func TestRelayHidesItsCredential(t *testing.T) {
	for _, s := range []string{fmt.Sprint(relay), fmt.Sprintf("%v", relay), relay.LogValue().String()} {
		if strings.Contains(s, relay.Credential) {
			t.Errorf("credential shown: %s", s)
		}
	}
}

func TestTokenHidesItself(t *testing.T) {
	for _, m := range []any{Token(token), Ended{Attempt: attempt, Report: token}, Reply{Attempt: attempt, Report: token}} {
		var log strings.Builder
		slog.New(slog.NewTextHandler(&log, nil)).Info("message", "m", m)
		for _, s := range []string{fmt.Sprint(m), fmt.Sprintf("%+v", m), fmt.Sprintf("%#v", m), log.String()} {
			if strings.Contains(s, token) {
				t.Errorf("token shown: %s", s)
			}
		}
	}
}

func FuzzDecode(f *testing.F) {
	for i, m := range examples {
		frame, _ := Encode(uint32(i), m)
		f.Add(frame)
	}
	for _, frame := range bad {
		f.Add([]byte(frame))
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		id, m, err := Decode(frame)
		if err != nil {
			return
		}
		again, err := Encode(id, m)
		if err != nil {
			t.Fatalf("%#v cannot be written: %v", m, err)
		}
		id2, m2, err := Decode(again)
		if err != nil || id2 != id {
			t.Fatalf("%s is not understood: %v", again, err)
		}
		if last, err := Encode(id2, m2); err != nil || string(last) != string(again) {
			t.Errorf("%s became %s, %v", again, last, err)
		}
	})
}
