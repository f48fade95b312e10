package rooms

import (
	"sync"

	"legroom/audio"
	"legroom/audio/opus"
	"legroom/media"
	"legroom/transcode"
)

// comfort is the loudness of comfort noise: heard as a line that is alive, and not as a noise.
const comfort media.Level = 68

// voice is how the gateway sounds: settings shared by all rooms, and what their phones hear while nobody speaks.
type voice struct {
	opus  opus.EncoderConfig
	noise media.Level

	mu     sync.Mutex
	quiets map[media.Codec]*transcode.Quiet
}

func newVoice(cfg Config) *voice {
	v := &voice{opus: opus.DefaultConfig(), noise: audio.Silence, quiets: make(map[media.Codec]*transcode.Quiet)}
	if cfg.ComfortNoise {
		v.noise = comfort
	}
	v.opus.Bitrate, v.opus.Complexity = cfg.OpusBitrate, cfg.OpusComplexity
	return v
}

// quiet of a codec, encoded when it is first asked for: tens of ms for Opus, so not in the goroutine of a clock.
func (v *voice) quiet(codec media.Codec) (*transcode.Quiet, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if q := v.quiets[codec]; q != nil {
		return q, nil
	}
	q, err := transcode.NewQuiet(transcode.QuietConfig{Codec: codec, Level: v.noise, Opus: v.opus})
	if err != nil {
		return nil, err
	}
	v.quiets[codec] = q
	return q, nil
}
