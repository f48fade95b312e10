package sip

import (
	"context"
	"time"

	"legroom/media"
)

// Leg is the media of one answered call. It is a rooms.Leg by shape: one audio stream each way, no video.
type Leg struct{}

// LegStats are the counters of one leg.
type LegStats struct {
	// Codec in use.
	Codec media.Codec
	// Security of the hop.
	Security Security
	// PacketsIn and PacketsOut count RTP packets.
	PacketsIn, PacketsOut uint64
	// Lost packets of those that should have come.
	Lost uint64
	// Jitter of what comes in (RFC 3550 section 6.4.1).
	Jitter time.Duration
	// RoundTrip time by RTCP; 0 while not known.
	RoundTrip time.Duration
}

// Accepts lists the one codec that was agreed, with the packet time the other side wants; nothing for video.
func (l *Leg) Accepts(k media.Kind) []media.Codec { return nil }

// Capacity is 1 for audio, 0 for video.
func (l *Leg) Capacity(k media.Kind) int { return 0 }

// Send opens the stream the phone hears. A new Send replaces the one before, whose sink then answers media.ErrClosed.
func (l *Leg) Send(t media.TrackInfo) (media.Sink[*media.Packet], error) { return nil, ErrState }

// Publish starts handing the phone's microphone to a room; before that received sound goes nowhere. A second Publish
// moves it: the old track is closed. After Close the error is media.ErrClosed.
func (l *Leg) Publish(p media.Publisher) error { return ErrState }

// OnDigit sets who is told of keys pressed, each exactly once, in order, however they came. Set it before Run.
func (l *Leg) OnDigit(f func(rune)) {}

// OnHold sets who is told when the other side puts us on hold (true) and takes us back (false).
func (l *Leg) OnHold(f func(bool)) {}

// Run moves media until ctx or the call ends; it returns nil then.
func (l *Leg) Run(ctx context.Context) error { return ErrState }

// Close hangs up with cause. Idempotent.
func (l *Leg) Close(cause error) error { return ErrState }

// Security of the hop between phone and gateway.
func (l *Leg) Security() Security { return SecurityUnknown }

// Codec in use now; a re-offer may change it.
func (l *Leg) Codec() media.Codec { return media.Codec{} }

// Stats so far.
func (l *Leg) Stats() LegStats { return LegStats{} }

// Done is closed when the call has ended.
func (l *Leg) Done() <-chan struct{} { return nil }
