package transcode

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"legroom/hwaccel"
	"legroom/media"
	"legroom/media/payload"
)

const (
	// keysApart is the least time between two key frames that somebody asked for.
	keysApart = 300 * time.Millisecond
	// stillAfter is how long a source has sent nothing when its last picture is sent again as the key frame that
	// somebody asked for.
	stillAfter = 200 * time.Millisecond
)

// EncodeVideoConfig says what EncodeVideo makes.
type EncodeVideoConfig struct {
	// Codec of the packets: H.264, of which Fmtp says the packetization mode, or VP8.
	Codec media.Codec
	// Devices that encode and scale.
	Devices *hwaccel.Fallback
	// Width and Height of what is sent, pixels, even numbers: pictures of another size are brought to it, whatever their
	// shape.
	Width, Height int
	// FrameRate is the most pictures a second that are sent; what is above is left out. Default 30.
	FrameRate int
	// Bitrate in bits a second.
	Bitrate int
	// MaxNAL bounds NAL units of H.264, bytes; 0 is no bound but that of packetization mode 0, which is the MTU.
	MaxNAL int
	// MTU bounds a payload, bytes. Default 1200.
	MTU int
	// SourceWidth and SourceHeight of the largest pictures to come: the scaler for them is opened with the stage. With 0 it
	// is opened with the first picture of another size.
	SourceWidth, SourceHeight int
}

// withDefaults also settles what mode 0 asks for, and gives the mode. Errors: ErrNoPlan, payload.ErrFormat.
func (c EncodeVideoConfig) withDefaults() (EncodeVideoConfig, int, error) {
	if c.FrameRate <= 0 {
		c.FrameRate = usualRate
	}
	if c.MTU <= 0 {
		c.MTU = payload.DefaultH264PacketizerConfig().MTU
	}
	switch c.Codec.Name {
	case media.VP8:
		c.MaxNAL = 0
		return c, 0, nil
	case media.H264:
	default:
		return c, 0, fmt.Errorf("transcode: encode %v: %w", c.Codec, ErrNoPlan)
	}
	p, err := payload.ParseH264Params(c.Codec.Fmtp)
	if err == nil && p.Mode == 0 && (c.MaxNAL <= 0 || c.MaxNAL > c.MTU) {
		c.MaxNAL = c.MTU
	}
	return c, p.Mode, err
}

// EncodeVideoStats counts.
type EncodeVideoStats struct {
	// Frames that were made, and the Keyframes of them.
	Frames, Keyframes uint64
	// Capped pictures came above the frame rate; Replaced ones while one before them was encoded.
	Capped, Replaced uint64
	// Failed pictures could not be scaled or encoded, Refused frames or packets were not taken by out.
	Failed, Refused uint64
}

// EncodeVideo is the stage from pictures to packets: brought to the size, encoded, cut. Write is called by one goroutine at
// a time and does not wait: it keeps the picture, wherever it lies, instead of one that waits still, for Run, which
// encodes in the goroutine of its owner. So many pictures are encoded at a time as the processor's Device lets
// (software.Device).
// Nothing is sent while no pictures come, but for a key frame that is asked for: then the last picture is sent again.
// Sequence numbers count from 0; timestamps are the pictures', without the jumps of a source that changes.
// Owner: packets are lent to out, which stays open. Errors of Write: media.ErrClosed, hwaccel.ErrPicture.
type EncodeVideo struct {
	cfg    EncodeVideoConfig
	out    media.Sink[*media.Packet]
	rate   frameCap
	box    *mailbox
	wake   chan struct{} // capacity 1
	asked  atomic.Bool   // for a key frame
	bits   atomic.Int64  // a second
	life   stageLife
	counts encodeCounts
	on     videoEncoder
}

type encodeCounts struct{ frames, keys, capped, failed, refused atomic.Uint64 }

var _ media.Sink[*media.Picture] = (*EncodeVideo)(nil)

// NewEncodeVideo makes the stage and opens its encoder, which takes capacity of a Device. Close gives it back.
// Errors: ErrNoPlan for a codec without a packetizer, payload.ErrFormat for its Fmtp; hwaccel.ErrUnsupported,
// hwaccel.ErrBusy.
func NewEncodeVideo(cfg EncodeVideoConfig, out media.Sink[*media.Packet]) (*EncodeVideo, error) {
	cfg, mode, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	e := &EncodeVideo{cfg: cfg, out: out, box: newMailbox(), wake: make(chan struct{}, 1)}
	e.rate.step = uint32(pictureClock / cfg.FrameRate)
	e.bits.Store(int64(cfg.Bitrate))
	if err := e.on.open(e, mode); err != nil {
		return nil, fmt.Errorf("transcode: encode %v: %w", cfg.Codec, err)
	}
	return e, nil
}

// Write takes the next picture.
func (e *EncodeVideo) Write(p *media.Picture) error {
	if e.life.isClosed() {
		return media.ErrClosed
	}
	if !e.rate.admits(p) {
		e.counts.capped.Add(1)
		return nil
	}
	if err := e.box.put(p); err != nil {
		return err
	}
	e.stir()
	return nil
}

// ForceKeyframe has a key frame sent soon: with the next picture or, when none comes, the last one again. However often it
// is called there is one in 300 ms. It never waits; any goroutine may call it.
func (e *EncodeVideo) ForceKeyframe() {
	e.asked.Store(true)
	e.stir()
}

// SetBitrate changes the rate from the next picture on, bits a second. A Device that cannot change it smoothly leaves
// changes of less than a tenth undone and makes a key frame for the others. Any goroutine may call it.
// Errors: hwaccel.ErrUnsupported for a rate that is not above 0.
func (e *EncodeVideo) SetBitrate(bitsPerSecond int) error {
	if bitsPerSecond <= 0 {
		return fmt.Errorf("transcode: encode at %d bit/s: %w", bitsPerSecond, hwaccel.ErrUnsupported)
	}
	e.bits.Store(int64(bitsPerSecond))
	return nil
}

// Run encodes what was written until ctx ends or the stage is closed, and then gives back what it holds. Its owner calls
// it once. Errors: the cause of ctx; media.ErrClosed when out was closed; what the last Device said when none is left.
func (e *EncodeVideo) Run(ctx context.Context) error {
	if err := e.life.begin(); err != nil {
		return err
	}
	defer e.free()
	defer e.life.close()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-e.wake:
		case <-timer.C:
		}
		if e.life.isClosed() {
			return nil
		}
		if err := e.on.step(); err != nil {
			return err
		}
		if e.asked.Load() && e.box.last() != nil {
			timer.Reset(e.on.untilKey())
		}
	}
}

// Close takes no more pictures, and Run ends; out stays open. It may be called more than once, and by any goroutine.
func (e *EncodeVideo) Close() error {
	if e.life.close() {
		e.free()
	}
	e.stir()
	return nil
}

// Stats are the counts so far. Any goroutine may ask.
func (e *EncodeVideo) Stats() EncodeVideoStats {
	c := &e.counts
	return EncodeVideoStats{
		Frames: c.frames.Load(), Keyframes: c.keys.Load(), Capped: c.capped.Load(), Replaced: e.box.count(),
		Failed: c.failed.Load(), Refused: c.refused.Load(),
	}
}

func (e *EncodeVideo) stir() {
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

func (e *EncodeVideo) free() {
	e.box.close()
	e.on.close()
}

// videoEncoder is the part of the stage that Run's goroutine has for itself.
type videoEncoder struct {
	stage  *EncodeVideo
	enc    hwaccel.Encoder
	scaler hwaccel.Scaler // nil: none was needed
	// inMemory tells that the encoder takes no pictures of the card they are on.
	inMemory bool
	cutter   media.Sink[*media.Frame]
	scaled   media.Sink[*media.Picture]
	cut      media.Sink[*media.Frame]
	line     pictureLine
	picture  media.Picture // with the timestamp it is sent with
	bits     int64         // as the encoder knows it
	sent     time.Time     // the last picture
	forced   time.Time     // the last key frame
	key      bool          // a key frame was made of the picture
	fatal    error
}

func (v *videoEncoder) open(e *EncodeVideo, mode int) (err error) {
	c := e.cfg
	v.stage, v.bits = e, int64(c.Bitrate)
	v.line.step = e.rate.step
	v.scaled, v.cut = media.SinkFunc[*media.Picture](v.encode), media.SinkFunc[*media.Frame](v.made)
	if c.Codec.Name == media.VP8 {
		v.cutter = payload.NewVP8Packetizer(payload.VP8PacketizerConfig{MTU: c.MTU}, e.out)
	} else {
		v.cutter = payload.NewH264Packetizer(payload.H264PacketizerConfig{MTU: c.MTU, Mode: mode}, e.out)
	}
	v.enc, err = c.Devices.OpenEncoder(hwaccel.EncoderConfig{
		Codec: c.Codec, Width: c.Width, Height: c.Height, FrameRate: c.FrameRate, Bitrate: c.Bitrate, MaxNAL: c.MaxNAL,
	})
	if err != nil {
		return err
	}
	if c.SourceWidth > 0 && (c.SourceWidth != c.Width || c.SourceHeight != c.Height) {
		if err = v.openScaler(c.SourceWidth, c.SourceHeight); err != nil {
			v.close()
		}
	}
	return err
}

func (v *videoEncoder) openScaler(width, height int) (err error) {
	c := v.stage.cfg
	v.scaler, err = c.Devices.OpenScaler(hwaccel.ScalerConfig{Width: c.Width, Height: c.Height, InMemory: v.inMemory},
		width, height, c.FrameRate)
	if err != nil {
		v.scaler = nil
	}
	return err
}

func (v *videoEncoder) close() {
	if v.scaler != nil {
		_ = v.scaler.Close()
	}
	_ = v.enc.Close()
}

// untilKey is how long it takes until a key frame that was asked for may be made of the last picture.
func (v *videoEncoder) untilKey() time.Duration {
	return max(time.Until(v.forced.Add(keysApart)), time.Until(v.sent.Add(stillAfter)), 0)
}

// step does what is due. Errors: those that end the stage.
func (v *videoEncoder) step() error {
	e, now := v.stage, time.Now()
	p, fresh := e.box.take()
	switch {
	case fresh:
		v.picture = *p
		v.picture.Timestamp = v.line.follow(p.Timestamp)
	case e.asked.Load() && v.untilKey() <= 0 && e.box.last() != nil:
		v.picture = *e.box.last()
		v.picture.Timestamp = v.line.repeat(uint32(now.Sub(v.sent) * pictureClock / time.Second))
	default:
		return nil
	}
	forced := e.asked.Load() && now.Sub(v.forced) >= keysApart
	if forced {
		e.asked.Store(false)
		v.enc.ForceKeyframe()
	}
	if bits := e.bits.Load(); bits != v.bits {
		v.bits = bits
		_ = v.enc.SetBitrate(int(bits)) // an encoder that is gone says so with the picture
	}
	v.key = false
	err := v.pass()
	v.sent = now
	if v.key || forced {
		v.forced = now
	}
	if forced && !v.key {
		e.asked.Store(true) // the picture was left out, or no Device took it
	}
	if err != nil {
		e.counts.failed.Add(1)
	}
	return v.fatal
}

// pass brings the picture to the encoder.
func (v *videoEncoder) pass() error {
	p := &v.picture
	err := v.bring(p)
	if p.Surface != nil && !v.inMemory && errors.Is(err, hwaccel.ErrPicture) {
		// The encoder is on another Device than the picture: from now on pictures come to it by way of memory.
		if v.inMemory = true; v.scaler != nil {
			_ = v.scaler.Close()
			v.scaler = nil
		}
		err = v.bring(p)
	}
	return err
}

func (v *videoEncoder) bring(p *media.Picture) error {
	c := v.stage.cfg
	if p.Width == c.Width && p.Height == c.Height && (p.Surface == nil || !v.inMemory) {
		return v.encode(p)
	}
	if v.scaler == nil {
		if err := v.openScaler(p.Width, p.Height); err != nil {
			return err
		}
	}
	return v.scaler.Scale(p, v.scaled)
}

func (v *videoEncoder) encode(p *media.Picture) error {
	err := v.enc.Encode(p, v.cut)
	if err != nil && !errors.Is(err, hwaccel.ErrPicture) {
		// The encoder has tried all Devices.
		v.fatal = fmt.Errorf("transcode: encode %v: %w", v.stage.cfg.Codec, err)
	}
	return err
}

// made takes a frame of the encoder. Errors: none that would be laid at the Device's door.
func (v *videoEncoder) made(f *media.Frame) error {
	c := &v.stage.counts
	c.frames.Add(1)
	if f.Keyframe {
		v.key = true
		c.keys.Add(1)
	}
	if err := v.cutter.Write(f); err != nil {
		c.refused.Add(1)
		if errors.Is(err, media.ErrClosed) {
			v.fatal = err
		}
	}
	return nil
}
