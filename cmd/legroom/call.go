package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"time"

	"legroom/gateway/trial"
	"legroom/media"
)

// callCommand places a test call.
type callCommand struct {
	URI       string        `arg:"" help:"Whom to call: sip:1000@gateway."`
	DTMF      string        `name:"dtmf" help:"Keys to press once it is answered; a comma is a pause of a second."`
	Tone      float64       `default:"0" help:"Tone to send, Hz."`
	Record    string        `type:"path" help:"WAV file to write what was heard to."`
	SRTP      string        `name:"srtp" enum:"none,sdes,dtls" default:"none" help:"Encryption of the sound: none, sdes or dtls."`
	Codec     []string      `help:"Codecs to offer, best first: opus, G722, PCMA, PCMU. Default all."`
	Transport string        `enum:"udp,tcp,tls," default:"" help:"udp, tcp or tls; the same as ;transport= in the URI."`
	Duration  time.Duration `default:"10s" help:"Length of the call."`
	User      string        `help:"User of a gateway that asks for a password (LEGROOM_PASSWORD)."`
	Password  string        `env:"LEGROOM_PASSWORD" hidden:""`
	Insecure  bool          `help:"Take any certificate over TLS, as one that a gateway made itself."`
	Verbose   bool          `short:"v" help:"Show what the SIP stack says."`
}

// Run calls.
func (c *callCommand) Run() error {
	to := c.URI
	if !strings.Contains(to, ":") || !strings.HasPrefix(to, "sip") {
		to = "sip:" + to
	}
	if c.Transport != "" && !strings.Contains(to, ";transport=") {
		to += ";transport=" + c.Transport
	}
	var codecs []media.CodecName
	for _, name := range c.Codec {
		codecs = append(codecs, media.CodecName(name))
	}
	level := slog.LevelError
	if c.Verbose {
		level = slog.LevelDebug
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	report, err := trial.Call(ctx, trial.CallConfig{
		To: to, Codecs: codecs, SRTP: c.SRTP, Keys: c.DTMF, Tone: c.Tone, Record: c.Record, Duration: c.Duration,
		User: c.User, Password: c.Password, Insecure: c.Insecure,
		Log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level})),
	})
	if err != nil {
		return fmt.Errorf("test call: %w", err)
	}
	return report.Write(os.Stdout)
}
