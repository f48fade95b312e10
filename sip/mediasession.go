package sip

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"

	"crypto/rand"

	"legroom/media"
	"legroom/sip/rtpsession"
	"legroom/sip/sdp"
)

// MediaSession is what offer and answer of one call agreed, and the RTP session that carries it. What holds now is an
// immutable snapshot, swapped whole: a reader never sees half of a re-offer.
type MediaSession struct {
	rtp     *rtpsession.Session
	overTLS bool
	agreed  atomic.Pointer[sdp.Agreed]

	mu      sync.Mutex
	caps    sdp.Capabilities
	offered *sdp.Description
}

// newMedia binds the ports of one call. towards is where media will probably go, which decides on the IP version and on
// the address we name; peer is where signalling comes from, whose media is believed before a stranger's. Errors: ErrNoMedia.
func (s *Server) newMedia(towards, peer netip.Addr, transport string, codecs []media.CodecName) (*MediaSession, error) {
	ipv6 := towards.Is6()
	session, err := rtpsession.New(s.cfg.RTP, rtpsession.Options{
		Log: s.log, Ports: s.ports, Certificate: s.dtls, IPv6: ipv6, Peer: peer,
	})
	if err != nil {
		return nil, fmt.Errorf("sip: open media: %w: %w", ErrNoMedia, err)
	}
	m := &MediaSession{rtp: session, overTLS: transport == "tls"}
	m.caps = s.capabilities(towards, codecs)
	m.caps.Media[0].Port, m.caps.Media[0].RTCPPort = session.LocalPort(), session.LocalRTCPPort()
	m.caps.Secret = sdp.NewSecret()
	var id [8]byte
	_, _ = rand.Read(id[:])
	// 62 bits: some devices read the session id as a signed number.
	m.caps.SessionID = binary.BigEndian.Uint64(id[:]) >> 2
	return m, nil
}

// capabilities of a call before its ports are known.
func (s *Server) capabilities(towards netip.Addr, codecs []media.CodecName) sdp.Capabilities {
	if codecs == nil {
		codecs = s.cfg.Codecs
	}
	audio := sdp.LocalMedia{Kind: media.Audio, Events: true, Port: 9, RTCPPort: 9}
	for _, name := range codecs {
		audio.Codecs = append(audio.Codecs, codecOf(name))
	}
	caps := sdp.Capabilities{
		Address: s.mediaAddr(towards), Media: []sdp.LocalMedia{audio}, SDES: s.cfg.RTP.SDES, DTLS: s.cfg.RTP.DTLS,
	}
	if s.dtls != nil {
		caps.Fingerprint = s.dtls.Fingerprint()
	}
	return caps
}

// mediaAddr is the address that goes into c=.
func (s *Server) mediaAddr(towards netip.Addr) netip.Addr {
	if a, err := netip.ParseAddr(s.cfg.Advertise); err == nil && a.Is6() == towards.Is6() {
		return a
	}
	bound := s.cfg.RTP.Address
	if towards.Is6() {
		bound = s.cfg.RTP.Address6
	}
	if bound.IsValid() && !bound.IsUnspecified() {
		return bound
	}
	return localFor(towards)
}

func codecOf(name media.CodecName) media.Codec {
	if name == media.Opus {
		return media.Codec{Name: media.Opus, ClockRate: 48000, Channels: 2}
	}
	return media.Codec{Name: name, ClockRate: 8000, Channels: 1}
}

// Agreed is the audio line as it holds now; false before the first answer.
func (m *MediaSession) Agreed() (sdp.Agreed, bool) {
	if a := m.agreed.Load(); a != nil {
		return *a, true
	}
	return sdp.Agreed{}, false
}

// answer decides on an offer, makes the result hold and gives our description. When it fails everything is as before.
func (m *MediaSession) answer(offer *sdp.Description) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n, err := sdp.Answer(offer, m.caps)
	if err != nil {
		return nil, fmt.Errorf("sip: answer offer: %w", mediaError(err))
	}
	if err := m.apply(n); err != nil {
		return nil, err
	}
	return n.Local.Bytes(), nil
}

// offer gives our description to be answered by the other side; accept follows, or nothing.
func (m *MediaSession) offer() []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.offered = sdp.Offer(m.caps)
	return m.offered.Bytes()
}

// accept takes the answer to our last offer.
func (m *MediaSession) accept(answer *sdp.Description) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.offered == nil {
		return fmt.Errorf("sip: accept answer: %w", ErrState)
	}
	offered := m.offered
	m.offered = nil
	n, err := sdp.Accept(offered, answer, m.caps)
	if err != nil {
		return fmt.Errorf("sip: accept answer: %w", mediaError(err))
	}
	return m.apply(n)
}

// apply makes a negotiation hold. Called locked.
func (m *MediaSession) apply(n *sdp.Negotiation) error {
	a, ok := n.Audio()
	if !ok {
		return fmt.Errorf("sip: apply media: %w", ErrNoAudio)
	}
	if err := m.rtp.Apply(a); err != nil {
		return fmt.Errorf("sip: apply media: %w: %w", ErrNoMedia, err)
	}
	m.caps.Previous = n
	m.agreed.Store(&a)
	return nil
}

// security of the hop, shown honestly: SDES keys that were readable on their way protect nobody.
func (m *MediaSession) security() Security {
	a, ok := m.Agreed()
	if !ok {
		return SecurityUnknown
	}
	switch a.Keys.Security {
	case sdp.SDES:
		if m.overTLS {
			return SecuritySDES
		}
		return SecuritySDESKeyInClear
	case sdp.DTLS:
		return SecurityDTLS
	default:
		return SecurityClear
	}
}

// mediaError says in our words why offer and answer found nothing.
func mediaError(err error) error {
	for _, m := range []struct{ is, as error }{
		{sdp.ErrSRTPRequired, ErrSRTPRequired},
		{sdp.ErrSRTPRefused, ErrSRTPRefused},
		{sdp.ErrNoCommonCodec, ErrNoCodec},
		{sdp.ErrAddressFamily, ErrAddressFamily},
		{sdp.ErrProtocol, ErrNoAudio},
		{sdp.ErrNoMedia, ErrNoAudio},
		{sdp.ErrSyntax, ErrBadSDP},
		{sdp.ErrEmpty, ErrBadSDP},
		{sdp.ErrLimit, ErrBadSDP},
		{sdp.ErrMismatch, ErrBadSDP},
	} {
		if errors.Is(err, m.is) {
			return fmt.Errorf("%w: %w", m.as, err)
		}
	}
	return fmt.Errorf("%w: %w", ErrBadSDP, err)
}

// warning is the Warning header for a refused description (RFC 3261 section 20.43).
func warning(cause error, agent string) string {
	switch {
	case errors.Is(cause, ErrNoCodec):
		return `305 ` + agent + ` "No codec in common"`
	case errors.Is(cause, ErrSRTPRequired):
		return `399 ` + agent + ` "Encrypted media is required"`
	case errors.Is(cause, ErrSRTPRefused):
		return `399 ` + agent + ` "No SRTP keying in common"`
	case errors.Is(cause, ErrAddressFamily):
		return `300 ` + agent + ` "Address family of media not available"`
	case errors.Is(cause, ErrNoAudio):
		return `304 ` + agent + ` "No usable audio offered"`
	case errors.Is(cause, ErrBadSDP):
		return `399 ` + agent + ` "Session description not understood"`
	default:
		return ""
	}
}
