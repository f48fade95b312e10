package main

import (
	"bytes"
	"context"
	"log/slog"
	"math"
	"os"
	"time"

	"legroom/audio/opus"
	"legroom/hwaccel"
	"legroom/hwaccel/software"
	"legroom/media"
)

// What a camera of the smallest layer sends.
const (
	width, height = 320, 180
	frameRate     = 25
	bitrate       = 150_000
	clipSeconds   = 4
)

// clip is stored media: frames that follow one another, the first a key frame.
type clip struct {
	frames [][]byte
	// every is the time between two frames, and ticks the same on the clock of RTP.
	every time.Duration
	ticks uint32
}

// recordClip encodes moving pictures once, for all.
func recordClip(ctx context.Context) (*clip, error) {
	c := software.DefaultConfig()
	c.Log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	device, err := software.New(ctx, c)
	if err != nil {
		return nil, err
	}
	encoder, err := device.OpenEncoder(hwaccel.EncoderConfig{
		Codec: media.Codec{Name: media.VP8, ClockRate: 90000}, Width: width, Height: height, FrameRate: frameRate, Bitrate: bitrate,
	})
	if err != nil {
		return nil, err
	}
	defer encoder.Close()
	out := &clip{every: time.Second / frameRate, ticks: 90000 / frameRate}
	keep := media.SinkFunc[*media.Frame](func(f *media.Frame) error {
		out.frames = append(out.frames, bytes.Clone(f.Data))
		return nil
	})
	for n := range frameRate * clipSeconds {
		if err := encoder.Encode(hwaccel.Pattern(width, height, n), keep); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// recordTone encodes a second of a tone, Hz.
func recordTone(hertz float64) (*clip, error) {
	const rate, samples = 48000, 960
	c := opus.DefaultConfig()
	c.Rate = rate
	encoder, err := opus.NewEncoder(c)
	if err != nil {
		return nil, err
	}
	defer encoder.Close()
	out := &clip{every: 20 * time.Millisecond, ticks: samples}
	amplitude := math.Pow(10, -level/20.0) * math.MaxInt16
	pcm := make([]int16, samples)
	for n := range rate / samples {
		for i := range pcm {
			pcm[i] = int16(amplitude * math.Sin(2*math.Pi*hertz*float64(n*samples+i)/rate))
		}
		frame, err := encoder.Encode(nil, pcm)
		if err != nil {
			return nil, err
		}
		out.frames = append(out.frames, frame)
	}
	return out, nil
}
