package sip

import (
	"slices"

	"legroom/media"
	"legroom/sip/sdp"
)

// Negotiate is sdp.Answer for calls: pictures without sound are none, and what is answered then is as if there were no
// pictures. Errors: those of sdp.Answer.
func Negotiate(offer *sdp.Description, caps sdp.Capabilities) (*sdp.Negotiation, error) {
	n, err := sdp.Answer(offer, caps)
	if err != nil {
		return n, err
	}
	if _, ok := n.Audio(); ok {
		return n, nil
	}
	caps.Media = slices.DeleteFunc(slices.Clone(caps.Media), func(l sdp.LocalMedia) bool { return l.Kind != media.Audio })
	return sdp.Answer(offer, caps)
}
