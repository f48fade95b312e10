package rooms

import (
	"context"
	"sync"
	"time"

	"legroom/audio"
	"legroom/audio/opus"
	"legroom/media"
	"legroom/transcode"
)

// comfort is the loudness of comfort noise: heard as a line that is alive, and not as a noise.
const comfort media.Level = 68

// quietsAhead bounds the Quiets that wait to be prepared; there are fewer kinds of packets than that.
const quietsAhead = 64

// voice is how the gateway sounds: settings shared by all rooms, and what their phones hear while nobody speaks.
type voice struct {
	opus    opus.EncoderConfig
	noise   media.Level
	due     chan *transcode.Quiet // not prepared yet
	encodes encodes

	mu     sync.Mutex
	quiets map[media.Codec]*transcode.Quiet
}

func newVoice(cfg Config) *voice {
	v := &voice{
		opus: opus.DefaultConfig(), noise: audio.Silence,
		due: make(chan *transcode.Quiet, quietsAhead), quiets: make(map[media.Codec]*transcode.Quiet),
	}
	if cfg.ComfortNoise {
		v.noise = comfort
	}
	v.opus.Bitrate, v.opus.Complexity = cfg.OpusBitrate, cfg.OpusComplexity
	return v
}

// quiet of a codec. It is encoded behind the back of who asks first, who hears exact silence until then.
func (v *voice) quiet(codec media.Codec) (*transcode.Quiet, error) {
	// What the other side wrote beside the codec makes no other packets, and must not make this map grow.
	codec.Fmtp, codec.PacketTime = "", transcode.PacketTime(codec)
	v.mu.Lock()
	defer v.mu.Unlock()
	if q := v.quiets[codec]; q != nil {
		return q, nil
	}
	q, err := transcode.NewQuiet(transcode.QuietConfig{Codec: codec, Level: v.noise, Opus: v.opus})
	if err != nil {
		return nil, err
	}
	select {
	case v.due <- q:
		v.quiets[codec] = q
	default: // nobody prepares; the next one who asks tries again
	}
	return q, nil
}

// foresee asks for the Quiets of the packets that nearly all phones want.
func (v *voice) foresee() error {
	for _, c := range []media.Codec{
		{Name: media.PCMA, ClockRate: 8000, Channels: 1}, {Name: media.PCMU, ClockRate: 8000, Channels: 1},
		{Name: media.G722, ClockRate: 8000, Channels: 1}, {Name: media.Opus, ClockRate: 48000, Channels: 2},
	} {
		c.PacketTime = 20 * time.Millisecond
		if _, err := v.quiet(c); err != nil {
			return err
		}
	}
	return nil
}

// prepare encodes what is due, as it comes, until ctx ends.
func (v *voice) prepare(ctx context.Context) error {
	if err := v.foresee(); err != nil {
		return err
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case q := <-v.due:
			if err := q.Prepare(); err != nil {
				return err
			}
		}
	}
}
