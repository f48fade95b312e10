package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"legroom/hwaccel"
	"legroom/hwaccel/machine"
	"legroom/internal/version"
)

// probeTime bounds a probe: somebody waits for it.
const probeTime = 25 * time.Second

// errTooLong is what a probe that was cut off says of the rest.
var errTooLong = errors.New("the probe took too long")

// probeCommand tells which video codecs work on this machine and how fast, by using them.
type probeCommand struct {
	Config   string `short:"c" type:"path" help:"Configuration file whose state folder keeps what is found, for the next start of serve."`
	JSON     bool   `name:"json" help:"Print what was found as JSON."`
	VADriver string `name:"va-driver" help:"Name of the VA-API driver, where libva would choose another."`
}

// Run probes and prints a line for each device, codec and direction.
func (p *probeCommand) Run() error {
	ctx, cancel := context.WithTimeoutCause(context.Background(), probeTime, errTooLong)
	defer cancel()
	c := machine.DefaultConfig()
	c.VADriver = p.VADriver
	c.Log = slog.New(slog.DiscardHandler) // the table has the reasons
	found, err := machine.Search(ctx, c, machine.Inventory{})
	if err != nil {
		return err
	}
	defer found.Close()
	if p.Config != "" {
		cfg, err := load(p.Config)
		if err != nil {
			return err
		}
		if err := found.Inventory.Save(cfg.StateDir); err != nil {
			return err
		}
	}
	if p.JSON {
		enc := json.NewEncoder(os.Stdout)
		enc.SetIndent("", "  ")
		return enc.Encode(found.Inventory)
	}
	return printInventory(os.Stdout, found.Inventory)
}

// printInventory writes the table that people send each other.
func printInventory(out io.Writer, i machine.Inventory) error {
	fmt.Fprintf(out, "Legroom %s, probed %s in %.1f s\n\n", version.Number(), i.Probed.Format(time.RFC3339), i.Took.Seconds())
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintf(w, "DEVICE\tCODEC\tDOES\tUP TO\t720P A SECOND\t720P30 STREAMS\n")
	for _, r := range i.Reports {
		for _, op := range []hwaccel.Operation{hwaccel.Decode, hwaccel.Encode, hwaccel.Scale} {
			for _, able := range r.Capabilities.Of(op) {
				job := hwaccel.Job{Operation: op, Codec: able.Codec, Width: 1280, Height: 720, FrameRate: 30}
				fmt.Fprintf(w, "%s\t%s\t%s\t%dx%d\t%d\t%d\n", r.Device, orDash(string(able.Codec)), op, able.MaxWidth, able.MaxHeight,
					able.Speed/(1280*720), r.Capabilities.Streams(job))
			}
		}
		for _, no := range r.Refusals {
			if no.Operation != 0 {
				fmt.Fprintf(w, "%s\t%s\t%s\tno\t\t\n", r.Device, orDash(string(no.Codec)), no.Operation)
			} else {
				fmt.Fprintf(w, "%s\t-\t-\tno\t\t\n", r.Device)
			}
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return printReasons(out, i)
}

// printReasons writes what does not fit a table: drivers, and why something does not work.
func printReasons(out io.Writer, i machine.Inventory) error {
	var b strings.Builder
	for _, r := range i.Reports {
		fmt.Fprintf(&b, "\n%s: %s\n", r.Device, orDash(r.Driver))
		for _, no := range r.Refusals {
			what := "no such device"
			if no.Operation != 0 {
				what = fmt.Sprintf("no %s %s", no.Operation, no.Codec)
			}
			fmt.Fprintf(&b, "  %s: %s\n", what, no.Reason)
		}
	}
	b.WriteString("\nStreams are those of one kind alone, of what is lent to pictures: a telephone's sound comes first.\n")
	_, err := io.WriteString(out, b.String())
	return err
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
