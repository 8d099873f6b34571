package server

import (
	"context"
	"crypto/tls"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"assist/signaling"
	"assist/signaling/client"
	"github.com/coder/websocket"
)

const ms = time.Millisecond

func TestSorted(t *testing.T) {
	far := func(list ...time.Duration) distances {
		d := distances{}
		for i, took := range list {
			d[string(rune('a'+i))] = took
		}
		return d
	}
	for _, tt := range []struct {
		name string
		a, b distances
		want string
	}{
		{"nobody knows", nil, nil, "a b c"},
		{"one end", far(30*ms, 10*ms, 20*ms), nil, "b c a"},
		{"smallest sum", far(10*ms, 30*ms, 25*ms), far(90*ms, 30*ms, 60*ms), "b c a"},
		{"equal sums keep their order", far(10*ms, 20*ms, 30*ms), far(30*ms, 20*ms, 10*ms), "a b c"},
		{"one does not answer", far(unanswered, 400*ms, 900*ms), far(1*ms, 1*ms, 1*ms), "b c a"},
		{"one was not measured", far(unanswered, 400*ms), far(1*ms, 1*ms), "b c a"},
	} {
		if got := strings.Join(sorted([]string{"a", "b", "c"}, tt.a, tt.b), " "); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

// threeRelays has relays a, b and c, and notes whose credentials end.
func threeRelays(ended *[]string, mu *sync.Mutex) option {
	return func(c *Config, _ *times) {
		c.Relays = func(_, id string, _ time.Duration) (list []signaling.Relay) {
			for _, name := range []string{"a", "b", "c"} {
				list = append(list, signaling.Relay{URL: "turn:" + name + ".test:443", Username: "until:" + id, Credential: "secret", Name: name})
			}
			return list
		}
		c.EndCredential = func(id string) {
			mu.Lock()
			defer mu.Unlock()
			*ended = append(*ended, id)
		}
	}
}

func times3(a, b, c time.Duration) []signaling.RoundTrip {
	return []signaling.RoundTrip{{Name: "a", Took: a}, {Name: "b", Took: b}, {Name: "c", Took: c}}
}

func order(list []signaling.Relay) string { return strings.Join(namesOf(list), " ") }

// TestSmallestSum lets both ends measure. The customer's app chooses before it is known which engineer there will be, and the
// engineer's follows it.
func TestSmallestSum(t *testing.T) {
	for _, tt := range []struct {
		name                  string
		engineer, customer    []signaling.RoundTrip
		wantCustomer, wantEnd string
	}{
		{"the one in between", times3(100*ms, 20*ms, 50*ms), times3(5*ms, 60*ms, 100*ms), "b a c", "b a c"},
		{"nobody measured", nil, nil, "a b c", "a b c"},
		{"engineer did not measure", nil, times3(50*ms, 60*ms, 20*ms), "c a b", "c a b"},
		{"customer did not measure", times3(50*ms, 60*ms, 20*ms), nil, "a b c", "c a b"},
		{"engineer does not reach what the customer uses", times3(0, 20*ms, 50*ms), times3(5*ms, 0, 0), "a b c", "b c a"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var ended []string
			var mu sync.Mutex
			x := serve(t, t.TempDir(), threeRelays(&ended, &mu))
			engineer, customer := x.dial(t), x.dial(t)
			if _, err := engineer.SignIn(t.Context(), "ann", password); err != nil {
				t.Fatal(err)
			}
			if tt.engineer != nil {
				if _, err := engineer.Measured(t.Context(), tt.engineer); err != nil {
					t.Fatal(err)
				}
			}
			w, err := customer.Hello(t.Context())
			if err != nil || order(w.Relays) != "a b c" {
				t.Fatalf("Hello: %v, %v", w.Relays, err)
			}
			if tt.customer != nil {
				names, err := customer.Measured(t.Context(), tt.customer)
				if got := strings.Join(names, " "); err != nil || got != tt.wantCustomer {
					t.Errorf("customer is told %s, %v, want %s", got, err, tt.wantCustomer)
				}
				renewed, err := customer.Relays(t.Context())
				if err != nil || order(renewed) != tt.wantCustomer {
					t.Errorf("customer is given %v, %v", renewed, err)
				}
			}
			digits := openRoom(t, engineer)
			result := join(t, customer, digits)
			j := next[signaling.Joined](t, engineer)
			if got := order(j.Relays); got != tt.wantEnd {
				t.Errorf("engineer is given %s, want %s", got, tt.wantEnd)
			}
			if err := engineer.Answer(t.Context(), j.Attempt, []byte("m2")); err != nil {
				t.Fatal(err)
			}
			<-result
		})
	}
}

// TestCredentialsEndWithTheSession looks at whose relay credentials are ended, and when.
func TestCredentialsEndWithTheSession(t *testing.T) {
	var mu sync.Mutex
	var ended []string
	x := serve(t, t.TempDir(), threeRelays(&ended, &mu))
	has := func(id string) func() bool {
		return func() bool {
			mu.Lock()
			defer mu.Unlock()
			return slices.Contains(ended, id)
		}
	}
	hello := func() (*client.Conn, string) {
		t.Helper()
		c := x.dial(t)
		w, err := c.Hello(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return c, strings.TrimPrefix(w.Relays[0].Username, "until:")
	}
	stranger, strangers := hello()
	_ = stranger.Close()
	wait(t, "an app that leaves without a session loses them", has(strangers))

	engineer := x.dial(t)
	if _, err := engineer.SignIn(t.Context(), "ann", password); err != nil {
		t.Fatal(err)
	}
	session := func() (*client.Conn, string, signaling.Ended) {
		t.Helper()
		c, id := hello()
		result := join(t, c, openRoom(t, engineer))
		j := next[signaling.Joined](t, engineer)
		if err := engineer.Answer(t.Context(), j.Attempt, []byte("m2")); err != nil {
			t.Fatal(err)
		}
		reply := (<-result).reply
		if err := c.Confirm(t.Context(), []byte("m3")); err != nil {
			t.Fatal(err)
		}
		next[signaling.Confirmed](t, engineer)
		if err := engineer.Accept(t.Context(), j.Attempt); err != nil {
			t.Fatal(err)
		}
		next[signaling.Accepted](t, c)
		return c, id, signaling.Ended{Attempt: j.Attempt, Report: reply.Report, Reason: "customer-ended"}
	}
	lost, lostID, _ := session()
	_ = lost.Close() // the session goes on without the service
	done, doneID, end := session()
	if err := done.Ended(t.Context(), end); err != nil {
		t.Fatal(err)
	}
	if !has(doneID)() {
		t.Error("credentials outlive the session")
	}
	if has(lostID)() {
		t.Error("credentials of a session that goes on were ended")
	}
	again, err := done.Relays(t.Context())
	if err != nil || strings.Contains(again[0].Username, doneID) {
		t.Errorf("after the session the same credentials are given: %v, %v", again[0].Username, err)
	}
}

// TestSlowHead sends the head of a request a byte at a time.
func TestSlowHead(t *testing.T) {
	x := serve(t, t.TempDir(), func(_ *Config, w *times) { w.headers = 200 * ms })
	c, err := tls.Dial("tcp", x.addr, &tls.Config{RootCAs: x.roots})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	gone := make(chan struct{})
	go func() { defer close(gone); _, _ = io.Copy(io.Discard, c) }()
	for _, b := range []byte("GET /livez HTTP/1.1\r\n" + strings.Repeat("X: y\r\n", 1000)) {
		_, _ = c.Write([]byte{b})
		select {
		case <-gone:
			return
		case <-ctx.Done():
			t.Fatal("a slow head is waited for")
		case <-time.After(5 * ms):
		}
	}
	t.Error("a slow head was taken")
}

// TestShortHead: the answer to a WebSocket has no more in its head than RFC 6455 wants.
func TestShortHead(t *testing.T) {
	x := serve(t, t.TempDir())
	h := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: x.roots}}}
	ws, r, err := websocket.Dial(t.Context(), "wss://"+x.addr+signaling.Path, &websocket.DialOptions{HTTPClient: h})
	if err != nil {
		t.Fatal(err)
	}
	defer ws.CloseNow()
	if len(r.Header) != 3 {
		t.Errorf("said: %v", r.Header)
	}
}

// TestRelayPath hands WebSockets for the relay on, and nothing else.
func TestRelayPath(t *testing.T) {
	asked := 0
	x := serve(t, t.TempDir(), func(c *Config, _ *times) {
		c.Relay = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { asked++; w.WriteHeader(http.StatusTeapot) })
	})
	h := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: x.roots}, DisableKeepAlives: true}}
	for path, want := range map[string]int{
		signaling.RelayPath: 418, signaling.RelayPath + "/": 404, signaling.RelayPath + "?x": 404, "/v1//relay": 404, "/V1/relay": 404,
	} {
		r, err := h.Get("https://" + x.addr + path)
		if err != nil || r.StatusCode != want {
			t.Errorf("%s: %v, %v", path, r, err)
			continue
		}
		_ = r.Body.Close()
	}
	if asked != 1 {
		t.Errorf("the relay was asked %d times", asked)
	}
}
