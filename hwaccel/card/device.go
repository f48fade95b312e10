// Package card is what Devices that are graphics cards share: stages of FFmpeg on threads that may be given up, a budget,
// and being lost when the driver hangs. What there is to a kind of card says its own package.
package card

import (
	"fmt"
	"sync/atomic"
	"time"

	"legroom/hwaccel"
	"legroom/hwaccel/ffmpeg"
	"legroom/media"
)

// DefaultPatience is how long a call into a driver may take before the Device is lost. A picture takes some milliseconds;
// opening what was not used for long may take a second, as the card has to wake up.
const DefaultPatience = 3 * time.Second

// Setup is what makes a card a Device.
type Setup struct {
	// Name of the Device, "vaapi:renderD128".
	Name string
	// Card that was opened; the Device frees it.
	Card *ffmpeg.Card
	// Claims are what the card says of itself, or what an earlier probe found.
	Claims hwaccel.Capabilities
	// Decoders are FFmpeg's decoders by codec.
	Decoders map[media.CodecName]string
	// Encoders are the ways to open an encoder, by codec.
	Encoders map[media.CodecName]ffmpeg.Recipe
	// FromMemory tells that encoders take pictures from memory and bring them to the card themselves.
	FromMemory bool
	// Scaler is FFmpeg's filter that scales on the card; empty is none.
	Scaler string
	// Patience with a call into the driver.
	Patience time.Duration
}

// Device is a graphics card. It implements hwaccel.Device.
type Device struct {
	setup  Setup
	budget *hwaccel.Budget
	// lost counts threads that were abandoned.
	lost atomic.Int32
}

// New makes the Device. Close it when all its stages are closed.
func New(s Setup) *Device { return &Device{setup: s, budget: hwaccel.NewBudget(s.Claims.Capacity)} }

// Name as in Setup.
func (d *Device) Name() string { return d.setup.Name }

// Capabilities as in Setup. Owner: the Device.
func (d *Device) Capabilities() hwaccel.Capabilities { return d.setup.Claims }

// Lost is how many threads hang in the driver; the Device is lost when there is one.
func (d *Device) Lost() int { return int(d.lost.Load()) }

// OpenDecoder opens a decoder. Errors: hwaccel.ErrUnsupported, hwaccel.ErrLost.
func (d *Device) OpenDecoder(c hwaccel.DecoderConfig) (hwaccel.Decoder, error) {
	if err := d.setup.Claims.CheckDecoder(c); err != nil {
		return nil, fmt.Errorf("%s: %w", d.Name(), err)
	}
	calls, err := d.start()
	if err != nil {
		return nil, err
	}
	return ffmpeg.OpenDecoder(ffmpeg.DecoderSetup{
		Device: d.Name(), Name: d.setup.Decoders[c.Codec.Name], Config: c, Card: d.setup.Card, Calls: calls,
	})
}

// OpenEncoder opens an encoder. Errors: hwaccel.ErrUnsupported, hwaccel.ErrLost.
func (d *Device) OpenEncoder(c hwaccel.EncoderConfig) (hwaccel.Encoder, error) {
	if err := d.setup.Claims.CheckEncoder(c); err != nil {
		return nil, fmt.Errorf("%s: %w", d.Name(), err)
	}
	calls, err := d.start()
	if err != nil {
		return nil, err
	}
	s := ffmpeg.EncoderSetup{
		Device: d.Name(), Recipe: d.setup.Encoders[c.Codec.Name], Config: c, Card: d.setup.Card, Calls: calls,
	}
	if d.setup.FromMemory {
		s.Card = nil
	}
	return ffmpeg.OpenEncoder(s)
}

// OpenScaler opens a scaler. Errors: hwaccel.ErrUnsupported, hwaccel.ErrLost.
func (d *Device) OpenScaler(c hwaccel.ScalerConfig) (hwaccel.Scaler, error) {
	if err := d.setup.Claims.CheckScaler(c); err != nil {
		return nil, fmt.Errorf("%s: %w", d.Name(), err)
	}
	calls, err := d.start()
	if err != nil {
		return nil, err
	}
	return ffmpeg.NewCardScaler(ffmpeg.ScalerSetup{
		Device: d.Name(), Filter: d.setup.Scaler, Config: c, Card: d.setup.Card, Calls: calls,
	}), nil
}

// Acquire reserves capacity of the card. Errors: hwaccel.ErrBusy, hwaccel.ErrLost.
func (d *Device) Acquire(l hwaccel.Load) (*hwaccel.Lease, error) {
	if d.Lost() > 0 {
		return nil, fmt.Errorf("%s: %w", d.Name(), hwaccel.ErrLost)
	}
	lease, err := d.budget.Acquire(l)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", d.Name(), err)
	}
	return lease, nil
}

// Close gives the card up. A lost one is left as it is: its driver would hang here too.
func (d *Device) Close() error {
	if d.Lost() == 0 {
		d.setup.Card.Free()
	}
	return nil
}

// start gives a stage its thread. Errors: hwaccel.ErrLost.
func (d *Device) start() (ffmpeg.Calls, error) {
	if d.Lost() > 0 {
		return nil, fmt.Errorf("%s: %w", d.Name(), hwaccel.ErrLost)
	}
	return &calls{device: d, thread: ffmpeg.StartThread(d.setup.Patience)}, nil
}
