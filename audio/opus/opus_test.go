//go:build cgo

package opus

import (
	"errors"
	"slices"
	"testing"

	"legroom/audio"
	"legroom/internal/fault"
	"legroom/media/mediatest"
)

func encoder(t testing.TB, change func(*EncoderConfig)) *Encoder {
	t.Helper()
	cfg := DefaultConfig()
	if change != nil {
		change(&cfg)
	}
	e, err := NewEncoder(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	return e
}

func decoder(t testing.TB, rate int) *Decoder {
	t.Helper()
	d, err := NewDecoder(rate)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d
}

func TestToneThroughEveryRate(t *testing.T) {
	for _, rate := range []int{8000, 16000, 48000} {
		enc, dec := encoder(t, func(c *EncoderConfig) { c.Rate = rate }), decoder(t, rate)
		var out []int16
		for frame := range slices.Chunk(mediatest.Samples(mediatest.NewTone(rate, 1004, 0.5), rate), rate/50) {
			payload, err := enc.Encode(nil, frame)
			if err != nil {
				t.Fatal(err)
			}
			if out, err = dec.Decode(out, payload); err != nil {
				t.Fatal(err)
			}
		}
		if share := mediatest.ToneShare(out[rate/4:], rate, 1004); share < 0.99 || len(out) != rate {
			t.Errorf("%d Hz: %d samples, %.4f of them the tone", rate, len(out), share)
		}
	}
}

// With FEC the packet after a lost one brings most of it back; concealment alone cannot know a tone that was just begun.
func TestRedundancyBringsBackWhatWasLost(t *testing.T) {
	const rate, lost = 16000, 12
	enc := encoder(t, func(c *EncoderConfig) { c.Rate, c.LossPercent = rate, 25 })
	fec, plc := decoder(t, rate), decoder(t, rate)
	pcm := mediatest.Samples(mediatest.NewTone(rate, 250, 0.3), rate/2)
	for i := lost * 320; i < (lost+3)*320; i++ {
		pcm[i] = mediatest.Samples(mediatest.NewTone(rate, 700, 0.6), i+1-lost*320)[i-lost*320]
	}
	packets := make([][]byte, 0, 25)
	for frame := range slices.Chunk(pcm, 320) {
		p, err := enc.Encode(nil, frame)
		if err != nil {
			t.Fatal(err)
		}
		packets = append(packets, p)
	}
	for _, p := range packets[:lost] {
		_, _ = fec.Decode(nil, p)
		_, _ = plc.Decode(nil, p)
	}
	restored, err := fec.DecodeFEC(nil, packets[lost+1])
	if err != nil {
		t.Fatal(err)
	}
	guessed, err := plc.Conceal(nil, 320)
	if err != nil {
		t.Fatal(err)
	}
	share := mediatest.ToneShare(restored[160:], rate, 700)
	if guess := mediatest.ToneShare(guessed[160:], rate, 700); share < 0.7 || share < guess+0.3 || len(restored) != 320 {
		t.Errorf("the new tone is %.2f of what was restored, %.2f of what was guessed", share, guess)
	}
}

func TestWrongLengthsAndPackets(t *testing.T) {
	if _, err := encoder(t, nil).Encode(nil, make([]int16, 961)); !errors.Is(err, audio.ErrSamples) {
		t.Errorf("961 samples: %v, want ErrSamples", err)
	}
	dec := decoder(t, 48000)
	for name, p := range map[string][]byte{
		"empty": {}, "no frame count": {0xff}, "no frames": {0xff, 0}, "240 ms": {0xfb, 12, 0}, "bad lengths": {0xfe, 0xff, 0xff, 1},
	} {
		if out, err := dec.Decode(nil, p); !errors.Is(err, ErrPayload) || len(out) > 0 {
			t.Errorf("%s: %v, want ErrPayload", name, err)
		}
	}
	cfg := DefaultConfig()
	cfg.Bitrate, cfg.Complexity = 1, 11
	if faults := fault.All(cfg.Validate()); len(faults) != 2 {
		t.Errorf("faults %v, want bitrate and complexity", faults)
	}
	if _, err := NewDecoder(44100); err == nil {
		t.Error("44100 Hz was taken")
	}
}

func TestClosedCodecsSaySo(t *testing.T) {
	enc, dec := encoder(t, nil), decoder(t, 8000)
	enc.Close()
	dec.Close()
	_, e1 := enc.Encode(nil, make([]int16, 960))
	_, e2 := dec.Decode(nil, []byte{0xf8, 0xff, 0xfe})
	_, e3 := dec.Conceal(nil, 160)
	for _, err := range []error{e1, e2, e3, enc.SetBitrate(8000), enc.SetLoss(1)} {
		if !errors.Is(err, ErrClosed) {
			t.Errorf("%v, want ErrClosed", err)
		}
	}
}

func TestConcealAnyLength(t *testing.T) {
	dec := decoder(t, 8000)
	for _, n := range []int{0, 1, 37, 160, 961, 4000} {
		if out, err := dec.Conceal(nil, n); err != nil || len(out) != n {
			t.Errorf("%d samples: %d, %v", n, len(out), err)
		}
	}
}

func TestNoMemoryPerPacket(t *testing.T) {
	enc, dec := encoder(t, nil), decoder(t, 48000)
	tone := mediatest.Samples(mediatest.NewTone(48000, 400, 0.5), 960)
	payload, pcm := make([]byte, 0, 1500), make([]int16, 0, 960)
	n := testing.AllocsPerRun(50, func() {
		payload, _ = enc.Encode(payload[:0], tone)
		pcm, _ = dec.Decode(pcm[:0], payload)
	})
	if n != 0 {
		t.Fatalf("%v allocations a packet", n)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte{0xf8, 0xff, 0xfe})
	f.Add([]byte{0x4b, 0x41, 1, 2, 3})
	f.Fuzz(func(t *testing.T, p []byte) {
		out, err := decoder(t, 48000).Decode(nil, p)
		if err == nil && len(out) > 5760 {
			t.Fatalf("%d samples from one packet", len(out))
		}
	})
}

func BenchmarkEncode20ms(b *testing.B) {
	enc, noise := encoder(b, nil), mediatest.Samples(mediatest.NewNoise(1, 0.3), 48000)
	audioTone := mediatest.Samples(mediatest.NewChirp(48000, 100, 3000, 0.5, 0.4), 48000)
	for i := range noise {
		noise[i] = noise[i]/8 + audioTone[i]
	}
	payload := make([]byte, 0, 1500)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		at := i % 50 * 960
		payload, _ = enc.Encode(payload[:0], noise[at:at+960])
	}
}

func BenchmarkDecode20ms(b *testing.B) {
	enc, dec := encoder(b, nil), decoder(b, 48000)
	var packets [][]byte
	for frame := range slices.Chunk(mediatest.Samples(mediatest.NewChirp(48000, 100, 3000, 0.5, 0.4), 48000), 960) {
		p, _ := enc.Encode(nil, frame)
		packets = append(packets, p)
	}
	pcm := make([]int16, 0, 960)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		pcm, _ = dec.Decode(pcm[:0], packets[i%50])
	}
}
