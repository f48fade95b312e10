//go:build cgo

package opus

import (
	"fmt"

	libopus "github.com/hraban/opus"

	"legroom/audio"
)

var _ audio.Encoder = (*Encoder)(nil)

// Encoder turns sound of one channel into Opus packets. It is used by one goroutine at a time.
type Encoder struct {
	enc  *libopus.Encoder
	rate int
	buf  []byte
}

// NewEncoder makes an Encoder for speech. Errors: those of Validate, and what libopus says.
func NewEncoder(cfg EncoderConfig) (*Encoder, error) {
	if cfg.Rate == 0 {
		cfg.Rate = DefaultConfig().Rate
	}
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("opus: new encoder: %w", err)
	}
	enc, err := libopus.NewEncoder(cfg.Rate, 1, libopus.AppVoIP)
	if err != nil {
		return nil, fmt.Errorf("opus: new encoder: %w", err)
	}
	for _, set := range []func() error{
		func() error { return enc.SetBitrate(cfg.Bitrate) },
		func() error { return enc.SetComplexity(cfg.Complexity) },
		func() error { return enc.SetInBandFEC(cfg.FEC) },
		func() error { return enc.SetPacketLossPerc(cfg.LossPercent) },
	} {
		if err := set(); err != nil {
			return nil, fmt.Errorf("opus: set up encoder: %w", err)
		}
	}
	return &Encoder{enc: enc, rate: cfg.Rate, buf: make([]byte, maxPayload)}, nil
}

// Encode appends one packet of 2.5, 5, 10, 20, 40 or 60 ms to dst. Errors: audio.ErrSamples for another length.
func (e *Encoder) Encode(dst []byte, pcm []int16) ([]byte, error) {
	if e.enc == nil {
		return dst, ErrClosed
	}
	if !oneFrame(len(pcm), e.rate) {
		return dst, fmt.Errorf("opus: encode %d samples at %d Hz: %w", len(pcm), e.rate, audio.ErrSamples)
	}
	n, err := e.enc.Encode(pcm, e.buf)
	if err != nil {
		return dst, fmt.Errorf("opus: encode: %w", err)
	}
	return append(dst, e.buf[:n]...), nil
}

// SetBitrate changes the rate of the packets to come, bit/s.
func (e *Encoder) SetBitrate(bitrate int) error {
	if e.enc == nil {
		return ErrClosed
	}
	if err := e.enc.SetBitrate(bitrate); err != nil {
		return fmt.Errorf("opus: set bit rate %d: %w", bitrate, err)
	}
	return nil
}

// SetLoss changes the loss that the FEC is made for, percent, as receivers report it.
func (e *Encoder) SetLoss(percent int) error {
	if e.enc == nil {
		return ErrClosed
	}
	if err := e.enc.SetPacketLossPerc(percent); err != nil {
		return fmt.Errorf("opus: set loss %d %%: %w", percent, err)
	}
	return nil
}

// Close frees the encoder.
func (e *Encoder) Close() { e.enc = nil }

// oneFrame tells whether a packet of that many samples exists: RFC 6716 section 2.1.4.
func oneFrame(samples, rate int) bool {
	switch samples * 10000 / rate {
	case 25, 50, 100, 200, 400, 600:
		return samples*400%rate == 0
	}
	return false
}
