package wire

import (
	"bytes"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"image"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"assist/media/capture"
	"assist/media/input"
)

var update = flag.Bool("update", false, "write the golden vectors anew")

// samples holds at least one message of every type.
var samples = []Message{
	&Hello{Version, "Assist 1.0", "Debian 12", 5, true},
	&Access{Level: 2},
	&Ask{ID: 7, Level: 3},
	&AskAnswer{ID: 7, Answer: Silence},
	&Displays{Shown: 2, Choice: capture.Follow, List: []capture.Display{
		{ID: 1, Name: "eDP-1", Bounds: image.Rect(0, 0, 1920, 1080), Primary: true},
		{ID: 2, Name: "画面", Bounds: image.Rect(-1280, -20, 0, 1004)},
	}},
	&Show{Display: 1},
	&CursorShape{capture.Cursor{Serial: 9, Size: image.Pt(2, 1), Hot: image.Pt(1, 0), Pix: []byte{1, 2, 3, 4, 5, 6, 7, 8}}},
	&CursorShape{capture.Cursor{Serial: 10}},
	&InputState{State: 2},
	&Picture{Paused: true},
	&Ping{Stamp: 1<<40 + 3},
	&Pong{Stamp: 4},
	&End{Reason: ByPanicKey},
	&Entry{Text: `2026-11-22T18:31:05.121+09:00 2 level access="view only"`, Signature: [64]byte{1, 2, 63: 3}},
	&Head{Number: 2, Signature: [64]byte{4, 5, 63: 6}},
	&Trouble{What: OnWayland},
	&ChatText{"Hello, こんにちは"},
	&Key{input.Key{Usage: 0x04, Down: true}},
	&Point{input.Pointer{Display: 1, X: 65535, Y: 3, Buttons: input.Left | input.Forward, WheelX: -1, WheelY: 2}},
	&Text{"é日"},
	&Move{After: 12, Display: 1, X: 5, Y: 6},
	&CursorAt{Sequence: 3, At: image.Pt(-4, 700)},
	&Part{Frame: 5, Last: true, Bytes: []byte("picture")},
	&Seen{Frame: 5, Received: 1<<33 + 1, Stamp: 77},
	&Release{Frame: 6, Tiles: []image.Rectangle{image.Rect(0, 0, 1, 2), image.Rect(3, 4, 60, 34)}},
	&Release{Frame: 7},
	&Again{Plane: MotionPlane, Frame: 3},
	&LinkReport{Rate: 3600, Queue: 250, Exact: 1 << 40, Motion: 5},
	&View{Display: 2},
	&Motion{Frame: 8, Stream: 3, Index: 9, Base: 8, Rect: image.Rect(64, 32, 704, 392), Tiles: []image.Rectangle{image.Rect(2, 1, 22, 13)}, Bytes: []byte("obu")},
}

func TestRoundTrip(t *testing.T) {
	seen := map[Type]bool{}
	for _, m := range samples {
		seen[m.Type()] = true
		got, err := Parse(m.Type().Channel(), m.Append(nil))
		if err != nil || !reflect.DeepEqual(got, m) {
			t.Errorf("%#v came back as %#v, %v", m, got, err)
		}
	}
	for _, ty := range Types() {
		if !seen[ty] {
			t.Errorf("no sample of type %#x", ty)
		}
	}
}

// TestLonger holds the promise that a later version may append fields. A shape and a part end with their bytes.
func TestLonger(t *testing.T) {
	for _, m := range samples {
		if m.Type() == TPart || m.Type() == TMotion {
			continue
		}
		got, err := Parse(m.Type().Channel(), append(m.Append(nil), 0xaa, 0xbb))
		if err != nil || !reflect.DeepEqual(got, m) {
			t.Errorf("%#v with more behind it: %#v, %v", m, got, err)
		}
	}
}

func TestShorter(t *testing.T) {
	for _, m := range samples {
		whole := m.Append(nil)
		for n := range whole {
			got, err := Parse(m.Type().Channel(), whole[:n])
			if m.Type() == TCursorShape && reflect.DeepEqual(got, m) {
				continue // all pixels are there, only the end of the compressed stream is not
			}
			if err == nil && (m.Type() != TPart || n < 6) && (m.Type() != TMotion || n < 35) {
				t.Errorf("%d of %d bytes of %#v read as %#v", n, len(whole), m, got)
			}
			if err != nil && !errors.Is(err, ErrMalformed) {
				t.Errorf("%d bytes of %#v: %v", n, m, err)
			}
		}
	}
}

func TestWrongChannel(t *testing.T) {
	for _, m := range samples {
		for _, ch := range Channels {
			if _, err := Parse(ch, m.Append(nil)); (err == nil) != (ch == m.Type().Channel()) {
				t.Errorf("%T on %v: %v", m, ch, err)
			}
		}
	}
}

func TestRefused(t *testing.T) {
	for _, tt := range []struct {
		name string
		ch   Channel
		hex  string
	}{
		{"unknown type", Control, "00"},
		{"fault five", Control, "0f05"},
		{"level none", Control, "0200"},
		{"level four", Control, "0204"},
		{"bool two", Control, "0902"},
		{"input state five", Control, "0805"},
		{"reason seven", Control, "0c07"},
		{"answer three", Control, "040000000003"},
		{"empty chat", Chat, "100000"},
		{"chat not UTF-8", Chat, "100001ff"},
		{"chat of too many bytes", Chat, "101f41" + strings.Repeat("41", 8001)},
		{"chat of too many characters", Chat, "1007d1" + strings.Repeat("41", 2001)},
		{"chat of too many wide characters", Chat, "101771" + strings.Repeat("e697a5", 1999) + "41e697a5"},
		{"string beyond its end", Chat, "10000541"},
		{"seventeen displays", Control, "050011"},
		{"huge display", Control, "05000100" + "0000000000000000" + "ffff" + "0001" + "00" + "0000"},
		{"huge cursor", Control, "0700000001" + "ffff" + "ffff" + "0000" + "0000"},
		{"hot spot outside", Control, "0700000001" + "0001" + "0001" + "0001" + "0000"},
		{"cursor without pixels", Control, "0700000001" + "0001" + "0001" + "0000" + "0000"},
		{"sixth button", Input, "21000000000020" + "0000"},
		{"key on control", Control, "20000401"},
		{"empty entry", Control, "0d0000" + strings.Repeat("00", 64)},
		{"entry not UTF-8", Control, "0d0001ff" + strings.Repeat("00", 64)},
		{"entry too long", Control, "0d2001" + strings.Repeat("41", 8193+64)},
		{"tiles of nothing", Exact, "3200000001" + "0001" + "0000000000010000"},
		{"tiles beyond any picture", Exact, "3200000001" + "0001" + "0400000000010001"},
		{"too many tiles", Exact, "3200000001" + "0101" + strings.Repeat("0000000000010001", 257)},
		{"third plane", Exact, "330200000001"},
		{"motion of nothing", MotionChannel, "3800000001000000010000000000000000" + "0000000000000001" + "0000"},
		{"motion made from what comes after it", MotionChannel, "3800000001000000010000000200000002" + "0000000000010001" + "0000"},
		{"motion beyond any picture", MotionChannel, "3800000001000000010000000000000000" + "2000000000010001" + "0000"},
		{"head of nothing", Control, "0e00000000" + strings.Repeat("00", 64)},
	} {
		b, err := hex.DecodeString(tt.hex)
		if err != nil {
			t.Fatal(tt.name, err)
		}
		if m, err := Parse(tt.ch, b); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %#v, %v", tt.name, m, err)
		}
	}
	if _, err := Parse(Exact, make([]byte, MaxMessage+1)); !errors.Is(err, ErrMalformed) {
		t.Error("a message over the limit was read:", err)
	}
}

// TestGolden holds the bytes themselves: a change here is a change of the protocol.
func TestGolden(t *testing.T) {
	const file = "testdata/messages.txt"
	var b bytes.Buffer
	for _, m := range samples {
		fmt.Fprintf(&b, "%s %x\n", strings.TrimPrefix(fmt.Sprintf("%T", m), "*wire."), m.Append(nil))
	}
	if *update {
		if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	got, wanted := strings.Split(b.String(), "\n"), strings.Split(string(want), "\n")
	if !slices.Equal(got, wanted) {
		for i := range min(len(got), len(wanted)) {
			if got[i] != wanted[i] {
				t.Errorf("line %d:\n got %s\nwant %s", i+1, got[i], wanted[i])
			}
		}
		t.Errorf("%d lines, want %d", len(got), len(wanted))
	}
}

func TestLongStringsAreCutBetweenCharacters(t *testing.T) {
	long := strings.Repeat("日", maxText)
	m, err := Parse(Input, (&Text{long}).Append(nil))
	if err != nil {
		t.Fatal(err)
	}
	if got := m.(*Text).Text; len(got) > maxText || len(got) < maxText-3 || !strings.HasPrefix(long, got) {
		t.Errorf("cut to %d bytes", len(got))
	}
}

// TestChatHoldsSoManyCharacters sends the longest message whole, however wide its characters are, and of a longer one the beginning.
func TestChatHoldsSoManyCharacters(t *testing.T) {
	for _, letter := range []string{"a", "é", "日", "😀"} {
		for _, n := range []int{MaxChat - 1, MaxChat, MaxChat + 1, 3 * MaxChat} {
			m, err := Parse(Chat, (&ChatText{strings.Repeat(letter, n)}).Append(nil))
			if err != nil {
				t.Fatal(letter, n, err)
			}
			if want := strings.Repeat(letter, min(n, MaxChat)); m.(*ChatText).Text != want {
				t.Errorf("%d times %s: %d bytes arrived, not %d", n, letter, len(m.(*ChatText).Text), len(want))
			}
		}
	}
}

func TestOversizeCursorIsHidden(t *testing.T) {
	big := capture.Cursor{Serial: 3, Size: image.Pt(200, 200), Pix: make([]byte, 200*200*4)}
	m, err := Parse(Control, (&CursorShape{big}).Append(nil))
	if err != nil || m.(*CursorShape).Cursor.Size != (image.Point{}) {
		t.Errorf("%#v, %v", m, err)
	}
}

func FuzzParse(f *testing.F) {
	for _, m := range samples {
		f.Add(uint8(m.Type().Channel()), m.Append(nil))
	}
	f.Add(uint8(Chat), (&ChatText{strings.Repeat("日", MaxChat)}).Append(nil))
	f.Fuzz(func(t *testing.T, ch uint8, p []byte) {
		m, err := Parse(Channel(ch), p)
		if err != nil {
			return
		}
		again, err := Parse(Channel(ch), m.Append(nil))
		if err != nil || !reflect.DeepEqual(again, m) {
			t.Errorf("%#v does not survive a round trip: %#v, %v", m, again, err)
		}
	})
}
