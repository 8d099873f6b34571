package exact

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"image"
	"os"
	"testing"
)

// vector is messages written by hand, their zstd blocks stored uncompressed, and the picture after the last,
// 3 bytes a pixel, or the error that the last meets.
type vector struct {
	Name          string
	Messages      []string
	Width, Height int
	Picture       string
	Error         string
}

func vectors(t testing.TB) []vector {
	t.Helper()
	b, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var vs []vector
	if err := json.Unmarshal(b, &vs); err != nil {
		t.Fatal(err)
	}
	return vs
}

func (v vector) messages(t testing.TB) [][]byte {
	t.Helper()
	var ms [][]byte
	for _, s := range v.Messages {
		m, err := hex.DecodeString(s)
		if err != nil {
			t.Fatal(err)
		}
		ms = append(ms, m)
	}
	return ms
}

func TestVectors(t *testing.T) {
	for _, v := range vectors(t) {
		t.Run(v.Name, func(t *testing.T) {
			d := NewDecoder()
			ms := v.messages(t)
			for _, m := range ms[:len(ms)-1] {
				if _, _, err := d.Decode(m); err != nil {
					t.Fatal(err)
				}
			}
			size, _, err := d.Decode(ms[len(ms)-1])
			if v.Error != "" {
				wantDead(t, d, err, v.Error)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if want := image.Pt(v.Width, v.Height); size != want {
				t.Errorf("size %v, want %v", size, want)
			}
			var got []byte
			for i := 0; i < len(d.Frame().Pix); i += 4 {
				got = append(got, d.Frame().Pix[i:i+3]...)
			}
			if hex.EncodeToString(got) != v.Picture {
				t.Errorf("picture %x, want %s", got, v.Picture)
			}
		})
	}
}

// wantDead checks that err is the sentinel with this text, and that the decoder takes nothing any more.
func wantDead(t *testing.T, d *Decoder, err error, want string) {
	t.Helper()
	sentinel := ErrCorrupt
	if want == ErrSize.Error() {
		sentinel = ErrSize
	}
	if !errors.Is(err, sentinel) || sentinel.Error() != want {
		t.Fatalf("error %v, want %q", err, want)
	}
	good := newPair(t, image.Pt(1, 1))
	msg, _ := good.enc.Encode(nil, good.enc.shown, nil)
	if _, _, again := d.Decode(msg); again != err {
		t.Errorf("after %q a good message gives %v, want the same error", err, again)
	}
}
