package opus

import "fmt"

// Samples is how many samples at rate Hz one packet holds. Errors: ErrPayload. Source: RFC 6716 sections 3.1 and 3.2.
func Samples(payload []byte, rate int) (int, error) {
	if len(payload) == 0 {
		return 0, fmt.Errorf("opus: empty packet: %w", ErrPayload)
	}
	frames := 1
	switch payload[0] & 3 {
	case 1, 2:
		frames = 2
	case 3:
		if len(payload) < 2 {
			return 0, fmt.Errorf("opus: no frame count: %w", ErrPayload)
		}
		frames = int(payload[1] & 0x3f)
	}
	n := frames * frameSamples(payload[0], rate)
	if n == 0 || n*1000 > rate*maxPacketMS {
		return 0, fmt.Errorf("opus: %d frames in a packet: %w", frames, ErrPayload)
	}
	return n, nil
}

// frameSamples is the length of one frame by the first byte: table 2 of RFC 6716.
func frameSamples(toc byte, rate int) int {
	config := toc >> 3
	switch {
	case config >= 16: // CELT: 2.5, 5, 10, 20 ms
		return rate / 400 << (config & 3)
	case config >= 12: // hybrid: 10, 20 ms
		return rate / 100 << (config & 1)
	case config&3 == 3: // SILK: 10, 20, 40 and 60 ms
		return rate * 60 / 1000
	default:
		return rate / 100 << (config & 3)
	}
}
