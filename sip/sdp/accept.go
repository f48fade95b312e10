package sdp

import (
	"fmt"
	"slices"

	"legroom/media"
)

// Accept takes the peer's answer to our offer; caps are those the offer was made with. An answer with fewer lines than the
// offer refuses the rest.
// Errors: ErrMismatch, or a RefusedError as in Answer.
// Source: RFC 3264 section 7.
func Accept(offer, answer *Description, caps Capabilities) (*Negotiation, error) {
	if len(answer.Media) > len(offer.Media) {
		return nil, fmt.Errorf("%w: %d media lines for %d", ErrMismatch, len(answer.Media), len(offer.Media))
	}
	n := newNegotiator(caps, len(offer.Media))
	for i := range offer.Media {
		if i >= len(answer.Media) {
			n.tell(i, offer.Media[i].line(), false, "refused by the peer: its answer has no such line")
			continue
		}
		own, theirs := &offer.Media[i], &answer.Media[i]
		if own.Port == 0 || theirs.Port == 0 {
			n.verdict(i, theirs.line(), false, "refused by the peer (port 0)")
			continue
		}
		if own.Protocol.Floor() {
			f, err := n.acceptFloor(i, own, theirs)
			if err != nil {
				n.verdict(i, theirs.line(), false, err.Error())
				continue
			}
			n.floors = f
			n.verdict(i, theirs.line(), true, f.words())
			continue
		}
		a, err := n.accept(i, own, theirs)
		if err != nil {
			n.verdict(i, theirs.line(), false, err.Error())
			n.blame(i, theirs, err)
			continue
		}
		a.Session = answer.Origin.SessionID + " " + answer.Origin.Version
		n.agreed = append(n.agreed, a)
		n.verdict(i, theirs.line(), true, (&taken{agreed: a}).words())
	}
	slices.SortFunc(n.agreed, func(a, b Agreed) int { return a.Index - b.Index })
	out := &Negotiation{Local: offer, Media: n.agreed, Floor: n.floors, Why: slices.Concat(n.why...), Changed: true}
	if caps.Previous != nil && caps.Previous.Local != nil {
		out.Changed = caps.Previous.Local.Origin.Version != offer.Origin.Version
	}
	if len(out.Media) == 0 {
		return out, &RefusedError{Cause: n.cause, Index: n.at}
	}
	return out, nil
}

// accept reads one line of an answer.
func (n *negotiator) accept(i int, own, theirs *MediaDescription) (Agreed, error) {
	if !theirs.Protocol.RTP() {
		return Agreed{}, notUsed(ErrProtocol, "not usable: %s is no transport the gateway speaks", theirs.Protocol)
	}
	at := slices.IndexFunc(n.caps.Media, func(l LocalMedia) bool {
		return l.Kind == theirs.Kind() && l.Kind != media.KindUnknown && l.carries(own.Content())
	})
	if at < 0 {
		return Agreed{}, notUsed(ErrMismatch, "not usable: %s was not offered", theirs.Media)
	}
	local := &n.caps.Media[at]
	addr := theirs.Connection.Addr
	if addr.IsValid() && addr.Is6() != n.caps.Address.Is6() || addr.IsMulticast() {
		return Agreed{}, notUsed(ErrAddressFamily, "not usable: the peer's media address is %s, ours is %s", addr, n.caps.Address)
	}
	format, chosen, ok := firstCommon(theirs.Payloads(), local.Codecs, OfferersOrder)
	if !ok {
		return Agreed{}, notUsed(ErrNoCommonCodec, "not usable: no common codec; answered %s", formatNames(theirs.Payloads()))
	}
	keys, err := n.acceptKeys(i, own, theirs)
	if err != nil {
		return Agreed{}, err
	}
	codec := agreedCodec(format, chosen)
	codec.PacketTime = packetTime(theirs, local, codec)
	a := Agreed{
		Index: i, Kind: local.Kind, Codec: codec, PayloadType: format.PayloadType,
		ReceivePayloadType: ownNumber(own, chosen, format.PayloadType),
		Direction:          direct(theirs, local), RTCPMux: own.RTCPMux() && theirs.RTCPMux(),
		Events: acceptEvents(own, theirs, local, codec), Keys: keys, MaxBitrate: theirs.bitrate(format),
	}
	if local.Kind == media.Video {
		a.Video = theirs.pictures(format, chosen, local)
		a.MaxBitrate = int(a.Video.Send.MaxBitrate)
	}
	a.Remote, a.RemoteRTCP = theirs.remote()
	if a.RTCPMux {
		a.RemoteRTCP = a.Remote
	}
	return a, nil
}

// ownNumber is what our offer called the codec: the peer should use that towards us (RFC 3264 section 6.1).
func ownNumber(own *MediaDescription, codec media.Codec, otherwise uint8) uint8 {
	for _, f := range own.Payloads() {
		if f.fits(codec) {
			return f.PayloadType
		}
	}
	return otherwise
}

// acceptEvents lists what the peer answered, and behind it what we offered: it may send either.
func acceptEvents(own, theirs *MediaDescription, local *LocalMedia, codec media.Codec) []EventFormat {
	out := events(theirs, local, codec)
	if len(out) == 0 {
		return nil
	}
	for _, e := range events(own, local, codec) {
		if !slices.ContainsFunc(out, func(o EventFormat) bool { return o.PayloadType == e.PayloadType }) {
			out = append(out, e)
		}
	}
	return out
}

// acceptKeys matches the protection that was answered with the one that was offered.
func (n *negotiator) acceptKeys(i int, own, theirs *MediaDescription) (Keys, error) {
	_, offeredDTLS := own.inherited("fingerprint")
	if prints := theirs.fingerprints(); offeredDTLS && len(prints) > 0 && theirs.setup() != "" {
		client := theirs.setup() == setupPassive
		if before, ok := n.previous(i); ok && before.Keys.Security == DTLS && theirs.setup() == setupActpass {
			client = before.Keys.DTLSClient
		}
		return Keys{Security: DTLS, DTLSClient: client, Fingerprints: prints}, nil
	}
	for _, l := range theirs.cryptos() {
		for _, o := range own.cryptos() {
			if l.fault == "" && o.Tag == l.Tag && o.Suite == l.Suite {
				n.tell(i, l.subject, true, "taken")
				return Keys{Security: SDES, Suite: o.Suite, Local: o.Key, Remote: l.Key, RemoteMKI: l.MKI}, nil
			}
		}
	}
	if own.Protocol.Secure() || n.caps.SDES == Required || n.caps.DTLS == Required {
		return Keys{}, notUsed(ErrSRTPRequired, "not usable: the answer brings no keys that fit the offer, and SRTP is required")
	}
	return Keys{}, nil
}
