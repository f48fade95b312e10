package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"legroom/audio"
	"legroom/audio/g722"
)

// Finish of a prompt.
const (
	wantRMS   = -20.0 // dB below full scale, over what is speech
	wantPeak  = 0.9
	leadIn    = g722.Rate * 30 / 1000 // kept before the first sound
	leadOut   = g722.Rate * 80 / 1000 // and behind the last
	quietStep = g722.Rate / 100
)

// speak makes sound at 16000 Hz of a text. A voice is "PROGRAM, VOICE".
func speak(ctx context.Context, voice, text string) ([]int16, error) {
	dir, err := os.MkdirTemp("", "prompts")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	wav, raw := filepath.Join(dir, "a.wav"), filepath.Join(dir, "a.raw")
	program, name, _ := strings.Cut(voice, ", ")
	treble := "0"
	switch program {
	case "festival":
		err = runWith(ctx, text, "text2wave", "-eval", "(voice_"+name+")", "-o", wav)
	case "espeak-ng":
		err = runWith(ctx, text, "espeak-ng", "-v", name, "-s", "140", "-p", "42", "-g", "1", "-w", wav, "--stdin")
		treble = "-7" // its highs are some 7 dB stronger than a person's
	default:
		err = fmt.Errorf("no program speaks %q", voice)
	}
	if err != nil {
		return nil, err
	}
	// A gentle high-pass takes off the rumble that telephones cannot carry.
	if err := runWith(ctx, "", "sox", wav, "-t", "raw", "-e", "signed", "-b", "16", "-L", "-c", "1", raw,
		"gain", "-6", "highpass", "90", "treble", treble, "2500", "rate", "-h", "16000"); err != nil {
		return nil, err
	}
	b, err := os.ReadFile(raw)
	if err != nil {
		return nil, err
	}
	pcm := make([]int16, 0, len(b)/2)
	for c := range slices.Chunk(b, 2) {
		pcm = append(pcm, int16(binary.LittleEndian.Uint16(c)))
	}
	return pcm, nil
}

func runWith(ctx context.Context, in, program string, args ...string) error {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Stdin = strings.NewReader(in)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", program, err, out)
	}
	return nil
}

// finish trims silence, brings speech to one loudness and fades the ends.
func finish(pcm []int16) []int16 {
	// Some voices begin or end without any silence.
	pcm = slices.Concat(make([]int16, leadIn), pcm, make([]int16, leadOut))
	loudest := 0.0
	for c := range slices.Chunk(pcm, quietStep) {
		loudest = max(loudest, rms(c))
	}
	// Speech is what is less than 40 dB below the loudest.
	from, to, sum, n := len(pcm), 0, 0.0, 0
	for at := 0; at < len(pcm); at += quietStep {
		c := pcm[at:min(at+quietStep, len(pcm))]
		if level := rms(c); level > loudest/100 {
			from, to = min(from, at), at+len(c)
			sum, n = sum+level*level, n+1
		}
	}
	pcm = slices.Clone(pcm[max(from-leadIn, 0):min(to+leadOut, len(pcm))])
	gain := math.Pow(10, wantRMS/20) / math.Sqrt(sum/float64(n))
	wide := make([]int32, len(pcm))
	for i, v := range pcm {
		wide[i] = int32(math.Round(float64(v) * gain / wantPeak))
	}
	// The limiter takes the few peaks; what it lets through is brought down to the peak wanted.
	audio.NewLimiter(g722.Rate).Process(pcm, wide)
	audio.Gain(pcm, wantPeak, wantPeak)
	audio.Gain(pcm[:leadIn/2], 0, 1)
	audio.Gain(pcm[len(pcm)-leadOut/2:], 1, 0)
	return pcm
}

func rms(pcm []int16) float64 {
	var sum float64
	for _, v := range pcm {
		sum += float64(v) * float64(v)
	}
	return math.Sqrt(sum/float64(max(len(pcm), 1))) / 32768
}
