package ffmpeg

import (
	"errors"
	"fmt"

	"github.com/asticode/go-astiav"

	"legroom/hwaccel"
	"legroom/media"
)

// ScalerSetup says how a CardScaler is made.
type ScalerSetup struct {
	// Device names it in errors.
	Device string
	// Filter is FFmpeg's, "scale_vaapi".
	Filter string
	// Config as hwaccel has it, checked.
	Config hwaccel.ScalerConfig
	// Card that scales.
	Card *Card
	// Calls makes the calls; the CardScaler closes it.
	Calls Calls
}

// CardScaler scales pictures on a card. It implements hwaccel.Scaler.
type CardScaler struct {
	setup    ScalerSetup
	staging  *staging
	pool     *surfaces
	graph    *graph
	frame    *astiav.Frame
	surface  Surface
	download download
	result   media.Picture
	// lost tells that a call hangs, perhaps: what it uses is not touched any more.
	lost bool
	run  func() error
}

// NewCardScaler makes a scaler; what it needs on the card it makes when it sees the size of the pictures.
func NewCardScaler(s ScalerSetup) *CardScaler {
	c := &CardScaler{setup: s, staging: newStaging(s.Card), frame: astiav.AllocFrame(), surface: Surface{card: s.Card}}
	c.run = c.scale
	return c
}

// Scale is that of hwaccel.Scaler.
func (c *CardScaler) Scale(src *media.Picture, out media.Sink[*media.Picture]) error {
	switch {
	case c.setup.Calls == nil:
		return hwaccel.ErrClosed
	case c.lost:
		return c.failed(hwaccel.ErrLost)
	}
	here := c.staging.has(src)
	if !here {
		if err := hwaccel.Whole(src); err != nil {
			return c.failed(err)
		}
	}
	if src.Width == c.setup.Config.Width && src.Height == c.setup.Config.Height && here != c.setup.Config.InMemory {
		return out.Write(src)
	}
	if err := c.staging.take(src); err != nil {
		return c.failed(err)
	}
	if err := c.setup.Calls.Do(c.run); err != nil {
		c.lost = errors.Is(err, hwaccel.ErrLost)
		return c.failed(err)
	}
	defer c.frame.Unref()
	c.result.Timestamp = src.Timestamp
	return out.Write(&c.result)
}

func (c *CardScaler) failed(err error) error { return fmt.Errorf("%s: scale: %w", c.setup.Device, err) }

func (c *CardScaler) scale() error {
	from, err := c.place()
	if err != nil {
		return err
	}
	if c.graph == nil || !c.graph.takes(from) {
		if c.graph != nil {
			c.graph.free()
			c.graph = nil
		}
		z := c.setup.Config
		what := fmt.Sprintf("%s=w=%d:h=%d", c.setup.Filter, z.Width, z.Height)
		if c.graph, err = newGraph(what, from); err != nil {
			return err
		}
	}
	if err := c.graph.run(from, c.frame); err != nil {
		return err
	}
	if c.setup.Config.InMemory {
		err = c.download.get(&c.result, c.frame)
	} else {
		c.surface.frame = c.frame
		c.result = media.Picture{Width: c.frame.Width(), Height: c.frame.Height(), Surface: &c.surface}
	}
	if err != nil {
		c.frame.Unref()
	}
	return err
}

// place is the source on the card.
func (c *CardScaler) place() (*astiav.Frame, error) {
	if c.staging.onCard {
		return c.staging.surface, nil
	}
	nv12 := c.staging.nv12
	if c.pool == nil || c.pool.width != nv12.Width() || c.pool.height != nv12.Height() {
		if c.pool != nil {
			c.pool.free()
			c.pool = nil
		}
		var err error
		if c.pool, err = newSurfaces(c.setup.Card, nv12.Width(), nv12.Height(), 0); err != nil {
			return nil, err
		}
	}
	return c.pool.lift(nv12)
}

func (c *CardScaler) free() {
	if c.graph != nil {
		c.graph.free()
	}
	c.staging.free()
	c.download.free()
	c.frame.Free()
	if c.pool != nil {
		c.pool.free()
	}
}

// Close is that of hwaccel.Scaler.
func (c *CardScaler) Close() error {
	if c.setup.Calls != nil {
		c.setup.Calls.Close(c.free)
		c.setup.Calls = nil
	}
	return nil
}
