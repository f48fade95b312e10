package rtpsession

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	mrand "math/rand/v2"
	"net/netip"
	"sync"
	"time"

	"github.com/pion/rtcp"
)

// reportInterval is the least mean time between reports (RFC 3550 section 6.2).
const reportInterval = 5 * time.Second

// reports is RTCP: what we tell the peer and what it tells us.
type reports struct {
	name     string        // CNAME
	interval time.Duration // mean
	mu       sync.Mutex
	rtt      time.Duration
	lost     int64
	fraction float64
	jitter   uint32 // ticks of our clock
}

// init chooses a name that tells nothing (RFC 7022 section 4.2).
func (r *reports) init() {
	var b [12]byte
	_, _ = rand.Read(b[:])
	r.name, r.interval = base64.RawStdEncoding.EncodeToString(b[:]), reportInterval
}

// next is the time to the next report: between half and one and a half of the mean, so that peers do not fall in step;
// the first comes in half of that. Source: RFC 3550 section 6.3.1 and appendix A.7.
func (r *reports) next(first bool) time.Duration {
	const compensation = 1.21828
	mean := float64(r.interval)
	if first {
		mean /= 2
	}
	return time.Duration(mean * (0.5 + mrand.Float64()) / compensation)
}

// report sends a sender or receiver report with our name, and a goodbye at the end.
func (s *Session) report(now time.Time, bye bool) {
	s.out.mu.Lock()
	defer s.out.mu.Unlock()
	if bye {
		s.compound(now, &rtcp.Goodbye{Sources: []uint32{s.out.line.ssrc}})
		return
	}
	s.compound(now, nil)
}

// compound sends a report with one packet behind it, if there is one; the lock of out is held. It tells whether it went.
func (s *Session) compound(now time.Time, last rtcp.Packet) bool {
	p := s.path.Load()
	to := s.control.Load()
	if p == nil || !p.ready || to.sock == nil || !p.agreed.Remote.IsValid() && !p.agreed.Direction.Sends() {
		return false
	}
	o := &s.out
	blocks := s.in.block(now)
	var first rtcp.Packet = &rtcp.ReceiverReport{SSRC: o.line.ssrc, Reports: blocks}
	if o.packets != o.reported {
		first = &rtcp.SenderReport{
			SSRC: o.line.ssrc, NTPTime: ntp(now), RTPTime: o.line.now(now), PacketCount: o.packets, OctetCount: o.octets, Reports: blocks,
		}
	}
	o.reported = o.packets
	packets := []rtcp.Packet{first, rtcp.NewCNAMESourceDescription(o.line.ssrc, s.reports.name)}
	if last != nil {
		packets = append(packets, last)
	}
	b, err := rtcp.Marshal(packets)
	if err == nil && p.out != nil {
		b, err = p.out.rtcp.EncryptRTCP(nil, b, nil)
	}
	if err != nil {
		s.drop(dropError)
		return false
	}
	sock := s.rtcp
	if p.agreed.RTCPMux {
		sock = s.rtp
	}
	return s.transmit(sock, b, to.sock)
}

// block is the reception report on the current source; none before it has been heard.
func (in *inbound) block(now time.Time) []rtcp.ReceptionReport {
	in.mu.Lock()
	defer in.mu.Unlock()
	if !in.has {
		return nil
	}
	r := rtcp.ReceptionReport{
		SSRC: in.src.ssrc, FractionLost: in.src.fraction(), LastSequenceNumber: in.src.extended(), Jitter: uint32(in.src.jitter),
		TotalLost: uint32(min(max(in.src.lost(), 0), 1<<23-1)),
	}
	if !in.sender.at.IsZero() {
		r.LastSenderReport = in.sender.middle
		r.Delay = uint32(now.Sub(in.sender.at).Seconds() * 65536)
	}
	return []rtcp.ReceptionReport{r}
}

// receiveRTCP takes a compound packet in. In clear it must come from the peer's host.
func (s *Session) receiveRTCP(p *path, b []byte, from netip.AddrPort, now time.Time) {
	host := from.Addr()
	switch {
	case !p.ready:
		s.drop(dropEarly)
		return
	case p.in != nil:
		plain, err := p.in.openRTCP(nil, b, binary.BigEndian.Uint32(b[4:]))
		if err != nil {
			s.drop(dropUnauthentic)
			return
		}
		b = plain
	case host != s.target.Load().addr.Addr() && host != p.agreed.RemoteRTCP.Addr():
		s.drop(dropForeign)
		return
	}
	packets, err := rtcp.Unmarshal(b)
	if err != nil {
		s.drop(dropMalformed)
		return
	}
	if s.cfg.Symmetric && !p.agreed.RTCPMux && s.control.Load().addr != from && (p.in != nil || host == s.target.Load().addr.Addr()) {
		s.control.Store(newTarget(from))
	}
	for _, packet := range packets {
		switch r := packet.(type) {
		case *rtcp.SenderReport:
			s.in.told(r.SSRC, uint32(r.NTPTime>>16), now)
			s.reports.take(r.Reports, s.ssrc(), now)
			s.lost(p, r.Reports, now)
		case *rtcp.ReceiverReport:
			s.reports.take(r.Reports, s.ssrc(), now)
			s.lost(p, r.Reports, now)
		default:
			s.feedback(packet, now)
		}
	}
}

func (s *Session) ssrc() uint32 {
	s.out.mu.Lock()
	defer s.out.mu.Unlock()
	return s.out.line.ssrc
}

// told remembers the peer's clock for the reports back.
func (in *inbound) told(ssrc, middle uint32, now time.Time) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.has && in.src.ssrc == ssrc {
		in.sender = senderReport{middle: middle, at: now}
	}
}

// take reads what the peer says of our stream. The round trip is now less the peer's holding time less our sending time
// (RFC 3550 section 6.4.1, LSR and DLSR).
func (r *reports) take(blocks []rtcp.ReceptionReport, ssrc uint32, now time.Time) {
	for _, b := range blocks {
		if b.SSRC != ssrc {
			continue
		}
		r.mu.Lock()
		r.lost, r.jitter = int64(int32(b.TotalLost<<8)>>8), b.Jitter
		r.fraction = float64(b.FractionLost) / 256
		if b.LastSenderReport != 0 {
			ticks := int32(uint32(ntp(now)>>16) - b.Delay - b.LastSenderReport)
			if ticks >= 0 {
				r.rtt = time.Duration(max(ticks, 1)) * time.Second / 65536 // 0 means not known
			}
		}
		r.mu.Unlock()
	}
}

// ntp is the time of RFC 5905: seconds since 1900, 32 bits of fraction.
func ntp(t time.Time) uint64 {
	const epoch = 2208988800
	return uint64(t.Unix()+epoch)<<32 | uint64(t.Nanosecond())<<32/1e9
}
