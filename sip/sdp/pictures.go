package sdp

import (
	"slices"
	"strconv"
	"strings"

	"legroom/media"
)

// fits tells whether the format carries the codec in a way that both know: name, clock and, of pictures, the parameters
// that nobody can change.
func (f Format) fits(c media.Codec) bool {
	if !f.is(c) {
		return false
	}
	switch c.Name {
	case media.H264:
		return f.fitsH264(c)
	case media.VP9: // RFC 9628 section 6: profile 0 when it is not said
		return f.Param("profile-id") == "" || f.Param("profile-id") == "0"
	case media.AV1: // AV1 RTP 1.0 section 7.2.3
		return f.Param("profile") == "" || f.Param("profile") == "0"
	case media.H265: // known by name, and not carried
		return false
	default:
		return true
	}
}

// answered is the format as our answer has it.
func (t *taken) answered() Format {
	f := t.format
	f.Params = ""
	switch t.own.Name {
	case media.H264:
		f.Params = t.format.answerH264(t.own, t.local.Video.Limits)
	case media.VP8, media.VP9:
		f.Params = frameLimits(t.local.Video.Limits)
	}
	return f
}

// offered is the format as our offer has it, for a codec of a local end.
func (l *LocalMedia) offered(c media.Codec, pt uint8) Format {
	f := formatOf(c, pt)
	switch c.Name {
	case media.H264:
		f.Params = offerH264(c, l.Video.Limits)
	case media.VP8, media.VP9:
		f.Params = frameLimits(l.Video.Limits)
	}
	return f
}

// frameLimits are the parameters of VP8 and VP9. Source: RFC 7741 section 6.1, RFC 9628 section 6.
func frameLimits(l VideoLimits) string {
	var parts []string
	if l.MaxFPS > 0 {
		parts = append(parts, "max-fr="+strconv.FormatUint(uint64(l.MaxFPS), 10))
	}
	if l.MaxFS > 0 {
		parts = append(parts, "max-fs="+strconv.FormatUint(uint64(l.MaxFS), 10))
	}
	return strings.Join(parts, ";")
}

// pictures reads what the peer says of a line of pictures, for the format that was chosen.
func (m *MediaDescription) pictures(f Format, codec media.Codec, local *LocalMedia) AgreedVideo {
	v := AgreedVideo{
		Content: local.Video.Content, Label: m.Label(), Sizes: m.ReceiveSizes(f.PayloadType),
		Feedback: m.Feedback(f.PayloadType).And(local.Video.Feedback),
	}
	switch codec.Name {
	case media.H264:
		p, _ := f.h264()
		v.Send, v.ParameterSets = p.bounds(p.sendLevel(codec).Limits()), p.sets
	case media.VP8, media.VP9:
		v.Send.MaxFS, v.Send.MaxFPS = f.number("max-fs"), float64(f.number("max-fr"))
	}
	if n := uint64(m.pictureBitrate(f)); n > 0 && (v.Send.MaxBitrate == 0 || n < v.Send.MaxBitrate) {
		v.Send.MaxBitrate = n
	}
	return v
}

// pictureBitrate is the least that the line or the session says; 0 when neither says anything.
func (m *MediaDescription) pictureBitrate(f Format) int {
	least := m.bitrate(f)
	whole := (&MediaDescription{Bandwidth: m.sessionBandwidth}).bitrate(Format{})
	if whole > 0 && (least == 0 || whole < least) {
		return whole
	}
	return least
}

// contents tells what each line of pictures of an offer shows: by what it says, else by a floor that controls it, else the
// first is the camera, and a second the slides where there is floor control at all.
// Source: RFC 4796 section 5, RFC 8856 section 5.4.
func contents(d *Description) []Content {
	out := make([]Content, len(d.Media))
	var controlled []string
	floor := false
	for i := range d.Media {
		m := &d.Media[i]
		out[i] = m.Content()
		if m.Protocol.Floor() && m.Port != 0 {
			floor = true
			for _, s := range m.FloorStreams() {
				controlled = append(controlled, s.Label)
			}
		}
	}
	camera := slices.Contains(out, MainContent)
	for i := range d.Media {
		m := &d.Media[i]
		if m.Kind() != media.Video || m.Port == 0 || out[i] != ContentUnknown {
			continue
		}
		switch label := m.Label(); {
		case label != "" && slices.Contains(controlled, label) && (camera || otherVideo(d, i)):
			out[i] = SlidesContent
		case !camera:
			out[i], camera = MainContent, true
		case floor && !slices.Contains(out, SlidesContent):
			out[i] = SlidesContent
		default:
			out[i] = OtherContent
		}
	}
	return out
}

// otherVideo tells whether there is another line that could be the camera: a floor may control the only picture there is.
func otherVideo(d *Description, not int) bool {
	for i := range d.Media {
		if i != not && d.Media[i].Kind() == media.Video && d.Media[i].Port != 0 {
			return true
		}
	}
	return false
}

// carries tells whether a local end is for a line of that content. Sound and camera control have none.
func (l *LocalMedia) carries(c Content) bool {
	return l.Kind != media.Video || l.Video.Content == c || l.Video.Content == ContentUnknown && c != OtherContent
}

// pictureLines are the attributes and bandwidths of our line of pictures, with the feedback of each format.
func (t *taken) pictureLines(m *MediaDescription, formats []Format) {
	v := t.local.Video
	if t.local.Kind != media.Video {
		return
	}
	if v.Content != ContentUnknown {
		m.Attributes = append(m.Attributes, Attribute{"content", v.Content.String()})
	}
	if v.Label != "" {
		m.Attributes = append(m.Attributes, Attribute{"label", v.Label})
	}
	for _, f := range formats {
		m.Attributes = append(m.Attributes, t.agreed.Video.Feedback.attributes(f.PayloadType)...)
	}
	if n := v.Limits.MaxBitrate; n > 0 {
		m.Bandwidth = []Bandwidth{{"AS", (n + 999) / 1000}, {"TIAS", n}}
	}
}
