package rtpsession

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/pion/rtcp"

	"legroom/media"
	"legroom/sip/sdp"
)

// endpoint is a bare UDP peer of a session.
type endpoint struct {
	t    *testing.T
	conn *net.UDPConn
	addr netip.AddrPort
	seq  uint16
	ssrc uint32
	seal func([]byte) []byte
}

func newEndpoint(t *testing.T, ssrc uint32) *endpoint {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return &endpoint{t: t, conn: conn, addr: conn.LocalAddr().(*net.UDPAddr).AddrPort(), ssrc: ssrc, seal: func(b []byte) []byte { return b }}
}

func (e *endpoint) write(s *Session, b []byte) {
	e.t.Helper()
	if _, err := e.conn.WriteToUDPAddrPort(b, s.LocalAddr()); err != nil {
		e.t.Fatal(err)
	}
}

// send sends one packet of that payload type and gives its bytes.
func (e *endpoint) send(s *Session, pt uint8) []byte {
	e.t.Helper()
	b := e.seal(packetOf(pt, e.seq, e.ssrc))
	e.seq++
	e.write(s, b)
	return b
}

// read gives the next datagram that is RTP, or RTCP.
func (e *endpoint) read(rtcp bool) []byte {
	e.t.Helper()
	buf := make([]byte, maxDatagram)
	if err := e.conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		e.t.Fatal(err)
	}
	for {
		n, err := e.conn.Read(buf)
		if err != nil {
			e.t.Fatalf("nothing came: %v", err)
		}
		if (buf[1] >= 192 && buf[1] <= 223) == rtcp {
			return buf[:n]
		}
	}
}

func apply(t *testing.T, s *Session, a sdp.Agreed) {
	t.Helper()
	if err := s.Apply(a); err != nil {
		t.Fatal(err)
	}
}

// TestReplayAndTamper: with SRTP only what the peer made, and made once, is heard.
func TestReplayAndTamper(t *testing.T) {
	for _, suite := range sdp.DefaultSuites() {
		t.Run(suite.String(), func(t *testing.T) {
			s, e := open(t, local(), nil), newEndpoint(t, 7)
			heard := listen(s)
			agreed := agreedSDES(e.addr, suite)
			e.seal = sealer(t, agreed)
			start(t, s)
			apply(t, s, agreed)
			first := e.send(s, 8)
			e.write(s, first)              // replayed
			e.write(s, packetOf(8, 40, 7)) // in clear
			bad := e.seal(packetOf(8, 1, 7))
			bad[20] ^= 1
			e.write(s, bad)
			e.seq = 2
			e.send(s, 8)
			until(t, "the second good packet", func() bool { return heard.count() == 2 })
			if st := s.Stats(); st.Dropped.Unauthentic != 3 || st.Received.Packets != 2 {
				t.Errorf("%+v", st)
			}
		})
	}
}

// TestMKI: packets that carry a master key identifier are read.
func TestMKI(t *testing.T) {
	s, e := open(t, local(), nil), newEndpoint(t, 7)
	heard := listen(s)
	agreed := agreedSDES(e.addr, sdp.AESCM128HMACSHA180)
	agreed.Keys.RemoteMKI = []byte{0, 0, 0, 1}
	c, err := newCryptor(1, agreed.Keys.Remote, agreed.Keys.RemoteMKI)
	if err != nil {
		t.Fatal(err)
	}
	start(t, s)
	apply(t, s, agreed)
	sealed, err := c.rtp.EncryptRTP(nil, packetOf(8, 1, 7), nil)
	if err != nil {
		t.Fatal(err)
	}
	e.write(s, sealed)
	until(t, "the packet", func() bool { return heard.count() == 1 })
}

// TestManySources: a peer with the key cannot grow our memory by using ever new SSRCs.
func TestManySources(t *testing.T) {
	s, e := open(t, local(), nil), newEndpoint(t, 1)
	agreed := agreedSDES(e.addr, sdp.AEADAES128GCM)
	apply(t, s, agreed)
	seal, r := sealer(t, agreed), newReceiver(s, s.rtp, true)
	for ssrc := range uint32(4 * maxSources) {
		r.datagram(seal(packetOf(8, 1, ssrc)), e.addr, time.Now())
	}
	if n := len(s.path.Load().in.sources); n != maxSources {
		t.Errorf("%d sources kept, want %d", n, maxSources)
	}
}

// TestRekey: a re-INVITE with a new key begins a new stream, one with the same key does not.
func TestRekey(t *testing.T) {
	s, e := open(t, local(), nil), newEndpoint(t, 7)
	agreed := agreedSDES(e.addr, sdp.AESCM128HMACSHA180)
	apply(t, s, agreed)
	before, ssrc := s.path.Load(), s.ssrc()
	agreed.Direction = sdp.RecvOnly
	apply(t, s, agreed)
	if p := s.path.Load(); p.in != before.in || p.out != before.out || s.ssrc() != ssrc {
		t.Error("the same keys made new SRTP state")
	}
	agreed.Keys.Local = append([]byte{9}, agreed.Keys.Local[1:]...)
	apply(t, s, agreed)
	if p := s.path.Load(); p.in != before.in || p.out == before.out || s.ssrc() == ssrc {
		t.Error("a new key must begin a new stream, in its direction alone")
	}
}

// TestHold: held, nothing goes out; holding, nothing comes in; the socket stays.
func TestHold(t *testing.T) {
	s, e := open(t, local(), nil), newEndpoint(t, 7)
	heard := listen(s)
	start(t, s)
	agreed := agreedClear(e.addr)
	agreed.Direction = sdp.Inactive
	agreed.Remote, agreed.RemoteRTCP = netip.AddrPort{}, netip.AddrPort{}
	apply(t, s, agreedClear(e.addr))
	apply(t, s, agreed)
	e.send(s, 8)
	until(t, "the packet to be dropped", func() bool { return s.Stats().Dropped.Held == 1 })
	if err := s.Write(sound(0, "x")); err != nil {
		t.Fatal(err)
	}
	if st := s.Stats(); st.Sent.Packets != 0 || st.Dropped.Held != 2 || heard.count() != 0 {
		t.Errorf("%+v", st)
	}
	apply(t, s, agreedClear(e.addr))
	if err := s.Write(sound(160, "back")); err != nil {
		t.Fatal(err)
	}
	if b := e.read(false); string(b[12:]) != "back" || b[1] != 8|0x80 {
		t.Errorf("after the hold came %x", b)
	}
}

// TestStranger: in clear only the peer's address is heard, and media is sent to where the peer's comes from.
func TestStranger(t *testing.T) {
	s, phone, stranger := open(t, local(), nil), newEndpoint(t, 7), newEndpoint(t, 8)
	heard := listen(s)
	start(t, s)
	apply(t, s, agreedClear(netip.MustParseAddrPort("192.0.2.20:4000"))) // private address behind NAT
	phone.send(s, 8)
	until(t, "latching", func() bool { return s.Stats().Remote == phone.addr })
	stranger.send(s, 8)
	stranger.send(s, 101) // its key presses: 127.0.0.1 is the phone's host too, so these are the phone's
	phone.send(s, 8)
	until(t, "the phone's packets", func() bool { return heard.count() == 2 })
	if st := s.Stats(); st.Dropped.Foreign != 1 {
		t.Errorf("%+v", st.Dropped)
	}
	if err := s.Write(sound(0, "to the phone")); err != nil {
		t.Fatal(err)
	}
	phone.read(false)
}

// TestMove: a re-INVITE with another address is followed, one with the same keeps the latch.
func TestMove(t *testing.T) {
	s, one, two := open(t, local(), nil), newEndpoint(t, 7), newEndpoint(t, 7)
	heard := listen(s)
	start(t, s)
	sdpAddr := netip.MustParseAddrPort("192.0.2.20:4000")
	apply(t, s, agreedClear(sdpAddr))
	one.send(s, 8)
	until(t, "latching", func() bool { return s.Stats().Remote == one.addr })
	apply(t, s, agreedClear(sdpAddr))
	if s.Stats().Remote != one.addr {
		t.Error("the same address again lost the latch")
	}
	apply(t, s, agreedClear(two.addr))
	if s.Stats().Remote != two.addr {
		t.Error("a new address was not followed")
	}
	two.seq = one.seq
	two.send(s, 8)
	until(t, "sound from there", func() bool { return heard.count() == 2 })
}

// TestWhatIsNoSound: unknown numbers, comfort noise and rubbish are counted and nothing more.
func TestWhatIsNoSound(t *testing.T) {
	s, e := open(t, local(), nil), newEndpoint(t, 7)
	heard := listen(s)
	start(t, s)
	apply(t, s, agreedClear(e.addr))
	e.send(s, 8)
	e.send(s, 77)
	e.send(s, 13)
	e.write(s, []byte{1, 2})
	e.write(s, append([]byte{0, 1}, make([]byte, 30)...))           // STUN
	e.write(s, []byte{0xa0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 0xff}) // padding longer than the packet
	e.seq = 3
	e.send(s, 8)
	until(t, "sound", func() bool { return heard.count() == 2 })
	if st := s.Stats(); st.Dropped.PayloadType != 2 || st.Dropped.Malformed != 3 || st.Lost != 1 {
		t.Errorf("%+v", st) // the packet of number 1 had an unknown type: not ours, so lost
	}
}

// TestSources: a new source takes the place of the old one and the stream goes on.
func TestSources(t *testing.T) {
	s, e := open(t, local(), nil), newEndpoint(t, 7)
	apply(t, s, agreedClear(e.addr))
	one := s.NewSource()
	if err := one.Write(sound(100, "1")); err != nil {
		t.Fatal(err)
	}
	two := s.NewSource()
	if err := one.Write(sound(260, "1")); !errors.Is(err, media.ErrClosed) {
		t.Errorf("replaced source: %v", err)
	}
	if err := two.Write(sound(999999, "2")); err != nil {
		t.Fatal(err)
	}
	first, second := e.read(false), e.read(false)
	if second[3] != first[3]+1 || string(second[8:12]) != string(first[8:12]) || second[1]&0x80 == 0 {
		t.Errorf("%x then %x", first, second)
	}
	if err := one.Close(); err != nil || two.Write(sound(1000159, "2")) != nil {
		t.Error("closing a replaced source closed its successor")
	}
	_ = two.Close()
	if err := two.Write(sound(0, "2")); !errors.Is(err, media.ErrClosed) {
		t.Errorf("closed source: %v", err)
	}
	_ = s.Close(nil)
	if err := s.Write(sound(0, "3")); !errors.Is(err, media.ErrClosed) || !errors.Is(err, ErrClosed) {
		t.Errorf("closed session: %v", err)
	}
	if err := s.Apply(agreedClear(e.addr)); !errors.Is(err, ErrClosed) {
		t.Errorf("apply: %v", err)
	}
	if err := s.Write(sound(0, string(make([]byte, maxPayload+1)))); err == nil {
		t.Error("an oversized payload was taken")
	}
}

// TestBye: the end is said, with the cause kept.
func TestBye(t *testing.T) {
	s, e := open(t, local(), nil), newEndpoint(t, 7)
	ended := start(t, s)
	apply(t, s, agreedClear(e.addr))
	if err := s.Write(sound(0, "x")); err != nil {
		t.Fatal(err)
	}
	cause := errors.New("hung up")
	_ = s.Close(cause)
	if err := <-ended; err != nil {
		t.Errorf("run: %v", err)
	}
	if !errors.Is(s.Cause(), cause) {
		t.Errorf("cause %v", s.Cause())
	}
	packets, err := rtcp.Unmarshal(e.read(true))
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := packets[0].(*rtcp.SenderReport); !ok || len(packets) != 3 {
		t.Errorf("last report %T of %d", packets[0], len(packets))
	}
	if _, ok := packets[2].(*rtcp.Goodbye); !ok {
		t.Errorf("no goodbye but %T", packets[2])
	}
	if err := s.Run(t.Context()); !errors.Is(err, ErrRunning) {
		t.Errorf("second run: %v", err)
	}
}

// TestInactive: a peer that should send and does not is told of once; not while it is on hold.
func TestInactive(t *testing.T) {
	cfg := local()
	cfg.MediaTimeout = 20 * time.Millisecond
	s, e := open(t, cfg, nil), newEndpoint(t, 7)
	told := make(chan time.Duration, 8)
	s.OnInactive(func(d time.Duration) { told <- d })
	start(t, s)
	held := agreedClear(e.addr)
	held.Direction = sdp.SendOnly
	apply(t, s, held)
	until(t, "the hold to be seen", func() bool { return len(s.life.applied) == 0 })
	if len(told) != 0 {
		t.Error("told of silence while on hold")
	}
	apply(t, s, agreedClear(e.addr))
	if d := <-told; d < cfg.MediaTimeout {
		t.Errorf("told after %v", d)
	}
	e.send(s, 8)
	if d := <-told; d < cfg.MediaTimeout {
		t.Errorf("told again after %v", d)
	}
}

// TestWrongFingerprint: whoever has another certificate gets no media, and Run says why.
func TestWrongFingerprint(t *testing.T) {
	cert, err := NewCertificate()
	if err != nil {
		t.Fatal(err)
	}
	for _, client := range []bool{true, false} {
		a, b := open(t, local(), cert), open(t, local(), cert)
		endedA := start(t, a)
		start(t, b)
		keys := func(client bool, f sdp.Fingerprint) sdp.Keys {
			return sdp.Keys{Security: sdp.DTLS, DTLSClient: client, Fingerprints: []sdp.Fingerprint{f}}
		}
		wrong, right := agreedClear(b.LocalAddr()), agreedClear(a.LocalAddr())
		wrong.Keys = keys(client, sdp.FingerprintOf([]byte("another")))
		right.Keys = keys(!client, cert.Fingerprint())
		apply(t, b, right)
		apply(t, a, wrong)
		if err := <-endedA; !errors.Is(err, ErrFingerprint) {
			t.Errorf("client %v: run ended with %v", client, err)
		}
		if a.Stats().Secured {
			t.Error("secured with a stranger")
		}
	}
}

// TestNoHandshake: a peer that never answers ends the session in time, and no media flows before.
func TestNoHandshake(t *testing.T) {
	cert, err := NewCertificate()
	if err != nil {
		t.Fatal(err)
	}
	cfg := local()
	cfg.HandshakeTimeout = 50 * time.Millisecond
	s, e := open(t, cfg, cert), newEndpoint(t, 7)
	ended := start(t, s)
	agreed := agreedClear(e.addr)
	agreed.Keys = sdp.Keys{Security: sdp.DTLS, DTLSClient: true, Fingerprints: []sdp.Fingerprint{cert.Fingerprint()}}
	apply(t, s, agreed)
	e.send(s, 8)
	_ = s.Write(sound(0, "too early"))
	if err := <-ended; !errors.Is(err, ErrHandshake) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("run ended with %v", err)
	}
	if st := s.Stats(); st.Sent.Packets != 0 || st.Received.Packets != 0 {
		t.Errorf("media flowed: %+v", st)
	}
	plain := open(t, local(), nil)
	if err := plain.Apply(agreed); !errors.Is(err, ErrNoCertificate) {
		t.Errorf("no certificate: %v", err)
	}
}

// TestSendDigit: the packets of RFC 4733, in the stream's own numbering.
func TestSendDigit(t *testing.T) {
	s, e := open(t, local(), nil), newEndpoint(t, 7)
	if err := s.SendDigit(t.Context(), '1', 0); !errors.Is(err, ErrNoEvents) {
		t.Errorf("before agreement: %v", err)
	}
	apply(t, s, agreedClear(e.addr))
	if err := s.SendDigit(t.Context(), 'x', 0); !errors.Is(err, ErrBadDigit) {
		t.Errorf("x: %v", err)
	}
	if err := s.SendDigit(t.Context(), '#', 60*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	var first []byte
	for i := range 6 {
		b := e.read(false)
		if i == 0 {
			first = b
		}
		wantMarker, wantEnd := byte(0), byte(0)
		if i == 0 {
			wantMarker = 0x80
		}
		if i >= 3 {
			wantEnd = 0x80
		}
		duration := min(uint16(i+1)*160, 480)
		if b[1] != 101|wantMarker || b[12] != 11 || b[13]&0x80 != wantEnd || uint16(b[14])<<8|uint16(b[15]) != duration {
			t.Errorf("packet %d: % x", i, b)
		}
		if string(b[4:12]) != string(first[4:12]) || b[3] != first[3]+byte(i) {
			t.Errorf("packet %d left the stream: % x after % x", i, b, first)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.SendDigit(ctx, '1', time.Second); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestRTCPFromStrangers: reports in clear are taken from the peer's host alone, and broken ones harm nothing.
func TestRTCPFromStrangers(t *testing.T) {
	s := open(t, local(), nil)
	peer := netip.MustParseAddrPort("192.0.2.20:4000")
	apply(t, s, agreedClear(peer))
	b, err := rtcp.Marshal([]rtcp.Packet{&rtcp.ReceiverReport{SSRC: 7, Reports: []rtcp.ReceptionReport{{SSRC: s.ssrc(), TotalLost: 42, FractionLost: 128, Jitter: 80}}}})
	if err != nil {
		t.Fatal(err)
	}
	r := newReceiver(s, s.rtp, true)
	r.datagram(b, netip.MustParseAddrPort("198.51.100.1:4000"), time.Now())
	if s.Stats().RemoteLost != 0 {
		t.Error("a stranger's report was believed")
	}
	r.datagram(b, peer, time.Now())
	r.datagram(b[:12], peer, time.Now())
	if st := s.Stats(); st.RemoteLost != 42 || st.RemoteFraction != 0.5 || st.RemoteJitter != 10*time.Millisecond || st.Dropped.Malformed != 1 {
		t.Errorf("%+v", st)
	}
}

// FuzzDatagram: nothing that comes in breaks a session.
func FuzzDatagram(f *testing.F) {
	f.Add(packetOf(8, 1, 7))
	f.Add(packetOf(101, 1, 7))
	f.Add([]byte{0x80, 200, 0, 6, 0, 0, 0, 7})
	f.Add([]byte{22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0})
	cfg := local()
	cert, err := NewCertificate()
	if err != nil {
		f.Fatal(err)
	}
	from := netip.MustParseAddrPort("192.0.2.1:5000")
	var receivers []*receiver
	dtls := agreedClear(from)
	dtls.Keys = sdp.Keys{Security: sdp.DTLS, Fingerprints: []sdp.Fingerprint{cert.Fingerprint()}}
	for _, agreed := range []sdp.Agreed{agreedClear(from), agreedSDES(from, sdp.AESCM128HMACSHA180), agreedSDES(from, sdp.AEADAES256GCM), dtls} {
		s, err := New(cfg, Options{Log: slog.New(slog.DiscardHandler), Ports: NewPorts(cfg), Certificate: cert})
		if err != nil {
			f.Fatal(err)
		}
		f.Cleanup(func() { _ = s.Close(nil) })
		if err := s.Apply(agreed); err != nil {
			f.Fatal(err)
		}
		receivers = append(receivers, newReceiver(s, s.rtp, true))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, r := range receivers {
			before := r.s.in.packets
			r.datagram(b, from, time.Now())
			if r.s.path.Load().in != nil && r.s.in.packets != before {
				t.Fatal("forged")
			}
		}
	})
}
