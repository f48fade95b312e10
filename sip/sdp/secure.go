package sdp

import "slices"

// secured is how a line will be protected.
type secured struct {
	keys       Keys
	attributes []Attribute // for our line
}

// secure decides how to answer the protection a line offers. DTLS goes before SDES, because its keys are in no message.
// A line of RTP/AVP may bring keys all the same: it offers SRTP without insisting (RFC 8643).
func (n *negotiator) secure(i int, m *MediaDescription) (secured, error) {
	lines := m.cryptos()
	mustSecure := n.caps.SDES == Required || n.caps.DTLS == Required
	if prints := m.fingerprints(); n.allows(n.caps.DTLS) && n.caps.Fingerprint.Value != "" && len(prints) > 0 && m.setup() != "" {
		n.cryptoWords(i, lines, -1, "not needed: DTLS is taken, its keys are in no message")
		return n.answerDTLS(i, m, prints), nil
	}
	if n.allows(n.caps.SDES) && !m.Protocol.DTLS() {
		at := slices.IndexFunc(lines, n.usable)
		n.cryptoWords(i, lines, at, "not needed: one is enough")
		if at >= 0 {
			return n.answerSDES(i, lines[at].Crypto), nil
		}
	} else {
		n.cryptoWords(i, lines, -1, "not used: keys in SDP are not allowed for this line")
	}
	switch {
	case m.Protocol.Secure():
		return secured{}, notUsed(ErrSRTPRefused,
			"refused: the line insists on %s and offers nothing that may be used; here SDES is %s, DTLS is %s", m.Protocol, n.caps.SDES, n.caps.DTLS)
	case mustSecure:
		return secured{}, notUsed(ErrSRTPRequired, "refused: SRTP is required; here SDES is %s, DTLS is %s", n.caps.SDES, n.caps.DTLS)
	default:
		return secured{}, nil
	}
}

// allows tells whether a kind of SRTP under that policy may be used: a required kind puts optional ones out.
func (n *negotiator) allows(p Policy) bool {
	if n.caps.SDES == Required || n.caps.DTLS == Required {
		return p == Required
	}
	return p == Optional
}

func (n *negotiator) usable(l cryptoLine) bool {
	return l.fault == "" && slices.Contains(n.suites(), l.Suite)
}

func (n *negotiator) suites() []Suite {
	if n.caps.Suites == nil {
		return DefaultSuites()
	}
	return n.caps.Suites
}

// answerSDES keeps our key as long as the peer keeps its own. A new key of the peer's starts a new count of packets on
// both sides, so it gets a new key of ours; the version keeps a key that comes back from meeting an old one.
// Source: RFC 4568 section 7.1.
func (n *negotiator) answerSDES(i int, offered Crypto) secured {
	var local []byte
	before, ok := n.previous(i)
	if ok && before.Keys.Security == SDES && before.Keys.Suite == offered.Suite && string(before.Keys.Remote) == string(offered.Key) {
		local = before.Keys.Local
	} else {
		local = n.caps.Secret.key(offered.Suite, i, "answer "+n.lastVersion()+" "+string(offered.Key))
	}
	own := Crypto{Tag: offered.Tag, Suite: offered.Suite, Key: local}
	return secured{
		keys:       Keys{Security: SDES, Suite: offered.Suite, Local: local, Remote: offered.Key, RemoteMKI: offered.MKI},
		attributes: []Attribute{own.attribute()},
	}
}

func (n *negotiator) lastVersion() string {
	if n.caps.Previous == nil || n.caps.Previous.Local == nil {
		return "0"
	}
	return n.caps.Previous.Local.Origin.Version
}

// answerDTLS chooses the role where the offer leaves it open; one that was chosen before stays (RFC 5763 section 6.6).
func (n *negotiator) answerDTLS(i int, m *MediaDescription, prints []Fingerprint) secured {
	client := n.caps.DTLSActive
	if before, ok := n.previous(i); ok && before.Keys.Security == DTLS {
		client = before.Keys.DTLSClient
	}
	switch m.setup() {
	case setupActive:
		client = false
	case setupPassive:
		client = true
	}
	return secured{keys: Keys{Security: DTLS, DTLSClient: client, Fingerprints: prints}, attributes: n.dtlsAttributes(role(client))}
}

func (n *negotiator) dtlsAttributes(setup string) []Attribute {
	return []Attribute{{"setup", setup}, {"fingerprint", n.caps.Fingerprint.String()}}
}

func role(client bool) string {
	if client {
		return setupActive
	}
	return setupPassive
}
