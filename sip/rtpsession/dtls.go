package rtpsession

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/srtp/v3"
	"github.com/pion/transport/v4/deadline"

	"legroom/sip/sdp"
)

// flightInterval is how soon a lost handshake message is sent again; pion doubles it each time.
const flightInterval = 250 * time.Millisecond

// association is one DTLS handshake with the peer, on the RTP socket (RFC 5764), and what keeps it alive after. It is the
// net.PacketConn that pion's DTLS reads and writes.
type association struct {
	s            *Session
	client       bool
	fingerprints []sdp.Fingerprint
	packets      chan []byte // bounded: DTLS repeats what is lost
	peer         atomic.Pointer[target]
	pinned       bool // peer has been heard; used by the reading goroutine
	readBy       *deadline.Deadline
	ctx          context.Context
	cancel       context.CancelFunc // makes run return
	replaced     atomic.Bool        // by an Apply: its end is no fault
}

func newAssociation(s *Session, k sdp.Keys) *association {
	const held = 32
	a := &association{
		s: s, client: k.DTLSClient, fingerprints: k.Fingerprints, packets: make(chan []byte, held),
		readBy: deadline.New(),
	}
	a.ctx, a.cancel = context.WithCancel(s.life.ctx)
	a.peer.Store(newTarget(netip.AddrPort{}))
	return a
}

// end makes run return because another agreement has come.
func (a *association) end() {
	a.replaced.Store(true)
	a.cancel()
}

// deliver takes a record from the socket. The first to send one is the peer, unless one comes from where the peer says it
// is; whether it really is the peer, its certificate tells.
func (a *association) deliver(b []byte, from netip.AddrPort, l *latch) {
	if peer := a.peer.Load().addr; from != peer {
		if a.pinned && l.rank(from) <= l.rank(peer) {
			a.s.drop(dropForeign)
			return
		}
		a.pinned = true
		a.peer.Store(newTarget(from))
	}
	select {
	case a.packets <- append([]byte(nil), b...):
	default:
		a.s.drop(dropEarly)
	}
}

// run does the handshake, puts the keys in force, and stays for what the peer repeats.
func (a *association) run(ctx context.Context) error {
	defer a.cancel()
	conn, err := a.handshake(ctx)
	if err != nil {
		if ctx.Err() != nil || a.replaced.Load() {
			return nil
		}
		return err
	}
	stop := context.AfterFunc(ctx, a.cancel)
	defer stop()
	defer func() { _ = conn.Close() }()
	if err := a.extract(conn); err != nil {
		return err
	}
	var buf [maxDatagram]byte
	for {
		if _, err := conn.Read(buf[:]); err != nil {
			return nil // closed by us or by the peer; media goes on under the keys there are (RFC 5764 section 3)
		}
	}
}

// handshake in the role agreed. Both sides show a certificate; the SDP vouches for it.
func (a *association) handshake(ctx context.Context) (*dtls.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, a.s.cfg.HandshakeTimeout)
	defer cancel()
	stop := context.AfterFunc(a.ctx, cancel)
	defer stop()
	conn, err := a.open()
	if err == nil {
		err = conn.HandshakeContext(ctx)
		if err != nil {
			_ = conn.Close()
		}
	}
	switch {
	case err == nil:
		return conn, nil
	case errors.Is(err, ErrFingerprint):
		return nil, err
	default:
		return nil, fmt.Errorf("%w: %w", ErrHandshake, err)
	}
}

func (a *association) open() (*dtls.Conn, error) {
	options := []dtls.Option{
		dtls.WithCertificates(a.s.opts.Certificate.pair),
		dtls.WithSRTPProtectionProfiles(dtls.SRTP_AEAD_AES_128_GCM, dtls.SRTP_AES128_CM_HMAC_SHA1_80, dtls.SRTP_AEAD_AES_256_GCM),
		dtls.WithExtendedMasterSecret(dtls.RequestExtendedMasterSecret), // older phones do not have it
		dtls.WithFlightInterval(flightInterval),
		dtls.WithInsecureSkipVerify(true), // no authority signs it; verify does
		dtls.WithVerifyPeerCertificate(a.verify),
	}
	if a.client {
		var list []dtls.ClientOption
		for _, o := range options {
			list = append(list, o)
		}
		return dtls.ClientWithOptions(a, a.RemoteAddr(), list...)
	}
	list := []dtls.ServerOption{dtls.WithClientAuth(dtls.RequireAnyClientCert)}
	for _, o := range options {
		list = append(list, o)
	}
	return dtls.ServerWithOptions(a, a.RemoteAddr(), list...)
}

// verify compares the certificate with the fingerprints of the SDP (RFC 8122 section 6.2).
func (a *association) verify(raw [][]byte, _ [][]*x509.Certificate) error {
	if len(raw) > 0 {
		for _, f := range a.fingerprints {
			if f.Matches(raw[0]) {
				return nil
			}
		}
	}
	return ErrFingerprint
}

// extract takes the SRTP keys out of the association (RFC 5764 section 4.2).
func (a *association) extract(conn *dtls.Conn) error {
	profile, ok := conn.SelectedSRTPProtectionProfile()
	state, ok2 := conn.ConnectionState()
	if !ok || !ok2 {
		return fmt.Errorf("%w: no srtp profile in common", ErrHandshake)
	}
	c := srtp.Config{Profile: srtp.ProtectionProfile(profile)}
	if err := c.ExtractSessionKeysFromDTLS(&state, a.client); err != nil {
		return fmt.Errorf("%w: %w", ErrHandshake, err)
	}
	k := c.Keys
	return a.s.secured(a, c.Profile, append(k.LocalMasterKey, k.LocalMasterSalt...), append(k.RemoteMasterKey, k.RemoteMasterSalt...))
}

// ReadFrom gives the next record. For pion.
func (a *association) ReadFrom(b []byte) (int, net.Addr, error) {
	select {
	case p := <-a.packets:
		return copy(b, p), a.RemoteAddr(), nil
	case <-a.readBy.Done():
		return 0, nil, a.readBy.Err()
	case <-a.ctx.Done():
		return 0, nil, net.ErrClosed
	}
}

// WriteTo sends a record to the peer, wherever pion believes it to be. For pion.
func (a *association) WriteTo(b []byte, _ net.Addr) (int, error) {
	to := a.peer.Load()
	if to.sock == nil {
		to = a.s.target.Load()
	}
	if to.sock == nil {
		return len(b), nil // not known yet; DTLS repeats it
	}
	a.s.out.mu.Lock()
	defer a.s.out.mu.Unlock()
	a.s.transmit(a.s.rtp, b, to.sock)
	return len(b), nil
}

// Close ends the association. For pion.
func (a *association) Close() error {
	a.cancel()
	return nil
}

// LocalAddr for pion.
func (a *association) LocalAddr() net.Addr { return net.UDPAddrFromAddrPort(a.s.rtp.local()) }

// RemoteAddr for pion.
func (a *association) RemoteAddr() net.Addr { return net.UDPAddrFromAddrPort(a.peer.Load().addr) }

// SetDeadline for pion.
func (a *association) SetDeadline(t time.Time) error { return a.SetReadDeadline(t) }

// SetReadDeadline for pion.
func (a *association) SetReadDeadline(t time.Time) error {
	a.readBy.Set(t)
	return nil
}

// SetWriteDeadline does nothing: a send never waits.
func (a *association) SetWriteDeadline(time.Time) error { return nil }
