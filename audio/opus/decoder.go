//go:build cgo

package opus

import (
	"fmt"
	"slices"

	libopus "github.com/hraban/opus"

	"legroom/audio"
)

var _ audio.Decoder = (*Decoder)(nil)

// Decoder turns Opus packets into sound of one channel; two channels received are mixed to one by libopus.
// It is used by one goroutine at a time.
type Decoder struct {
	dec  *libopus.Decoder
	rate int
}

// NewDecoder makes a Decoder whose sound has rate Hz, whatever the sender encoded: 8000, 12000, 16000, 24000 or 48000.
func NewDecoder(rate int) (*Decoder, error) {
	if err := checkRate(rate); err != nil {
		return nil, err
	}
	dec, err := libopus.NewDecoder(rate, 1)
	if err != nil {
		return nil, fmt.Errorf("opus: new decoder: %w", err)
	}
	return &Decoder{dec: dec, rate: rate}, nil
}

// Decode appends the sound of one packet, at most 120 ms. Errors: ErrPayload.
func (d *Decoder) Decode(dst []int16, payload []byte) ([]int16, error) {
	if d.dec == nil {
		return dst, ErrClosed
	}
	samples, err := Samples(payload, d.rate)
	if err != nil {
		return dst, err
	}
	at := len(dst)
	dst = slices.Grow(dst, samples)
	// libopus is told the capacity, so it is cut to what the packet holds.
	n, err := d.dec.Decode(payload, dst[at:at+samples:at+samples])
	if err != nil {
		return dst[:at], fmt.Errorf("opus: decode %d bytes: %w: %w", len(payload), ErrPayload, err)
	}
	return dst[:at+n], nil
}

// DecodeFEC appends the sound of the packet before next: its coarse copy, or concealment where there is none.
// The lost packet is taken to be as long as next. Errors: ErrPayload.
func (d *Decoder) DecodeFEC(dst []int16, next []byte) ([]int16, error) {
	if d.dec == nil {
		return dst, ErrClosed
	}
	samples, err := Samples(next, d.rate)
	if err != nil {
		return dst, err
	}
	at := len(dst)
	dst = slices.Grow(dst, samples)
	if err := d.dec.DecodeFEC(next, dst[at:at+samples:at+samples]); err != nil {
		return dst[:at], fmt.Errorf("opus: decode redundancy of %d bytes: %w: %w", len(next), ErrPayload, err)
	}
	return dst[:at+samples], nil
}

// Conceal appends made-up sound; libopus makes it in steps of 2.5 ms, what is over is cut.
func (d *Decoder) Conceal(dst []int16, samples int) ([]int16, error) {
	if d.dec == nil {
		return dst, ErrClosed
	}
	at, step := len(dst), d.rate/400
	longest := d.rate * maxPacketMS / 1000
	whole := (max(samples, 0) + step - 1) / step * step
	dst = slices.Grow(dst, whole)
	for done := 0; done < whole; {
		n := min(whole-done, longest)
		lo := at + done
		if err := d.dec.DecodePLC(dst[lo : lo+n : lo+n]); err != nil {
			return dst[:at], fmt.Errorf("opus: conceal %d samples: %w", samples, err)
		}
		done += n
	}
	return dst[:at+max(samples, 0)], nil
}

// Close frees the decoder.
func (d *Decoder) Close() { d.dec = nil }
