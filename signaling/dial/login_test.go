package dial

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"
)

// asker is a person: it answers with what it is told to.
type asker struct {
	mu      sync.Mutex
	asked   []ProxyLogin
	ended   int // questions taken back
	answers chan string
}

func newAsker(answers ...string) *asker {
	a := &asker{answers: make(chan string, 8)}
	for _, s := range answers {
		a.answers <- s
	}
	return a
}

func (a *asker) ask(ctx context.Context, l ProxyLogin) (string, string, error) {
	a.mu.Lock()
	a.asked = append(a.asked, l)
	a.mu.Unlock()
	select {
	case s := <-a.answers:
		if s == "" {
			return "", "", errNoMore
		}
		return "ann", s, nil
	case <-ctx.Done():
		a.mu.Lock()
		a.ended++
		a.mu.Unlock()
		return "", "", ctx.Err()
	}
}

func (a *asker) questions() []ProxyLogin {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]ProxyLogin(nil), a.asked...)
}

func (a *asker) takenBack() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.ended
}

// basicProxy is a network of one proxy that wants ann's password.
func basicProxy(t *testing.T, a *asker) (*Dialer, *httpProxy) {
	t.Helper()
	ca := newAuthority(t, "Authority")
	service := serviceTLS(t, ca.good(t))
	p := newHTTPProxy(t, service.addr(), func(req *http.Request, _ *string) string {
		if req.Header.Get("Proxy-Authorization") == basicOf("ann", "right") {
			return ""
		}
		return want407("Basic realm=\"Front\tdoor\"")
	})
	cfg := Config{Proxies: found(t, "p:3128"), Ask: a.ask}
	cfg.TLS = ca.good(t)
	cfg.TLS.RootCAs = ca.pool()
	return newDialer(t, cfg, wires{"p:3128": to(p.addr())}), p
}

// TestAskedOnce runs several calls at once, each with three ports, and counts the questions.
func TestAskedOnce(t *testing.T) {
	t.Parallel()
	a := newAsker("right")
	d, _ := basicProxy(t, a)
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() {
			c, err := d.DialTLS(inTime(t), "tcp", "service.test:443")
			if err != nil {
				t.Error(err)
				return
			}
			_ = c.Close()
		})
	}
	wg.Wait()
	q := a.questions()
	if len(q) != 1 || q[0].Proxy.Addr != "p:3128" || q[0].Realm != "Front?door" || q[0].Scheme != "basic" || !q[0].Clear || q[0].Again {
		t.Errorf("%d questions: %+v", len(q), q)
	}
}

// TestWrongPassword asks once in each call, and says that it is not the first time.
func TestWrongPassword(t *testing.T) {
	t.Parallel()
	a := newAsker("wrong", "wrong too", "right")
	d, p := basicProxy(t, a)
	for i := range 2 {
		before := len(p.asked())
		if _, err := d.DialTLS(inTime(t), "tcp", "service.test:443"); !errors.Is(err, ErrProxyLogin) {
			t.Fatal(err)
		}
		q := a.questions()
		if len(q) != i+1 || q[i].Again != (i > 0) {
			t.Fatalf("%d questions: %+v", len(q), q)
		}
		// The wrong password is not shown to the proxy once for each port.
		sent := 0
		for _, h := range p.asked()[before:] {
			if h != "" {
				sent++
			}
		}
		if sent > len(Ports) {
			t.Errorf("sent %d times", sent)
		}
	}
	c, err := d.DialTLS(inTime(t), "tcp", "service.test:443")
	if err != nil {
		t.Fatal(err)
	}
	_ = c.Close()
}

// TestThreeQuestionsAreEnough: then only AskAgain makes another.
func TestThreeQuestionsAreEnough(t *testing.T) {
	t.Parallel()
	a := newAsker("1", "2", "3", "right")
	d, _ := basicProxy(t, a)
	for range 5 {
		if _, err := d.DialTLS(inTime(t), "tcp", "service.test:443"); !errors.Is(err, ErrProxyLogin) {
			t.Fatal(err)
		}
	}
	if n := len(a.questions()); n != maxAsked {
		t.Errorf("%d questions", n)
	}
	d.AskAgain()
	c, err := d.DialTLS(inTime(t), "tcp", "service.test:443")
	if err != nil {
		t.Fatal(err)
	}
	_ = c.Close()
}

// TestDeclined: who gives no login is not asked for it again by a program that tries on its own.
func TestDeclined(t *testing.T) {
	t.Parallel()
	a := newAsker("", "right")
	d, _ := basicProxy(t, a)
	for range 3 {
		if _, err := d.DialTLS(inTime(t), "tcp", "service.test:443"); !errors.Is(err, ErrProxyLogin) {
			t.Fatal(err)
		}
	}
	if n := len(a.questions()); n != 1 {
		t.Errorf("%d questions", n)
	}
	d.AskAgain()
	c, err := d.DialTLS(inTime(t), "tcp", "service.test:443")
	if err != nil {
		t.Fatal(err)
	}
	_ = c.Close()
}

// TestQuestionOutlivesTheCall: people type for longer than a program waits. The next call finds the answer.
func TestQuestionOutlivesTheCall(t *testing.T) {
	t.Parallel()
	a := newAsker()
	d, _ := basicProxy(t, a)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if _, err := d.DialTLS(ctx, "tcp", "service.test:443"); !errors.Is(err, ErrTimeout) {
		t.Fatal(err)
	}
	a.answers <- "right"
	c, err := d.DialTLS(inTime(t), "tcp", "service.test:443")
	if err != nil {
		t.Fatal(err)
	}
	_ = c.Close()
	if n := len(a.questions()); n != 1 || a.takenBack() != 0 {
		t.Errorf("%d questions, %d taken back", n, a.takenBack())
	}
}

// TestNeedlessQuestionIsTakenBack: another way wins while the person is asked.
func TestNeedlessQuestionIsTakenBack(t *testing.T) {
	t.Parallel()
	a := newAsker()
	d, p := basicProxy(t, a)
	d.tcp = wires{
		"p:3128": to(p.addr()),
		"service.test:443": func(ctx context.Context) (net.Conn, error) {
			for len(a.questions()) == 0 {
				time.Sleep(time.Millisecond)
			}
			service := serviceTLS(t, d.cfg.TLS)
			return to(service.addr())(ctx)
		},
	}.dial
	c, err := d.DialTLS(inTime(t), "tcp", "service.test:443")
	if err != nil {
		t.Fatal(err)
	}
	_ = c.Close()
	for range 1000 {
		if a.takenBack() == 1 {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Error("the question stays")
}

// TestCloseTakesQuestionBack, and forgets what is known.
func TestCloseTakesQuestionBack(t *testing.T) {
	t.Parallel()
	a := newAsker()
	d, _ := basicProxy(t, a)
	done := make(chan error, 1)
	go func() {
		_, err := d.DialTLS(inTime(t), "tcp", "service.test:443")
		done <- err
	}()
	for len(a.questions()) == 0 {
		time.Sleep(time.Millisecond)
	}
	_ = d.Close()
	if err := <-done; !errors.Is(err, ErrProxyLogin) {
		t.Error(err)
	}
	if a.takenBack() != 1 {
		t.Errorf("%d taken back", a.takenBack())
	}
	for proxy, g := range d.logins.all {
		if g.known != nil || g.asking != nil {
			t.Errorf("%s: %+v", proxy, g)
		}
	}
}
