package sdp

import (
	"net/netip"
	"strconv"
	"strings"
)

// RTCPMux tells whether RTCP can share the port of RTP (RFC 5761).
func (m *MediaDescription) RTCPMux() bool {
	_, ok := m.Attribute("rtcp-mux")
	return ok
}

// remote gives where RTP and RTCP go; not valid while the line is held or names a host.
// Source: RFC 3605 for a=rtcp, else the next port (RFC 3550 section 11).
func (m *MediaDescription) remote() (rtp, rtcp netip.AddrPort) {
	addr := m.Connection.Addr
	if !addr.IsValid() || addr.IsUnspecified() {
		return
	}
	rtp = netip.AddrPortFrom(addr, m.Port)
	if m.Port < 0xffff {
		rtcp = netip.AddrPortFrom(addr, m.Port+1)
	}
	v, _ := m.Attribute("rtcp")
	f := strings.Fields(v)
	if len(f) == 0 {
		return
	}
	port, err := strconv.ParseUint(f[0], 10, 16)
	if err != nil || port == 0 {
		return
	}
	if len(f) == 4 {
		if a := parseAddr(f[3]); a.IsValid() && a.Is6() == addr.Is6() && !a.IsUnspecified() {
			addr = a
		}
	}
	return rtp, netip.AddrPortFrom(addr, uint16(port))
}

// Setup roles of DTLS (RFC 4145, RFC 5763).
const (
	setupActive  = "active"
	setupPassive = "passive"
	setupActpass = "actpass"
)

// setup gives the role, active when it is not said (RFC 4145 section 4), or "" for one that cannot be met.
func (m *MediaDescription) setup() string {
	v, ok := m.inherited("setup")
	if !ok {
		return setupActive
	}
	switch v = strings.ToLower(v); v {
	case setupActive, setupPassive, setupActpass:
		return v
	default:
		return ""
	}
}

// fingerprints lists those of the line, or else of the session, whose hash function is good enough.
func (m *MediaDescription) fingerprints() []Fingerprint {
	out := usableFingerprints(m.Attributes)
	if len(out) == 0 {
		out = usableFingerprints(m.session)
	}
	return out
}

func usableFingerprints(list []Attribute) []Fingerprint {
	var out []Fingerprint
	for _, a := range list {
		if !strings.EqualFold(a.Key, "fingerprint") || len(out) == 8 {
			continue
		}
		f := strings.Fields(a.Value)
		if len(f) != 2 {
			continue
		}
		switch hash := strings.ToLower(f[0]); hash {
		case "sha-256", "sha-384", "sha-512":
			out = append(out, Fingerprint{Hash: hash, Value: strings.ToUpper(f[1])})
		}
	}
	return out
}
