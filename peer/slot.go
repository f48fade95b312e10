package peer

import "legroom/media"

// Slot tells what an m-line of the browser carries now.
type Slot struct {
	// MID of the m-line in the browser's offer.
	MID string
	// Participant whose stream it is; empty when the slot is free.
	Participant string
	// Source of the stream.
	Source media.Source
}

// View is one video on the browser's screen.
type View struct {
	// Participant who publishes it.
	Participant string
	// Source of the video: media.Camera or media.Screen.
	Source media.Source
	// Width and Height it is shown at, device pixels; 0 when it is not visible, which pauses it.
	Width, Height int
}

// OfferTrack names what a sending m-line of an offer carries.
type OfferTrack struct {
	// MID of the m-line.
	MID string
	// Source of it.
	Source media.Source
}

// Offer is a browser's offer.
type Offer struct {
	// SDP of the offer.
	SDP string
	// Tracks names the m-lines that publish. A sending m-line that is not named is answered inactive.
	Tracks []OfferTrack
}
