// Package software is the Device that every machine has: FFmpeg's decoders, OpenH264 and libvpx on the processor.
package software

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"

	"legroom/hwaccel"
	"legroom/hwaccel/ffmpeg"
	"legroom/internal/logkey"
)

// Device is the processor. It implements hwaccel.Device.
type Device struct {
	capabilities hwaccel.Capabilities
	budget       *hwaccel.Budget
	slots        slots
}

// New makes the Device with what Config.Measured says, or probes first, which takes some 200 ms; what fails the probe is
// logged and left out. It starts no goroutine and there is nothing to close.
// Errors: those of Config.Validate; the cause of ctx.
func New(ctx context.Context, c Config) (*Device, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	log := c.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	ffmpeg.LogTo(log)
	cores := runtime.GOMAXPROCS(0)
	if c.Measured != nil {
		return device(*c.Measured, cores), nil
	}
	claimed := device(claims(cores*1000*c.Share/100), cores)
	found, err := hwaccel.Probe(ctx, claimed, claimed)
	if ctx.Err() != nil {
		return nil, fmt.Errorf("software: probe: %w", context.Cause(ctx))
	}
	if err != nil {
		log.Warn("the software device cannot do all it was built for", logkey.Err, err)
	}
	return device(found, cores), nil
}

func device(c hwaccel.Capabilities, cores int) *Device {
	return &Device{capabilities: c, budget: hwaccel.NewBudget(c.Capacity), slots: make(slots, cores)}
}

// claims lists what was linked; only a probe makes facts of it.
func claims(total int) hwaccel.Capabilities {
	able := hwaccel.Capability{MaxWidth: maxWidth, MaxHeight: maxHeight}
	c := hwaccel.Capabilities{
		Scale:    []hwaccel.Capability{able},
		Capacity: hwaccel.Capacity{Total: total},
	}
	for _, name := range codecs() {
		each := able
		each.Codec = name
		if ffmpeg.HasDecoder(decoderOf(name)) {
			c.Decode = append(c.Decode, each)
		}
		if encodes(&each) {
			c.Encode = append(c.Encode, each)
		}
	}
	return c
}

// Name of the Device; there is one.
const Name = "software"

// Name is that of the package.
func (d *Device) Name() string { return Name }

// Capabilities as they were measured. Owner: the Device.
func (d *Device) Capabilities() hwaccel.Capabilities { return d.capabilities }

// Acquire reserves a share of the processor. Errors: hwaccel.ErrBusy.
func (d *Device) Acquire(l hwaccel.Load) (*hwaccel.Lease, error) {
	lease, err := d.budget.Acquire(l)
	if err != nil {
		return nil, fmt.Errorf("software: %w", err)
	}
	return lease, nil
}

// slots bounds the long calls into C that run at a time to the number of cores: each of them holds a thread of the
// operating system, and more of them than cores only delay each other and the sound.
type slots chan struct{}

// Do calls f when a slot is free.
func (s slots) Do(f func() error) error {
	s <- struct{}{}
	err := f()
	<-s
	return err
}

// Close frees at once: nothing runs between calls.
func (s slots) Close(free func()) { free() }
