package trial

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"legroom/audio"
	"legroom/audio/opus"
	"legroom/internal/run"
	"legroom/media"
	"legroom/sip"
	"legroom/sip/sdp"
	"legroom/transcode"
)

// Pauses of the keys that are pressed.
const (
	keyLength = 100 * time.Millisecond
	keyPause  = 120 * time.Millisecond
	// commaPause is what a comma among the keys means.
	commaPause = time.Second
)

// CallConfig is a test call.
type CallConfig struct {
	// To is a SIP URI: "sip:1000@127.0.0.1", "sip:1000@gateway;transport=tls".
	To string
	// Codecs to offer, best first; nil for all.
	Codecs []media.CodecName
	// SRTP is "none", "sdes" or "dtls".
	SRTP string
	// Keys to press once the call is answered; a comma is a pause of a second.
	Keys string
	// Tone to send, Hz; 0 for silence.
	Tone float64
	// Record is a WAV file to write what was heard to; empty for none.
	Record string
	// Duration of the call from its answer.
	Duration time.Duration
	// User and Password for a gateway that asks for them.
	User, Password string
	// Insecure takes any certificate of a gateway called over TLS.
	Insecure bool
	// Log of the SIP stack.
	Log *slog.Logger
}

// Report is what a test call heard.
type Report struct {
	// Codec and Security that were agreed.
	Codec, Security string
	// Answered is the time from INVITE to 200, FirstPacket from 200 to the first RTP packet, FirstSound to the first that
	// is louder than -50 dBov; 0 when none came.
	Answered, FirstPacket, FirstSound time.Duration
	// Length of the call from its answer.
	Length time.Duration
	// Received, Sent and Lost packets.
	Received, Sent uint64
	Lost           int64
	// Jitter of what came.
	Jitter time.Duration
	// Level of the loudest second, -dBov: 0 is full scale, 127 silence.
	Level media.Level
	// Tone that carries most of it, Hz, and its share of the energy, 0 to 1, in the clearest second of that loudness.
	Tone, Share float64
	// End is why the call ended before its time; nil when we hung up.
	End error
}

// Call places a test call and reports what it heard. Errors: those of sip.Server.Dial, and of the recording.
func Call(ctx context.Context, cfg CallConfig) (Report, error) {
	server, err := server(cfg)
	if err != nil {
		return Report{}, err
	}
	g, running := run.NewGroup(context.WithoutCancel(ctx))
	g.Go("sip", func(ctx context.Context) error {
		if err := server.Run(ctx); err != nil && !errors.Is(err, context.Canceled) {
			return err
		}
		return nil
	})
	report, err := call(ctx, running, g, server, cfg)
	g.Cancel(context.Canceled)
	return report, errors.Join(err, g.Wait())
}

func server(cfg CallConfig) (*sip.Server, error) {
	c := sip.DefaultConfig()
	c.Listen = []sip.ListenConfig{{Network: "udp", Address: "0.0.0.0:0"}}
	c.Log, c.UserAgent = cfg.Log, "Legroom test call"
	c.TLS.InsecurePeers = cfg.Insecure
	c.RTP.PortMin, c.RTP.PortMax = 0, 0
	c.RTP.SDES, c.RTP.DTLS = sdp.Off, sdp.Off
	switch cfg.SRTP {
	case "", "none":
	case "sdes":
		c.RTP.SDES = sdp.Required
	case "dtls":
		c.RTP.DTLS = sdp.Required
	default:
		return nil, fmt.Errorf("trial: srtp is %q, must be none, sdes or dtls", cfg.SRTP)
	}
	s, err := sip.New(c, nil)
	if err != nil {
		return nil, fmt.Errorf("trial: %w", err)
	}
	return s, nil
}

func call(ctx, running context.Context, g *run.Group, server *sip.Server, cfg CallConfig) (Report, error) {
	begin := time.Now()
	dialog, leg, err := server.Dial(ctx, sip.DialRequest{
		To: cfg.To, From: sip.Party{User: "testcall", Display: "Test call"}, User: cfg.User, Password: cfg.Password, Codecs: cfg.Codecs,
	})
	if err != nil {
		return Report{}, err
	}
	answered := time.Now()
	ear := &ear{}
	if err := leg.Publish(ear); err != nil {
		return Report{}, fmt.Errorf("trial: %w", err)
	}
	g.Go("leg", leg.Run)
	talk, stop := context.WithTimeout(ctx, cfg.Duration)
	defer stop()
	defer context.AfterFunc(running, stop)()
	g.Go("tone", func(context.Context) error { return speak(talk, leg, cfg.Tone) })
	g.Go("keys", func(context.Context) error { return press(talk, leg, cfg.Keys) })
	select {
	case <-talk.Done():
	case <-leg.Done():
	}
	report := reportOf(leg, ear, answered)
	report.Answered = answered.Sub(begin)
	select {
	case <-leg.Done():
		report.End = dialog.Cause()
	default:
	}
	stop()
	_ = leg.Close(nil)
	if cfg.Record != "" {
		if err := os.WriteFile(cfg.Record, ear.wave(), 0o600); err != nil {
			return report, fmt.Errorf("trial: write recording: %w", err)
		}
	}
	return report, nil
}

// speak sends the tone in the codec of the call.
func speak(ctx context.Context, leg *sip.Leg, hz float64) error {
	codec := leg.Codec()
	out, err := leg.Send(media.TrackInfo{ID: "tone", Source: media.Mix, Codec: codec, Layers: 1})
	if err != nil {
		return fmt.Errorf("trial: %w", err)
	}
	defer func() { _ = out.Close() }()
	encode, err := transcode.NewEncode(transcode.EncodeConfig{Codec: codec, Opus: opus.DefaultConfig()}, out)
	if err != nil {
		return fmt.Errorf("trial: %w", err)
	}
	defer func() { _ = encode.Close() }()
	if err := sendTone(ctx, hz, codec.SampleRate(), encode); err != nil && !errors.Is(err, media.ErrClosed) {
		return fmt.Errorf("trial: %w", err)
	}
	return nil
}

// press presses the keys one after the other.
func press(ctx context.Context, leg *sip.Leg, keys string) error {
	for _, key := range keys {
		pause := keyPause
		if key == ',' {
			pause = commaPause
		} else if err := leg.SendDigit(ctx, key, keyLength); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
	}
	return nil
}

func reportOf(leg *sip.Leg, e *ear, answered time.Time) Report {
	stats := leg.Stats()
	r := Report{
		Codec: leg.Codec().String(), Security: leg.Security().String(), Length: time.Since(answered).Round(time.Millisecond),
		Received: stats.PacketsIn, Sent: stats.PacketsOut, Lost: stats.Lost, Jitter: stats.Jitter, Level: audio.Silence,
	}
	sound := e.loudest()
	e.mu.Lock()
	rate, first, heard := e.rate, e.first, e.sound
	e.mu.Unlock()
	if !first.IsZero() {
		r.FirstPacket = first.Sub(answered)
	}
	if !heard.IsZero() {
		r.FirstSound = heard.Sub(answered)
	}
	if len(sound) > 0 {
		r.Level = audio.Level(sound)
		r.Tone = dominant(sound, rate)
		r.Share = max(share(sound, rate, r.Tone), e.clearest(r.Tone, r.Level+1))
	}
	return r
}

// Write puts the report in words.
func (r Report) Write(w io.Writer) error {
	end := "we hung up"
	if r.End != nil {
		end = r.End.Error()
	}
	sound := fmt.Sprintf("%d dBov in the loudest second, up to %.0f %% of it at %.0f Hz", -int(r.Level), 100*r.Share, r.Tone)
	if r.Level == audio.Silence {
		sound = "silence"
	}
	_, err := fmt.Fprintf(w, "codec      %s\nsecurity   %s\nanswered   after %.1f ms, first packet %.1f ms later, first sound %.1f ms later\nlength     %s, %s\n"+
		"packets    %d received, %d lost, %d sent, jitter %s\nheard      %s\n",
		r.Codec, r.Security, ms(r.Answered), ms(r.FirstPacket), ms(r.FirstSound), r.Length, end,
		r.Received, r.Lost, r.Sent, r.Jitter.Round(10*time.Microsecond), sound)
	return err
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
