package peer

import (
	"context"

	"legroom/media"
)

// Leg is one browser in a room.
type Leg struct {
	cfg LegConfig
}

// ID of the Leg.
func (l *Leg) ID() string { return l.cfg.ID }

// Offer answers a browser's offer: the first one, one with more slots or tracks, and one that restarts ICE. Offers of
// one Leg are answered one after the other. The answer holds all candidates.
// Errors: *OfferError (ErrOffer), ErrClosed, the end of ctx.
func (l *Leg) Offer(ctx context.Context, offer Offer) (string, error) { return "", ErrClosed }

// Candidate takes a trickled candidate; the empty one, which ends them, is taken and does nothing.
// Errors: ErrCandidate, ErrClosed.
func (l *Leg) Candidate(candidate, mid string) error { return ErrClosed }

// View tells which videos are on the browser's screen and how large: layers are chosen by it. A video that is sent but
// not named is treated as not visible.
func (l *Leg) View(views []View) {}

// Run publishes what the browser sends until ctx ends or the Leg is closed; it closes the Leg and returns when nothing
// of it is alive. The result is the cause of the end, nil when it was the end of ctx. Offers may come before Run: what
// the browser sends until then is dropped.
func (l *Leg) Run(ctx context.Context, to media.Publisher) error { return ErrClosed }

// Accepts lists the codecs that the browser takes, most wanted first: what was negotiated, or before an offer what
// would be.
func (l *Leg) Accepts(kind media.Kind) []media.Codec { return nil }

// Capacity is the number of slots that were negotiated for a kind.
func (l *Leg) Capacity(kind media.Kind) int { return 0 }

// Send puts a Track on a free slot and returns what takes its packets; closing that frees the slot.
// Errors: *SendError (ErrNoSlot, ErrNoCodec), ErrClosed.
func (l *Leg) Send(track media.TrackInfo) (media.Sink[*media.Packet], error) { return nil, ErrClosed }

// Close ends the Leg; the first cause counts. It does not wait.
func (l *Leg) Close(cause error) error { return nil }

// Done is closed when the Leg is.
func (l *Leg) Done() <-chan struct{} { return nil }

// Cause is why the Leg was closed; nil while it lives.
func (l *Leg) Cause() error { return nil }

// Security of the hop.
func (l *Leg) Security() Security { return DTLS }

// Slots tells what every slot carries now, in the order of the m-lines.
func (l *Leg) Slots() []Slot { return nil }

// Stats is a snapshot for metrics.
func (l *Leg) Stats() Stats { return Stats{} }
