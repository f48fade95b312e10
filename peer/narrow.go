package peer

import (
	"slices"
	"strings"

	"github.com/pion/sdp/v3"

	"legroom/media"
)

// sealedExtensions is all that stands in the headers of an encrypted room's packets. They are outside the sealing and
// nobody vouches for them, and some tell of the picture. It is a list of its own, so that one more in open rooms is not
// one more here. The dependency descriptor would belong to AV1, which the gateway does not pass on.
var sealedExtensions = []string{uriMID, uriRID, uriRepairedRID, uriTransportCC, uriAbsSendTime, uriAudioLevel}

// narrow takes out of the offer what the Leg's room has no place for, so that it cannot be answered whatever the
// connection knows: video codecs other than the room's one, and in an encrypted room header extensions outside the list
// and codecs without a sealed form. RED, ULPFEC, FlexFEC, PCMU and the like would come in clear or not at all.
// An m-line that nothing is left of is refused in place. Errors: *OfferError, with ErrNoRoomCodec as its cause where a
// line of video does not have the room's codec.
func (p *offerPlan) narrow(encrypted bool, video media.CodecName) error {
	if !encrypted && video == "" {
		return nil
	}
	if encrypted {
		p.desc.Attributes = p.keepExtensions(p.desc.Attributes)
	}
	for i := range p.lines {
		l := &p.lines[i]
		if l.refused != "" {
			continue
		}
		if encrypted {
			l.media.Attributes = p.keepExtensions(l.media.Attributes)
		}
		permitted := offeredAudio
		if l.kind == media.Video {
			permitted = videoOf(video)
		} else if !encrypted {
			continue
		}
		if keepFormats(l.media, permitted) {
			continue
		}
		if l.kind == media.Video && video != "" {
			return &OfferError{MID: l.mid, Reason: "has no " + string(video), Cause: ErrNoRoomCodec}
		}
		l.refused = "no codec that the room takes"
	}
	return p.used()
}

// videoOf gives what the gateway passes on of a codec; empty for all of it. Owner: the caller's.
func videoOf(name media.CodecName) []media.Codec {
	return slices.DeleteFunc(slices.Clone(offeredVideo), func(c media.Codec) bool { return name != "" && c.Name != name })
}

// keepExtensions drops the header extensions that are not on the list of encrypted rooms, and loudness where it is to be hidden.
func (p *offerPlan) keepExtensions(attributes []sdp.Attribute) []sdp.Attribute {
	return slices.DeleteFunc(attributes, func(a sdp.Attribute) bool {
		if a.Key != "extmap" {
			return false
		}
		// RFC 8285 section 5: id, with a direction or not, then the name, then attributes of the extension.
		parts := strings.Fields(a.Value)
		return len(parts) < 2 || !slices.Contains(sealedExtensions, parts[1]) || p.hide && parts[1] == uriAudioLevel
	})
}

// keepFormats drops the payload types that are not in a permitted codec, and retransmission of those. It is false, and
// the line is left as it is, when nothing would remain.
func keepFormats(m *sdp.MediaDescription, permitted []media.Codec) bool {
	names, repaired := formatsOf(m)
	may := func(pt string) bool {
		return slices.ContainsFunc(permitted, func(c media.Codec) bool { return strings.EqualFold(names[pt], string(c.Name)) })
	}
	if !slices.ContainsFunc(m.MediaName.Formats, may) {
		return false
	}
	goes := func(pt string) bool {
		return !may(pt) && (!strings.EqualFold(names[pt], "rtx") || !may(repaired[pt]))
	}
	m.MediaName.Formats = slices.DeleteFunc(m.MediaName.Formats, goes)
	m.Attributes = slices.DeleteFunc(m.Attributes, func(a sdp.Attribute) bool {
		if a.Key != "rtpmap" && a.Key != "fmtp" && a.Key != "rtcp-fb" {
			return false
		}
		pt, _, _ := strings.Cut(a.Value, " ")
		return pt != "*" && goes(pt)
	})
	return true
}

// formatsOf reads the names of payload types and, of those that retransmit, which one they repair (RFC 4588 section 8.1).
func formatsOf(m *sdp.MediaDescription) (names, repaired map[string]string) {
	names, repaired = map[string]string{}, map[string]string{}
	for _, a := range m.Attributes {
		pt, value, _ := strings.Cut(a.Value, " ")
		switch a.Key {
		case "rtpmap":
			names[pt], _, _ = strings.Cut(value, "/")
		case "fmtp":
			if of, ok := strings.CutPrefix(value, "apt="); ok {
				repaired[pt], _, _ = strings.Cut(of, ";")
			}
		}
	}
	return names, repaired
}
