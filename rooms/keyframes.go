package rooms

import (
	"sync"
	"time"
)

const (
	// keyframeInterval is how often a layer is asked for a key frame at most. Who comes just after a request waits for
	// as long and for the way there and back, and a change of speaker may cost 500 ms of picture in all.
	keyframeInterval = 300 * time.Millisecond
	// maxLayers bounds what is remembered of simulcast layers.
	maxLayers = 8
)

// keyframes merges the requests of all subscribers of a Track: the origin is asked at once, and again when somebody
// asked within the interval after that, so the last one who asks is never forgotten.
type keyframes struct {
	ask func(layer uint8)

	mu     sync.Mutex
	layers [maxLayers]keyframeLayer
}

type keyframeLayer struct {
	asked   time.Time
	pending bool
}

// newKeyframes makes one that asks the origin by ask, which may be nil.
func newKeyframes(ask func(layer uint8)) *keyframes {
	if ask == nil {
		ask = func(uint8) {}
	}
	return &keyframes{ask: ask}
}

// request asks for a key frame of a layer.
func (k *keyframes) request(layer uint8, now time.Time) {
	if layer >= maxLayers {
		return
	}
	k.mu.Lock()
	l := &k.layers[layer]
	l.pending = true
	due := l.take(now)
	k.mu.Unlock()
	if due {
		k.ask(layer)
	}
}

// tick asks for what had to wait.
func (k *keyframes) tick(now time.Time) {
	for i := range k.layers {
		k.mu.Lock()
		due := k.layers[i].take(now)
		k.mu.Unlock()
		if due {
			k.ask(uint8(i))
		}
	}
}

// take tells whether a request that is pending is due now, and notes that it is made.
func (l *keyframeLayer) take(now time.Time) bool {
	if !l.pending || now.Sub(l.asked) < keyframeInterval {
		return false
	}
	l.pending, l.asked = false, now
	return true
}
