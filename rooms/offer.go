package rooms

import "legroom/media"

// offer is how a publication reaches legs that get tracks; they have no other way to it. There are three: forwarded,
// renditions and sealedVoice.
type offer interface {
	// codecFor chooses of what a leg accepts, best first; false when there is no way to any.
	codecFor(accepts []media.Codec) (media.Codec, bool)
	// carry gives the track in that codec until release is called. Errors: transcode.ErrNoPlan.
	carry(codec media.Codec) (track *Track, release func(), err error)
}

var (
	_ offer = (*forwarded)(nil)
	_ offer = (*renditions)(nil)
	_ offer = (*sealedVoice)(nil)
)

// forwarded is a Track as it is published.
type forwarded struct{ track *Track }

func (f forwarded) codecFor(accepts []media.Codec) (media.Codec, bool) {
	for _, c := range accepts {
		if c.Same(f.track.info.Codec) {
			return c, true
		}
	}
	return media.Codec{}, false
}

func (f forwarded) carry(media.Codec) (*Track, func(), error) { return f.track, func() {}, nil }
