package main

import (
	"fmt"
	"io"
	"os"

	"legroom/gateway/trial"
)

// sdpCommand answers an offer on paper.
type sdpCommand struct {
	File   string `arg:"" type:"path" help:"File with the offer; - reads standard input."`
	Config string `short:"c" type:"path" help:"Configuration to answer by; without one the defaults."`
}

// maxOffer bounds what is read.
const maxOffer = 1 << 20

// Run answers.
func (c *sdpCommand) Run() error {
	cfg, err := load(c.Config)
	if err != nil {
		return err
	}
	in := os.Stdin
	if c.File != "-" {
		if in, err = os.Open(c.File); err != nil {
			return fmt.Errorf("read offer: %w", err)
		}
		defer func() { _ = in.Close() }()
	}
	offer, err := io.ReadAll(io.LimitReader(in, maxOffer))
	if err != nil {
		return fmt.Errorf("read offer: %w", err)
	}
	return trial.Answer(os.Stdout, offer, cfg.SIP)
}
