package spine

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"image"
	"io"
	"log/slog"
	"reflect"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"assist/app/code"
	"assist/app/customer"
	"assist/app/engineer"
	"assist/app/identity"
	"assist/app/link"
	"assist/app/link/linktest"
	"assist/app/session"
	"assist/media/capture"
	"assist/media/capture/capturetest"
	"assist/media/frame"
	"assist/media/input"
	"assist/media/input/inputtest"
	"assist/signaling"
	"assist/signaling/client"
)

// log remembers events of one end.
type log[E any] struct {
	mu     sync.Mutex
	events []E
}

func (l *log[E]) add(ev E) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.events = append(l.events, ev)
}

// all returns the events of type T, oldest first.
func all[T, E any](l *log[E]) (list []T) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, ev := range l.events {
		if t, ok := any(ev).(T); ok {
			list = append(list, t)
		}
	}
	return list
}

// last returns the newest event of type T, if there is one.
func last[T, E any](l *log[E]) (t T, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, ev := range slices.Backward(l.events) {
		if t, ok := any(ev).(T); ok {
			return t, true
		}
	}
	return t, false
}

// stage is both ends with the service between them.
type stage struct {
	*testing.T
	service  *service
	net      *linktest.Network
	customer *customer.Runner
	engineer *engineer.Console
	toC      log[customer.Event]
	toE      log[engineer.Event]
	desktop  *desktop
	keyboard *inputtest.Recorder
	own      []image.Rectangle
	screen   *canvas
	panic    func()
	linksMu  sync.Mutex
	links    []*linktest.Link  // the customer's, then the engineer's; then those that took their place
	meeting  *linktest.Service // where a session's ends meet again
	stop     context.CancelFunc
	wg       sync.WaitGroup
}

// play runs a session's actors in a bubble where time costs nothing, and the test between them.
func play(t *testing.T, change func(*stage, *customer.Config), test func(*stage)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		n := linktest.NewNetwork()
		s := &stage{T: t, net: n, meeting: linktest.NewService(n), desktop: newDesktop(320, 200), keyboard: inputtest.NewRecorder(), screen: &canvas{}}
		org, root, err := identity.NewOrganisation()
		if err != nil {
			t.Fatal(err)
		}
		s.service = &service{account: account(t, root), accepted: map[string]bool{}, said: map[string]bool{}}
		discard := slog.New(slog.NewTextHandler(io.Discard, nil))
		cc := customer.Config{
			Doors:   s.doors(),
			Trusted: &org, Program: "test", System: "bubble", Notify: s.toC.add, Log: discard,
		}
		if change != nil {
			change(s, &cc)
		}
		s.customer = customer.New(cc)
		s.engineer = engineer.New(engineer.Config{
			Dial: s.service.dialEngineer, NewLink: s.newLink, Redial: s.meeting.Dial,
			Program: "test", System: "bubble", Notify: s.toE.add, Log: discard,
		})
		s.engineer.ShowOn(s.screen)
		ctx, cancel := context.WithCancel(t.Context())
		s.stop = cancel
		s.wg.Go(func() { s.customer.Run(ctx) })
		s.wg.Go(func() { s.engineer.Run(ctx) })
		test(s)
		cancel()
		s.wg.Wait()
	})
}

// account signs an engineer in ahead of time.
func account(t *testing.T, root ed25519.PrivateKey) client.Account {
	t.Helper()
	export := make([]byte, 64)
	key := identity.AccountKey(export)
	cert, err := identity.SignAccount(root, identity.Account{
		Account: "ada", Name: "Ada Engineer", Organisation: "Example Support", Key: key.Public().(ed25519.PublicKey),
		NotBefore: time.Now(), NotAfter: time.Now().Add(24 * time.Hour),
	})
	if err != nil {
		t.Fatal(err)
	}
	return client.Account{Certificate: cert, ExportKey: export}
}

func (s *stage) newLink([]signaling.Relay) (link.Carrier, error) {
	s.linksMu.Lock()
	defer s.linksMu.Unlock()
	l := s.net.NewLink()
	s.links = append(s.links, l)
	return l, nil
}

func (s *stage) doors() customer.Doors {
	return customer.Doors{
		Dial:       s.service.dialCustomer,
		NewLink:    s.newLink,
		Redial:     s.meeting.Dial,
		OpenScreen: s.desktop.open,
		OpenControl: func(onState func(input.State)) (customer.Control, error) {
			return input.NewChain(s.keyboard, input.ChainOptions{OnState: onState}), nil
		},
		OwnWindows: func() []image.Rectangle { return s.own },
		GrabPanicKey: func(_ context.Context, fn func()) (io.Closer, error) {
			s.panic = fn
			return io.NopCloser(nil), nil
		},
	}
}

// await waits until ok holds: at most a minute of the bubble's time.
func (s *stage) await(what string, ok func() bool) {
	s.Helper()
	for range 6000 {
		synctest.Wait()
		if ok() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	s.Fatalf("never: %s\ncustomer: %v\nengineer: %v", what, names(&s.toC), names(&s.toE))
}

func names[E any](l *log[E]) (list []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, ev := range l.events {
		list = append(list, fmt.Sprintf("%s%+v", reflect.TypeOf(ev).Name(), ev))
	}
	return list
}

// has waits for the nth event of type T, counted from 1, and returns it.
func has[T, E any](s *stage, l *log[E], n int) (ev T) {
	s.Helper()
	s.await(fmt.Sprintf("%v number %d", reflect.TypeFor[T](), n), func() bool { return len(all[T](l)) >= n })
	return all[T](l)[n-1]
}

// code signs the engineer in and returns a fresh code.
func (s *stage) code() code.Code {
	s.Helper()
	s.engineer.SignIn("ada", "right horse")
	has[engineer.SignedIn](s, &s.toE, 1)
	s.engineer.NewCode()
	return has[engineer.CodeReady](s, &s.toE, 1).Code
}

var form = customer.Form{Name: "Cleo Customer", CustomerNumber: "4711", Terms: true}

// meet brings both to the consent question.
func (s *stage) meet() customer.Asked {
	s.Helper()
	s.customer.Join(form, s.code())
	return has[customer.Asked](s, &s.toC, 1)
}

// called is what an honest customer says for shared control.
var called = customer.Proof{Called: true}

// start brings both into a live session at the level.
func (s *stage) start(level session.Access) {
	s.Helper()
	s.meet()
	s.customer.Answer(customer.Consent{Access: level, Proof: called})
	has[customer.Started](s, &s.toC, 1)
	has[engineer.AccessChanged](s, &s.toE, 1)
}

// resume ends a pause as a person does.
func (s *stage) resume() {
	synctest.Wait()
	s.customer.Resume(customer.Proof{Digits: lastNeeds(s).Digits})
}

// desktop is the customer's screen. It can be opened again and again.
type desktop struct {
	mu     sync.Mutex
	pix    *frame.Frame
	now    *capturetest.Fake
	opened int
	mask   func() []image.Rectangle
}

func newDesktop(w, h int) *desktop { return &desktop{pix: frame.New(w, h)} }

func (d *desktop) open(o capture.Options) (capture.Source, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.opened++
	d.mask = o.Mask
	d.now = capturetest.NewFake(d.pix.Rect.Dx(), d.pix.Rect.Dy())
	d.now.Paint(func(f *frame.Frame) []image.Rectangle {
		f.CopyRect(d.pix, d.pix.Rect)
		return []image.Rectangle{d.pix.Rect}
	})
	return d.now.Open(o)
}

// paint fills a part of the desktop.
func (d *desktop) paint(r image.Rectangle, b, g, red byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.pix.Fill(r, b, g, red)
	if d.now != nil {
		d.now.Paint(func(f *frame.Frame) []image.Rectangle {
			f.Fill(r, b, g, red)
			return []image.Rectangle{r}
		})
	}
}

func (d *desktop) opens() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.opened
}

// canvas is the engineer's window.
type canvas struct {
	mu     sync.Mutex
	pix    *frame.Frame
	paints int
	at     image.Point
	shape  *engineer.Cursor

	display uint8 // what is shown
	seen    []glimpse
}

// glimpse is what the window showed at one moment.
type glimpse struct {
	display uint8
	corner  byte // how blue the first pixel is
}

func (c *canvas) Resize(size image.Point) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pix = frame.New(size.X, size.Y)
}

func (c *canvas) Paint(f *engineer.Frame, dirty []image.Rectangle) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.paints++
	for _, r := range dirty {
		c.pix.CopyRect(f, r)
	}
	c.seen = append(c.seen, glimpse{c.display, c.pix.Row(0, 1, 0)[0]})
}

func (c *canvas) CursorShape(shape *engineer.Cursor) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.shape = shape
}

func (c *canvas) Shows(display uint8) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.display = display
}

func (c *canvas) CursorAt(p image.Point) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = p
}

// shows reports whether the window shows exactly the desktop.
func (s *stage) shows() bool {
	s.screen.mu.Lock()
	defer s.screen.mu.Unlock()
	s.desktop.mu.Lock()
	defer s.desktop.mu.Unlock()
	return s.screen.pix != nil && frame.Equal(s.screen.pix, s.desktop.pix)
}

// stranger is an organisation that nobody here works for.
func stranger(t *testing.T) *identity.Organisation {
	t.Helper()
	org, _, err := identity.NewOrganisation()
	if err != nil {
		t.Fatal(err)
	}
	return &org
}
