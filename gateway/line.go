package gateway

import (
	"legroom/media"
	"legroom/sip"
)

// digitsKept is how many keys may wait while an answer is on its way; nobody types faster.
const digitsKept = 64

// line is what a leg tells of in its own goroutines, for the caller's.
type line struct {
	digits  chan rune
	recoded chan struct{} // a re-offer changed the codec
	// reframed: what it takes of pictures has changed.
	reframed chan struct{}
}

func newLine(leg *sip.Leg) line {
	l := line{digits: make(chan rune, digitsKept), recoded: make(chan struct{}, 1), reframed: make(chan struct{}, 1)}
	leg.OnDigit(func(key rune) {
		select {
		case l.digits <- key:
		default: // a machine gun of keys loses some
		}
	})
	leg.OnCodec(func(media.Codec) {
		select {
		case l.recoded <- struct{}{}:
		default: // it is due already
		}
	})
	leg.OnPictures(func() {
		select {
		case l.reframed <- struct{}{}:
		default: // it is due already
		}
	})
	return l
}
