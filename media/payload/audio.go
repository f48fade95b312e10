package payload

import (
	"fmt"
	"slices"
	"time"

	"legroom/media"
)

// Codes of silence, one byte of payload. Source: ITU-T G.711 (the quietest positive value), G.722 (no step in either band).
const (
	SilencePCMU = 0xff
	SilencePCMA = 0xd5
	SilenceG722 = 0xfc
)

// maxAudio bounds the length of one packet.
const maxAudio = 120 * time.Millisecond

// Duration is how long the sound of a payload is. Errors: ErrShort, ErrFormat; ErrFormat too for a codec that is not
// audio, and for more than 120 ms of Opus.
func Duration(c media.Codec, p []byte) (time.Duration, error) {
	if len(p) == 0 {
		return 0, fmt.Errorf("payload: length of empty %s: %w", c.Name, ErrShort)
	}
	switch c.Name {
	case media.PCMU, media.PCMA, media.G722:
		// One byte a tick: G.722 puts two samples into it.
		return time.Duration(len(p)) * time.Second / 8000, nil
	case media.Opus:
		t, err := ParseOpus(p)
		return t.Duration(), err
	default:
		return 0, fmt.Errorf("payload: length of %s: %w", c.Name, ErrFormat)
	}
}

// Ticks is the length of a payload in ticks of its RTP clock. Errors: as Duration.
func Ticks(c media.Codec, p []byte) (uint32, error) {
	d, err := Duration(c, p)
	return c.Ticks(d), err
}

// AppendSilence appends a packet of silence of length d, which is cut to 120 ms; for Opus d is brought to 10 ms or a
// multiple of 20 ms. Errors: ErrFormat for a codec that is not audio.
func AppendSilence(dst []byte, c media.Codec, d time.Duration) ([]byte, error) {
	d = min(max(d, 0), maxAudio)
	n := int(d * 8000 / time.Second)
	switch c.Name {
	case media.PCMU:
		return appendRun(dst, SilencePCMU, n), nil
	case media.PCMA:
		return appendRun(dst, SilencePCMA, n), nil
	case media.G722:
		return appendRun(dst, SilenceG722, n), nil
	case media.Opus:
		return appendOpusSilence(dst, d), nil
	default:
		return dst, fmt.Errorf("payload: silence of %s: %w", c.Name, ErrFormat)
	}
}

func appendRun(dst []byte, b byte, n int) []byte {
	at := len(dst)
	dst = slices.Grow(dst, n)[:at+n]
	for i := range dst[at:] {
		dst[at+i] = b
	}
	return dst
}

// appendOpusSilence makes CELT frames of full band whose two bytes are the range coder's "all silent".
func appendOpusSilence(dst []byte, d time.Duration) []byte {
	const celt10, celt20 = 0xf0, 0xf8
	switch frames := int((d + 10*time.Millisecond) / (20 * time.Millisecond)); {
	case d <= 10*time.Millisecond:
		return append(dst, celt10, 0xff, 0xfe)
	case frames <= 1:
		return append(dst, celt20, 0xff, 0xfe)
	default:
		// Code 3: a counted number of frames of one size. Source: RFC 6716 section 3.2.5.
		dst = append(dst, celt20|3, byte(frames))
		for range frames {
			dst = append(dst, 0xff, 0xfe)
		}
		return dst
	}
}
