//go:build linux

package painter

import (
	"context"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/jezek/xgb/xproto"
	"go.uber.org/goleak"

	"assist/cmd/internal/eye"
	"assist/cmd/internal/hand"
	"assist/cmd/internal/scene"
	"assist/cmd/internal/stage"
	"assist/media/frame"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// studio is a painter at work.
type studio struct {
	t       *testing.T
	ctx     context.Context
	display *stage.Display
	orders  *json.Encoder
	answers *json.Decoder
	eye     *eye.Eye
	hand    *hand.Hand
}

// open starts a painter on a display, in a scene. Connections that make extensions known come before one that watches.
func open(t *testing.T, name string, first uint16) *studio {
	t.Helper()
	d, err := stage.NewDisplay(t.TempDir(), "1920x1080")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	for _, v := range d.Env() {
		if name, value, _ := strings.Cut(v, "="); name == "DISPLAY" || name == "XAUTHORITY" {
			t.Setenv(name, value)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	orderRead, orderWrite := io.Pipe()
	answerRead, answerWrite := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := Run(ctx, orderRead, answerWrite)
		answerWrite.CloseWithError(err)
		ended <- err
	}()
	s := &studio{t: t, ctx: ctx, display: d, orders: json.NewEncoder(orderWrite), answers: json.NewDecoder(answerRead)}
	t.Cleanup(func() {
		orderWrite.Close()
		if err := <-ended; err != nil && ctx.Err() == nil {
			t.Error(err)
		}
		cancel()
	})
	s.do(Order{Begin: name, First: first})
	s.sit()
	return s
}

func (s *studio) sit() {
	s.t.Helper()
	a, errA := s.display.Connect()
	b, errB := s.display.Connect()
	if errA != nil || errB != nil {
		s.t.Fatal(errA, errB)
	}
	var err error
	if s.eye, err = eye.New(a); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(s.eye.Close)
	if s.hand, err = hand.New(b); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(s.hand.Close)
	if err := s.eye.Open(); err != nil {
		s.t.Fatal(err)
	}
}

func (s *studio) do(o Order) Answer {
	s.t.Helper()
	if err := s.orders.Encode(o); err != nil {
		s.t.Fatal(err)
	}
	var a Answer
	if err := s.answers.Decode(&a); err != nil {
		s.t.Fatal(err)
	}
	return a
}

// shows reports whether the display shows step n of a scene.
func (s *studio) shows(name string, n int, first uint16) bool {
	s.t.Helper()
	drawn, err := scene.New(name)
	if err != nil {
		s.t.Fatal(err)
	}
	want := frame.New(scene.Size.X, scene.Size.Y)
	drawn.Begin(want, first)
	if n > 0 {
		drawn.Step(want, n, first)
	}
	shot, err := s.eye.All()
	if err != nil {
		s.t.Fatal(err)
	}
	return frame.Equal(want, shot)
}

// watch follows the markers of a scene until stop is called.
func (s *studio) watch(name string, first uint16) (seen *eye.Sightings, stop func()) {
	s.t.Helper()
	drawn, err := scene.New(name)
	if err != nil {
		s.t.Fatal(err)
	}
	seen = eye.NewSightings()
	ctx, cancel := context.WithCancel(s.ctx)
	done := make(chan error, 1)
	go func() {
		done <- s.eye.Follow(ctx, []eye.Targets{{Marks: drawn.Marks, Lowest: first, Highest: first + 100}}, []*eye.Sightings{seen}, nil)
	}()
	return seen, func() {
		cancel()
		if err := <-done; err != nil {
			s.t.Error(err)
		}
	}
}

// A scene plays in order, every step is seen, and the screen shows what was drawn.
func TestPlay(t *testing.T) {
	s := open(t, scene.Log, 500)
	if !s.shows(scene.Log, 0, 500) {
		t.Fatal("step 0 is not on the display")
	}
	seen, stop := s.watch(scene.Log, 500)
	began := time.Now()
	if a := s.do(Order{Play: 12}); a.Done != scene.Log {
		t.Errorf("%+v", a)
	}
	if took := time.Since(began); took < 380*time.Millisecond {
		t.Errorf("12 steps at 30 a second took %v", took)
	}
	if err := seen.Until(s.ctx, 512); err != nil {
		t.Error(err)
	}
	stop()
	if n := seen.Whole(501, 512, time.Now()); n < 8 { // a busy machine may miss some
		t.Errorf("%d of 12 steps were seen", n)
	}
	if !s.shows(scene.Log, 12, 500) {
		t.Error("step 12 is not on the display")
	}
	if s.do(Order{Begin: scene.Rest, First: 900}); !s.shows(scene.Rest, 0, 900) {
		t.Error("the next scene is not on the display")
	}
}

// Every key is a step.
func TestKeys(t *testing.T) {
	s := open(t, scene.Typing, 40)
	seen, stop := s.watch(scene.Typing, 40)
	defer stop()
	for n := range uint16(4) {
		pressed, err := s.hand.Key('e')
		if err != nil {
			t.Fatal(err)
		}
		if err := seen.Until(s.ctx, 41+n); err != nil {
			t.Fatal(err)
		}
		if at, _ := seen.When(41 + n); at.Before(pressed) {
			t.Error("seen before the key was pressed")
		}
	}
}

// What another window has hidden is painted again when that goes.
func TestExposed(t *testing.T) {
	s := open(t, scene.Rest, 7)
	conn, err := s.display.Connect()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	screen := xproto.Setup(conn).DefaultScreen(conn)
	w, err := xproto.NewWindowId(conn)
	if err != nil {
		t.Fatal(err)
	}
	xproto.CreateWindow(conn, screen.RootDepth, w, screen.Root, 300, 300, 400, 200, 0, xproto.WindowClassInputOutput,
		screen.RootVisual, xproto.CwBackPixel|xproto.CwOverrideRedirect, []uint32{0x123456, 1})
	if err := xproto.MapWindowChecked(conn, w).Check(); err != nil {
		t.Fatal(err)
	}
	if s.shows(scene.Rest, 0, 7) {
		t.Fatal("the window hides nothing")
	}
	if err := xproto.DestroyWindowChecked(conn, w).Check(); err != nil {
		t.Fatal(err)
	}
	for !s.shows(scene.Rest, 0, 7) {
		if err := s.eye.Wait(s.ctx); err != nil {
			t.Fatal("what was hidden stays away")
		}
	}
}

// Bad orders end the painter with a reason.
func TestBadOrders(t *testing.T) {
	d, err := stage.NewDisplay(t.TempDir(), "320x200")
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	for _, v := range d.Env() {
		if name, value, _ := strings.Cut(v, "="); name == "DISPLAY" || name == "XAUTHORITY" {
			t.Setenv(name, value)
		}
	}
	for _, order := range []string{`{"play":3}`, `{"begin":"nothing"}`, `{"begin":"typing"}` + "\n" + `{"play":3}`} {
		if err := Run(t.Context(), strings.NewReader(order+"\n"), io.Discard); err == nil {
			t.Errorf("%s was carried out", order)
		}
	}
	t.Setenv("DISPLAY", ":no")
	if err := Run(t.Context(), strings.NewReader(""), io.Discard); err == nil {
		t.Error("painted on no display")
	}
}
