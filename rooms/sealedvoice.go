package rooms

import (
	"sync"
	"sync/atomic"

	"legroom/e2ee"
	"legroom/media"
)

// sealedVoice is what browsers of an encrypted room get of a leg of the gateway: its sound in Opus, sealed once for all
// of them. It is encoded only where the leg does not speak Opus itself.
type sealedVoice struct {
	opus   *renditions
	sealer atomic.Pointer[e2ee.Sealer] // nil: nobody may hear it

	mu    sync.Mutex // before those of renditions and ClearTrack
	track *Track     // while somebody gets it
	users int
	stop  func()
}

func newSealedVoice(c *ClearTrack, v *voice) *sealedVoice {
	return &sealedVoice{opus: newRenditions(c, v)}
}

// codecFor is Opus or nothing.
func (v *sealedVoice) codecFor(accepts []media.Codec) (media.Codec, bool) {
	for _, c := range accepts {
		if c.Name == media.Opus {
			return c, true
		}
	}
	return media.Codec{}, false
}

// carry gives the sealed Track. It is the same for all, in the codec that the first one asked for.
func (v *sealedVoice) carry(codec media.Codec) (*Track, func(), error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.users == 0 {
		if err := v.begin(codec); err != nil {
			return nil, nil, err
		}
	}
	v.users++
	return v.track, sync.OnceFunc(v.giveBack), nil
}

// begin is called locked.
func (v *sealedVoice) begin(codec media.Codec) error {
	clear, release, err := v.opus.carry(codec)
	if err != nil {
		return err
	}
	info := clear.info
	info.ID += "/sealed"
	v.track = newTrack(info)
	remove := clear.Subscribe(&sealing{voice: v, out: v.track})
	v.stop = func() {
		remove()
		release()
	}
	return nil
}

func (v *sealedVoice) giveBack() {
	v.mu.Lock()
	v.users--
	var stop func()
	if v.users == 0 {
		stop, v.stop = v.stop, nil
	}
	v.mu.Unlock()
	if stop != nil {
		stop()
	}
}
