package rtpsession

import (
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/pion/rtp"
)

// Times of sent events. RFC 4733 section 2.5.1.
const (
	eventStep    = 20 * time.Millisecond // between packets of an event
	eventRepeats = 3                     // of the last packet
	eventPause   = 60 * time.Millisecond // before the next event, for receivers that look at sound
	minEvent     = 40 * time.Millisecond
	maxEvent     = 5 * time.Second
	eventVolume  = 10 // -10 dBm0
)

// SendDigit sends one telephone-event of the given length (40 ms at least, 5 s at most) and returns when it and a short
// pause are over. Sound is not sent meanwhile. Digits are sent one after the other by one goroutine.
// Errors: ErrNoEvents when the peer understands none, ErrBadDigit, ErrClosed, the context's.
// Source: RFC 4733 section 2.5.
func (s *Session) SendDigit(ctx context.Context, digit rune, length time.Duration) error {
	code, ok := digitCode(digit)
	if !ok {
		return ErrBadDigit
	}
	p := s.path.Load()
	if p == nil || len(p.agreed.Events) == 0 {
		return ErrNoEvents
	}
	format := p.agreed.Events[0]
	length = min(max(length, minEvent), maxEvent)
	start := s.press(true)
	defer s.press(false)
	ticker := time.NewTicker(eventStep)
	defer ticker.Stop()
	steps := int(length / eventStep)
	for i := range steps + eventRepeats + int(eventPause/eventStep) {
		if i < steps+eventRepeats {
			lasted := min(time.Duration(i+1)*eventStep, length)
			ticks := uint64(lasted) * uint64(format.ClockRate) / uint64(time.Second)
			s.sendEvent(format.PayloadType, start, code, i == 0, i >= steps, uint16(min(ticks, 0xffff)))
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("rtpsession: send digit: %w", context.Cause(ctx))
		case <-s.life.ctx.Done():
			return ErrClosed
		case <-ticker.C:
		}
	}
	return nil
}

// press begins or ends the time in which events take the place of sound, and gives the stream's timestamp.
func (s *Session) press(on bool) uint32 {
	s.out.mu.Lock()
	defer s.out.mu.Unlock()
	s.out.pressing = on
	return s.out.line.now(time.Now())
}

func (s *Session) sendEvent(pt uint8, timestamp uint32, code uint8, first, end bool, duration uint16) {
	payload := [4]byte{code, eventVolume}
	if end {
		payload[1] |= 0x80
	}
	binary.BigEndian.PutUint16(payload[2:], duration)
	s.out.mu.Lock()
	defer s.out.mu.Unlock()
	p := s.path.Load()
	if !s.sendable(p) {
		return
	}
	s.out.line.sequence++
	s.emit(p, rtp.Header{Marker: first, PayloadType: pt, SequenceNumber: s.out.line.sequence, Timestamp: timestamp}, payload[:])
}
