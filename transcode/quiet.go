package transcode

import (
	"fmt"
	"time"

	"legroom/audio"
	"legroom/audio/opus"
	"legroom/media"
)

// Quiet is what a codec sends while there is nothing to hear: a second of comfort noise, or of silence, encoded once
// and sent over and over, so that a quiet listener costs a send and no encode.
// It is immutable and may be shared by all streams of the codec.
type Quiet struct {
	codec   media.Codec
	samples []int16  // the loop
	packets [][]byte // its packets, in order
}

// QuietConfig says how it sounds.
type QuietConfig struct {
	// Codec and PacketTime of the stream.
	Codec media.Codec
	// Level of the noise, -dBov; audio.Silence is the codec's own code of silence and nothing else.
	Level media.Level
	// Opus settings of the encoder.
	Opus opus.EncoderConfig
}

// quietLoop is about how long the loop is: long enough not to be heard as one.
const quietLoop = time.Second

// NewQuiet encodes the loop. Errors: ErrNoPlan, and those of the encoder.
func NewQuiet(cfg QuietConfig) (*Quiet, error) {
	enc, err := newEncoder(cfg.Codec, cfg.Opus)
	if err != nil {
		return nil, err
	}
	defer enc.Close()
	size := packetSamples(cfg.Codec)
	loop := 1
	if cfg.Level < audio.Silence {
		loop = cfg.Codec.SampleRate() / size
	}
	q := &Quiet{codec: cfg.Codec, samples: make([]int16, loop*size)}
	audio.NewNoise(1).Fill(q.samples, cfg.Level)
	// Rounds before the last bring the encoder to where it always is in the loop.
	for rounds := max(2, 50/loop); rounds > 0; rounds-- {
		q.packets = q.packets[:0]
		for at := 0; at < len(q.samples); at += size {
			payload, err := enc.Encode(nil, q.samples[at:at+size])
			if err != nil {
				return nil, fmt.Errorf("transcode: encode quiet %v: %w", cfg.Codec, err)
			}
			q.packets = append(q.packets, payload)
		}
	}
	return q, nil
}

// payload of the packet that begins at sample pos of the stream; pos is a multiple of the packet's samples.
func (q *Quiet) payload(pos uint64, size int) []byte {
	return q.packets[pos/uint64(size)%uint64(len(q.packets))]
}

// read appends n samples of the loop from sample pos of the stream on.
func (q *Quiet) read(dst []int16, pos uint64, n int) []int16 {
	for n > 0 {
		at := int(pos % uint64(len(q.samples)))
		part := q.samples[at:min(at+n, len(q.samples))]
		dst = append(dst, part...)
		pos, n = pos+uint64(len(part)), n-len(part)
	}
	return dst
}

// packetSamples is the length of the codec's packets in samples.
func packetSamples(c media.Codec) int {
	return int(PacketTime(c)/time.Millisecond) * c.SampleRate() / 1000
}
