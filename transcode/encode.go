package transcode

import (
	"fmt"
	"sync/atomic"
	"time"

	"legroom/audio"
	"legroom/audio/opus"
	"legroom/media"
)

const (
	// warmUp is how much of the past an encoder hears before its first packet, so that a decoder that followed another
	// encoder until then notices nothing.
	warmUp = 100 * time.Millisecond
	// settle is how long quiet is encoded before the shared loop takes over.
	settle = 200 * time.Millisecond
)

// EncodeConfig says what Encode makes.
type EncodeConfig struct {
	// Codec with the PacketTime that the receiver asked for.
	Codec media.Codec
	// Opus settings of the encoder.
	Opus opus.EncoderConfig
	// Quiet is sent instead of an encode while the sound is silence (PCM.Level is audio.Silence), once it is prepared;
	// nil encodes always.
	Quiet *Quiet
	// PreRoll is how much of what was said while paused is sent when the stage goes on: the breath before the word.
	PreRoll time.Duration
	// Encodes counts packets that were encoded; nil counts nothing. It may be shared.
	Encodes *atomic.Uint64
}

// Encode is the stage from sound to packets of one length. Packets begin at multiples of that length in the time line of
// the sound, so two stages fed by one clock are in step and a receiver can be handed from one to the other.
// Owner: packets are lent to out. It is used by one goroutine at a time.
type Encode struct {
	cfg    EncodeConfig
	enc    audio.Encoder
	out    media.Sink[*media.Packet]
	size   int // samples a packet
	line   timeline
	frame  []int16 // the packet being filled
	past   []int16 // what was before it
	packet media.Packet

	resampler *audio.Resampler
	from      int
	resampled []int16

	stale  bool // the encoder has not heard the past
	hush   hush
	paused bool
	unsent int // samples at the end of past that were not sent
}

// hush is the quiet of a stage.
type hush struct {
	loop    *loop // of EncodeConfig.Quiet, as soon as that has one
	samples int   // of it at the end of the frame
}

var _ media.Sink[*media.PCM] = (*Encode)(nil)

// NewEncode makes the stage. Errors: ErrNoPlan, and those of the codec.
func NewEncode(cfg EncodeConfig, out media.Sink[*media.Packet]) (*Encode, error) {
	enc, err := newEncoder(cfg.Codec, cfg.Opus)
	if err != nil {
		return nil, err
	}
	size, rate := packetSamples(cfg.Codec), cfg.Codec.SampleRate()
	e := &Encode{cfg: cfg, enc: enc, out: out, size: size, stale: true, hush: hush{samples: rate}}
	e.line = timeline{rate: uint64(rate), clock: uint64(cfg.Codec.ClockRate)}
	e.frame = make([]int16, 0, size+rate*3/25)
	e.past = make([]int16, 0, samplesOf(warmUp+cfg.PreRoll, rate)+size)
	e.packet = media.Packet{Level: audio.Silence}
	e.packet.Version = 2
	e.packet.Payload = make([]byte, 0, 1500)
	return e, nil
}

// Adopt takes over the time line and the past of another stage of the same codec: the next packet follows that one's
// last. The encoder is warmed with the past before it is used.
func (e *Encode) Adopt(from *Encode) {
	e.line, e.hush, e.unsent, e.stale = from.line, from.hush, 0, true
	e.frame = append(e.frame[:0], from.frame...)
	keep := min(len(from.past), cap(e.past))
	e.past = append(e.past[:0], from.past[len(from.past)-keep:]...)
}

// Pause stops sending, or goes on: the stage hears the sound and neither encodes nor writes.
func (e *Encode) Pause(on bool) { e.paused = on }

// Boundary tells whether a packet ends exactly here: where a receiver can be handed to another stage.
func (e *Encode) Boundary() bool { return len(e.frame) == 0 }

// Write takes the next sound, of any rate and length. Errors: of the encoder, and those of out.
func (e *Encode) Write(p *media.PCM) error {
	samples := e.convert(p)
	rate := e.cfg.Codec.SampleRate()
	e.line.follow(uint64(p.Timestamp)*uint64(rate)/uint64(max(p.Rate, 1)), &e.frame, e.size)
	if e.hush.loop == nil && e.cfg.Quiet != nil {
		e.hush.loop = e.cfg.Quiet.loop.Load()
	}
	if p.Level == audio.Silence && e.hush.loop != nil {
		e.frame = e.hush.loop.read(e.frame, e.line.end(len(e.frame)), len(samples))
		e.hush.samples += len(samples)
	} else {
		e.frame = append(e.frame, samples...)
		e.hush.samples = 0
		e.packet.Level = min(e.packet.Level, p.Level)
	}
	e.line.expect += uint64(len(samples))
	e.packet.Arrived = p.Arrived
	var err error
	for len(e.frame) >= e.size {
		if failed := e.emit(); failed != nil {
			err = failed
		}
	}
	return err
}

// Close frees the encoder; out stays open.
func (e *Encode) Close() error {
	e.enc.Close()
	return nil
}

// emit sends the frame that is full, and makes it the past.
func (e *Encode) emit() error {
	frame := e.frame[:e.size]
	err := e.send(frame)
	e.remember(frame)
	e.frame = e.frame[:copy(e.frame, e.frame[e.size:])]
	e.line.pos += uint64(e.size)
	if len(e.frame) == 0 {
		e.packet.Level = audio.Silence
	}
	return err
}

func (e *Encode) send(frame []int16) error {
	switch {
	case e.paused:
		e.stale = true
		e.unsent += len(frame)
		return nil
	case e.hush.loop != nil && e.hush.samples >= len(e.frame)+samplesOf(settle, e.cfg.Codec.SampleRate()):
		e.stale = true
		e.unsent = 0
		return e.write(e.hush.loop.payload(e.line.pos, e.size), e.line.pos, false)
	}
	resumed := e.unsent > 0
	if e.stale {
		if err := e.catchUp(); err != nil {
			return err
		}
	}
	return e.encode(frame, e.line.pos, resumed && e.cfg.PreRoll == 0)
}

// catchUp lets the encoder hear the past, and sends the part of it that belongs to the pre-roll.
func (e *Encode) catchUp() error {
	e.stale = false
	send := min(samplesOf(e.cfg.PreRoll, e.cfg.Codec.SampleRate()), e.unsent, len(e.past)) / e.size * e.size
	e.unsent = 0
	warm := len(e.past) - send
	for at := warm % e.size; at < warm; at += e.size {
		var err error
		if e.packet.Payload, err = e.code(e.past[at : at+e.size]); err != nil {
			return fmt.Errorf("transcode: warm %v: %w", e.cfg.Codec, err)
		}
	}
	for at := warm; at < len(e.past); at += e.size {
		pos := e.line.pos - uint64(len(e.past)-at)
		if err := e.encode(e.past[at:at+e.size], pos, at == warm); err != nil {
			return err
		}
	}
	return nil
}

func (e *Encode) encode(frame []int16, pos uint64, marker bool) error {
	payload, err := e.code(frame)
	if err != nil {
		return fmt.Errorf("transcode: encode %v: %w", e.cfg.Codec, err)
	}
	e.packet.Payload = payload
	return e.write(payload, pos, marker)
}

// code makes a payload, in the memory of the packet.
func (e *Encode) code(frame []int16) ([]byte, error) {
	if e.cfg.Encodes != nil {
		e.cfg.Encodes.Add(1)
	}
	return e.enc.Encode(e.packet.Payload[:0], frame)
}

func (e *Encode) write(payload []byte, pos uint64, marker bool) error {
	own := e.packet.Payload
	e.packet.Payload = payload
	e.packet.Marker, e.packet.Timestamp = marker, e.line.ticks(pos)
	err := e.out.Write(&e.packet)
	e.packet.SequenceNumber++
	e.packet.Payload = own
	return err
}

// remember keeps the end of what was heard.
func (e *Encode) remember(frame []int16) {
	if over := len(e.past) + len(frame) - cap(e.past); over > 0 {
		e.past = e.past[:copy(e.past, e.past[min(over, len(e.past)):])]
	}
	e.past = append(e.past, frame...)
}

// convert brings the sound to the codec's rate.
func (e *Encode) convert(p *media.PCM) []int16 {
	if p.Rate == e.cfg.Codec.SampleRate() {
		return p.Samples
	}
	if e.resampler == nil || e.from != p.Rate {
		e.resampler, e.from = audio.NewResampler(p.Rate, e.cfg.Codec.SampleRate()), p.Rate
	}
	e.resampled = e.resampler.Process(e.resampled[:0], p.Samples)
	return e.resampled
}

func samplesOf(d time.Duration, rate int) int { return int(d/time.Millisecond) * rate / 1000 }
