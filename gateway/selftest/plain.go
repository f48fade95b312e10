package selftest

import (
	"crypto/rand"
	"errors"
	"fmt"
	"math"

	"legroom/audio/opus"
	"legroom/gateway/api"
	"legroom/hwaccel"
	"legroom/media"
)

// MaxWidth and MaxHeight of the pictures that are tried, pixels.
const (
	MaxWidth  = 4096
	MaxHeight = 2304
)

// Decoders opens decoders of pictures: a hwaccel.Device.
type Decoders interface {
	OpenDecoder(hwaccel.DecoderConfig) (hwaccel.Decoder, error)
}

// fewestPictures that all have to come out for a stream to be plain: of what is noise a decoder of VP8 takes one in four.
const fewestPictures = 4

// plain gives the payloads to a decoder that knows nothing of sealing.
func plain(s api.TapStream, decoders Decoders) trial {
	switch media.CodecName(s.Codec) {
	case media.Opus:
		return plainOpus(s.Samples)
	case media.VP8:
		return plainVP8(s.Samples, decoders)
	default:
		return trial{}
	}
}

// plainOpus decodes sound as it came, and beside it payloads whose bytes behind the first are thrown dice. Opus has no check
// sum, a decoder makes something of nearly every byte; of ciphertext it makes what it makes of dice.
func plainOpus(samples [][]byte) trial {
	refused, level, err := listen(samples)
	if err != nil {
		return trial{note: "no decoder of plain Opus here"}
	}
	low, high := level, level
	const throws = 24
	for i := range throws {
		_, other, err := listen(diced(samples))
		if err != nil {
			return trial{note: "no decoder of plain Opus here"}
		}
		if i == 0 {
			low, high = other, other
		}
		low, high = min(low, other), max(high, other)
	}
	return trial{note: fmt.Sprintf("a decoder of plain Opus refuses %d of %d and makes noise of the rest: %.0f dB, of thrown dice %.0f to %.0f dB",
		refused, len(samples), level, low, high)}
}

// listen tells how many payloads a decoder refuses, and how loud the rest is, dB below full scale.
func listen(samples [][]byte) (refused int, level float64, err error) {
	d, err := opus.NewDecoder(8000)
	if err != nil {
		return 0, 0, err
	}
	defer d.Close()
	energy, n := 0.0, 1e-9
	for _, b := range samples {
		pcm, err := d.Decode(nil, b)
		if err != nil {
			refused++
			continue
		}
		for _, v := range pcm {
			energy += float64(v) / 32768 * float64(v) / 32768
			n++
		}
	}
	return refused, 10 * math.Log10(energy/n+1e-10), nil
}

// diced are payloads as long, which begin with the same byte.
func diced(samples [][]byte) [][]byte {
	out := make([][]byte, len(samples))
	for i, b := range samples {
		out[i] = make([]byte, len(b))
		_, _ = rand.Read(out[i]) // never fails
		copy(out[i], b[:min(1, len(b))])
	}
	return out
}

// plainVP8 decodes pictures as they came. A plain stream comes out whole; of a sealed one the first pictures cannot.
func plainVP8(samples [][]byte, decoders Decoders) trial {
	if decoders == nil || len(samples) == 0 {
		return trial{note: "not given to a decoder of plain VP8: no picture to begin with came"}
	}
	d, err := decoders.OpenDecoder(hwaccel.DecoderConfig{
		Codec: media.Codec{Name: media.VP8, ClockRate: 90000}, MaxWidth: MaxWidth, MaxHeight: MaxHeight, InMemory: true,
	})
	if err != nil {
		return trial{note: "no decoder of plain VP8 here"}
	}
	defer d.Close()
	taken := 0
	for i, b := range samples {
		pictures := 0
		err := d.Decode(&media.Frame{Data: b, Timestamp: uint32(i) * 3000, Keyframe: b[0]&1 == 0},
			media.SinkFunc[*media.Picture](func(*media.Picture) error { pictures++; return nil }))
		if err == nil && pictures > 0 {
			taken++
		} else if err != nil && !errors.Is(err, hwaccel.ErrBitstream) && !errors.Is(err, hwaccel.ErrUnsupported) {
			return trial{note: "the decoder of plain VP8 failed"}
		}
	}
	if taken == len(samples) && taken >= fewestPictures {
		return trial{fmt.Sprintf("PLAIN VP8: a decoder takes all of %d pictures", taken), true}
	}
	return trial{note: fmt.Sprintf("a decoder of plain VP8 takes %d of %d pictures", taken, len(samples))}
}
