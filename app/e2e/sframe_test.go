package e2e

import (
	"errors"
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

func mediaEnds(t testing.TB, epoch uint32) (*SFrameSealer, *SFrameOpener) {
	t.Helper()
	c, e := agree(t, seeded(1))
	s, _, err := c.Media(epoch)
	if err != nil {
		t.Fatal(err)
	}
	_, o, err := e.Media(epoch)
	if err != nil {
		t.Fatal(err)
	}
	return s, o
}

func sealFrame(t testing.TB, s *SFrameSealer, frame string) []byte {
	t.Helper()
	b, err := s.Seal(nil, []byte(frame), nil)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func wantFrame(t testing.TB, o *SFrameOpener, sealed []byte, want string, wantErr error) {
	t.Helper()
	got, err := o.Open(nil, sealed, nil)
	if !errors.Is(err, wantErr) || wantErr == nil && err != nil || string(got) != want {
		t.Errorf("Open = %q, %v, want %q, %v", got, err, want, wantErr)
	}
}

func TestFramesMayBeLostAndOvertaken(t *testing.T) {
	s, o := mediaEnds(t, 0)
	var f [][]byte
	for i := range 200 {
		f = append(f, sealFrame(t, s, fmt.Sprint(i)))
	}
	wantFrame(t, o, f[3], "3", nil) // 0 to 2 are late
	wantFrame(t, o, f[3], "", ErrOld)
	wantFrame(t, o, f[0], "0", nil)
	wantFrame(t, o, f[0], "", ErrOld)
	wantFrame(t, o, f[66], "66", nil)
	wantFrame(t, o, f[2], "", ErrOld) // one too far behind
	wantFrame(t, o, f[4], "4", nil)
	wantFrame(t, o, f[199], "199", nil)
	wantFrame(t, o, f[66], "", ErrOld)
	wantFrame(t, o, f[136], "136", nil)
	wantFrame(t, o, f[135], "", ErrOld)
	wantFrame(t, o, nil, "", ErrRecord)
	wantFrame(t, o, make([]byte, MaxFrame+FrameOverhead+1), "", ErrRecord)
}

// A model of the window: opened are those not seen before and at most 63 behind the newest.
func TestFrameWindowModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var w window
		seen := map[uint64]bool{}
		var newest int64 = -1
		for _, c := range rapid.SliceOf(rapid.Uint64Range(0, 200)).Draw(t, "frames") {
			want := !seen[c] && newest-int64(c) < sframeWindow
			if got := w.fresh(c); got != want {
				t.Fatalf("frame %d with newest %d: fresh %v", c, newest, got)
			}
			if want {
				w.add(c)
				seen[c] = true
				newest = max(newest, int64(c))
			}
		}
	})
}

func TestFramesInTheWrongPlace(t *testing.T) {
	c, e := agree(t, seeded(1))
	s, own, _ := c.Media(7)
	frame := sealFrame(t, s, "picture")
	wantFrame(t, own, frame, "", ErrRecord) // back to its sender
	_, o, _ := e.Media(6)
	wantFrame(t, o, frame, "", ErrRecord)
	_, o, _ = e.Media(7)
	if _, err := o.Open(nil, frame, []byte("metadata")); !errors.Is(err, ErrRecord) {
		t.Errorf("with other metadata: %v", err)
	}
	wantFrame(t, o, frame, "picture", nil)

	tagged, _ := s.Seal(nil, []byte("picture"), []byte("metadata"))
	wantFrame(t, o, tagged, "", ErrRecord)
	if got, err := o.Open(nil, tagged, []byte("metadata")); err != nil || string(got) != "picture" {
		t.Errorf("with its metadata: %q, %v", got, err)
	}
	if kid, ctr, _, _ := parseSFrameHeader(tagged); kid != 14 || ctr != 1 {
		t.Errorf("KID %d, CTR %d", kid, ctr)
	}
}

func BenchmarkFrame(b *testing.B) {
	for _, size := range []int{64, 1100, 16 << 10} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			s, o := mediaEnds(b, 0)
			frame, sealed, out := make([]byte, size), make([]byte, 0, size+FrameOverhead), make([]byte, 0, size)
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				sealed, _ = s.Seal(sealed[:0], frame, nil)
				if _, err := o.Open(out, sealed, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
