package rtpsession

import "time"

const (
	// resendMemory is how many of the last packets can be sent again.
	resendMemory = 512
	// resendBurst is how many may be sent again at once, and resendShare how many packets have to be sent for one more:
	// a peer that asks without measure gets a quarter more than it would have had.
	resendBurst = 64
	resendShare = 4
	// resendPause is the least time between two sendings of one packet, where the round trip is not known or shorter.
	resendPause = 20 * time.Millisecond
	// maxSent is the longest datagram of ours: header, payload, what SRTP puts behind.
	maxSent = 12 + maxPayload + 32
)

// resends keeps the last packets of a stream as they went over the wire, sealed, for a peer that asks for them again under
// the same SSRC. Sealed once: the same number never carries two ciphertexts.
// Source: RFC 4585 section 6.2.1.
type resends struct {
	slots  [resendMemory]resend
	credit int // in packets times resendShare
}

type resend struct {
	number uint16
	length int // 0 for an empty slot
	at     time.Time
	data   [maxSent]byte
}

func newResends() *resends { return &resends{credit: resendBurst * resendShare} }

// keep copies a packet that is sent now.
func (r *resends) keep(number uint16, datagram []byte, now time.Time) {
	r.credit = min(r.credit+1, resendBurst*resendShare)
	s := &r.slots[number%resendMemory]
	s.number, s.length, s.at = number, copy(s.data[:], datagram), now
}

// again gives a packet that was asked for. throttled tells that it is there and too much was asked for.
func (r *resends) again(number uint16, pause time.Duration, now time.Time) (datagram []byte, throttled bool) {
	s := &r.slots[number%resendMemory]
	if s.length == 0 || s.number != number {
		return nil, false
	}
	if now.Sub(s.at) < max(pause, resendPause) || r.credit < resendShare {
		return nil, true
	}
	r.credit -= resendShare
	s.at = now
	return s.data[:s.length], false
}

// forget empties it, for a stream that begins anew.
func (r *resends) forget() {
	for i := range r.slots {
		r.slots[i].length = 0
	}
}
