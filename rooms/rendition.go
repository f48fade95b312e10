package rooms

import (
	"time"

	"legroom/media"
	"legroom/transcode"
)

const (
	// preRoll is what is sent of the time before a word was loud enough to be one.
	preRoll = 40 * time.Millisecond
	// postRoll is what is sent of the time after it.
	postRoll = 400 * time.Millisecond
)

// rendition is a ClearTrack in another codec. While nothing is said it encodes and sends nothing; a word begins with
// the breath before it.
type rendition struct {
	track   *Track
	encode  *transcode.Encode
	release func() // of the sound
	users   int    // guarded by the ClearTrack
	left    time.Duration
}

var _ media.Sink[*media.PCM] = (*rendition)(nil)

func newRendition(info media.TrackInfo, codec media.Codec, v *voice) (*rendition, error) {
	info.ID += "/" + string(codec.Name)
	info.Codec = codec
	r := &rendition{track: newTrack(info)}
	var err error
	r.encode, err = transcode.NewEncode(transcode.EncodeConfig{
		Codec: codec, Opus: v.opus, PreRoll: preRoll, Encodes: v.encodes.of(codec.Name, OfTrack),
	}, r.track)
	if err != nil {
		return nil, err
	}
	r.encode.Pause(true)
	return r, nil
}

// Write takes the sound of the original.
func (r *rendition) Write(p *media.PCM) error {
	if p.Level <= faint {
		r.left = postRoll
	} else {
		r.left = max(0, r.left-p.Duration())
	}
	r.encode.Pause(r.left == 0)
	return r.encode.Write(p)
}

// Close ends the derived Track.
func (r *rendition) Close() error { return r.track.Close() }
