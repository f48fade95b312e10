package rooms

import (
	"slices"
	"sync"

	"legroom/media"
)

// videoRenditions are the pictures of a ClearTrack for legs that get tracks: as they come where a leg takes them, else made
// in a codec that it takes, while there are Devices.
type videoRenditions struct {
	clear *ClearTrack

	mu   sync.Mutex
	made map[media.Codec]*derivedVideo
}

// derivedVideo is a rendition and its way to the pictures.
type derivedVideo struct {
	*videoRendition
	release func()
}

func newVideoRenditions(c *ClearTrack) *videoRenditions {
	return &videoRenditions{clear: c, made: make(map[media.Codec]*derivedVideo)}
}

// codecFor is that of the Track where it is accepted, else the first one that can be made.
func (v *videoRenditions) codecFor(accepts []media.Codec) (media.Codec, bool) {
	if i := slices.IndexFunc(accepts, v.clear.info.Codec.Same); i >= 0 {
		return accepts[i], true
	}
	i := slices.IndexFunc(accepts, func(c media.Codec) bool { return c.Name == media.VP8 || c.Name == media.H264 })
	if i < 0 || !v.clear.studio.open() {
		return media.Codec{}, false
	}
	return accepts[i], true
}

// carry gives the Track itself, or one that all who ask share; it ends when the last of them has called release.
func (v *videoRenditions) carry(codec media.Codec) (*Track, func(), error) {
	info := v.clear.Track.Info()
	if info.Codec.Same(codec) {
		return v.clear.Track, func() {}, nil
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	d := v.made[codec]
	if d == nil {
		var err error
		if d, err = v.derive(info, codec); err != nil {
			return nil, nil, err
		}
		v.made[codec] = d
	}
	d.users++
	return d.track, sync.OnceFunc(func() { v.giveBack(codec, d) }), nil
}

// derive is called locked. What takes long is opened by the goroutines of the stages.
func (v *videoRenditions) derive(info media.TrackInfo, codec media.Codec) (*derivedVideo, error) {
	info.ID += "/" + string(codec.Name)
	r, err := newVideoRendition(v.clear.studio, info, formFor(codec, media.PictureLimits{}, renditionHeight))
	if err != nil {
		return nil, err
	}
	release, err := v.clear.Pictures(r)
	if err != nil {
		r.stop()
		return nil, err
	}
	return &derivedVideo{r, release}, nil
}

// renditionHeight is the largest that is made for browsers, pixels.
const renditionHeight = 720

func (v *videoRenditions) giveBack(codec media.Codec, d *derivedVideo) {
	v.mu.Lock()
	d.users--
	last := d.users == 0
	if last {
		delete(v.made, codec)
	}
	v.mu.Unlock()
	if last {
		d.release()
		d.stop()
	}
}
