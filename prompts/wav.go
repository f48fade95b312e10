package prompts

import (
	"encoding/binary"
	"errors"
	"fmt"

	"legroom/audio"
)

// parseWAV reads a RIFF file of 16 bit PCM with one channel at a rate that the gateway mixes at. Its errors say what is
// wrong in words for whoever made the file.
func parseWAV(b []byte) (*recording, error) {
	if len(b) < 12 || string(b[:4]) != "RIFF" || string(b[8:12]) != "WAVE" {
		return nil, errors.New("is no WAV file")
	}
	rate := 0
	for rest := b[12:]; len(rest) >= 8; {
		kind, size := string(rest[:4]), int(binary.LittleEndian.Uint32(rest[4:]))
		body := rest[8:]
		if kind == "data" {
			if rate == 0 {
				return nil, errors.New("has its sound before its format")
			}
			// Programs that write to a pipe leave a size that is too large.
			return pcmOf(body[:min(size, len(body))], rate)
		}
		if size > len(body) {
			return nil, fmt.Errorf("ends within its part %q", kind)
		}
		if kind == "fmt " {
			var err error
			if rate, err = wavRate(body[:size]); err != nil {
				return nil, err
			}
		}
		rest = body[min(size+size&1, len(body)):]
	}
	return nil, errors.New("has no sound in it")
}

func wavRate(f []byte) (int, error) {
	if len(f) < 16 {
		return 0, errors.New("has a format of fewer than 16 bytes")
	}
	const pcm, extensible = 1, 0xfffe
	kind, channels := binary.LittleEndian.Uint16(f), binary.LittleEndian.Uint16(f[2:])
	rate, bits := int(binary.LittleEndian.Uint32(f[4:])), binary.LittleEndian.Uint16(f[14:])
	switch {
	case kind != pcm && kind != extensible:
		return 0, fmt.Errorf("is of format %d, must be PCM", kind)
	case channels != 1:
		return 0, fmt.Errorf("has %d channels, must have one", channels)
	case bits != 16:
		return 0, fmt.Errorf("has %d bits a sample, must have 16", bits)
	case rate != audio.Narrow && rate != audio.Wide && rate != audio.Full:
		return 0, fmt.Errorf("has %d Hz, must have 8000, 16000 or 48000", rate)
	}
	return rate, nil
}

func pcmOf(b []byte, rate int) (*recording, error) {
	if len(b) < 2 {
		return nil, errors.New("has no sound in it")
	}
	r := &recording{pcm: make([]int16, len(b)/2), rate: rate}
	for i := range r.pcm {
		r.pcm[i] = int16(binary.LittleEndian.Uint16(b[2*i:]))
	}
	return r, nil
}
