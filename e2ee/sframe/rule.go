package sframe

import (
	"fmt"

	"legroom/media"
)

// rule says how the frames of a codec are sealed: which bytes stay clear because packetizers and forwarders need them.
type rule interface {
	seal(s *Sealer, dst, frame []byte) ([]byte, error)
	open(o *Opener, dst, frame []byte) ([]byte, error)
	// keyID of the first sealed unit of a frame.
	keyID(frame []byte) (KeyID, error)
}

// ruleOf finds the rule. What has none does not pass: nothing unknown goes out in clear. Errors: ErrCodec.
func ruleOf(codec media.CodecName, kind Kind) (rule, error) {
	var found rule
	sound := false
	switch codec {
	case media.Opus:
		found, sound = opus, true
	case media.VP8:
		found = vp8{}
	case media.VP9:
		found = vp9
	case media.H264:
		found = h264{}
	case media.AV1:
		found = av1{}
	default:
		return nil, fmt.Errorf("codec %q: %w", codec, ErrCodec)
	}
	if !kind.valid() || sound != kind.sound() {
		return nil, fmt.Errorf("codec %s for %s: %w", codec, kind, ErrCodec)
	}
	return found, nil
}

// ReadKeyID reads who claims to have sealed a frame. It proves nothing: the caller looks the sender up in its roster,
// and only an Opener proves that it is a member. All units of a frame bear one key id, Open holds that.
// Errors: ErrCodec, ErrEmpty, ErrMalformed, ErrUnit.
func ReadKeyID(codec media.CodecName, kind Kind, frame []byte) (KeyID, error) {
	rule, err := ruleOf(codec, kind)
	if err != nil {
		return 0, err
	}
	if len(frame) == 0 {
		return 0, ErrEmpty
	}
	return rule.keyID(frame)
}
