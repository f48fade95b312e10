package transcode

import (
	"context"
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
