package rtpsession

import (
	"bytes"
	"encoding/binary"
	"log/slog"
	"math"
	"net"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/pion/rtcp"

	"legroom/media"
	"legroom/sip/sdp"
	"legroom/sip/tmmbr"
)

// openPictures makes a session of pictures.
func openPictures(t testing.TB) *Session {
	t.Helper()
	cfg := local()
	s, err := New(cfg, Options{Log: slog.New(slog.DiscardHandler), Ports: NewPorts(cfg), Video: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close(nil) })
	return s
}

// agreedPictures is an agreement on H.264 in clear, with all feedback, at payload type 97.
func agreedPictures(peer netip.AddrPort) sdp.Agreed {
	return sdp.Agreed{
		Kind: media.Video, Codec: media.Codec{Name: media.H264, ClockRate: 90000}, PayloadType: 97, ReceivePayloadType: 97,
		Remote: peer, RemoteRTCP: peer, RTCPMux: true, MaxBitrate: 2_000_000,
		Video: sdp.AgreedVideo{Feedback: sdp.Feedback{NACK: true, PLI: true, FIR: true, TMMBR: true}},
	}
}

// shownTo is a running session of pictures and a bare peer of it.
func shownTo(t *testing.T, change func(*sdp.Agreed)) (*Session, *endpoint) {
	t.Helper()
	s, e := openPictures(t), newEndpoint(t, 77)
	a := agreedPictures(e.addr)
	if change != nil {
		change(&a)
	}
	if err := s.Apply(a); err != nil {
		t.Fatal(err)
	}
	start(t, s)
	return s, e
}

// feedback reads RTCP until a packet of the type comes.
func feedback[T rtcp.Packet](e *endpoint) T {
	e.t.Helper()
	for {
		packets, err := rtcp.Unmarshal(e.read(true))
		if err != nil {
			e.t.Fatal(err)
		}
		switch packets[0].(type) {
		case *rtcp.SenderReport, *rtcp.ReceiverReport:
		default:
			e.t.Fatalf("a compound that begins with %T", packets[0])
		}
		for _, p := range packets {
			if found, ok := p.(T); ok {
				return found
			}
			if read, ok := tmmbr.Read(p); ok {
				if found, ok := read.(T); ok {
					return found
				}
			}
		}
	}
}

func (e *endpoint) rtcp(s *Session, packets ...rtcp.Packet) {
	e.t.Helper()
	b, err := rtcp.Marshal(packets)
	if err != nil {
		e.t.Fatal(err)
	}
	e.write(s, b)
}

func picturePacket(seq uint16) *media.Packet {
	p := &media.Packet{}
	p.SequenceNumber, p.Timestamp, p.Payload = seq, uint32(seq)*3000, bytes.Repeat([]byte{0x41, byte(seq)}, 100)
	return p
}

// TestPacketsAreSentAgain: what is asked for comes byte by byte as it was, and nothing else does.
func TestPacketsAreSentAgain(t *testing.T) {
	s, e := shownTo(t, nil)
	var sent [][]byte
	for i := range uint16(20) {
		if err := s.Write(picturePacket(i)); err != nil {
			t.Fatal(err)
		}
		sent = append(sent, e.read(false))
	}
	own := binary.BigEndian.Uint32(sent[0][8:])
	number := binary.BigEndian.Uint16(sent[5][2:])
	asked := uint64(0)
	until(t, "the pause to be over", func() bool {
		asked += 3
		e.rtcp(s, &rtcp.TransportLayerNack{SenderSSRC: 77, MediaSSRC: own, Nacks: []rtcp.NackPair{{PacketID: number, LostPackets: 0b101}}})
		return s.Stats().Feedback.Resent >= 3
	})
	for _, want := range [][]byte{sent[5], sent[6], sent[8]} {
		if got := e.read(false); !bytes.Equal(got, want) {
			t.Errorf("sent again %x, was %x", got[:12], want[:12])
		}
	}
	until(t, "the requests to be taken", func() bool { return s.Stats().Feedback.PacketsAsked == asked })
	before := s.Stats().Feedback
	e.rtcp(s,
		&rtcp.TransportLayerNack{SenderSSRC: 77, MediaSSRC: own + 1, Nacks: []rtcp.NackPair{{PacketID: number + 4}}}, // not ours
		&rtcp.TransportLayerNack{SenderSSRC: 77, MediaSSRC: own, Nacks: []rtcp.NackPair{{PacketID: number - 4000}}})  // long gone
	until(t, "a request to be taken", func() bool { return s.Stats().Feedback.PacketsAsked == before.PacketsAsked+1 })
	if got := s.Stats().Feedback; got.Resent != before.Resent || got.Throttled != before.Throttled {
		t.Errorf("%+v after %+v", got, before)
	}
}

// TestKeyframesAskedByThePeer: PLI each time, a FIR once a number.
func TestKeyframesAskedByThePeer(t *testing.T) {
	s, e := shownTo(t, nil)
	told := make(chan struct{}, 100)
	s.OnKeyframe(func() { told <- struct{}{} })
	fir := func(n uint8) rtcp.Packet {
		return &rtcp.FullIntraRequest{SenderSSRC: 77, FIR: []rtcp.FIREntry{{SSRC: 1, SequenceNumber: n}}}
	}
	for _, p := range []rtcp.Packet{
		&rtcp.PictureLossIndication{SenderSSRC: 77}, fir(5), fir(5), fir(5), &rtcp.PictureLossIndication{SenderSSRC: 77}, fir(6), fir(6),
		&rtcp.FullIntraRequest{SenderSSRC: 77},
	} {
		e.rtcp(s, p)
	}
	for range 4 {
		<-told
	}
	e.rtcp(s, fir(7))
	<-told
	if got := s.Stats().Feedback.KeyframesAsked; got != 5 || len(told) != 0 {
		t.Errorf("asked %d times, %d more", got, len(told))
	}
}

// TestWeAskForKeyframes by what was agreed, and as soon as there is a source.
func TestWeAskForKeyframes(t *testing.T) {
	s, e := shownTo(t, func(a *sdp.Agreed) { a.Video.Feedback = sdp.Feedback{PLI: true, FIR: true} })
	if err := s.RequestKeyframe(); err != nil { // nobody is heard yet
		t.Fatal(err)
	}
	e.send(s, 97)
	if p := feedback[*rtcp.PictureLossIndication](e); p.MediaSSRC != 77 {
		t.Errorf("asked %x", p.MediaSSRC)
	}
	s, e = shownTo(t, func(a *sdp.Agreed) { a.Video.Feedback = sdp.Feedback{FIR: true} })
	e.send(s, 97)
	until(t, "a source", func() bool { return s.Stats().Received.Packets == 1 })
	var numbers []uint8
	for range 2 {
		if err := s.RequestKeyframe(); err != nil {
			t.Fatal(err)
		}
		p := feedback[*rtcp.FullIntraRequest](e)
		if len(p.FIR) != 1 || p.FIR[0].SSRC != 77 {
			t.Fatalf("%+v", p)
		}
		numbers = append(numbers, p.FIR[0].SequenceNumber)
	}
	if numbers[1] != numbers[0]+1 {
		t.Errorf("numbers %v: the second would be taken for the first again", numbers)
	}
	s, _ = shownTo(t, func(a *sdp.Agreed) { a.Video.Feedback = sdp.Feedback{NACK: true} })
	if err := s.RequestKeyframe(); err != ErrNoFeedback {
		t.Errorf("error %v", err)
	}
	if err := open(t, local(), nil).RequestKeyframe(); err != ErrNoFeedback {
		t.Errorf("of sound: %v", err)
	}
}

// TestRatesThePeerAsksFor: TMMBR is answered by TMMBN and holds until goodbye; REMB holds beside it.
func TestRatesThePeerAsksFor(t *testing.T) {
	s, e := shownTo(t, nil)
	told := make(chan struct{}, 100)
	s.OnRate(func() { told <- struct{}{} })
	if err := s.Write(picturePacket(1)); err != nil {
		t.Fatal(err)
	}
	own := binary.BigEndian.Uint32(e.read(false)[8:])
	ask := func(rate uint64) *tmmbr.Notification {
		e.rtcp(s, &tmmbr.Request{Sender: 77, Bounds: []tmmbr.Bound{{SSRC: own, Rate: rate, Overhead: 40}}})
		<-told
		return feedback[*tmmbr.Notification](e)
	}
	if n := ask(700_000); n.Sender != own || len(n.Bounds) != 1 || n.Bounds[0].SSRC != 77 || n.Bounds[0].Rate != 700_000 || s.SendRate() != 700_000 {
		t.Errorf("notified %+v, rate %d", n, s.SendRate())
	}
	if ask(10); s.SendRate() != leastAsked {
		t.Errorf("rate %d", s.SendRate())
	}
	ask(900_000)
	e.rtcp(s, &rtcp.ReceiverEstimatedMaximumBitrate{SenderSSRC: 77, Bitrate: 512_000, SSRCs: []uint32{own}})
	<-told
	if got := s.SendRate(); got < 500_000 || got > 520_000 {
		t.Errorf("rate %d", got)
	}
	s.pictures.setREMB(math.NaN())
	e.rtcp(s, &rtcp.ReceiverEstimatedMaximumBitrate{SenderSSRC: 77, Bitrate: 4_000_000, SSRCs: []uint32{own}})
	<-told
	if got := s.SendRate(); got != 900_000 {
		t.Errorf("rate %d", got)
	}
	e.rtcp(s, &rtcp.Goodbye{Sources: []uint32{77}})
	<-told
	if got := s.SendRate(); got < 3_900_000 {
		t.Errorf("rate %d after goodbye", got)
	}
}

// TestRateWeAskFor is repeated with the reports until the peer says it holds.
func TestRateWeAskFor(t *testing.T) {
	s, e := shownTo(t, nil)
	e.send(s, 97)
	until(t, "a source", func() bool { return s.Stats().Received.Packets == 1 })
	if err := s.RequestRate(640_000); err != nil {
		t.Fatal(err)
	}
	r := feedback[*tmmbr.Request](e)
	if len(r.Bounds) != 1 || r.Bounds[0].SSRC != 77 || r.Bounds[0].Rate != 640_000 {
		t.Fatalf("%+v", r)
	}
	s.askRate(time.Now()) // as with a report
	feedback[*tmmbr.Request](e)
	e.rtcp(s, &tmmbr.Notification{Sender: 77, Bounds: []tmmbr.Bound{{SSRC: r.Sender, Rate: 640_000}}})
	until(t, "the word of the peer", func() bool {
		s.pictures.mu.Lock()
		defer s.pictures.mu.Unlock()
		return s.pictures.until == 0
	})
	sound := open(t, local(), nil)
	if err := sound.RequestRate(1); err != ErrNoFeedback {
		t.Errorf("of sound: %v", err)
	}
}

// TestWhatIsMissingIsAskedFor: a NACK for a gap that others have overtaken, none for what comes out of order.
func TestWhatIsMissingIsAskedFor(t *testing.T) {
	s, e := shownTo(t, nil)
	for _, n := range []uint16{10, 12, 11, 13} { // out of order by one: not lost
		e.seq = n
		e.send(s, 97)
	}
	until(t, "four packets", func() bool { return s.Stats().Received.Packets == 4 })
	if got := s.Stats().Feedback.PacketsWanted; got != 0 {
		t.Errorf("asked for %d that came", got)
	}
	for _, n := range []uint16{16, 18, 19} {
		e.seq = n
		e.send(s, 97)
	}
	var asked []uint16
	for len(asked) < 3 {
		for _, pair := range feedback[*rtcp.TransportLayerNack](e).Nacks {
			asked = append(asked, pair.PacketList()...)
		}
	}
	slices.Sort(asked)
	if !slices.Equal(asked, []uint16{14, 15, 17}) {
		t.Errorf("asked for %v", asked)
	}
	s, e = shownTo(t, func(a *sdp.Agreed) { a.Video.Feedback.NACK = false })
	for _, n := range []uint16{1, 5, 6, 7} {
		e.seq = n
		e.send(s, 97)
	}
	until(t, "four packets", func() bool { return s.Stats().Received.Packets == 4 })
	if got := s.Stats().Feedback.PacketsWanted; got != 0 {
		t.Errorf("asked for %d without NACK", got)
	}
}

// TestLossesBoundTheRate by real reports of a peer.
func TestLossesBoundTheRate(t *testing.T) {
	s, e := shownTo(t, func(a *sdp.Agreed) { a.Video.Feedback.NACK = false })
	told := make(chan struct{}, 10)
	s.OnRate(func() { told <- struct{}{} })
	if err := s.Write(picturePacket(1)); err != nil {
		t.Fatal(err)
	}
	own := binary.BigEndian.Uint32(e.read(false)[8:])
	packets := func(highest, lost uint32) []rtcp.ReceptionReport {
		return []rtcp.ReceptionReport{{SSRC: own, LastSequenceNumber: highest, TotalLost: lost}}
	}
	now := time.Now()
	p := s.path.Load()
	s.lost(p, packets(100, 0), now)
	s.lost(p, packets(1100, 300), now.Add(5*time.Second))
	<-told
	if got := s.SendRate(); got != leastRate {
		t.Errorf("rate %d", got)
	}
	if got := s.Stats(); got.Feedback.RateRequests != 0 {
		t.Errorf("%+v", got.Feedback)
	}
}

// TestHoldOfPicturesLeavesNoGap: what the peer was not to get it does not miss.
func TestHoldOfPicturesLeavesNoGap(t *testing.T) {
	s, e := shownTo(t, nil)
	write := func(n uint16) {
		if err := s.Write(picturePacket(n)); err != nil {
			t.Fatal(err)
		}
	}
	write(1)
	first := binary.BigEndian.Uint16(e.read(false)[2:])
	held := agreedPictures(e.addr)
	held.Direction = sdp.RecvOnly
	if err := s.Apply(held); err != nil {
		t.Fatal(err)
	}
	for n := range uint16(100) {
		write(2 + n)
	}
	if err := s.Apply(agreedPictures(e.addr)); err != nil {
		t.Fatal(err)
	}
	write(200)
	if got := binary.BigEndian.Uint16(e.read(false)[2:]); got != first+1 {
		t.Errorf("number %d after %d", got, first)
	}
	if got := s.Stats().Dropped.Held; got != 100 {
		t.Errorf("%d held", got)
	}
}

// lossy is a way between two sessions on which some packets of RTP are lost the first time they pass.
func lossy(t *testing.T, to netip.AddrPort, lose func(seq uint16) bool) netip.AddrPort {
	t.Helper()
	out, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	t.Cleanup(func() {
		_ = out.Close()
		<-ended
	})
	go func() {
		defer close(ended)
		buf := make([]byte, maxDatagram)
		lost := make(map[uint16]bool)
		var back netip.AddrPort
		for {
			n, from, err := out.ReadFromUDPAddrPort(buf)
			if err != nil {
				return
			}
			if from == to {
				_, _ = out.WriteToUDPAddrPort(buf[:n], back)
				continue
			}
			back = from
			seq := binary.BigEndian.Uint16(buf[2:])
			if buf[1] < 192 && !lost[seq] && lose(seq) { // marker bit clear: packets of the test have none
				lost[seq] = true
				continue
			}
			_, _ = out.WriteToUDPAddrPort(buf[:n], to)
		}
	}()
	return out.LocalAddr().(*net.UDPAddr).AddrPort()
}

// TestLossIsMendedByNACK: of 3 % lost on the way everything comes, between two sessions of ours.
func TestLossIsMendedByNACK(t *testing.T) {
	a, b := openPictures(t), openPictures(t)
	way := lossy(t, b.LocalAddr(), func(seq uint16) bool { return seq%33 == 7 })
	got := listen(b)
	for s, remote := range map[*Session]netip.AddrPort{a: way, b: way} {
		if err := s.Apply(agreedPictures(remote)); err != nil {
			t.Fatal(err)
		}
		start(t, s)
	}
	const packets = 1000
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	n := uint16(0)
	for ; n < packets; n++ {
		if err := a.Write(picturePacket(n)); err != nil {
			t.Fatal(err)
		}
		<-tick.C
	}
	until(t, "all that was lost", func() bool {
		if err := a.Write(picturePacket(n)); err != nil { // what is due is found by the next packet
			t.Fatal(err)
		}
		n++
		st := a.Stats()
		return st.Feedback.Resent >= packets/33 && got.count() >= packets
	})
	seen := make(map[uint16]bool)
	for i := range got.count() {
		seen[got.at(i).SequenceNumber] = true
	}
	first, missing := got.at(0).SequenceNumber, 0
	for i := range uint16(packets) {
		if !seen[first+i] {
			missing++
		}
	}
	if missing != 0 {
		t.Errorf("%d of %d never came", missing, packets)
	}
	if st := a.Stats(); st.Feedback.KeyframesAsked != 0 {
		t.Errorf("a key frame was asked for: %+v", st.Feedback)
	}
}

// TestNoAllocationPerPicturePacket holds both ways to nothing, with the memory for NACK.
func TestNoAllocationPerPicturePacket(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	e := newEndpoint(t, 7)
	s := openPictures(t)
	a := agreedPictures(e.addr)
	if err := s.Apply(a); err != nil {
		t.Fatal(err)
	}
	got := 0
	s.OnPacket(media.SinkFunc[*media.Packet](func(*media.Packet) error { got++; return nil }))
	r := newReceiver(s, s.rtp, true)
	const runs = 200
	n := uint16(0)
	var packets [][]byte
	for seq := range uint16(runs + 10) {
		packets = append(packets, packetOf(97, seq, 7))
	}
	receive := testing.AllocsPerRun(runs, func() { r.datagram(packets[n], e.addr, time.Now()); n++ })
	out := picturePacket(0)
	send := testing.AllocsPerRun(runs, func() { out.SequenceNumber++; out.Timestamp += 300; _ = s.Write(out) })
	if receive != 0 || send != 0 {
		t.Errorf("allocations per packet: receive %v, send %v", receive, send)
	}
	if st := s.Stats(); got < runs || st.Sent.Packets < runs {
		t.Fatalf("nothing measured: handed on %d, %+v", got, st)
	}
}

// FuzzFeedback: nothing that comes as RTCP brings a session of pictures down, or makes it send more than it may.
func FuzzFeedback(f *testing.F) {
	for _, p := range []rtcp.Packet{
		&rtcp.PictureLossIndication{}, &rtcp.FullIntraRequest{FIR: []rtcp.FIREntry{{SSRC: 1}}}, &tmmbr.Request{Bounds: []tmmbr.Bound{{SSRC: 9, Rate: 1 << 40}}},
		&rtcp.TransportLayerNack{Nacks: []rtcp.NackPair{{PacketID: 3, LostPackets: 0xffff}}}, &rtcp.ReceiverEstimatedMaximumBitrate{Bitrate: 1e30, SSRCs: []uint32{1}},
		&rtcp.ReceiverReport{Reports: []rtcp.ReceptionReport{{TotalLost: 0xffffff}}}, &rtcp.Goodbye{Sources: []uint32{1}}, &tmmbr.Notification{},
	} {
		b, err := p.Marshal()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	s := openPictures(f)
	peer := netip.MustParseAddrPort("127.0.0.1:9")
	if err := s.Apply(agreedPictures(peer)); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r := newReceiver(s, s.rtp, true)
		for i := range uint16(4) {
			_ = s.Write(picturePacket(i))
		}
		before := s.Stats()
		// The SSRC of ours is put where a peer would have it, so that more than the parser is reached.
		if len(b) >= 12 {
			binary.BigEndian.PutUint32(b[8:], s.ssrc())
		}
		r.datagram(b, peer, time.Now())
		after := s.Stats()
		if after.Feedback.Resent-before.Feedback.Resent > resendBurst {
			t.Errorf("%d packets were sent again", after.Feedback.Resent-before.Feedback.Resent)
		}
		if rate := s.SendRate(); rate < 0 || rate > 0 && rate < leastAsked {
			t.Errorf("rate %d", rate)
		}
	})
}
