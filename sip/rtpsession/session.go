// Package rtpsession is one RTP session (RFC 3550) with a SIP peer: its sockets, SRTP with keys from SDES or DTLS,
// symmetric RTP, RTCP and telephone-events. One media line of a call has one Session.
package rtpsession

import (
	"context"
	"log/slog"
	"net/netip"
	"time"

	"legroom/media"
	"legroom/sip/sdp"
)

// Options of one Session.
type Options struct {
	// Log is where trouble is told. Required.
	Log *slog.Logger
	// Ports hands out ports to all sessions of the process; see NewPorts. Required.
	Ports *Ports
	// Certificate for DTLS; without it Apply refuses DTLS.
	Certificate *Certificate
	// IPv6 binds Config.Address6 instead of Config.Address.
	IPv6 bool
}

// Session is one RTP session with a SIP peer.
type Session struct{}

// New binds a pair of ports, RTP on the even one. Nothing runs yet.
// Errors: ErrNoPorts, ErrNoAddress.
func New(cfg Config, opts Options) (*Session, error) { return nil, nil }

// LocalPort of RTP, for the m= line.
func (s *Session) LocalPort() uint16 { return 0 }

// LocalRTCPPort for the case that the peer does not multiplex.
func (s *Session) LocalRTCPPort() uint16 { return 0 }

// LocalAddr is the bound address of RTP; its IP may be unspecified.
func (s *Session) LocalAddr() netip.AddrPort { return netip.AddrPort{} }

// Apply makes what was agreed hold from now on. It may be called again at any time (re-INVITE): sockets stay, SRTP state
// stays while keys do, where packets are sent stays while the peer's address does.
// Errors: ErrNoCertificate, ErrClosed, or what the SRTP keys are refused for; the session then goes on as before.
func (s *Session) Apply(a sdp.Agreed) error { return nil }

// Run receives until ctx ends or Close, and sends RTCP. It says BYE to the peer, closes the sockets and returns nil, or
// the error that ended it: ErrHandshake, ErrFingerprint.
func (s *Session) Run(ctx context.Context) error { return nil }

// Close ends Run and every use; cause is what Cause tells after. It may be called more than once.
func (s *Session) Close(cause error) error { return nil }

// NewSource gives a sink for what shall be heard by the peer; it takes the place of the one before, which then answers
// media.ErrClosed. The peer sees one stream without a break in numbering.
func (s *Session) NewSource() media.Sink[*media.Packet] { return nil }

// Write sends one packet, whatever source is set. It never waits: while the peer holds us, before keys are there, or when
// the socket is full the packet is dropped and counted. Payload type, SSRC, sequence number and timestamp are the
// session's own; marker and payload are the packet's.
// Errors: ErrClosed.
func (s *Session) Write(p *media.Packet) error { return nil }

// SendDigit sends one telephone-event of the given length and returns when it is over. Sound is not sent meanwhile.
// Errors: ErrNoEvents when the peer understands none, ErrBadDigit, the context's.
// Source: RFC 4733 section 2.5.
func (s *Session) SendDigit(ctx context.Context, digit rune, length time.Duration) error { return nil }

// OnPacket sets where received sound goes; nil drops it. The packet is lent until Write returns.
func (s *Session) OnPacket(sink media.Sink[*media.Packet]) {}

// OnDigit sets who is told of a telephone-event, once for each, as soon as its first packet arrives; d is how long it
// has lasted by then. It is called from the receiving goroutine and must not wait.
func (s *Session) OnDigit(f func(digit rune, d time.Duration)) {}

// OnInactive sets who is told, once a silence, that nothing came for Config.MediaTimeout although the peer should send.
func (s *Session) OnInactive(f func(silent time.Duration)) {}

// Stats of the session now.
func (s *Session) Stats() Stats { return Stats{} }

// Stats are a snapshot of a Session.
type Stats struct {
	// Received and Sent packets and bytes of payload.
	Received, Sent Counters
	// Lost is how many expected packets never came; may be negative with duplicates (RFC 3550 section 6.4.1).
	Lost int64
	// Jitter of arrival (RFC 3550 section 6.4.1).
	Jitter time.Duration
	// RTT to the peer; 0 while not known.
	RTT time.Duration
	// RemoteLost is the packets the peer says it missed, RemoteFraction the share lately, 0 to 1.
	RemoteLost     int64
	RemoteFraction float64
	// RemoteJitter as the peer sees it.
	RemoteJitter time.Duration
	// Digits told.
	Digits uint64
	// Dropped packets by reason.
	Dropped Drops
	// Security in use; keys of DTLS are there only after the handshake, see Secured.
	Security sdp.Security
	// Secured tells that SRTP keys are in place.
	Secured bool
	// Remote is where media is sent to now.
	Remote netip.AddrPort
	// LastReceived is when the last valid RTP packet came.
	LastReceived time.Time
}

// Counters of one direction.
type Counters struct{ Packets, Bytes uint64 }

// Drops counts packets that were not used, by reason.
type Drops struct {
	// Malformed is neither RTP, RTCP nor DTLS.
	Malformed uint64
	// Foreign came from an address that is not the peer's.
	Foreign uint64
	// Unauthentic did not pass SRTP authentication or was a replay.
	Unauthentic uint64
	// PayloadType is not agreed, comfort noise included.
	PayloadType uint64
	// NoKeys came or was to go before the DTLS handshake was over.
	NoKeys uint64
	// Held was to go while the peer holds us, or came while we hold it.
	Held uint64
	// SendFull did not fit the socket's buffer, SendError could not be sent for another reason.
	SendFull, SendError uint64
	// Source came with an SSRC that is not the current one.
	Source uint64
}
