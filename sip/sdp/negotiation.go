package sdp

import (
	"net/netip"
	"time"

	"legroom/media"
)

// Negotiation is what came of one offer and answer.
type Negotiation struct {
	// Local is our side: the answer to send, or the offer that was sent.
	Local *Description
	// Media are the lines that carry something, in order of their Index.
	Media []Agreed
	// Floor is the line of floor control; nil when there is none.
	Floor *AgreedFloor
	// Why tells of each line what became of it.
	Why []Reason
	// Changed tells whether Local differs from the previous one (its version is then one higher).
	Changed bool
}

// Audio gives the agreed audio line.
func (n *Negotiation) Audio() (Agreed, bool) {
	for _, a := range n.Media {
		if a.Kind == media.Audio {
			return a, true
		}
	}
	return Agreed{}, false
}

// Agreed is one media line that both sides took. It is a value and never changed after.
type Agreed struct {
	// Index of the media line.
	Index int
	// Kind of media.
	Kind media.Kind
	// Codec both have; PacketTime is what the peer wants to receive.
	Codec media.Codec
	// PayloadType of Codec in what we send.
	PayloadType uint8
	// ReceivePayloadType of Codec in what we get; differs from PayloadType only when the answer to our offer renumbered.
	ReceivePayloadType uint8
	// Direction as we see it: Sends is false while the peer holds us.
	Direction Direction
	// Remote is where RTP goes; not valid when the peer gave a host name or is held by an address of zeros.
	Remote netip.AddrPort
	// RemoteRTCP is where RTCP goes; equal to Remote with RTCPMux.
	RemoteRTCP netip.AddrPort
	// RTCPMux tells that RTCP shares the port of RTP (RFC 5761).
	RTCPMux bool
	// Events are the telephone-event formats: the first is the one to send, all are to be understood. May be empty.
	Events []EventFormat
	// Keys secure the line.
	Keys Keys
	// MaxBitrate the peer wants to receive, bit/s; 0 when it did not say.
	MaxBitrate int
	// Video is more of a line of pictures; zero for others.
	Video AgreedVideo
	// Session names the peer's side of the session in logs: its o= session id and version.
	Session string
}

// EventFormat is a telephone-event payload type (RFC 4733).
type EventFormat struct {
	PayloadType uint8
	// ClockRate in Hz, of the event's timestamps and durations.
	ClockRate uint32
}

// Security tells how a media line is protected.
type Security uint8

// Ways of protection.
const (
	Clear Security = iota
	SDES
	DTLS
)

// String is the word used in logs and signalling.
func (s Security) String() string {
	switch s {
	case SDES:
		return "sdes"
	case DTLS:
		return "dtls"
	default:
		return "clear"
	}
}

// Keys are what SRTP of one line is made of. Never log them.
type Keys struct {
	Security Security
	// Suite of SDES; zero otherwise.
	Suite Suite
	// Local and Remote are the SDES master keys with salt, for what we send and what we get.
	Local, Remote []byte
	// RemoteMKI is the master key identifier the peer puts in its packets; usually empty.
	RemoteMKI []byte
	// DTLSClient tells that we start the DTLS handshake.
	DTLSClient bool
	// Fingerprints of the peer's certificate, one of which must match.
	Fingerprints []Fingerprint
}

// Reason is a sentence about one line of an offer or answer, for people.
type Reason struct {
	// Media is the index of the media line; -1 for the session.
	Media int
	// Subject is the line it is about, keys left out: "m=video 2364 RTP/AVP 99", "a=crypto:8 AES_CM_128_HMAC_SHA1_80".
	Subject string
	// Taken tells that it was used.
	Taken bool
	// Text says why, in plain words.
	Text string
}

// Order says whose preference decides on the codec of an answer.
type Order uint8

// Orders. The zero value follows the offer.
const (
	OfferersOrder Order = iota
	OwnOrder
)

// Capabilities are what our side can do in one session. A value: nothing in it is changed.
type Capabilities struct {
	// Address to put into c= and o=. Its IP version decides which offers fit.
	Address netip.Addr
	// Media are the local ends, one for each stream the session can have; each is used for one line at most.
	Media []LocalMedia
	// Floor is our floor control server; nil when there is none.
	Floor *LocalFloor
	// Order of preference among codecs in answers.
	Order Order
	// SDES and DTLS policies.
	SDES, DTLS Policy
	// Suites of SDES, best first; nil means DefaultSuites.
	Suites []Suite
	// Secret makes the SDES keys; the same for the whole life of a session, see NewSecret.
	Secret Secret
	// Fingerprint of our DTLS certificate; DTLS is off without one.
	Fingerprint Fingerprint
	// DTLSActive makes us the DTLS client where the offer leaves the choice. By default we wait for the peer's hello,
	// because its source address is known to be reachable whatever NAT it sits behind.
	DTLSActive bool
	// Previous is what the session agreed before: same slots, same running codec, same keys, version + 1 when changed.
	Previous *Negotiation
	// SessionID for a new session: a number that others will not have.
	SessionID uint64
}

// LocalMedia is one local end of a stream.
type LocalMedia struct {
	// Kind of media.
	Kind media.Kind
	// Codecs in order of preference; PacketTime in them is ignored.
	Codecs []media.Codec
	// Port of RTP, and of RTCP; RTCPPort 0 means that only a multiplexed RTCP can be had.
	Port, RTCPPort uint16
	// Direction wanted: SendRecv, or less to put the peer on hold.
	Direction Direction
	// Events tells that telephone-events are understood and sent.
	Events bool
	// PacketTimes that can be sent, in any order; nil means 20 ms alone.
	PacketTimes []time.Duration
	// Video is more of an end of pictures. Its Codecs are taken in our order, whatever the offer's: there is one for each
	// packetization-mode and profile of H.264, which its Fmtp says ("profile-level-id=42e01f;packetization-mode=1"), and
	// its level is what we can receive.
	Video LocalVideo
}
