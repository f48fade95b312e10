package peer

// Security of a browser's hop to the gateway. There is one way only.
type Security uint8

// DTLS is DTLS-SRTP (RFC 5764): what every browser speaks.
const DTLS Security = 1

// String gives "dtls".
func (s Security) String() string {
	if s == DTLS {
		return "dtls"
	}
	return "unknown"
}
