package peer

import (
	"context"
	"net"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// processorTime is what the process, both ends and the relay, has used.
func processorTime(t testing.TB) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// smallBuffers makes a TCP port whose connections have segments as on a real line, and hold little that was not read: what
// waits then waits at the sender.
var smallBuffers = net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) (err error) {
	if e := c.Control(func(fd uintptr) {
		if err = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_MAXSEG, 1200); err == nil {
			err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF, 4<<10)
		}
	}); e != nil {
		return e
	}
	return err
}}

// BenchmarkMotion measures what Motion carries, in frames of 60 kB at 30 MB/s at most.
func BenchmarkMotion(b *testing.B) {
	s := startRelay(b)
	for _, how := range []string{"udp", "tcp", "tls"} {
		b.Run(how, func(b *testing.B) {
			customer, engineer := pair(b, s.config(how))
			customer.Motion().SetRate(30e6)
			frame := noise(1, 60_000)
			ctx, stop := context.WithCancel(b.Context())
			var got atomic.Uint64
			done := make(chan struct{})
			go func() {
				defer close(done)
				for {
					msg, err := engineer.Motion().Receive(ctx)
					if err != nil {
						return
					}
					got.Add(uint64(len(msg)))
				}
			}()
			cpu := processorTime(b)
			for b.Loop() {
				if err := customer.Motion().Send(ctx, frame); err != nil {
					b.Fatal(err)
				}
			}
			spent := b.Elapsed()
			time.Sleep(300 * time.Millisecond)
			b.ReportMetric(float64(got.Load())/spent.Seconds()/1e6, "MB/s")
			b.ReportMetric((processorTime(b)-cpu).Seconds()/float64(got.Load())*1e6, "cpu-s/MB")
			b.ReportMetric(float64(engineer.Motion().Stats().Skipped)/float64(b.N)*100, "%skipped")
			b.ReportMetric(float64(customer.Motion().Stats().Again)/float64(customer.Motion().Stats().Packets)*100, "%again")
			stop()
			<-done
		})
	}
}
