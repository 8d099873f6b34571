package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"assist/cmd/internal/play"
	"assist/ui/trace"
)

// answerLogin types into the window that asks for a proxy's login.
func answerLogin(ctx context.Context, c *play.Actor, password string) error {
	if _, err := c.Windows.Screen(ctx, "proxy-login"); err != nil {
		return err
	}
	return errors.Join(c.Click(ctx, "proxy-login", "user"), c.Type(ctx, "ann"),
		c.Click(ctx, "proxy-login", "password"), c.Type(ctx, password), c.Click(ctx, "proxy-login", "ok"), c.Windows.Gone(ctx, "proxy-login"))
}

// TestProxyLogin: a proxy that wants a login is a question in a window of its own. A wrong answer is said, and asked for again with the
// next Connect; a right one leads to the session. The window about the network says which way it is and tests all.
func TestProxyLogin(t *testing.T) {
	ctx, s := scene(t)
	proxy, _ := testProxy(t, greetHTTP)
	s.CustomerFlags = []string{"--proxy", proxy}
	must(t, s.Curtain(ctx))
	c := s.Customer
	must(t, answerLogin(ctx, c, "swordfish"))

	code, err := s.Code(ctx)
	must(t, err)
	joined := make(chan error, 1)
	go func() { joined <- s.Join(ctx, code) }()
	_, err = c.Windows.Until(ctx, "the question once more", func(l trace.Line) bool { return l.Screen == "proxy-login" })
	must(t, err, pictureOf(t, c, "proxy-login"))
	must(t, answerLogin(ctx, c, "pass word"), <-joined)
	_, err = c.Windows.Screen(ctx, "consent")
	must(t, err, c.Click(ctx, "consent", "decline"), c.Windows.Gone(ctx, "consent"))
	_, err = c.Windows.Screen(ctx, "ended")
	must(t, err, c.Click(ctx, "ended", "new-code"))

	must(t, c.Click(ctx, "form", "network"))
	line, err := c.Windows.Screen(ctx, "network")
	must(t, err)
	if used := line.Elements["used"].Text; !strings.Contains(used, proxy) {
		t.Errorf("way that is used: %q", used)
	}
	must(t, c.Click(ctx, "network", "test"))
	within, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	_, err = c.Windows.Until(within, "a report", func(l trace.Line) bool {
		return l.Screen == "network" && strings.Contains(l.Elements["verdict"].Text, "can be set up") && l.Elements["save"].Visible
	})
	must(t, err, pictureOf(t, c, "network"))
	for _, log := range []string{"customer.log", "customer-program.log"} {
		b, err := os.ReadFile(filepath.Join(s.Dir, log))
		if err != nil || strings.Contains(string(b), "swordfish") || strings.Contains(string(b), "pass word") {
			t.Errorf("%s: a password is in it, or %v", log, err)
		}
	}
}

// pictureOf saves what somebody sees, if somebody wants to look at it.
func pictureOf(t *testing.T, a *play.Actor, name string) error {
	t.Helper()
	folder := os.Getenv("ASSIST_PICTURES")
	if folder == "" {
		return nil
	}
	time.Sleep(300 * time.Millisecond) // for the window to be painted
	return a.Display.Save(filepath.Join(folder, name+".png"))
}
