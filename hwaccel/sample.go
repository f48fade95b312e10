package hwaccel

import (
	_ "embed" // the stored stream
	"encoding/binary"

	"legroom/media"
)

// storedAV1 is the probe's pictures in AV1, from libaom; IVF.
//
//go:embed sample/av1.ivf
var storedAV1 []byte

// Sample is the probe's pictures as a stored stream, for a codec that a Device may decode though none here encodes it;
// nil where there is none. Shape: pictures 0 to 11 of Pattern(640, 360, n), the first a key frame. Owner: the caller.
func Sample(codec media.CodecName) []*media.Frame {
	if codec != media.AV1 {
		return nil
	}
	const fileHeader, frameHeader = 32, 12
	var frames []*media.Frame
	for rest := storedAV1[fileHeader:]; len(rest) > frameHeader; {
		size := int(binary.LittleEndian.Uint32(rest))
		rest = rest[frameHeader:]
		frames = append(frames, &media.Frame{
			Data: append([]byte(nil), rest[:size]...), Timestamp: uint32(len(frames)) * 3000, Keyframe: len(frames) == 0,
		})
		rest = rest[size:]
	}
	return frames
}
