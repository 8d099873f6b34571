package relay

import (
	"context"
	"net"
	"net/http"
	"sync"

	"github.com/coder/websocket"
)

// ServeHTTP serves TURN in one WebSocket until it is over: binary messages carry the bytes of TURN/TCP. The request must have
// come out of [Server.HTTP]; which path it is for is the caller's to say.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	sock := &socket{front: s.front, gone: make(chan struct{})}
	if !s.front.adopt(sock) {
		http.Error(w, "full", http.StatusServiceUnavailable)
		return
	}
	defer s.front.wg.Done()
	defer sock.Close()
	w.Header()["Date"] = nil // bytes that nobody reads
	// A browser's page from elsewhere is refused: Accept compares Origin with the host.
	ws, err := websocket.Accept(w, r, &websocket.AcceptOptions{CompressionMode: websocket.CompressionDisabled})
	if err != nil {
		s.cfg.Log.Debug("no WebSocket", "from", r.RemoteAddr, "err", err)
		return
	}
	// Not the request's context: it ends with the hijacking.
	if !sock.carry(ws, websocket.NetConn(context.WithoutCancel(r.Context()), ws, websocket.MessageBinary)) {
		return
	}
	if s.front.turn.push(sock.stream) {
		<-sock.gone
	}
}

// socket is a WebSocket that carries TURN.
type socket struct {
	net.Conn
	front  *front
	stream *stream // under front.mu
	once   sync.Once
	gone   chan struct{}

	mu     sync.Mutex
	ws     *websocket.Conn
	closed bool
}

// carry makes ws the one below s. It closes it and is false if s is closed already.
func (s *socket) carry(ws *websocket.Conn, c net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || portOf(c.RemoteAddr()) == 0 {
		_ = ws.CloseNow()
		return false
	}
	s.ws, s.Conn = ws, c
	s.front.mu.Lock()
	defer s.front.mu.Unlock()
	s.stream = newStream(s)
	s.front.streams[s.stream.key()] = s.stream
	return true
}

// Close implements net.Conn. It waits for no goodbye.
func (s *socket) Close() error {
	s.once.Do(func() {
		s.mu.Lock()
		s.closed = true
		if s.ws != nil {
			_ = s.ws.CloseNow()
		}
		s.mu.Unlock()
		s.front.mu.Lock()
		delete(s.front.sockets, s)
		s.front.forgetStream(s.stream)
		s.front.mu.Unlock()
		close(s.gone)
	})
	return nil
}

// adopt takes s in, to be closed and waited for with the front, or is false when that is stopped. The caller
// calls f.wg.Done.
func (f *front) adopt(s *socket) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.stopped {
		return false
	}
	f.sockets[s] = struct{}{}
	f.wg.Add(1)
	return true
}
