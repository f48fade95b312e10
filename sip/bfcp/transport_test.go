package bfcp

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"testing"
	"time"
)

func parseHost(t *testing.T, s string) netip.Addr {
	t.Helper()
	a, err := netip.ParseAddr(s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func udp(t *testing.T) *net.UDPConn {
	t.Helper()
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func addrOf(c *net.UDPConn) netip.AddrPort {
	a := c.LocalAddr().(*net.UDPAddr).AddrPort()
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}

// TestStrangers: over UDP, who does not know conference and user is not answered, and does not become the client; nor does
// another host after.
func TestStrangers(t *testing.T) {
	c := &chair{verdict: Verdict{Status: Granted}}
	server, client, stranger := udp(t), udp(t), udp(t)
	link := NewDatagrams(server, netip.AddrPort{}) // the SDP named a host that cannot be reached
	cfg := testConfig(c)
	cfg.Linger = 0
	s, _ := started(t, cfg, link)
	to := addrOf(server)
	p := &peer{t: t, version: Unreliable}
	bad := p.message(Hello, 1)
	bad[7]++
	if _, err := stranger.WriteToUDPAddrPort(bad, to); err != nil {
		t.Fatal(err)
	}
	if _, err := client.WriteToUDPAddrPort(p.message(Hello, 2), to); err != nil {
		t.Fatal(err)
	}
	var buf [1500]byte
	_ = client.SetReadDeadline(time.Now().Add(10 * time.Second))
	n, err := client.Read(buf[:])
	if err != nil {
		t.Fatal(err)
	}
	if m, err := Parse(buf[:n]); err != nil || m.Primitive != HelloAck {
		t.Errorf("%+v, %v", m, err)
	}
	if got := s.Stats(); got.Dropped != 1 || got.Sent != 1 {
		t.Errorf("%+v", got)
	}
	// A client that is known is told what it does wrong.
	if _, err := client.WriteToUDPAddrPort(bad, to); err != nil {
		t.Fatal(err)
	}
	n, err = client.Read(buf[:])
	if err != nil {
		t.Fatal(err)
	}
	if m, err := Parse(buf[:n]); err != nil || m.Code() != NoSuchConference {
		t.Errorf("%+v, %v", m, err)
	}
}

// TestMoved: another host is not heard, though it knows conference and user, until the client has moved there.
func TestMoved(t *testing.T) {
	server, client := udp(t), udp(t)
	elsewhere, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 2)})
	if err != nil {
		t.Skip("no second loopback address here: ", err)
	}
	defer elsewhere.Close()
	link := NewDatagrams(server, addrOf(client))
	cfg := testConfig(&chair{verdict: Verdict{Status: Granted}})
	cfg.Linger = 0
	started(t, cfg, link)
	to, p := addrOf(server), &peer{t: t, version: Unreliable}
	hello := func(c *net.UDPConn, transaction uint16) {
		t.Helper()
		if _, err := c.WriteToUDPAddrPort(p.message(Hello, transaction), to); err != nil {
			t.Fatal(err)
		}
	}
	answered := func(c *net.UDPConn, transaction uint16) {
		t.Helper()
		var buf [1500]byte
		_ = c.SetReadDeadline(time.Now().Add(10 * time.Second))
		n, err := c.Read(buf[:])
		if err != nil {
			t.Fatal(err)
		}
		if m, err := Parse(buf[:n]); err != nil || m.Primitive != HelloAck || m.Transaction != transaction {
			t.Errorf("%+v, %v", m, err)
		}
	}
	hello(client, 1)
	answered(client, 1)
	hello(elsewhere, 2)
	hello(client, 3)
	answered(client, 3)
	if link.Foreign() != 1 {
		t.Errorf("%d foreign", link.Foreign())
	}
	link.Expect(netip.AddrPort{}) // a re-INVITE that names a host that cannot be reached
	hello(elsewhere, 4)
	answered(elsewhere, 4)
}

// TestStreamEnds: a client that closes its connection lets go of the floor; one that sends what is too long is told.
func TestStreamEnds(t *testing.T) {
	c := &chair{verdict: Verdict{Status: Granted}}
	a, b := net.Pipe()
	s, err := New(testConfig(c), NewStream(a))
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Run(t.Context()) }()
	in := NewStream(b)
	p := &peer{t: t, version: Reliable, send: func(m []byte) {
		if _, err := b.Write(m); err != nil {
			t.Error(err)
		}
	}, read: func() ([]byte, bool) { m, err := in.Read(); return m, err == nil }}
	p.status(p.ask(FloorRequest, slides), Granted)
	long := append(p.message(Hello, 9), make([]byte, 4*2000)...)
	long[2], long[3] = 2000>>8, 2000&0xff
	p.send(long)
	p.refused(p.hear(), WrongLength)
	p.ask(Hello)
	_ = b.Close()
	if err := <-ended; err != nil || len(c.held()) != 0 {
		t.Errorf("%v, held %v", err, c.held())
	}
}

func TestAccept(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	got := make(chan error, 1)
	go func() {
		_, err := Accept(ctx, l, parseHost(t, "192.0.2.1"))
		got <- err
	}()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Read(make([]byte, 1)); err == nil {
		t.Error("a stranger was let in")
	}
	why := errors.New("over")
	cancel(why)
	if err := <-got; !errors.Is(err, why) {
		t.Error(err)
	}
}
