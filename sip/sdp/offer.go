package sdp

import (
	"slices"
	"strings"
	"time"

	"legroom/media"
)

// Offer describes our side first. With caps.Previous it is a re-offer: same lines, same keys, the running codec alone, and
// a version one higher when something changed.
// SDES that is optional is offered on RTP/AVP (RFC 8643), DTLS that is optional only where SDES is off: a telephone must
// not be asked to choose.
// Source: RFC 3264 sections 5 and 8.
func Offer(caps Capabilities) *Description {
	n := newNegotiator(caps, 0)
	d := n.head()
	if caps.Previous != nil && caps.Previous.Local != nil {
		for i := range caps.Previous.Local.Media {
			d.Media = append(d.Media, n.reoffer(i, &caps.Previous.Local.Media[i]))
		}
	}
	if caps.Previous == nil { // a call does not grow by being held
		for i := range caps.Media {
			d.Media = append(d.Media, n.newLine(len(d.Media), &caps.Media[i]))
		}
		if caps.Floor != nil {
			d.Media = append(d.Media, n.offerFloor(nil, ""))
		}
	}
	n.version(d)
	for i := range d.Media {
		d.Media[i].Connection = d.Connection
	}
	return d
}

// newLine offers all codecs of a local end.
func (n *negotiator) newLine(i int, local *LocalMedia) MediaDescription {
	t := &taken{local: local, rtcp: local.RTCPPort}
	t.agreed.Direction = local.Direction
	t.agreed.RTCPMux = true
	t.agreed.Video.Feedback = local.Video.Feedback
	formats := local.numbered()
	if local.Kind == media.Audio {
		t.agreed.Codec.PacketTime = preferredPacketTime(local)
		t.agreed.Events = ownEvents(local)
	}
	proto, secure := n.offerSecurity(i, Agreed{})
	t.secure = secure
	return t.describe(local.Kind.String(), proto, formats)
}

// reoffer describes a line again: the running codec under its number, or port 0 for a line that carries nothing.
// Source: RFC 3264 section 8.3.2, numbers must keep their meaning.
func (n *negotiator) reoffer(i int, before *MediaDescription) MediaDescription {
	if f := n.caps.Previous.Floor; f != nil && f.Index == i && n.caps.Floor != nil {
		return n.offerFloor(f, f.Protocol)
	}
	a, ok := n.previous(i)
	at := slices.IndexFunc(n.caps.Media, func(l LocalMedia) bool { return l.Kind == a.Kind && l.Video.Content == a.Video.Content })
	if !ok || at < 0 || n.used[at] {
		return refused(before)
	}
	n.used[at] = true
	local := &n.caps.Media[at]
	a.Video.Feedback = local.Video.Feedback
	t := &taken{local: local, agreed: a, rtcp: local.RTCPPort}
	t.agreed.Direction = local.Direction
	proto, secure := n.offerSecurity(i, a)
	t.secure = secure
	if before.Protocol.Secure() == proto.Secure() && before.Protocol.DTLS() == proto.DTLS() {
		proto = before.Protocol
	}
	return t.describe(before.Media, proto, []Format{local.again(a)})
}

// offerSecurity chooses transport and keys of an offer; before is what the line had.
func (n *negotiator) offerSecurity(i int, before Agreed) (Protocol, secured) {
	sdes := n.allows(n.caps.SDES)
	dtls := n.allows(n.caps.DTLS) && n.caps.Fingerprint.Value != ""
	if before.Codec.Name != "" { // a running line keeps its way
		sdes, dtls = before.Keys.Security == SDES, before.Keys.Security == DTLS
	}
	switch {
	case dtls && (!sdes || n.caps.DTLS == Required):
		s := secured{attributes: n.dtlsAttributes(setupActpass)}
		if n.caps.DTLS == Required || before.Keys.Security == DTLS {
			return TLSSAVP, s
		}
		return AVP, s
	case sdes:
		s := secured{}
		for _, c := range n.offerKeys(i, before) {
			s.attributes = append(s.attributes, c.attribute())
		}
		if n.caps.SDES == Required || before.Keys.Security == SDES {
			return SAVP, s
		}
		return AVP, s
	default:
		return AVP, secured{}
	}
}

// offerKeys are our crypto lines: all suites at first, the one in use with its key later.
func (n *negotiator) offerKeys(i int, before Agreed) []Crypto {
	if before.Keys.Security == SDES {
		return []Crypto{{Tag: 1, Suite: before.Keys.Suite, Key: before.Keys.Local}}
	}
	var out []Crypto
	for k, suite := range n.suites() {
		out = append(out, Crypto{Tag: uint32(k + 1), Suite: suite, Key: n.caps.Secret.key(suite, i, "offer "+n.lastVersion())})
	}
	return out
}

// Numbers of our offers; telephone-event has 101 by custom.
const (
	firstDynamic   = 96
	eventNumber    = 101
	eventNumber48k = 102
)

// numbered gives each codec its static number or a dynamic one.
func (l *LocalMedia) numbered() []Format {
	var out []Format
	next := uint8(firstDynamic)
	for _, c := range l.Codecs {
		if pt, ok := staticNumber(c.Name); ok {
			out = append(out, l.offered(c, pt))
			continue
		}
		for next == eventNumber || next == eventNumber48k {
			next++
		}
		out = append(out, l.offered(c, next))
		next++
	}
	return out
}

// again is the format of a running line in an offer.
func (l *LocalMedia) again(a Agreed) Format {
	running := formatOf(a.Codec, a.ReceivePayloadType)
	running.Params = a.Codec.Fmtp
	for _, c := range l.Codecs {
		if running.fits(c) {
			return l.offered(c, a.ReceivePayloadType)
		}
	}
	return l.offered(a.Codec, a.ReceivePayloadType)
}

func formatOf(c media.Codec, pt uint8) Format {
	return Format{PayloadType: pt, Name: string(c.Name), ClockRate: c.ClockRate, Channels: max(c.Channels, 1)}
}

func staticNumber(name media.CodecName) (uint8, bool) {
	for pt := range uint8(35) {
		if strings.EqualFold(staticFormat(pt).Name, string(name)) {
			return pt, true
		}
	}
	return 0, false
}

// ownEvents offers telephone-events on every clock our codecs have.
func ownEvents(local *LocalMedia) []EventFormat {
	if !local.Events {
		return nil
	}
	out := []EventFormat{{PayloadType: eventNumber, ClockRate: 8000}}
	if slices.ContainsFunc(local.Codecs, func(c media.Codec) bool { return c.ClockRate == 48000 }) {
		out = append(out, EventFormat{PayloadType: eventNumber48k, ClockRate: 48000})
	}
	return out
}

func preferredPacketTime(local *LocalMedia) time.Duration {
	const usual = 20 * time.Millisecond
	if len(local.PacketTimes) == 0 || slices.Contains(local.PacketTimes, usual) {
		return usual
	}
	return slices.Min(local.PacketTimes)
}
