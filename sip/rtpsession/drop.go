package rtpsession

// drop is why a packet was not used.
type drop uint8

const (
	dropMalformed drop = iota
	dropForeign
	dropUnauthentic
	dropPayloadType
	dropEarly
	dropHeld
	dropFull
	dropError
	dropSource
	dropStale
	dropReasons
)

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
	// Early came or was to go before anything was agreed, before the DTLS handshake was over, or before it was known where to.
	Early uint64
	// Held was to go while the peer holds us, or came while we hold it.
	Held uint64
	// SendFull did not fit the socket's buffer, SendError could not be sent for another reason.
	SendFull, SendError uint64
	// Source came with an SSRC, or after a jump of numbers, that is not the current one.
	Source uint64
	// Stale was to be sent, of pictures, and came twice or after its source had been replaced.
	Stale uint64
}

func (s *Session) drop(why drop) { s.drops[why].Add(1) }

func (s *Session) dropped() Drops {
	at := func(d drop) uint64 { return s.drops[d].Load() }
	return Drops{
		Malformed: at(dropMalformed), Foreign: at(dropForeign), Unauthentic: at(dropUnauthentic),
		PayloadType: at(dropPayloadType), Early: at(dropEarly), Held: at(dropHeld),
		SendFull: at(dropFull), SendError: at(dropError), Source: at(dropSource), Stale: at(dropStale),
	}
}
