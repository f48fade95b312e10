package media

import (
	"fmt"
	"strings"
	"time"
)

// CodecName is the encoding name of an RTP payload format, in the spelling of its registration.
type CodecName string

// Codecs the gateway knows by name.
const (
	PCMU CodecName = "PCMU"
	PCMA CodecName = "PCMA"
	G722 CodecName = "G722"
	Opus CodecName = "opus"
	VP8  CodecName = "VP8"
	VP9  CodecName = "VP9"
	H264 CodecName = "H264"
	H265 CodecName = "H265"
	AV1  CodecName = "AV1"
	H224 CodecName = "H224"
)

// Codec is one way of carrying a stream. It is comparable: two legs whose Codec values are equal can share one encode.
type Codec struct {
	// Name of the payload format.
	Name CodecName
	// ClockRate of RTP timestamps, Hz. For G.722 this is 8000 (RFC 3551 section 4.5.2), see SampleRate.
	ClockRate uint32
	// Channels in RTP terms: 2 for Opus always (RFC 7587 section 7), 1 for the rest of audio, 0 for video.
	Channels uint8
	// PacketTime is the length of the packets a receiver wants, a multiple of 10 ms; 0 for video.
	PacketTime time.Duration
	// Fmtp are the format parameters that make streams differ (H.264: profile-level-id and packetization-mode),
	// normalised by whoever parsed them; empty when there are none.
	Fmtp string
}

// Kind of media the codec carries.
func (c Codec) Kind() Kind {
	switch c.Name {
	case PCMU, PCMA, G722, Opus:
		return Audio
	case VP8, VP9, H264, H265, AV1:
		return Video
	case H224:
		return Control
	default:
		return KindUnknown
	}
}

// SampleRate is the rate of decoded sound, Hz: 16000 for G.722 whatever its RTP clock says; 0 for video.
func (c Codec) SampleRate() int {
	switch c.Name {
	case G722:
		return 16000
	case PCMU, PCMA, Opus:
		return int(c.ClockRate)
	default:
		return 0
	}
}

// Ticks of the RTP clock in d.
func (c Codec) Ticks(d time.Duration) uint32 {
	return uint32(int64(d) * int64(c.ClockRate) / int64(time.Second))
}

// Same tells whether both name the same payload format and clock, whatever their packet time and parameters.
func (c Codec) Same(o Codec) bool {
	return strings.EqualFold(string(c.Name), string(o.Name)) && c.ClockRate == o.ClockRate
}

// String is the form of an SDP rtpmap, with the packet time behind it when there is one: "opus/48000/2 20ms".
func (c Codec) String() string {
	s := fmt.Sprintf("%s/%d", c.Name, c.ClockRate)
	if c.Channels > 1 {
		s += fmt.Sprintf("/%d", c.Channels)
	}
	if c.PacketTime > 0 {
		s += " " + c.PacketTime.String()
	}
	return s
}
