package transcode

import (
	"fmt"
	"time"

	"legroom/audio"
	"legroom/audio/g711"
	"legroom/audio/g722"
	"legroom/audio/opus"
	"legroom/media"
)

// knows tells whether there is an encoder and a decoder for the codec.
func knows(c media.Codec) bool {
	switch c.Name {
	case media.PCMU, media.PCMA, media.G722:
		return c.ClockRate == 8000
	case media.Opus:
		return c.ClockRate == 48000
	default:
		return false
	}
}

// newDecoder picks the decoder of a codec; its sound has the codec's SampleRate.
func newDecoder(c media.Codec) (audio.Decoder, error) {
	if !knows(c) {
		return nil, fmt.Errorf("transcode: decode %v: %w", c, ErrNoPlan)
	}
	switch c.Name {
	case media.PCMU:
		return g711.NewDecoder(g711.Mu), nil
	case media.PCMA:
		return g711.NewDecoder(g711.A), nil
	case media.G722:
		return g722.NewDecoder(), nil
	default:
		return opus.NewDecoder(c.SampleRate())
	}
}

// newEncoder picks the encoder of a codec, for sound of the codec's SampleRate.
func newEncoder(c media.Codec, cfg opus.EncoderConfig) (audio.Encoder, error) {
	if !knows(c) {
		return nil, fmt.Errorf("transcode: encode %v: %w", c, ErrNoPlan)
	}
	switch c.Name {
	case media.PCMU:
		return g711.NewEncoder(g711.Mu), nil
	case media.PCMA:
		return g711.NewEncoder(g711.A), nil
	case media.G722:
		return g722.NewEncoder(), nil
	default:
		cfg.Rate = c.SampleRate()
		return opus.NewEncoder(cfg)
	}
}

// PacketTime is the length of the packets that are made for a receiver that asked for d: a multiple of 10 ms from 10 to
// 60, 20 when it did not ask. Opus has no frames of 30 and 50 ms (RFC 6716 section 2.1.4), so it gets shorter ones.
func PacketTime(c media.Codec) time.Duration {
	ms := int(c.PacketTime / time.Millisecond)
	if ms <= 0 {
		ms = 20
	}
	ms = min(max(ms/10*10, 10), 60)
	if c.Name == media.Opus && (ms == 30 || ms == 50) {
		ms -= 10
	}
	return time.Duration(ms) * time.Millisecond
}
