package sdp

import (
	"strconv"
	"strings"
)

// Content is what the pictures of a line show (RFC 4796).
type Content uint8

// Contents. The zero value is a line that does not say.
const (
	ContentUnknown Content = iota
	// MainContent is the camera, or the speaker.
	MainContent
	// SlidesContent is what is presented.
	SlidesContent
	// OtherContent is anything else: a second camera, a sign language interpreter.
	OtherContent
)

// String is the value of a=content.
func (c Content) String() string {
	switch c {
	case MainContent:
		return "main"
	case SlidesContent:
		return "slides"
	case OtherContent:
		return "alt"
	default:
		return ""
	}
}

// Content of the line as it says. Of several values the first that is known counts.
// Source: RFC 4796 section 5.
func (m *MediaDescription) Content() Content {
	v, ok := m.Attribute("content")
	if !ok {
		return ContentUnknown
	}
	for word := range strings.SplitSeq(strings.ToLower(v), ",") {
		switch strings.TrimSpace(word) {
		case "main", "speaker":
			return MainContent
		case "slides":
			return SlidesContent
		}
	}
	return OtherContent
}

// Label of the line (RFC 4574); empty when it has none.
func (m *MediaDescription) Label() string {
	v, _ := m.Attribute("label")
	return v
}

// Feedback are the kinds of RTCP feedback on a line (RFC 4585, RFC 5104).
type Feedback struct {
	// NACK asks for packets again, PLI and FIR for a key frame, TMMBR for another bit rate.
	NACK, PLI, FIR, TMMBR bool
}

// And is what both have.
func (f Feedback) And(o Feedback) Feedback {
	return Feedback{NACK: f.NACK && o.NACK, PLI: f.PLI && o.PLI, FIR: f.FIR && o.FIR, TMMBR: f.TMMBR && o.TMMBR}
}

// Feedback the line offers for a payload type. Also that in a profile without feedback is meant: endpoints offer RTP/AVP so
// as not to be refused. Several words in one line are read.
func (m *MediaDescription) Feedback(pt uint8) Feedback {
	var f Feedback
	for _, a := range m.Attributes {
		words := strings.Fields(strings.ToLower(a.Value))
		if !strings.EqualFold(a.Key, "rtcp-fb") || len(words) < 2 || words[0] != "*" && words[0] != strconv.Itoa(int(pt)) {
			continue
		}
		switch {
		case words[1] == "nack" && len(words) == 2:
			f.NACK = true
		case words[1] == "nack":
			f.PLI = f.PLI || words[2] == "pli"
		case words[1] == "ccm":
			for _, w := range words[2:] {
				f.FIR, f.TMMBR = f.FIR || w == "fir", f.TMMBR || w == "tmmbr"
			}
		}
	}
	return f
}

// attributes of our line.
func (f Feedback) attributes(pt uint8) []Attribute {
	var out []Attribute
	for _, k := range []struct {
		on   bool
		text string
	}{{f.NACK, "nack"}, {f.PLI, "nack pli"}, {f.FIR, "ccm fir"}, {f.TMMBR, "ccm tmmbr"}} {
		if k.on {
			out = append(out, Attribute{"rtcp-fb", strconv.Itoa(int(pt)) + " " + k.text})
		}
	}
	return out
}

// VideoLimits bound what may be sent to a receiver. Zero is no bound.
type VideoLimits struct {
	// MaxFS is macroblocks (16x16) a frame, MaxMBPS macroblocks a second, MaxStaticMBPS those of pictures that do not change.
	MaxFS, MaxMBPS, MaxStaticMBPS uint32
	// MaxFPS is frames a second.
	MaxFPS float64
	// MaxBitrate in bit/s.
	MaxBitrate uint64
}

// Size of a picture in pixels.
type Size struct{ Width, Height int }

// LocalVideo is what a local end of pictures is, besides its codecs.
type LocalVideo struct {
	// Content it carries: a line of that content, or one that does not say, is taken for it.
	Content Content
	// Label of our line, which floors are bound to.
	Label string
	// Limits of what we can receive. Of H.264 they count where they are above the level that is answered.
	Limits VideoLimits
	// Feedback we understand and send.
	Feedback Feedback
}

// AgreedVideo is what both sides know of a line of pictures. The codec's Fmtp has packetization-mode and profile-level-id
// of what we send.
type AgreedVideo struct {
	// Content of the line.
	Content Content
	// Label the peer gave it.
	Label string
	// Send bounds what we send, of codec, b= lines and a=imageattr together.
	Send VideoLimits
	// Sizes the peer would like to receive, first the preferred; may be empty. Not binding.
	Sizes []Size
	// Feedback both have.
	Feedback Feedback
	// ParameterSets of what the peer sends, SPS and PPS NAL units it gave in the SDP; may be empty.
	ParameterSets [][]byte
}

// maxSizes and maxSets bound what is kept of a line.
const (
	maxSizes    = 16
	maxSets     = 16
	maxSetBytes = 1024
)

// ReceiveSizes are what a=imageattr says the peer would like to receive as that payload type. Of a range the largest counts.
// It is read leniently: what cannot be read is passed over.
// Source: RFC 6236 section 3.
func (m *MediaDescription) ReceiveSizes(pt uint8) []Size {
	var out []Size
	for _, a := range m.Attributes {
		which, rest, _ := strings.Cut(strings.ToLower(a.Value), " ")
		if !strings.EqualFold(a.Key, "imageattr") || which != "*" && which != strconv.Itoa(int(pt)) {
			continue
		}
		_, rest, found := strings.Cut(rest, "recv")
		rest, _, _ = strings.Cut(rest, "send")
		for found && len(out) < maxSizes {
			var set string
			if _, rest, found = strings.Cut(rest, "[x="); !found {
				break
			}
			set, rest = untilSet(rest)
			if s, ok := parseSize("x=" + set); ok {
				out = append(out, s)
			}
		}
	}
	return out
}

// untilSet cuts at the bracket that ends a set; those of ranges are inside it.
func untilSet(s string) (set, rest string) {
	depth := 1
	for i := range len(s) {
		switch s[i] {
		case '[':
			depth++
		case ']':
			if depth--; depth == 0 {
				return s[:i], s[i+1:]
			}
		}
	}
	return s, ""
}

// parseSize reads "x=800,y=640,..." or "x=[320:16:640],y=[200,400]".
func parseSize(set string) (Size, bool) {
	s := Size{Width: largest(set, "x="), Height: largest(set, "y=")}
	return s, s.Width > 0 && s.Height > 0
}

// largest of the numbers behind a key.
func largest(set, key string) int {
	_, v, ok := strings.Cut(set, key)
	if !ok {
		return 0
	}
	if strings.HasPrefix(v, "[") {
		v, _, _ = strings.Cut(v[1:], "]")
	} else {
		v, _, _ = strings.Cut(v, ",")
	}
	most := 0
	for word := range strings.FieldsFuncSeq(v, func(r rune) bool { return r == ':' || r == ',' }) {
		if n, err := strconv.Atoi(strings.TrimSpace(word)); err == nil && n > most && n <= 16384 {
			most = n
		}
	}
	return most
}
