package rtpsession

import (
	"context"
	"encoding/binary"
	"net"
	"net/netip"
	"sync"
	"syscall"
	"testing"
	"time"

	"legroom/media"
	"legroom/sip/sdp"
)

// packetOf builds a packet of 20 ms of G.711.
func packetOf(pt uint8, seq uint16, ssrc uint32) []byte {
	b := make([]byte, 172)
	b[0], b[1] = 0x80, pt
	binary.BigEndian.PutUint16(b[2:], seq)
	binary.BigEndian.PutUint32(b[4:], uint32(seq)*160)
	binary.BigEndian.PutUint32(b[8:], ssrc)
	return b
}

// agreedClear is an agreement on PCMA in clear with that peer.
func agreedClear(peer netip.AddrPort) sdp.Agreed {
	return sdp.Agreed{
		Kind: media.Audio, Codec: pcma, PayloadType: 8, ReceivePayloadType: 8, Remote: peer, RemoteRTCP: peer, RTCPMux: true,
		Events: []sdp.EventFormat{{PayloadType: 101, ClockRate: 8000}},
	}
}

// agreedSDES adds keys; the same both ways, so that a session can read what it wrote.
func agreedSDES(peer netip.AddrPort, suite sdp.Suite) sdp.Agreed {
	a := agreedClear(peer)
	key := make([]byte, suite.KeyLen()+suite.SaltLen())
	for i := range key {
		key[i] = byte(i)
	}
	a.Keys = sdp.Keys{Security: sdp.SDES, Suite: suite, Local: key, Remote: key}
	return a
}

// sealer makes packets as a peer under agreedSDES would.
func sealer(t testing.TB, a sdp.Agreed) func([]byte) []byte {
	t.Helper()
	if a.Keys.Security != sdp.SDES {
		return func(b []byte) []byte { return b }
	}
	profile, _ := profileOf(a.Keys.Suite)
	c, err := newCryptor(profile, a.Keys.Remote, nil)
	if err != nil {
		t.Fatal(err)
	}
	return func(b []byte) []byte {
		out, err := c.rtp.EncryptRTP(nil, b, nil)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
}

// TestNoAllocationPerPacket holds both ways to nothing, SRTP of pion included.
func TestNoAllocationPerPacket(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	peer, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = peer.Close() }()
	addr := peer.LocalAddr().(*net.UDPAddr).AddrPort()
	for name, agreed := range map[string]sdp.Agreed{
		"clear": agreedClear(addr), "cm": agreedSDES(addr, sdp.AESCM128HMACSHA180), "gcm": agreedSDES(addr, sdp.AEADAES128GCM),
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, local(), nil)
			if err := s.Apply(agreed); err != nil {
				t.Fatal(err)
			}
			got := 0
			s.OnPacket(media.SinkFunc[*media.Packet](func(*media.Packet) error { got++; return nil }))
			seal, r := sealer(t, agreed), newReceiver(s, s.rtp, true)
			const runs = 200
			var packets [][]byte
			for seq := range uint16(runs + 10) {
				packets = append(packets, seal(packetOf(8, seq, 7)))
			}
			n := 0
			receive := testing.AllocsPerRun(runs, func() { r.datagram(packets[n], addr, time.Now()); n++ })
			out := sound(0, string(make([]byte, 160)))
			send := testing.AllocsPerRun(runs, func() { out.Timestamp += 160; _ = s.Write(out) })
			if receive != 0 || send != 0 {
				t.Errorf("allocations per packet: receive %v, send %v", receive, send)
			}
			if st := s.Stats(); got < runs || st.Sent.Packets < runs {
				t.Fatalf("nothing measured: handed on %d, %+v", got, st)
			}
		})
	}
}

// BenchmarkRelay prints the CPU time of a packet in and out again through a Session beside that of a bare Go UDP relay of
// the same packets in the same run (the floor).
func BenchmarkRelay(b *testing.B) {
	b.Run("floor", func(b *testing.B) { relay(b, nil) })
	ways := map[string]func(netip.AddrPort) sdp.Agreed{
		"clear": agreedClear,
		"cm":    func(a netip.AddrPort) sdp.Agreed { return agreedSDES(a, sdp.AESCM128HMACSHA180) },
		"gcm":   func(a netip.AddrPort) sdp.Agreed { return agreedSDES(a, sdp.AEADAES128GCM) },
	}
	for name, way := range ways {
		b.Run(name, func(b *testing.B) { relay(b, way) })
	}
}

// relay sends one packet and waits for it to come back, so that every packet wakes the reader as in a quiet system.
func relay(b *testing.B, way func(netip.AddrPort) sdp.Agreed) {
	peer, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = peer.Close() }()
	self := peer.LocalAddr().(*net.UDPAddr).AddrPort()
	seal := func(p []byte) []byte { return p }
	var to netip.AddrPort
	if way == nil {
		to = bare(b)
	} else {
		agreed := way(self)
		s := open(b, local(), nil)
		if err := s.Apply(agreed); err != nil {
			b.Fatal(err)
		}
		seal = sealer(b, agreed)
		s.OnPacket(media.SinkFunc[*media.Packet](s.Write))
		start(b, s)
		to = s.LocalAddr()
	}
	packets := make([][]byte, b.N)
	for i := range packets {
		packets[i] = seal(packetOf(8, uint16(i), 7))
	}
	buf := make([]byte, maxDatagram)
	b.ReportAllocs()
	b.ResetTimer()
	before := cpu()
	for _, p := range packets {
		if _, err := peer.WriteToUDPAddrPort(p, to); err != nil {
			b.Fatal(err)
		}
		if _, _, err := peer.ReadFromUDPAddrPort(buf); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(cpu()-before)/float64(b.N), "cpu-ns/op")
}

// bare is the floor: read, write back.
func bare(b *testing.B) netip.AddrPort {
	b.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		b.Fatal(err)
	}
	var wg sync.WaitGroup
	ctx, cancel := context.WithCancel(context.Background())
	wg.Go(func() {
		buf := make([]byte, maxDatagram)
		for ctx.Err() == nil {
			n, from, err := conn.ReadFromUDPAddrPort(buf)
			if err != nil {
				return
			}
			_, _ = conn.WriteToUDPAddrPort(buf[:n], from)
		}
	})
	b.Cleanup(func() {
		cancel()
		_ = conn.Close()
		wg.Wait()
	})
	return conn.LocalAddr().(*net.UDPAddr).AddrPort()
}

// cpu time of this process.
func cpu() time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
