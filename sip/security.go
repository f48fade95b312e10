package sip

// Security tells how the media of a leg is protected between the phone and the gateway.
type Security uint8

// Kinds of protection of one hop. The zero value is not known, as before an answer.
const (
	SecurityUnknown Security = iota
	// SecurityClear is plain RTP.
	SecurityClear
	// SecuritySDES is SRTP with keys that came inside SIP over TLS (RFC 4568).
	SecuritySDES
	// SecuritySDESKeyInClear is SRTP whose keys crossed the network readable, because SIP came without TLS. It protects
	// from nobody who saw the call being set up and is shown as that.
	SecuritySDESKeyInClear
	// SecurityDTLS is SRTP with keys agreed in the media path (RFC 5764).
	SecurityDTLS
)

// weaker of the two. Keys in clear protect from nobody who saw the call being set up, and from others all the same.
func (s Security) weaker(o Security) Security {
	order := [...]Security{SecurityUnknown, SecurityClear, SecuritySDESKeyInClear, SecuritySDES, SecurityDTLS}
	for _, least := range order {
		if s == least || o == least {
			return least
		}
	}
	return SecurityUnknown
}

// String gives the name shown to people and used in the API.
func (s Security) String() string {
	switch s {
	case SecurityClear:
		return "clear"
	case SecuritySDES:
		return "sdes"
	case SecuritySDESKeyInClear:
		return "sdesKeyInClear"
	case SecurityDTLS:
		return "dtls"
	default:
		return "unknown"
	}
}
