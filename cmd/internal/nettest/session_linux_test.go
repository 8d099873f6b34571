package nettest

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"io"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"assist/app/code"
	"assist/app/customer"
	"assist/app/engineer"
	"assist/app/identity"
	"assist/app/link"
	"assist/app/session"
	"assist/media/capture"
	"assist/media/capture/capturetest"
	"assist/media/frame"
	"assist/media/peer"
	"assist/signaling"
	"assist/signaling/client"
	"assist/signaling/dial"
	"assist/signaling/dial/system"
)

// person is what one end is told: it stands in one line of JSON on its standard input.
type person struct {
	CA           string `json:"ca"` // file
	Organisation string `json:"organisation"`
	Transport    string `json:"transport"` // of the relay: udp, tcp, tls, ws; "" for whichever
	Script       string `json:"script"`    // URL of a proxy script that the system's settings name
	Code         string `json:"code"`
	Picture      bool   `json:"picture"` // of a desktop with text; else of a small one
}

// word is one thing that an end says, as one line of JSON on its standard output.
type word struct {
	Event string        `json:"event"`
	Text  string        `json:"text,omitempty"`
	After time.Duration `json:"after,omitempty"` // since the code was typed
}

type speaker struct {
	mu sync.Mutex
	to io.Writer
	t0 time.Time
}

func (s *speaker) say(event, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, _ := json.Marshal(word{event, text, time.Since(s.t0)})
	_, _ = s.to.Write(append(b, '\n'))
}

// ways are those of one end to the service and to the other end, as cmd/assist has them.
type ways struct {
	person
	out *dial.Dialer
	tls *tls.Config
	log *slog.Logger
}

func newWays(p person) (*ways, error) {
	pem, err := os.ReadFile(p.CA)
	if err != nil {
		return nil, err
	}
	w := &ways{person: p, tls: &tls.Config{MinVersion: tls.VersionTLS13, RootCAs: x509.NewCertPool()}}
	w.tls.RootCAs.AppendCertsFromPEM(pem)
	w.log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	o := system.Options{Scripts: runScript, Log: w.log}
	if p.Script != "" {
		o.Run = func(context.Context, string, ...string) ([]byte, error) {
			return []byte("org.gnome.system.proxy mode 'auto'\norg.gnome.system.proxy autoconfig-url '" + p.Script + "'\n"), nil
		}
	}
	w.out, err = dial.New(dial.Config{
		Service: serviceName, Proxies: system.New(o), TLS: w.tls, Log: w.log, NoUDP: p.Transport != "" && p.Transport != "udp",
		Ask: func(context.Context, dial.ProxyLogin) (string, string, error) { return proxyUser, proxyPassword, nil },
	})
	return w, err
}

// runScript runs a proxy script in a process of its own.
func runScript(ctx context.Context, job []byte) ([]byte, error) {
	cmd := exec.CommandContext(ctx, os.Args[0])
	cmd.Env = append(os.Environ(), roleEnv+"=pac")
	cmd.Stdin = bytes.NewReader(job)
	return cmd.Output()
}

func (w *ways) dial(ctx context.Context) (*client.Conn, error) {
	return client.Dial(ctx, client.Config{Service: serviceName, TLS: w.tls, Dial: w.out.DialContext, DialTLS: w.out.DialTLS, Log: w.log})
}

// newLink makes a link over the transport of this person alone.
func (w *ways) newLink(relays []signaling.Relay) (link.Carrier, error) {
	only, err := only(relays, w.Transport)
	if err != nil {
		return nil, err
	}
	r, err := w.out.Relays(only)
	if err != nil {
		return nil, err
	}
	var list []peer.Relay
	for _, one := range r.List() {
		list = append(list, peer.Relay{URL: one.URL, Username: one.Username, Credential: one.Credential})
	}
	l, err := peer.New(peer.Config{Relays: list, Dialer: r, TLS: w.tls, Log: w.log})
	if err != nil {
		return nil, err
	}
	return link.Over(l), nil
}

// only leaves of the relays the ways with one transport, on all ports.
func only(relays []signaling.Relay, transport string) ([]signaling.Relay, error) {
	if transport == "" {
		return relays, nil
	}
	if len(relays) == 0 {
		return nil, errors.New("no relays")
	}
	r := relays[0]
	_, rest, _ := strings.Cut(r.URL, ":")
	at, query, _ := strings.Cut(rest, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		return nil, err
	}
	ports := "&ports=" + values.Get("ports")
	switch transport {
	case "udp":
		r.URL = "turn:" + at + "?transport=udp" + ports
	case "tcp":
		r.URL = "turn:" + at + "?transport=tcp" + ports
	case "tls":
		r.URL = "turns:" + at + "?transport=tcp" + ports
	case "ws": // UDP is off
		r.URL = "turn:" + at + "?transport=udp&ways=ws" + ports
	}
	return []signaling.Relay{r}, nil
}

// playCustomer is a customer with one code: view only, one message, and out again.
func playCustomer(in io.Reader, out io.Writer) error {
	var p person
	if err := json.NewDecoder(in).Decode(&p); err != nil {
		return err
	}
	w, err := newWays(p)
	if err != nil {
		return err
	}
	defer w.out.Close()
	org, err := identity.ParseOrganisation(p.Organisation)
	if err != nil {
		return err
	}
	typed, err := code.Parse(p.Code)
	if err != nil {
		return err
	}
	s := &speaker{to: out, t0: time.Now()}
	ctx, cancel := context.WithTimeout(context.Background(), 90*time.Second)
	defer cancel()
	var runner *customer.Runner
	failed := error(nil)
	runner = customer.New(customer.Config{
		Doors: customer.Doors{
			Dial:    func(ctx context.Context) (customer.Desk, error) { return w.dial(ctx) },
			NewLink: w.newLink,
			OpenScreen: func(o capture.Options) (capture.Source, error) {
				return desktop(p.Picture).Open(o)
			},
			OwnWindows: func() []image.Rectangle { return nil },
		},
		Trusted: &org, Program: "net-test", System: "Linux", Log: w.log,
		Notify: func(ev customer.Event) {
			switch ev := ev.(type) {
			case customer.Refused:
				failed = ev.Problem
				cancel()
			case customer.Asked:
				s.say("asked", ev.CheckNumber)
				runner.Answer(customer.Consent{Access: session.ViewOnly})
			case customer.Started:
				s.say("live", "")
				runner.Say("ping")
			case customer.Said:
				if ev.FromEngineer {
					s.say("said", ev.Text)
				}
				if ev.FromEngineer && (ev.Text == "seen") == p.Picture {
					runner.Stop()
				}
			case customer.Ended:
				if ev.Problem.Code != "customer-ended" {
					failed = ev.Problem
				}
				cancel()
			}
		},
	})
	runner.Join(customer.Form{Name: "Cleo Customer", CustomerNumber: "4711", Terms: true}, typed)
	_ = runner.Run(ctx)
	if best, ok := w.out.Best(); ok {
		s.say("way", best.String())
	}
	for _, a := range w.out.Attempts() {
		if a.Err == nil && a.Way.Carry != dial.Signaling {
			s.say("relay", a.Way.String())
		}
	}
	if failed == nil && ctx.Err() == context.DeadlineExceeded {
		failed = errors.New("nothing for a minute and a half")
	}
	if failed != nil {
		return fmt.Errorf("customer: %w\nattempts: %v", failed, w.out.Attempts())
	}
	return nil
}

// desktop is what the customer's screen shows: lines as of text, or nearly nothing.
func desktop(text bool) *capturetest.Fake {
	size := image.Pt(320, 200)
	if text {
		size = image.Pt(1280, 800)
	}
	f := capturetest.NewFake(size.X, size.Y)
	f.Paint(func(pix *frame.Frame) []image.Rectangle {
		pix.Fill(pix.Rect, 0xff, 0xff, 0xff)
		for y := 20; text && y < size.Y-20; y += 16 {
			for x := 20; x < size.X-200; x += 7 {
				if n := x*31 + y*17; n%5 != 0 {
					pix.Fill(image.Rect(x, y+n%4, x+n%3+1, y+9), 0x20, 0x20, 0x20)
				}
			}
		}
		return []image.Rectangle{pix.Rect}
	})
	return f
}

// playEngineer signs in, and gives out a code for each line that it reads. Who comes with one is answered.
func playEngineer(in io.Reader, out io.Writer) error {
	lines := bufio.NewReader(in)
	first, err := lines.ReadString('\n')
	if err != nil {
		return err
	}
	var p person
	if err := json.Unmarshal([]byte(first), &p); err != nil {
		return err
	}
	w, err := newWays(p)
	if err != nil {
		return err
	}
	defer w.out.Close()
	s := &speaker{to: out, t0: time.Now()}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var console *engineer.Console
	console = engineer.New(engineer.Config{
		Dial:    func(ctx context.Context) (engineer.Desk, error) { return w.dial(ctx) },
		NewLink: w.newLink, Program: "net-test", System: "Linux", Log: w.log,
		Notify: func(ev engineer.Event) {
			switch ev := ev.(type) {
			case engineer.SignedIn:
				s.say("signed-in", "")
			case engineer.SignInFailed:
				s.say("failed", ev.Problem.Error())
			case engineer.CodeReady:
				s.say("code", ev.Code.Display())
			case engineer.CodeFailed:
				s.say("failed", ev.Problem.Error())
			case engineer.Said:
				if ev.FromCustomer {
					console.Say("pong")
				}
			case engineer.Ended:
				s.say("ended", string(ev.Problem.Code))
			}
		},
	})
	console.ShowOn(&screen{speaker: s, seen: func() { console.Say("seen") }})
	var wg sync.WaitGroup
	wg.Go(func() { _ = console.Run(ctx) })
	console.SignIn(account, password)
	for {
		if _, err := lines.ReadString('\n'); err != nil {
			break
		}
		s.t0 = time.Now()
		console.NewCode()
	}
	cancel()
	wg.Wait()
	return nil
}

// screen is the engineer's: it tells of the first part of each picture.
type screen struct {
	*speaker
	seen func() // the first part
	n    int
}

func (c *screen) Resize(image.Point) {
	c.n = 0
}

func (c *screen) Paint(_ *engineer.Frame, dirty []image.Rectangle) {
	if c.n++; c.n == 1 && len(dirty) > 0 {
		c.say("picture", fmt.Sprint(dirty[0]))
		c.seen()
	}
}

func (c *screen) CursorShape(*engineer.Cursor) {}
func (c *screen) CursorAt(image.Point)         {}
func (c *screen) Shows(uint8)                  {}
