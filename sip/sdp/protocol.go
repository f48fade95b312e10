package sdp

import "strings"

// Protocol is the transport of a media line.
type Protocol string

// Transports the gateway speaks. RFC 3551, 3711, 4585, 5124, 5764.
const (
	AVP      Protocol = "RTP/AVP"
	AVPF     Protocol = "RTP/AVPF"
	SAVP     Protocol = "RTP/SAVP"
	SAVPF    Protocol = "RTP/SAVPF"
	TLSSAVP  Protocol = "UDP/TLS/RTP/SAVP"
	TLSSAVPF Protocol = "UDP/TLS/RTP/SAVPF"
)

// Transports of floor control. Source: RFC 8856 section 4.
const (
	BFCPUDP  Protocol = "UDP/BFCP"
	BFCPDTLS Protocol = "UDP/TLS/BFCP"
	BFCPTCP  Protocol = "TCP/BFCP"
	BFCPTLS  Protocol = "TCP/TLS/BFCP"
)

func (p Protocol) norm() Protocol { return Protocol(strings.ToUpper(string(p))) }

// RTP tells whether the gateway can speak it.
func (p Protocol) RTP() bool {
	switch p.norm() {
	case AVP, AVPF, SAVP, SAVPF, TLSSAVP, TLSSAVPF:
		return true
	default:
		return false
	}
}

// Secure tells that it insists on SRTP.
func (p Protocol) Secure() bool {
	switch p.norm() {
	case SAVP, SAVPF, TLSSAVP, TLSSAVPF:
		return true
	default:
		return false
	}
}

// DTLS tells that it insists on keys from DTLS.
func (p Protocol) DTLS() bool {
	n := p.norm()
	return n == TLSSAVP || n == TLSSAVPF
}

// Feedback tells that it is a profile with RTCP feedback (RFC 4585).
func (p Protocol) Feedback() bool {
	switch p.norm() {
	case AVPF, SAVPF, TLSSAVPF:
		return true
	default:
		return false
	}
}

// Floor tells whether it carries floor control.
func (p Protocol) Floor() bool {
	switch p.norm() {
	case BFCPUDP, BFCPDTLS, BFCPTCP, BFCPTLS:
		return true
	default:
		return false
	}
}

// datagrams tells that floor control goes over UDP or DTLS.
func (p Protocol) datagrams() bool { return p.norm() == BFCPUDP || p.norm() == BFCPDTLS }

// floorTLS tells that floor control goes over TLS or DTLS.
func (p Protocol) floorTLS() bool { return p.norm() == BFCPTLS || p.norm() == BFCPDTLS }
