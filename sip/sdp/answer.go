package sdp

// Answer decides on an offer. Every media line is answered in place.
// Errors: a RefusedError when no audio comes of it; the Negotiation is there even then, with the reason of every line and
// a Local that refuses them all.
// Source: RFC 3264 section 6.
func Answer(offer *Description, caps Capabilities) (*Negotiation, error) { return nil, ErrNoMedia }

// Offer describes our side first. With caps.Previous it is a re-offer: same lines, same keys, version one higher when
// something changed.
// Source: RFC 3264 sections 5 and 8.
func Offer(caps Capabilities) *Description { return nil }

// Accept takes the peer's answer to our offer; caps are those the offer was made with.
// Errors: ErrMismatch, or a RefusedError as in Answer.
func Accept(offer, answer *Description, caps Capabilities) (*Negotiation, error) { return nil, ErrNoMedia }
