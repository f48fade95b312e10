package vaapi

// #cgo pkg-config: libavutil libva
// #include "driver.h"
import "C"

import (
	"legroom/hwaccel"
	"legroom/hwaccel/ffmpeg"
	"legroom/media"
)

// profile of a codec, as driver.h numbers them.
func profile(codec media.CodecName) C.int {
	switch codec {
	case media.H265:
		return C.LEGROOM_VA_H265
	case media.VP8:
		return C.LEGROOM_VA_VP8
	case media.VP9:
		return C.LEGROOM_VA_VP9
	case media.AV1:
		return C.LEGROOM_VA_AV1
	default:
		return C.LEGROOM_VA_H264
	}
}

// answers are what a driver says of itself.
type answers struct {
	// vendor is its name in its own words.
	vendor string
	// claims to be probed.
	claims hwaccel.Capabilities
	// lowPower are the codecs for which there is only the fixed encoder.
	lowPower map[media.CodecName]bool
}

// ask asks the driver of a card.
func ask(card *ffmpeg.Card) answers {
	context := (*C.AVHWDeviceContext)(card.Context())
	a := answers{vendor: C.GoString(C.legroom_va_vendor(context)), lowPower: make(map[media.CodecName]bool)}
	for _, codec := range codecs() {
		able := C.legroom_va_ability(context, profile(codec))
		if able.decode != 0 {
			a.claims.Decode = append(a.claims.Decode, claim(codec, able.decode_width, able.decode_height))
		}
		if able.encode != 0 {
			a.claims.Encode = append(a.claims.Encode, claim(codec, able.encode_width, able.encode_height))
			a.lowPower[codec] = able.low_power != 0
		}
	}
	if C.legroom_va_scales(context) != 0 {
		a.claims.Scale = []hwaccel.Capability{claim("", 0, 0)}
	}
	a.claims.Capacity = capacity()
	return a
}

// claim of one codec; where the driver does not say how large pictures may be, as large as anybody's.
func claim(codec media.CodecName, width, height C.int) hwaccel.Capability {
	c := hwaccel.Capability{Codec: codec, MaxWidth: maxWidth, MaxHeight: maxHeight}
	if width > 0 && height > 0 {
		c.MaxWidth, c.MaxHeight = min(int(width), maxWidth), min(int(height), maxHeight)
	}
	return c
}
