package server

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestSlimHijack sends words right behind a request: whoever takes the connection reads them, however many there are.
func TestSlimHijack(t *testing.T) {
	for _, n := range []int{0, 1, slimBuffer, 3 * slimBuffer} {
		words := strings.Repeat("w", n)
		heard, buffered := make(chan string, 1), make(chan int, 1)
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			c, b, err := slim{w}.Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			buffered <- b.Reader.Buffered()
			got := make([]byte, n+5)
			if _, err := io.ReadFull(b, got); err != nil {
				t.Error(err)
			}
			heard <- string(got)
			b.WriteString("answer")
			b.Flush()
		}))
		c, err := net.Dial("tcp", srv.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"+words)
		if got := <-buffered; got != n {
			t.Errorf("%d bytes behind the request, %d in the buffer", n, got)
		}
		io.WriteString(c, "later")
		if got := <-heard; got != words+"later" {
			t.Errorf("%d bytes behind the request: heard %q", n, got)
		}
		if answer, err := bufio.NewReader(c).ReadString('r'); answer != "answer" {
			t.Errorf("%q, %v", answer, err)
		}
		c.Close()
		srv.Close()
	}
}
