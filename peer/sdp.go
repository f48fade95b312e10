package peer

import (
	"slices"
	"strings"

	"github.com/pion/sdp/v3"

	"legroom/media"
)

const (
	maxOfferBytes = 256 << 10
	maxMediaLines = 128
	maxMID        = 64
)

// line is one m-line of an offer, read.
type line struct {
	mid    string
	kind   media.Kind
	media  *sdp.MediaDescription
	slot   bool         // the browser receives on it
	source media.Source // the browser publishes this on it; SourceUnknown for none
	rids   []string     // simulcast layers, small to large
	// refused says why it is answered with port 0; empty when it is taken.
	refused string
}

// offerPlan is an offer, read and judged.
type offerPlan struct {
	desc  *sdp.SessionDescription
	lines []line
	hide  bool // no header extension may tell how loud sound is
	even  bool // sound in packets of one size, which tell nothing of what is said
}

// readOffer parses and judges an offer. It changes nothing and keeps nothing of o. Errors: *OfferError.
func readOffer(o Offer, audioSlots, videoSlots int) (*offerPlan, error) {
	if len(o.SDP) > maxOfferBytes {
		return nil, &OfferError{Reason: "longer than 256 KiB"}
	}
	p := &offerPlan{desc: &sdp.SessionDescription{}}
	if err := p.desc.UnmarshalString(o.SDP); err != nil {
		return nil, &OfferError{Reason: "not a session description", Cause: err}
	}
	if n := len(p.desc.MediaDescriptions); n == 0 || n > maxMediaLines {
		return nil, &OfferError{Reason: "needs 1 to 128 m-lines"}
	}
	seen := map[string]bool{}
	for _, m := range p.desc.MediaDescriptions {
		l, err := p.readLine(m)
		if err != nil {
			return nil, err
		}
		if seen[l.mid] {
			return nil, &OfferError{MID: l.mid, Reason: "the mid stands twice"}
		}
		seen[l.mid] = true
		p.lines = append(p.lines, l)
	}
	if err := p.name(o.Tracks); err != nil {
		return nil, err
	}
	p.limit(media.Audio, audioSlots)
	p.limit(media.Video, videoSlots)
	if err := p.used(); err != nil {
		return nil, err
	}
	return p, nil
}

// used makes an error of an offer that nothing is left of.
func (p *offerPlan) used() error {
	if !slices.ContainsFunc(p.lines, func(l line) bool { return l.refused == "" }) {
		return &OfferError{Reason: "no m-line that the gateway takes"}
	}
	return nil
}

func (p *offerPlan) readLine(m *sdp.MediaDescription) (line, error) {
	mid, _ := m.Attribute("mid")
	l := line{mid: mid, media: m}
	if mid == "" || len(mid) > maxMID {
		return l, &OfferError{MID: mid[:min(len(mid), maxMID)], Reason: "an m-line needs a mid of 1 to 64 characters"}
	}
	switch m.MediaName.Media {
	case "audio":
		l.kind = media.Audio
	case "video":
		l.kind = media.Video
	case "application":
		l.refused = "no data channels"
		return l, nil
	default:
		l.refused = "neither audio nor video"
		return l, nil
	}
	// RFC 8829 section 5.2.1: port 0 without bundle-only is an m-line the browser has given up.
	if _, only := m.Attribute("bundle-only"); m.MediaName.Port.Value == 0 && !only {
		l.refused = "given up by the browser"
		return l, nil
	}
	for _, need := range []string{"ice-ufrag", "ice-pwd", "fingerprint"} {
		if _, here := m.Attribute(need); !here {
			if _, above := p.desc.Attribute(need); !above {
				return l, &OfferError{MID: mid, Reason: "has no " + need}
			}
		}
	}
	l.slot = direction(m) == "recvonly"
	if direction(m) == "sendrecv" {
		// An m-line is an uplink or a slot, never both; recvonly is a valid answer to sendrecv.
		setDirection(m, "sendonly")
	}
	l.rids = sendRIDs(m)
	return l, nil
}

// name puts the sources of the browser's tracks on their m-lines.
func (p *offerPlan) name(tracks []OfferTrack) error {
	for _, t := range tracks {
		i := slices.IndexFunc(p.lines, func(l line) bool { return l.mid == t.MID })
		mid := t.MID[:min(len(t.MID), maxMID)]
		switch {
		case i < 0:
			return &OfferError{MID: mid, Reason: "a track names it, the description does not have it"}
		case p.lines[i].source != media.SourceUnknown:
			return &OfferError{MID: mid, Reason: "two tracks name it"}
		case t.Source == media.Mix || t.Source.Kind() == media.KindUnknown || t.Source.Kind() != p.lines[i].kind:
			return &OfferError{MID: mid, Reason: "cannot carry " + t.Source.String()}
		case p.lines[i].slot:
			return &OfferError{MID: mid, Reason: "a track names it, but it is recvonly"}
		}
		p.lines[i].source = t.Source
	}
	return nil
}

// limit refuses slots beyond the configured number.
func (p *offerPlan) limit(kind media.Kind, most int) {
	for i := range p.lines {
		l := &p.lines[i]
		if l.refused != "" || !l.slot || l.kind != kind {
			continue
		}
		if most--; most < 0 {
			l.refused = "more slots than configured"
		}
	}
}

// taken is the offer without the refused m-lines: what the connection gets to see. Header extensions that are not on
// the allow-list need no treatment: the connection answers only those it knows.
func (p *offerPlan) taken() (string, error) {
	d := *p.desc
	d.MediaDescriptions = nil
	for _, l := range p.lines {
		if l.refused == "" {
			d.MediaDescriptions = append(d.MediaDescriptions, l.media)
		}
	}
	b, err := d.Marshal()
	if err != nil {
		return "", &OfferError{Reason: "cannot be written again", Cause: err}
	}
	return string(b), nil
}

// answer puts the refused m-lines back in their places (RFC 3264 section 6: an answer has as many m-lines as the offer,
// in the same order) and says what the gateway wants of the others.
func (p *offerPlan) answer(sdpText string) (string, error) {
	var d sdp.SessionDescription
	if err := d.UnmarshalString(sdpText); err != nil {
		return "", &OfferError{Reason: "own answer cannot be read", Cause: err}
	}
	answered := d.MediaDescriptions
	d.MediaDescriptions = nil
	for _, l := range p.lines {
		if l.refused != "" {
			d.MediaDescriptions = append(d.MediaDescriptions, refusal(l))
			continue
		}
		if len(answered) == 0 {
			return "", &OfferError{MID: l.mid, Reason: "was not answered"}
		}
		m := answered[0]
		answered = answered[1:]
		if !l.slot && l.source == media.SourceUnknown {
			setDirection(m, "inactive")
		}
		for i, a := range m.Attributes {
			if pt, _, ok := strings.Cut(a.Value, " "); ok && a.Key == "fmtp" && isOpus(m, pt) {
				m.Attributes[i].Value = pt + " " + p.opus()
			}
		}
		d.MediaDescriptions = append(d.MediaDescriptions, m)
	}
	b, err := d.Marshal()
	if err != nil {
		return "", &OfferError{Reason: "own answer cannot be written", Cause: err}
	}
	return string(b), nil
}

// opus is what the gateway wants of Opus.
func (p *offerPlan) opus() string {
	if p.even {
		return opusFmtp + evenFmtp
	}
	return opusFmtp
}

// refusal answers an m-line with port 0 (RFC 3264 section 6).
func refusal(l line) *sdp.MediaDescription {
	formats := l.media.MediaName.Formats
	if l.kind != media.KindUnknown {
		// A static payload type: dynamic ones would need their rtpmap again, though nobody will use it.
		formats = []string{"0"}
	}
	m := &sdp.MediaDescription{
		MediaName: sdp.MediaName{Media: l.media.MediaName.Media, Protos: l.media.MediaName.Protos, Formats: formats},
		ConnectionInformation: &sdp.ConnectionInformation{
			NetworkType: "IN", AddressType: "IP4", Address: &sdp.Address{Address: "0.0.0.0"},
		},
	}
	return m.WithPropertyAttribute("inactive").WithValueAttribute("mid", l.mid)
}

var directions = []string{"sendrecv", "sendonly", "recvonly", "inactive"}

func direction(m *sdp.MediaDescription) string {
	for _, a := range m.Attributes {
		if slices.Contains(directions, a.Key) {
			return a.Key
		}
	}
	return "sendrecv"
}

func setDirection(m *sdp.MediaDescription, to string) {
	for i, a := range m.Attributes {
		if slices.Contains(directions, a.Key) {
			m.Attributes[i].Key = to
			return
		}
	}
	m.WithPropertyAttribute(to)
}

func isOpus(m *sdp.MediaDescription, pt string) bool {
	return slices.ContainsFunc(m.Attributes, func(a sdp.Attribute) bool {
		return a.Key == "rtpmap" && strings.HasPrefix(strings.ToLower(a.Value), pt+" opus/")
	})
}

// layerRanks order the rids by the names that clients give them; others keep the order of the offer.
var layerRanks = map[string]int{"low": 0, "mid": 1, "high": 2, "q": 0, "h": 1, "f": 2}

// sendRIDs lists the layers the browser sends (RFC 8853 section 5.1), small to large.
func sendRIDs(m *sdp.MediaDescription) []string {
	value, ok := m.Attribute("simulcast")
	if !ok {
		return nil
	}
	_, list, ok := strings.Cut(" "+value, " send ")
	if !ok {
		return nil
	}
	list, _, _ = strings.Cut(list, " ")
	var rids []string
	ranked := true
	for alternatives := range strings.SplitSeq(list, ";") {
		rid, _, _ := strings.Cut(alternatives, ",")
		rid = strings.TrimPrefix(rid, "~")
		if rid == "" || len(rids) == maxLayers {
			continue
		}
		_, known := layerRanks[rid]
		ranked = ranked && known
		rids = append(rids, rid)
	}
	if ranked {
		slices.SortStableFunc(rids, func(a, b string) int { return layerRanks[a] - layerRanks[b] })
	}
	return rids
}
