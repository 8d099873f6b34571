package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/pion/turn/v5"

	"assist/cmd/internal/netlab"
	"assist/media/peer"
	"assist/media/rate"
)

func die(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "zzra:", err)
		os.Exit(1)
	}
}

func main() {
	switch os.Args[1] {
	case "relay":
		relay(os.Args[2])
	case "send":
		end(os.Args[2], os.Args[3], true)
	case "take":
		end(os.Args[2], os.Args[3], false)
	default:
		for _, proto := range strings.Split(os.Args[1], ",") {
			lab(proto)
		}
	}
}

func relay(ip string) {
	pc, err := net.ListenPacket("udp4", ip+":3478")
	die(err)
	ln, err := net.Listen("tcp4", ip+":3478")
	die(err)
	gen := &turn.RelayAddressGeneratorStatic{RelayAddress: net.ParseIP(ip), Address: ip}
	_, err = turn.NewServer(turn.ServerConfig{Realm: "a",
		AuthHandler: func(ra *turn.RequestAttributes) (string, []byte, bool) {
			return ra.Username, turn.GenerateAuthKey(ra.Username, ra.Realm, "password"), true
		},
		PacketConnConfigs: []turn.PacketConnConfig{{PacketConn: pc, RelayAddressGenerator: gen}},
		ListenerConfigs:   []turn.ListenerConfig{{Listener: ln, RelayAddressGenerator: gen}},
	})
	die(err)
	fmt.Println("ready")
	io.Copy(io.Discard, os.Stdin)
}

func end(ip, proto string, send bool) {
	ctx := context.Background()
	l, err := peer.New(peer.Config{Relays: []peer.Relay{{URL: "turn:" + ip + ":3478?transport=" + proto, Username: "user", Credential: "password"}}})
	die(err)
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	read := func() []byte { s, err := in.ReadString('\n'); die(err); b, _ := hex.DecodeString(strings.TrimSpace(s)); return b }
	put := func(b []byte) { fmt.Println(hex.EncodeToString(b)) }
	fp := l.Fingerprint()
	put(fp[:])
	other := [32]byte(read())
	if send {
		o, err := l.Offer(ctx)
		die(err)
		put(o)
		die(l.Accept(read()))
	} else {
		a, err := l.Answer(ctx, read())
		die(err)
		put(a)
	}
	die(l.Connect(ctx, other))
	if send {
		sender(ctx, l, in)
	} else {
		taker(ctx, l)
	}
}

// take answers.
func taker(ctx context.Context, l *peer.Link) {
	ch := l.Channel(peer.Exact)
	start := time.Now()
	go func() {
		for {
			m, err := l.Channel(peer.Control).Receive(ctx)
			if err != nil {
				os.Exit(0)
			}
			l.Channel(peer.Control).Send(ctx, m)
		}
	}()
	var received uint64
	frames := 0
	size := 0
	for {
		m, err := ch.Receive(ctx)
		if err != nil {
			os.Exit(0)
		}
		size += len(m) - 6
		if m[4] == 0 {
			continue
		}
		received += uint64(size)
		size = 0
		frames++
		b := append(m[:4:4], 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
		binary.BigEndian.PutUint64(b[4:], received)
		binary.BigEndian.PutUint32(b[12:], uint32(time.Since(start).Milliseconds()))
		if ch.Send(ctx, b) != nil {
			os.Exit(0)
		}
	}
}

func sender(ctx context.Context, l *peer.Link, in *bufio.Reader) {
	ch := l.Channel(peer.Exact)
	var mu sync.Mutex
	var c rate.Controller
	c.Hint(0, l.Stats().RoundTrip, time.Now())
	freed := make(chan struct{}, 1)
	ages := map[uint32]time.Time{}
	var age []time.Duration
	var bytes int
	go func() {
		for {
			m, err := ch.Receive(ctx)
			if err != nil {
				os.Exit(0)
			}
			mu.Lock()
			n := binary.BigEndian.Uint32(m)
			if t, ok := ages[n]; ok {
				age = append(age, time.Since(t))
				delete(ages, n)
			}
			before := c
			_ = before
			c.Acked(rate.Ack{Number: n, Received: binary.BigEndian.Uint64(m[4:]), Stamp: binary.BigEndian.Uint32(m[12:])}, time.Now())
			mu.Unlock()
			select {
			case freed <- struct{}{}:
			default:
			}
		}
	}()
	var echo []time.Duration
	go func() { // a small message that goes beside: what the picture does to chat
		for {
			now := time.Now()
			l.Channel(peer.Control).Send(ctx, []byte("ping"))
			l.Channel(peer.Control).Receive(ctx)
			mu.Lock()
			echo = append(echo, time.Since(now))
			mu.Unlock()
			time.Sleep(200 * time.Millisecond)
		}
	}()
	go func() {
		start := time.Now()
		for {
			in.ReadString('\n') // asked
			mu.Lock()
			now := time.Now()
			worst := func(d []time.Duration) (m, w time.Duration) {
				if len(d) == 0 {
					return
				}
				for _, x := range d {
					w = max(w, x)
					m += x
				}
				return (m / time.Duration(len(d))).Round(time.Millisecond), w.Round(time.Millisecond)
			}
			am, aw := worst(age)
			em, ew := worst(echo)
			fmt.Printf("base %v rate %6.1f kB/s, sent %6.1f kB/s, queue %v, %d frames, age mean %v worst %v, beside: mean %v worst %v, slow %v, target %d, round trip %v\n",
				c.Base(), float64(c.Rate(now))/1000, float64(bytes)/1000/now.Sub(start).Seconds(), c.Queue(now).Round(time.Millisecond), len(age), am, aw, em, ew, c.Slow(now), c.Target(now), c.Empty().Round(time.Millisecond))
			bytes, age, echo, start = 0, nil, nil, now
			mu.Unlock()
		}
	}()
	for n := uint32(1); ; n++ {
		for {
			mu.Lock()
			w := c.Wait(time.Now())
			mu.Unlock()
			if w == 0 {
				break
			}
			select {
			case <-freed:
			case <-time.After(w):
			}
		}
		begun := time.Now()
		time.Sleep(8 * time.Millisecond)
		mu.Lock()
		size := c.Target(time.Now())
		c.Sent(n, size, rate.Exact, time.Now())
		ages[n] = begun
		bytes += size
		mu.Unlock()
		for left := size; left > 0; {
			k := min(left, 16<<10)
			b := make([]byte, 6+k)
			binary.BigEndian.PutUint32(b, n)
			left -= k
			if left == 0 {
				b[4] = 1
			}
			if err := ch.Send(ctx, b); err != nil {
				os.Exit(0)
			}
		}
	}
}

type proc struct {
	*exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func start(h *netlab.Host, args ...string) *proc {
	self, _ := os.Executable()
	cmd := h.Command(context.Background(), self, args...)
	cmd.Stderr = os.Stderr
	p := &proc{Cmd: cmd}
	p.in, _ = cmd.StdinPipe()
	o, _ := cmd.StdoutPipe()
	p.out = bufio.NewReaderSize(o, 1<<20)
	die(cmd.Start())
	return p
}

func (p *proc) line() string { s, err := p.out.ReadString('\n'); die(err); return s }

func lab(proto string) {
	n, err := netlab.New(context.Background(), netlab.Options{Seed: 1})
	die(err)
	defer n.Close()
	ip := n.Host("service").Addr4.String()
	r := start(n.Host("service"), "relay", ip)
	r.line()
	n.Link("customer").SetBoth(netlab.Shape{Delay: 12 * time.Millisecond}, netlab.Shape{Delay: 12 * time.Millisecond})
	a, b := start(n.Host("customer"), "send", ip, proto), start(n.Host("engineer"), "take", ip, proto)
	shape := func(kbit int, trip time.Duration, loss float64) {
		s := netlab.Shape{Rate: kbit * 1000, Delay: trip / 4, Queue: 2 * time.Second, Loss: loss}
		n.Link("customer").SetBoth(s, s)
		n.Link("engineer").SetBoth(netlab.Shape{Delay: trip / 4}, netlab.Shape{Delay: trip / 4})
	}
	fa, fb := a.line(), b.line()
	io.WriteString(a.in, fb)
	io.WriteString(b.in, fa)
	io.WriteString(b.in, a.line())
	io.WriteString(a.in, b.line())
	for _, step := range []struct {
		name string
		kbit int
		trip time.Duration
		loss float64
		time time.Duration
	}{
		{"2M50", 2000, 50 * time.Millisecond, 0, 2 * time.Second},
		{"2M50", 2000, 50 * time.Millisecond, 0, 4 * time.Second},
		{"2M50", 2000, 50 * time.Millisecond, 0, 4 * time.Second},
		{"2M50", 2000, 50 * time.Millisecond, 0, 4 * time.Second},
		{"2M50 loss", 2000, 50 * time.Millisecond, 0.02, 4 * time.Second},
		{"2M50 loss", 2000, 50 * time.Millisecond, 0.02, 8 * time.Second},
		{"10M50", 10000, 50 * time.Millisecond, 0, 4 * time.Second},
		{"10M50", 10000, 50 * time.Millisecond, 0, 4 * time.Second},
		{"10M50", 10000, 50 * time.Millisecond, 0, 4 * time.Second},
	} {
		shape(step.kbit, step.trip, step.loss)
		io.WriteString(a.in, "\n")
		a.line()
		time.Sleep(step.time)
		io.WriteString(a.in, "\n")
		fmt.Printf("%s %-26s %s", proto, step.name, a.line())
	}
	for _, p := range []*proc{a, b, r} {
		p.in.Close()
		p.Process.Kill()
		p.Wait()
	}
}
