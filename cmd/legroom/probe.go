package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"text/tabwriter"

	"legroom/hwaccel"
	"legroom/hwaccel/software"
)

// probeCommand tells which video codecs work on this machine and how fast, by using them.
type probeCommand struct{}

// Run probes and prints a line for each codec and direction.
func (probeCommand) Run() error {
	c := software.DefaultConfig()
	c.Log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	device, err := software.New(context.Background(), c)
	if err != nil {
		return err
	}
	found := device.Capabilities()
	w := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintf(w, "device\tdoes\tcodec\tup to\t720p a second\n")
	for _, op := range []hwaccel.Operation{hwaccel.Decode, hwaccel.Encode, hwaccel.Scale} {
		for _, able := range found.Of(op) {
			fmt.Fprintf(w, "%s\t%s\t%s\t%dx%d\t%d\n", device.Name(), op, able.Codec, able.MaxWidth, able.MaxHeight,
				able.Speed/(1280*720))
		}
	}
	fmt.Fprintf(w, "\nlent to pictures: %d %% of one core\n", found.Capacity.Total/10)
	return w.Flush()
}
