package sip

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"

	"legroom/internal/run"
	"legroom/media"
	"legroom/sip/rtpsession"
	"legroom/sip/sdp"
)

// MediaSession is what offer and answer of one call agreed, and the RTP sessions that carry it: one for sound, and one for
// each line of pictures while it is agreed. What holds now is an immutable snapshot of each line, swapped whole: a reader
// never sees half of a re-offer.
type MediaSession struct {
	rtp     *rtpsession.Session
	overTLS bool
	agreed  atomic.Pointer[sdp.Agreed]
	// pictures by content; nil where no such line is agreed.
	pictures [sdp.OtherContent]atomic.Pointer[pictureLine]
	// open binds the ports of one more line of pictures.
	open func() (*rtpsession.Session, error)
	// failed is told, without a lock, that a line of pictures ended by itself. Set once.
	failed func(error)

	mu      sync.Mutex
	caps    sdp.Capabilities // of sound alone
	ends    []pictureEnd
	offered *sdp.Description
	group   *run.Group // of the sessions of pictures, while run runs
	closed  bool
}

// newMedia binds the ports of one call. towards is where media will probably go, which decides on the IP version and on
// the address we name; peer is where signalling comes from, whose media is believed before a stranger's. ends are those of
// pictures, whose ports are bound when a line needs them. Errors: ErrNoMedia.
func (s *Server) newMedia(towards, peer netip.Addr, transport string, codecs []media.CodecName, ends []sdp.LocalMedia) (*MediaSession, error) {
	options := rtpsession.Options{Log: s.log, Ports: s.ports, Certificate: s.dtls, IPv6: towards.Is6(), Peer: peer}
	session, err := rtpsession.New(s.cfg.RTP, options)
	if err != nil {
		return nil, fmt.Errorf("sip: open media: %w: %w", ErrNoMedia, err)
	}
	options.Video = true
	m := &MediaSession{rtp: session, overTLS: transport == "tls"}
	m.open = func() (*rtpsession.Session, error) { return rtpsession.New(s.cfg.RTP, options) }
	for _, l := range ends {
		m.ends = append(m.ends, pictureEnd{local: l})
	}
	m.caps = s.capabilities(towards, codecs)
	m.caps.Media[0].Port, m.caps.Media[0].RTCPPort = session.LocalPort(), session.LocalRTCPPort()
	m.caps.Secret = sdp.NewSecret()
	var id [8]byte
	_, _ = rand.Read(id[:])
	// 62 bits: some devices read the session id as a signed number.
	m.caps.SessionID = binary.BigEndian.Uint64(id[:]) >> 2
	return m, nil
}

// capabilities of a call's sound before its ports are known.
func (s *Server) capabilities(towards netip.Addr, codecs []media.CodecName) sdp.Capabilities {
	cfg := s.cfg
	if codecs != nil {
		cfg.Codecs = codecs
	}
	caps := sdp.Capabilities{
		Address: s.mediaAddr(towards), Media: cfg.LocalMedia()[:1], SDES: s.cfg.RTP.SDES, DTLS: s.cfg.RTP.DTLS,
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
	defer m.prune()
	m.openFor(offer)
	n, err := Negotiate(offer, m.capabilities())
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
	if m.caps.Previous == nil {
		m.openAll()
	}
	m.offered = sdp.Offer(m.capabilities())
	return m.offered.Bytes()
}

// accept takes the answer to our last offer.
func (m *MediaSession) accept(answer *sdp.Description) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.offered == nil {
		return fmt.Errorf("sip: accept answer: %w", ErrState)
	}
	defer m.prune()
	offered := m.offered
	m.offered = nil
	n, err := sdp.Accept(offered, answer, m.capabilities())
	if err != nil {
		return fmt.Errorf("sip: accept answer: %w", mediaError(err))
	}
	return m.apply(n)
}

// apply makes a negotiation hold, pictures first: they alone can be undone. Called locked.
func (m *MediaSession) apply(n *sdp.Negotiation) error {
	a, ok := n.Audio()
	if !ok {
		return fmt.Errorf("sip: apply media: %w", ErrNoAudio)
	}
	err := m.applyPictures(n)
	if err == nil {
		err = m.rtp.Apply(a)
	}
	if err != nil {
		if m.caps.Previous != nil {
			_ = m.applyPictures(m.caps.Previous)
		}
		return fmt.Errorf("sip: apply media: %w: %w", ErrNoMedia, err)
	}
	m.caps.Previous = n
	m.agreed.Store(&a)
	m.show(n)
	m.start()
	return nil
}

// run carries media until ctx ends or the session of sound does, whose error it gives. A session of pictures that fails ends
// alone.
func (m *MediaSession) run(ctx context.Context) error {
	m.mu.Lock()
	m.group, _ = run.NewGroup(ctx)
	g := m.group
	m.start()
	m.mu.Unlock()
	err := m.rtp.Run(ctx)
	m.mu.Lock()
	m.group = nil
	m.mu.Unlock()
	g.Cancel(context.Canceled)
	return errors.Join(err, g.Wait())
}

// close ends every session. It may be called more than once.
func (m *MediaSession) close(cause error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	err := m.rtp.Close(cause)
	for i := range m.ends {
		if s := m.ends[i].rtp; s != nil {
			err = errors.Join(err, s.Close(cause))
		}
	}
	return err
}

// security of the call's hop, shown honestly: that of the line that is protected least.
func (m *MediaSession) security() Security {
	a, ok := m.Agreed()
	if !ok {
		return SecurityUnknown
	}
	least := m.protection(a.Keys.Security)
	for i := range m.pictures {
		if l := m.pictures[i].Load(); l != nil {
			least = least.weaker(m.protection(l.agreed.Keys.Security))
		}
	}
	return least
}

// protection of a line: SDES keys that were readable on their way protect nobody.
func (m *MediaSession) protection(s sdp.Security) Security {
	switch s {
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
