package relay

import (
	"net"
)

// listenAll opens every address for TCP and UDP, or none.
func listenAll(addrs []string) (lns []net.Listener, pcs []*net.UDPConn, err error) {
	for _, addr := range addrs {
		ln, pc, err := listen(addr)
		if err != nil {
			closeAll(lns, pcs)
			return nil, nil, err
		}
		// A refusal only leaves the system's own size.
		_ = pc.SetReadBuffer(udpBuffer)
		_ = pc.SetWriteBuffer(udpBuffer)
		lns, pcs = append(lns, ln), append(pcs, pc)
	}
	return lns, pcs, nil
}

func closeAll(lns []net.Listener, pcs []*net.UDPConn) {
	for i := range lns {
		_ = lns[i].Close()
		_ = pcs[i].Close()
	}
}

// listen opens the same port for TCP and UDP.
func listen(addr string) (net.Listener, *net.UDPConn, error) {
	const tries = 20
	var err error
	for range tries {
		var ln net.Listener
		if ln, err = net.Listen("tcp", addr); err != nil {
			return nil, nil, err
		}
		var pc net.PacketConn
		if pc, err = net.ListenPacket("udp", ln.Addr().String()); err == nil {
			return ln, pc.(*net.UDPConn), nil
		}
		_ = ln.Close()
		if _, port, _ := net.SplitHostPort(addr); port != "0" {
			break
		}
	}
	return nil, nil, err
}
