// Package nvidia is the Device of a graphics card of NVIDIA: NVDEC decodes and NVENC encodes, which are separate engines,
// and there are cards that have only the first.
package nvidia

import (
	"fmt"
	"strconv"
	"time"

	"legroom/hwaccel"
	"legroom/hwaccel/card"
	"legroom/hwaccel/ffmpeg"
)

// Config of one card.
type Config struct {
	// Number of the card, from 0, as NVIDIA counts them.
	Number int
	// Measured are the Capabilities that an earlier probe found; nil is all that any card can do.
	Measured *hwaccel.Capabilities
	// Patience with a call into the driver; 0 is card.DefaultPatience.
	Patience time.Duration
}

// Name of the Device of a card: "nvidia:0".
func Name(number int) string { return "nvidia:" + strconv.Itoa(number) }

// Open opens the card. Close it when all its stages are closed. Where no driver of NVIDIA is installed, its libraries are
// missed here and nowhere else. Errors: *ffmpeg.CallError with what FFmpeg logged; hwaccel.ErrLost when the driver hangs.
func Open(c Config) (*card.Device, error) {
	if c.Patience == 0 {
		c.Patience = card.DefaultPatience
	}
	var opened *ffmpeg.Card
	thread := ffmpeg.StartThread(c.Patience)
	defer thread.Close(func() {})
	err := thread.Do(func() (err error) {
		opened, err = ffmpeg.OpenCard(ffmpeg.CUDA, strconv.Itoa(c.Number), nil)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("%s: open: %w", Name(c.Number), err)
	}
	claimed := claims()
	if c.Measured != nil {
		claimed = *c.Measured
	}
	return card.New(card.Setup{
		Name: Name(c.Number), Card: opened, Claims: claimed,
		// NVENC takes pictures from memory and brings them to the card itself.
		Decoders: decoders(), Encoders: encoders(), FromMemory: true,
		Patience: c.Patience,
	}), nil
}
