package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"legroom/configs"
	"legroom/gateway"
	"legroom/internal/logkey"
)

// serveCommand runs the gateway until SIGTERM or SIGINT; a second one does not wait for calls.
type serveCommand struct {
	Config string `short:"c" type:"path" help:"Configuration file; without one the defaults hold, which have no rooms."`
}

// Run serves.
func (c *serveCommand) Run() error {
	cfg, err := load(c.Config)
	if err != nil {
		return err
	}
	log := cfg.Log.Logger(os.Stderr)
	g, err := gateway.New(cfg, log)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := welcome(os.Stdout, g, cfg); err != nil {
		// A greeting that nobody reads, as in a file on a full disk, is no reason to take no calls.
		log.Warn("greeting cannot be written", logkey.Err, err)
	}
	force := make(chan struct{})
	go func() { // ends with the process: it waits for a second signal
		<-ctx.Done()
		stop()
		again := make(chan os.Signal, 1)
		signal.Notify(again, os.Interrupt, syscall.SIGTERM)
		<-again
		close(force)
	}()
	return g.Run(ctx, force)
}

func load(path string) (configs.Config, error) {
	if path == "" {
		return configs.Default(), nil
	}
	return configs.Load(path)
}

// welcome tells whoever started the gateway how to reach it. PINs and links are on the terminal only where the
// configuration says so, and never in the log.
func welcome(w io.Writer, g *gateway.Gateway, cfg configs.Config) error {
	var b strings.Builder
	fmt.Fprintf(&b, "\nLegroom is up.\n\n  Dial     %s\n", strings.Join(g.SIPURIs(""), "\n           "))
	fmt.Fprintf(&b, "           user part: the number of a room, or %s to be asked for it\n", g.CommonNumbers())
	fmt.Fprintf(&b, "  Web      %s\n", g.WebURL())
	if at := g.OperateAddr(); at.IsValid() {
		fmt.Fprintf(&b, "  Operate  http://%s (metrics, health, calls, meetings)\n", at)
	}
	fmt.Fprintf(&b, "\n  Encrypted rooms know this gateway by its key, whose fingerprint browsers show:\n  %s\n", g.KeyFingerprint())
	if g.OwnCertificate() {
		fmt.Fprintf(&b, "\n  The web certificate was made by this gateway, so browsers warn of it once. Its SHA-256 fingerprint is\n  %s\n",
			g.Fingerprint())
	}
	switch {
	case len(cfg.Rooms) == 0 && len(cfg.OnDemand) == 0:
		b.WriteString("\n  There are no rooms. Add one to the configuration; configs/demo.yaml shows how.\n")
	case cfg.PrintInvitations:
		for _, i := range g.Invitations() {
			invite(&b, i)
		}
	default:
		fmt.Fprintf(&b, "\n  %d rooms, %d patterns of rooms on demand.\n", len(cfg.Rooms), len(cfg.OnDemand))
	}
	_, err := fmt.Fprintln(w, b.String())
	return err
}

func invite(b *strings.Builder, i gateway.Invitation) {
	fmt.Fprintf(b, "\n  Room %s: %s\n    Host in a browser    %s\n    Guest in a browser   %s\n    By telephone         %s\n",
		i.Number, i.Name, i.HostLink, i.GuestLink, i.Phone)
	if i.PIN != "" {
		fmt.Fprintf(b, "    PIN for guests       %s, then #\n", i.PIN)
	}
	if i.HostPIN != "" {
		fmt.Fprintf(b, "    PIN for the host     %s, then #\n", i.HostPIN)
	}
}
