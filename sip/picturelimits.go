package sip

import (
	"legroom/media"
	"legroom/media/payload"
	"legroom/sip/sdp"
)

// singleNAL is the largest NAL unit sent to who takes single NAL units alone, bytes: with all headers it fits any path.
const singleNAL = 1200

// leastFrameRate is what a size must leave to be chosen: rather a smaller picture than one that stutters.
const leastFrameRate = 15

// pictureSizes are those that are made, largest first. The last fits level 1.
var pictureSizes = []sdp.Size{
	{Width: 3840, Height: 2160}, {Width: 2560, Height: 1440}, {Width: 1920, Height: 1080}, {Width: 1280, Height: 720},
	{Width: 1024, Height: 576}, {Width: 960, Height: 540}, {Width: 848, Height: 480}, {Width: 640, Height: 360},
	{Width: 480, Height: 270}, {Width: 416, Height: 234}, {Width: 320, Height: 180}, {Width: 208, Height: 112}, {Width: 176, Height: 96},
}

// limitsOf is what may be sent on a line of pictures, as agreed and within our own bounds; rate is what the peer takes now,
// bit/s, 0 for all of it.
// Source: RFC 6184 section 8.1 (max-fs, max-mbps), RFC 7741 section 6.1, RFC 6236.
func limitsOf(a sdp.Agreed, own VideoConfig, rate int) media.PictureLimits {
	send := a.Video.Send
	size := sizeWithin(a, own)
	l := media.PictureLimits{Width: size.Width, Height: size.Height, FrameRate: own.FrameRate, Bitrate: own.Bitrate}
	if send.MaxFPS >= 1 {
		l.FrameRate = min(l.FrameRate, int(send.MaxFPS))
	}
	if send.MaxMBPS > 0 {
		l.FrameRate = max(min(l.FrameRate, int(send.MaxMBPS)/macroblocks(size.Width, size.Height)), 1)
	}
	for _, n := range []int{a.MaxBitrate, rate} {
		if n > 0 {
			l.Bitrate = min(l.Bitrate, n)
		}
	}
	if a.Codec.Name == media.H264 && packetizationMode(a.Codec) == 0 {
		l.NAL = singleNAL
	}
	return l
}

// sizeWithin is the largest size that fits a level, and what the peer likes best where it says so. Of pictures that are no
// wider than high nothing is known here; a bound of both sides holds them as well.
func sizeWithin(a sdp.Agreed, own VideoConfig) sdp.Size {
	most := sdp.Size{Width: own.Width, Height: own.Height}
	if len(a.Video.Sizes) > 0 {
		most.Width, most.Height = min(most.Width, a.Video.Sizes[0].Width), min(most.Height, a.Video.Sizes[0].Height)
	}
	send := a.Video.Send
	fits := func(s sdp.Size) bool {
		blocks := macroblocks(s.Width, s.Height)
		return (send.MaxFS == 0 || blocks <= int(send.MaxFS)) && (send.MaxMBPS == 0 || blocks*leastFrameRate <= int(send.MaxMBPS))
	}
	if fits(most) {
		return most
	}
	for _, s := range pictureSizes {
		if s.Width <= most.Width && s.Height <= most.Height && fits(s) {
			return s
		}
	}
	return pictureSizes[len(pictureSizes)-1]
}

// packetizationMode of H.264 as agreed. Source: RFC 6184 section 6.2.
func packetizationMode(c media.Codec) int {
	if (sdp.Format{Params: c.Fmtp}).Param("packetization-mode") == "1" {
		return 1
	}
	return 0
}

// moved tells whether a change of limits is worth telling of: anything but the bit rate, or more than a tenth of that.
func moved(from, to media.PictureLimits) bool {
	before, after := from.Bitrate, to.Bitrate
	from.Bitrate, to.Bitrate = 0, 0
	return from != to || 10*max(before-after, after-before) > before
}

// carriable tells whether an H.264 payload is of a kind that the receiver's packetization-mode allows: single NAL units, and
// in mode 1 STAP-A and FU-A. Source: RFC 6184 section 5.4, table 3.
func carriable(p []byte, mode int) bool {
	const stapA, fuA, first = 24, 28, 24
	if len(p) == 0 {
		return false
	}
	kind := p[0] & 0x1f
	return kind < first || mode == 1 && (kind == stapA || kind == fuA)
}

// beginsPicture tells whether a receiver that knows nothing yet can begin with a packet.
func beginsPicture(c media.Codec, p *media.Packet) bool { return payload.IsKeyframe(c.Name, p.Payload) }
