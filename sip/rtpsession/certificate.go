package rtpsession

import (
	"crypto/tls"
	"errors"
	"fmt"

	"github.com/pion/dtls/v3/pkg/crypto/selfsign"

	"legroom/sip/sdp"
)

// Certificate for DTLS, one for the process. Nobody signs it: its fingerprint in the SDP vouches for it (RFC 5763).
type Certificate struct {
	pair        tls.Certificate
	fingerprint sdp.Fingerprint
}

// NewCertificate makes a self-signed one (ECDSA P-256).
func NewCertificate() (*Certificate, error) {
	pair, err := selfsign.GenerateSelfSigned()
	if err != nil {
		return nil, fmt.Errorf("rtpsession: make dtls certificate: %w", err)
	}
	return CertificateOf(pair)
}

// CertificateOf takes one that is there.
func CertificateOf(pair tls.Certificate) (*Certificate, error) {
	if len(pair.Certificate) == 0 || pair.PrivateKey == nil {
		return nil, errors.New("rtpsession: dtls certificate without key or content")
	}
	return &Certificate{pair: pair, fingerprint: sdp.FingerprintOf(pair.Certificate[0])}, nil
}

// Fingerprint for sdp.Capabilities.
func (c *Certificate) Fingerprint() sdp.Fingerprint {
	if c == nil {
		return sdp.Fingerprint{}
	}
	return c.fingerprint
}
