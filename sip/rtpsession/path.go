package rtpsession

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/pion/srtp/v3"

	"legroom/internal/logkey"
	"legroom/media"
	"legroom/sip/sdp"
)

// use is what a payload type number means.
type use uint8

const (
	useNone use = iota
	useMedia
	useEvent
	useNoise // comfort noise: known, and passed over
)

// comfortNoise is the static number of RFC 3389, which peers send without asking.
const comfortNoise = 13

// path is one state of agreement. It is never changed: a new one takes its place.
type path struct {
	agreed sdp.Agreed
	remote netip.AddrPort // the last valid one: a hold by an address of zeros does not forget it
	turn   uint64         // counts changes of remote
	uses   [128]use
	rates  [128]uint32 // clock of events, Hz
	in     *cryptor
	out    *cryptor
	ready  bool // in clear, or keys are there
	dtls   *association
}

// Apply makes what was agreed hold from now on. It may be called again at any time (re-INVITE): sockets stay, SRTP state
// stays while keys do, where packets are sent stays while the peer's address does.
// Errors: ErrNoCertificate, ErrKeys, ErrClosed; the session then goes on as before.
func (s *Session) Apply(a sdp.Agreed) error {
	s.applyMu.Lock()
	defer s.applyMu.Unlock()
	if s.life.ctx.Err() != nil {
		return ErrClosed
	}
	old := s.path.Load()
	if old == nil {
		old = &path{}
	}
	p := &path{agreed: a, remote: old.remote, turn: old.turn}
	p.number()
	if err := s.secure(p, old); err != nil {
		return err
	}
	if a.Remote.IsValid() && a.Remote != old.remote || old.turn == 0 {
		p.remote, p.turn = a.Remote, old.turn+1
		s.target.Store(newTarget(a.Remote))
		s.control.Store(newTarget(a.RemoteRTCP))
	}
	s.swap(p, old)
	if old.dtls != nil && old.dtls != p.dtls {
		old.dtls.end()
	}
	return nil
}

// swap puts a path in force. A new key or another clock begins a new stream towards the peer: the one because SRTP must
// not use a key twice for one packet index (RFC 3711 section 9.1), the other because a source has one clock (RFC 7160).
func (s *Session) swap(p, old *path) {
	rate := p.agreed.Codec.ClockRate
	s.out.mu.Lock()
	if p.out != old.out || rate != s.out.line.rate {
		s.out.restart(rate)
		if s.pictures != nil {
			s.pictures.restart()
		}
	}
	if s.pictures != nil {
		s.out.pictures.remember(p.agreed.Video.Feedback.NACK)
	}
	s.path.Store(p)
	s.out.mu.Unlock()
	select {
	case s.life.applied <- struct{}{}:
	default:
	}
}

// number fills in what payload types mean. The peer should use the numbers of ReceivePayloadType, but many use their own.
func (p *path) number() {
	p.uses[comfortNoise] = useNoise
	p.uses[p.agreed.PayloadType&0x7f] = useMedia
	p.uses[p.agreed.ReceivePayloadType&0x7f] = useMedia
	for _, e := range p.agreed.Events {
		p.uses[e.PayloadType&0x7f] = useEvent
		p.rates[e.PayloadType&0x7f] = e.ClockRate
	}
}

// secure makes the SRTP state of p, keeping that of old where keys are the same.
func (s *Session) secure(p, old *path) error {
	k := p.agreed.Keys
	switch k.Security {
	case sdp.SDES:
		profile, ok := profileOf(k.Suite)
		if !ok {
			return fmt.Errorf("%w: suite %s", ErrKeys, k.Suite)
		}
		return p.keys(old, profile, k.Local, k.Remote, k.RemoteMKI)
	case sdp.DTLS:
		if s.opts.Certificate == nil {
			return ErrNoCertificate
		}
		if old.dtls != nil && slices.Equal(old.dtls.fingerprints, k.Fingerprints) {
			p.dtls, p.in, p.out, p.ready = old.dtls, old.in, old.out, old.ready
			return nil
		}
		p.dtls = newAssociation(s, k)
		return nil
	default:
		p.ready = true
		return nil
	}
}

func (p *path) keys(old *path, profile srtp.ProtectionProfile, local, remote, mki []byte) (err error) {
	p.in, p.out = old.in, old.out
	if !p.in.same(profile, remote, mki) {
		if p.in, err = newCryptor(profile, remote, mki); err != nil {
			return err
		}
	}
	if !p.out.same(profile, local, nil) {
		if p.out, err = newCryptor(profile, local, nil); err != nil {
			return err
		}
	}
	p.ready = true
	return nil
}

// secured puts the keys of a finished handshake in force, unless the association is no longer the one agreed.
func (s *Session) secured(a *association, profile srtp.ProtectionProfile, local, remote []byte) error {
	s.applyMu.Lock()
	defer s.applyMu.Unlock()
	old := s.path.Load()
	if old == nil || old.dtls != a {
		return nil
	}
	p := *old
	if err := p.keys(&path{}, profile, local, remote, nil); err != nil {
		return err
	}
	if peer := a.peer.Load(); peer.sock != nil && s.cfg.Symmetric {
		s.moveTo(peer.addr, &p)
	}
	s.swap(&p, old)
	s.opts.Log.Info("media secured", logkey.Security, sdp.DTLS.String(), logkey.Transport, profile.String())
	return nil
}

// moveTo sends media to where it comes from. The port of RTCP follows until RTCP itself has been heard.
func (s *Session) moveTo(to netip.AddrPort, p *path) {
	s.target.Store(newTarget(to))
	switch {
	case p.agreed.RTCPMux:
		s.control.Store(newTarget(to))
	case s.control.Load().addr.Addr() != to.Addr() && to.Port() < 0xffff:
		s.control.Store(newTarget(netip.AddrPortFrom(to.Addr(), to.Port()+1)))
	}
}

var _ media.Sink[*media.Packet] = (*sender)(nil)
