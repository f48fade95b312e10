// Package vaapi is the Device of a graphics card with a VA-API driver: those of Intel and AMD.
package vaapi

import (
	"fmt"
	"path/filepath"
	"time"

	"legroom/hwaccel"
	"legroom/hwaccel/card"
	"legroom/hwaccel/ffmpeg"
)

// Config of one card.
type Config struct {
	// Node is the path of its render node, "/dev/dri/renderD128".
	Node string
	// Driver is the name of the VA-API driver; empty lets libva choose by the card.
	Driver string
	// Measured are the Capabilities that an earlier probe found; nil are those that the driver claims.
	Measured *hwaccel.Capabilities
	// Patience with a call into the driver; 0 is card.DefaultPatience.
	Patience time.Duration
}

// Nodes are the render nodes of this machine, in order.
func Nodes() []string {
	nodes, _ := filepath.Glob("/dev/dri/renderD*") // the pattern is a good one
	return nodes
}

// Name of the Device of a render node: "vaapi:renderD128".
func Name(node string) string { return "vaapi:" + filepath.Base(node) }

// Device is the card behind one render node.
type Device struct {
	*card.Device
	// Driver is its driver's name and version, in the driver's own words.
	Driver string
}

// Open opens the card. Close it when all its stages are closed. Errors: *ffmpeg.CallError with what FFmpeg logged;
// hwaccel.ErrLost when the driver hangs.
func Open(c Config) (*Device, error) {
	if c.Patience == 0 {
		c.Patience = card.DefaultPatience
	}
	options := ffmpeg.Options{}
	if c.Driver != "" {
		options["driver"] = c.Driver
	}
	var opened *ffmpeg.Card
	var said answers
	thread := ffmpeg.StartThread(c.Patience)
	defer thread.Close(func() {})
	err := thread.Do(func() (err error) {
		if opened, err = ffmpeg.OpenCard(ffmpeg.VAAPI, c.Node, options); err == nil {
			said = ask(opened)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("%s: open: %w", Name(c.Node), err)
	}
	if c.Measured != nil {
		said.claims = *c.Measured
	}
	return &Device{Driver: said.vendor, Device: card.New(card.Setup{
		Name: Name(c.Node), Card: opened, Claims: said.claims,
		Decoders: decoders(), Encoders: encoders(said.lowPower), Scaler: "scale_vaapi",
		Patience: c.Patience,
	})}, nil
}
