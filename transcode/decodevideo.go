package transcode

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"legroom/hwaccel"
	"legroom/media"
	"legroom/media/jitter"
	"legroom/media/payload"
)

const (
	// waitingFrames is how many frames wait for the decoder at most: half a second.
	waitingFrames = 16
	// spareBytes is what a frame may have beyond a byte a pixel.
	spareBytes = 64 << 10
	// reopenAfter is after how many key frames in a row that did not decode a decoder is made anew.
	reopenAfter = 4
)

// DecodeVideoConfig says what DecodeVideo reads.
type DecodeVideoConfig struct {
	// Codec of the packets: H.264 or VP8.
	Codec media.Codec
	// Devices that decode.
	Devices *hwaccel.Fallback
	// MaxWidth and MaxHeight bound the pictures, pixels; a stream of larger ones is refused until it has smaller ones.
	MaxWidth, MaxHeight int
	// FrameRate that capacity is taken for, pictures a second. Default 30.
	FrameRate int
	// InMemory asks for pictures with Planes where a Device would rather keep them on its card.
	InMemory bool
	// Window is after how many packets a missing one is given up, 1 to 64. Default 16; more where what is lost is sent
	// again. Whoever sends in order loses nothing by it: only what comes behind a gap waits.
	Window int
	// Patience is how long the last good picture stands when frames were lost, until a key frame comes: behind it the
	// pictures are shown as they are, damaged. Default 400 ms.
	Patience time.Duration
	// RequestKeyframe asks the sender for a key frame; it is called at most twice a second, less often while that changes
	// nothing, and must not wait. Nil asks nobody.
	RequestKeyframe func()
}

func (c DecodeVideoConfig) withDefaults() DecodeVideoConfig {
	if c.FrameRate <= 0 {
		c.FrameRate = usualRate
	}
	if c.Window <= 0 {
		c.Window = 16
	}
	if c.Patience <= 0 {
		c.Patience = 400 * time.Millisecond
	}
	return c
}

// DecodeVideoStats counts.
type DecodeVideoStats struct {
	// Pictures that were shown, and those Held back because what they are predicted from was lost.
	Pictures, Held uint64
	// Lost packets, Broken frames of which some were missing, and Dropped frames for which the decoder had no time.
	Lost, Broken, Dropped uint64
	// Failed frames did not decode: broken, too large, or nothing is left to decode them.
	Failed uint64
	// Requests for key frames.
	Requests uint64
}

// depacketizer is one of package payload.
type depacketizer interface {
	media.Sink[*media.Packet]
	Dropped() uint64
}

// DecodeVideo is the stage from packets to pictures: in order, put together, decoded. Write is called by one goroutine at
// a time and does not wait; frames wait, a bounded number, for Run, which decodes in the goroutine of its owner. So many
// pictures are decoded at a time as the processor's Device lets (software.Device), whoever wants them.
// What cannot be decoded costs itself and asks for a key frame; until that comes the last good picture stands, for as long
// as Patience, since what is predicted from what was lost shows what nobody sent.
// Owner: pictures are lent to out, which stays open. Their Timestamp is the packets', their size any up to the bound, and
// may change. Errors of Write: media.ErrClosed, and those of the payload, which concern a packet.
type DecodeVideo struct {
	cfg     DecodeVideoConfig
	out     media.Sink[*media.Picture]
	reorder *jitter.Reorder
	frames  *media.Queue[*media.Frame]
	parts   depacketizer
	asker   keyframeAsker
	life    stageLife
	counts  decodeCounts
	// begun tells that there was a packet; seen is for how many losses a key frame was asked for; gap tells that a frame
	// was left out before the queue.
	begun bool
	seen  uint64
	gap   bool
	// key is the timestamp of the last key frame that was queued, and a bit above it.
	key atomic.Uint64
	on  videoDecoder
}

type decodeCounts struct {
	pictures, held, lost, broken, failed, oversize atomic.Uint64
}

var _ media.Sink[*media.Packet] = (*DecodeVideo)(nil)

// NewDecodeVideo makes the stage and opens its decoder, which takes capacity of a Device. Close gives it back.
// Errors: ErrNoPlan for a codec without a depacketizer; hwaccel.ErrUnsupported, hwaccel.ErrBusy.
func NewDecodeVideo(cfg DecodeVideoConfig, out media.Sink[*media.Picture]) (*DecodeVideo, error) {
	d := &DecodeVideo{cfg: cfg.withDefaults(), out: out}
	d.asker.ask = cfg.RequestKeyframe
	whole := media.SinkFunc[*media.Frame](d.frame)
	switch cfg.Codec.Name {
	case media.H264:
		d.parts = payload.NewH264Depacketizer(whole)
	case media.VP8:
		d.parts = payload.NewVP8Depacketizer(whole)
	default:
		return nil, fmt.Errorf("transcode: decode %v: %w", cfg.Codec, ErrNoPlan)
	}
	d.on = videoDecoder{stage: d}
	d.on.shown = media.SinkFunc[*media.Picture](d.on.show)
	if err := d.on.open(); err != nil {
		return nil, fmt.Errorf("transcode: decode %v: %w", cfg.Codec, err)
	}
	d.frames = media.NewFrameQueue(waitingFrames, media.SinkFunc[*media.Frame](d.on.decode))
	d.reorder = jitter.NewReorder(jitter.ReorderConfig{Window: d.cfg.Window}, d.parts, func(lost int, _ *media.Packet) {
		d.counts.lost.Add(uint64(lost))
	})
	return d, nil
}

// Write takes the next packet as it arrived.
func (d *DecodeVideo) Write(p *media.Packet) error {
	if d.life.isClosed() {
		return media.ErrClosed
	}
	if !d.begun {
		// A stream that was there before needs a key frame, one that begins has one.
		if d.begun = true; !payload.IsKeyframe(d.cfg.Codec.Name, p.Payload) {
			d.asker.want()
		}
	}
	err := d.reorder.Write(p)
	d.counts.broken.Store(d.parts.Dropped())
	if missed := d.parts.Dropped() + d.frames.Dropped(); missed != d.seen {
		d.seen = missed
		d.asker.want()
	}
	d.asker.due()
	return err
}

// frame takes one that is whole.
func (d *DecodeVideo) frame(f *media.Frame) error {
	if len(f.Data) > d.cfg.MaxWidth*d.cfg.MaxHeight+spareBytes {
		d.gap = true
		d.counts.oversize.Add(1)
		d.asker.want()
		return nil
	}
	f.Gap, d.gap = f.Gap || d.gap, false
	switch {
	case f.Keyframe:
		d.key.Store(1<<32 | uint64(f.Timestamp))
		d.asker.came()
	case f.Gap:
		d.asker.want()
	}
	return d.frames.Write(f)
}

// Run decodes what was written until ctx ends or the stage is closed, and then gives back what it holds. Its owner calls
// it once. Errors: the cause of ctx; media.ErrClosed.
func (d *DecodeVideo) Run(ctx context.Context) error {
	if err := d.life.begin(); err != nil {
		return err
	}
	defer d.on.close()
	defer d.life.close()
	return d.frames.Run(ctx)
}

// Close takes no more packets, and Run ends; out stays open. It may be called more than once, and by any goroutine.
func (d *DecodeVideo) Close() error {
	if d.life.close() {
		d.on.close()
	}
	return d.frames.Close()
}

// Stats are the counts so far. Any goroutine may ask.
func (d *DecodeVideo) Stats() DecodeVideoStats {
	c := &d.counts
	return DecodeVideoStats{
		Pictures: c.pictures.Load(), Held: c.held.Load(), Lost: c.lost.Load(), Broken: c.broken.Load(),
		Dropped: d.frames.Dropped() + c.oversize.Load(), Failed: c.failed.Load(), Requests: d.asker.count(),
	}
}
