package transcode

import (
	"fmt"
	"sync/atomic"
	"time"

	"legroom/audio"
	"legroom/audio/opus"
	"legroom/media"
)

// Quiet is what a codec sends while there is nothing to hear: a second of comfort noise, or of silence, encoded once
// and sent over and over, so that a quiet listener costs a send and no encode. Until it is prepared a stage encodes
// exact silence instead.
// It is shared by all streams of the codec, and may be prepared by any goroutine while they run.
type Quiet struct {
	cfg  QuietConfig
	loop atomic.Pointer[loop]
}

// loop is the second that is sent; it is immutable.
type loop struct {
	samples []int16
	packets [][]byte // of the samples, in order
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

// NewQuiet makes a Quiet that is not prepared. Errors: ErrNoPlan.
func NewQuiet(cfg QuietConfig) (*Quiet, error) {
	if !knows(cfg.Codec) {
		return nil, fmt.Errorf("transcode: quiet %v: %w", cfg.Codec, ErrNoPlan)
	}
	return &Quiet{cfg: cfg}, nil
}

// Prepare encodes the loop, once: tens of ms for Opus, so not where a call or a clock waits. Errors: those of the encoder.
func (q *Quiet) Prepare() error {
	if q.loop.Load() != nil {
		return nil
	}
	made, err := newLoop(q.cfg)
	if err != nil {
		return fmt.Errorf("transcode: encode quiet %v: %w", q.cfg.Codec, err)
	}
	q.loop.CompareAndSwap(nil, made) // a stage may have begun with another one
	return nil
}

func newLoop(cfg QuietConfig) (*loop, error) {
	enc, err := newEncoder(cfg.Codec, cfg.Opus)
	if err != nil {
		return nil, err
	}
	defer enc.Close()
	size := packetSamples(cfg.Codec)
	n := 1
	if cfg.Level < audio.Silence {
		n = cfg.Codec.SampleRate() / size // about a second: long enough not to be heard as a loop
	}
	l := &loop{samples: make([]int16, n*size)}
	audio.NewNoise(1).Fill(l.samples, cfg.Level)
	// Rounds before the last bring the encoder to where it always is in the loop.
	for rounds := max(2, 50/n); rounds > 0; rounds-- {
		l.packets = l.packets[:0]
		for at := 0; at < len(l.samples); at += size {
			payload, err := enc.Encode(nil, l.samples[at:at+size])
			if err != nil {
				return nil, err
			}
			l.packets = append(l.packets, payload)
		}
	}
	return l, nil
}

// payload of the packet that begins at sample pos of the stream; pos is a multiple of the packet's samples.
func (l *loop) payload(pos uint64, size int) []byte {
	return l.packets[pos/uint64(size)%uint64(len(l.packets))]
}

// read appends n samples of the loop from sample pos of the stream on.
func (l *loop) read(dst []int16, pos uint64, n int) []int16 {
	for n > 0 {
		at := int(pos % uint64(len(l.samples)))
		part := l.samples[at:min(at+n, len(l.samples))]
		dst = append(dst, part...)
		pos, n = pos+uint64(len(part)), n-len(part)
	}
	return dst
}

// packetSamples is the length of the codec's packets in samples.
func packetSamples(c media.Codec) int {
	return int(PacketTime(c)/time.Millisecond) * c.SampleRate() / 1000
}
