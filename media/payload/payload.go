// Package payload knows the inside of RTP payloads: how long a packet of sound is and what its silence looks like, where
// a picture begins and whether decoding can begin there, the descriptor of VP8, and H.264 in and out of packets.
// Nothing in it trusts a byte: bad input gives an error or false, never a panic, and memory is bounded.
package payload

import (
	"errors"

	"legroom/media"
)

var (
	// ErrShort says that a payload ends before what it must contain.
	ErrShort = errors.New("payload: too short")
	// ErrFormat says that a payload breaks its format.
	ErrFormat = errors.New("payload: not of its format")
	// ErrTooLarge says that a unit does not fit: a NAL unit a packet, or a frame the memory set aside for it.
	ErrTooLarge = errors.New("payload: too large")
)

// IsKeyframe tells whether a decoder can begin with this payload: the first packet of a key frame or, for H.264, one
// with parameter sets or an IDR slice. Of audio every packet is. A payload that cannot be read is none.
func IsKeyframe(name media.CodecName, p []byte) bool {
	switch name {
	case media.VP8:
		return vp8Keyframe(p)
	case media.VP9:
		return vp9Keyframe(p)
	case media.H264:
		return h264Keyframe(p)
	case media.AV1:
		// N: the first packet of a coded video sequence. Source: AV1 RTP 1.0 section 4.4.
		return len(p) > 1 && p[0]&0x08 != 0
	case media.PCMU, media.PCMA, media.G722, media.Opus:
		return true
	default:
		return false
	}
}

// IsFrameStart tells whether a frame begins with this payload. For H.264 that cannot be seen for sure in one packet: it
// is told of every packet that does not continue a NAL unit. Of audio every packet is one.
func IsFrameStart(name media.CodecName, p []byte) bool {
	switch name {
	case media.VP8:
		d, err := ParseVP8(p)
		return err == nil && d.Start && d.Partition == 0
	case media.VP9:
		return len(p) > 1 && p[0]&0x08 != 0
	case media.H264:
		return h264Start(p)
	case media.AV1:
		return len(p) > 1 && p[0]&0x80 == 0
	case media.PCMU, media.PCMA, media.G722, media.Opus:
		return len(p) > 0
	default:
		return false
	}
}

// vp9Keyframe looks for the start of a frame that is not predicted from another picture, in the lowest spatial layer.
// Source: RFC 9628 section 4.2.
func vp9Keyframe(p []byte) bool {
	if len(p) < 2 || p[0]&0x08 == 0 || p[0]&0x40 != 0 {
		return false
	}
	at := 1
	if p[0]&0x80 != 0 { // picture id
		if at++; p[1]&0x80 != 0 {
			at++
		}
	}
	if p[0]&0x20 == 0 { // no layers
		return len(p) > at
	}
	return len(p) > at && p[at]>>1&7 == 0
}
