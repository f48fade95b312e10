package api

import (
	"testing"

	"legroom/peer"
)

// TestWhoseSound: what an honest browser sends for a moment is dropped and nothing is said of it, what names another leaf
// raises the alarm, and nothing passes that is not its own.
func TestWhoseSound(t *testing.T) {
	frame, padding := []byte{1}, []byte{}
	guard := func(own, seated bool) *visit {
		return &visit{place: place{guard: func([]byte) (bool, bool) { return own, seated }}}
	}
	for name, c := range map[string]struct {
		visit   *visit
		payload []byte
		want    peer.Verdict
	}{
		"its own":               {guard(true, true), frame, peer.Pass},
		"another's":             {guard(false, true), frame, peer.Alarm},
		"padding":               {guard(false, true), padding, peer.Drop},
		"before it has a leaf":  {guard(false, false), frame, peer.Drop},
		"before there is group": {&visit{}, frame, peer.Drop},
	} {
		if got := c.visit.own(c.payload); got != c.want {
			t.Errorf("%s: verdict %d, want %d", name, got, c.want)
		}
	}
}
