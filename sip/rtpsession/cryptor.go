package rtpsession

import (
	"fmt"
	"slices"
	"sync"

	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"

	"legroom/sip/sdp"
)

// Windows against replay, packets. RFC 3711 section 3.3.2 asks for at least 64.
const (
	rtpWindow  = 256
	rtcpWindow = 64
)

// maxSources bounds the SSRCs one key may be used with towards us; each costs memory in the SRTP context.
const maxSources = 64

// cryptor is SRTP of one direction under one master key. RTP is used by one goroutine at a time (the reader, or who holds
// the send lock); RTCP may come from two sockets and has a lock.
type cryptor struct {
	profile srtp.ProtectionProfile
	key     []byte // master key and salt, to see whether a new Agreed has the same
	mki     []byte
	rtp     *srtp.Context
	sources []uint32
	mu      sync.Mutex
	rtcp    *srtp.Context
	senders []uint32
}

// newCryptor makes one. Two contexts, so that RTP needs no lock.
func newCryptor(profile srtp.ProtectionProfile, key, mki []byte) (*cryptor, error) {
	keyLen, err := profile.KeyLen()
	if err != nil {
		return nil, fmt.Errorf("rtpsession: srtp keys: %w", err)
	}
	if len(key) < keyLen {
		return nil, fmt.Errorf("rtpsession: srtp keys: %w", errShortKey)
	}
	make1 := func() (*srtp.Context, error) {
		return srtp.CreateContext(key[:keyLen], key[keyLen:], profile, srtp.SRTPReplayProtection(rtpWindow),
			srtp.SRTCPReplayProtection(rtcpWindow), srtp.MasterKeyIndicator(mki))
	}
	c := &cryptor{profile: profile, key: slices.Clone(key), mki: mki}
	if c.rtp, err = make1(); err == nil {
		c.rtcp, err = make1()
	}
	if err != nil {
		return nil, fmt.Errorf("rtpsession: srtp keys: %w", err)
	}
	return c, nil
}

// same tells whether it was made of these.
func (c *cryptor) same(profile srtp.ProtectionProfile, key, mki []byte) bool {
	return c != nil && c.profile == profile && string(c.key) == string(key) && string(c.mki) == string(mki)
}

// openRTP authenticates and decrypts into dst, and refuses replays. header is filled.
func (c *cryptor) openRTP(dst, packet []byte, ssrc uint32, header *rtp.Header) ([]byte, error) {
	known := slices.Contains(c.sources, ssrc)
	if !known && len(c.sources) >= maxSources {
		return nil, errSources
	}
	out, err := c.rtp.DecryptRTP(dst, packet, header)
	if err == nil && !known {
		c.sources = append(c.sources, ssrc)
	}
	return out, err
}

// openRTCP authenticates and decrypts a compound packet.
func (c *cryptor) openRTCP(dst, packet []byte, ssrc uint32) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	known := slices.Contains(c.senders, ssrc)
	if !known && len(c.senders) >= maxSources {
		return nil, errSources
	}
	out, err := c.rtcp.DecryptRTCP(dst, packet, nil)
	if err == nil && !known {
		c.senders = append(c.senders, ssrc)
	}
	return out, err
}

// profileOf maps a suite of SDES.
func profileOf(s sdp.Suite) (srtp.ProtectionProfile, bool) {
	switch s {
	case sdp.AESCM128HMACSHA180:
		return srtp.ProtectionProfileAes128CmHmacSha1_80, true
	case sdp.AESCM128HMACSHA132:
		return srtp.ProtectionProfileAes128CmHmacSha1_32, true
	case sdp.AES256CMHMACSHA180:
		return srtp.ProtectionProfileAes256CmHmacSha1_80, true
	case sdp.AES256CMHMACSHA132:
		return srtp.ProtectionProfileAes256CmHmacSha1_32, true
	case sdp.AEADAES128GCM:
		return srtp.ProtectionProfileAeadAes128Gcm, true
	case sdp.AEADAES256GCM:
		return srtp.ProtectionProfileAeadAes256Gcm, true
	default:
		return 0, false
	}
}
