package payload

import (
	"fmt"
	"time"
)

// OpusMode is the coder inside an Opus packet.
type OpusMode uint8

// Modes of Opus.
const (
	SILK OpusMode = iota
	Hybrid
	CELT
)

// OpusTOC is what the first bytes of an Opus packet say. Source: RFC 6716 section 3.1.
type OpusTOC struct {
	// Mode of all frames in the packet. Only SILK and Hybrid carry redundancy for the packet before.
	Mode OpusMode
	// Stereo tells that two channels are coded.
	Stereo bool
	// Frame is the length of one frame: 2.5 to 60 ms.
	Frame time.Duration
	// Frames in the packet, 1 to 48.
	Frames int
}

// Duration of the packet: at most 120 ms.
func (t OpusTOC) Duration() time.Duration { return t.Frame * time.Duration(t.Frames) }

// ParseOpus reads the table of contents. Errors: ErrShort, ErrFormat for no frame or more than 120 ms.
func ParseOpus(p []byte) (OpusTOC, error) {
	if len(p) == 0 {
		return OpusTOC{}, fmt.Errorf("payload: empty opus packet: %w", ErrShort)
	}
	t := OpusTOC{Stereo: p[0]&4 != 0, Frames: 1}
	switch config := p[0] >> 3; {
	case config < 12:
		t.Mode = SILK
		t.Frame = [4]time.Duration{10, 20, 40, 60}[config&3] * time.Millisecond
	case config < 16:
		t.Mode = Hybrid
		t.Frame = 10 * time.Millisecond << (config & 1)
	default:
		t.Mode = CELT
		t.Frame = 2500 * time.Microsecond << (config & 3)
	}
	switch p[0] & 3 {
	case 1, 2:
		t.Frames = 2
	case 3:
		if len(p) < 2 {
			return OpusTOC{}, fmt.Errorf("payload: opus packet without its frame count: %w", ErrShort)
		}
		t.Frames = int(p[1] & 0x3f)
	}
	if t.Frames == 0 || t.Duration() > maxAudio {
		return OpusTOC{}, fmt.Errorf("payload: opus packet of %d frames of %v: %w", t.Frames, t.Frame, ErrFormat)
	}
	return t, nil
}
