package g722

import (
	"bytes"
	"encoding/binary"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"legroom/audio"
	"legroom/media/mediatest"
)

var update = flag.Bool("update", false, "write the golden vectors anew, from FFmpeg")

// vectors are the sounds the golden files hold, 16 bit little endian at 16000 Hz.
func vectors() map[string][]int16 {
	speechLike := make([]int16, 0, 8000)
	noise := mediatest.NewNoise(7, 0.7)
	for i := range 10 {
		burst := mediatest.Samples(noise, 800)
		audio.Gain(burst, float32(i%3)/3, float32((i+1)%3)/3)
		speechLike = append(speechLike, burst...)
	}
	square := make([]int16, 4000)
	for i := range square {
		square[i] = 32767
		if i/23%2 == 1 {
			square[i] = -32768
		}
	}
	return map[string][]int16{
		"chirp":  mediatest.Samples(mediatest.NewChirp(Rate, 50, 7900, 0.5, 0.9), 8000),
		"noise":  speechLike,
		"square": square,
	}
}

// FFmpeg's adpcm_g722 stands for the reference: its results are kept in testdata, and asked for again where it is installed.
func TestGoldenVectors(t *testing.T) {
	if *update {
		writeGolden(t)
	}
	for name, pcm := range vectors() {
		t.Run(name, func(t *testing.T) {
			code := golden(t, name+".g722")
			decoded := samplesOf(golden(t, name+".s16"))
			got, err := NewDecoder().Decode(nil, code)
			if err != nil {
				t.Fatal(err)
			}
			if at := firstDifference(got, decoded); at >= 0 {
				t.Errorf("decoded sample %d of %d differs", at, len(decoded))
			}
			enc, err := NewEncoder().Encode(nil, pcm)
			if err != nil {
				t.Fatal(err)
			}
			if at := firstDifference(enc, code); at >= 0 {
				t.Errorf("byte %d of %d differs", at, len(code))
			}
		})
	}
}

func TestAgainstFFmpeg(t *testing.T) {
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		t.Skip("no ffmpeg here: the golden vectors are tested alone")
	}
	codes := make([]byte, 4000)
	for i, s := range mediatest.Samples(mediatest.NewNoise(3, 1), len(codes)) {
		codes[i] = byte(s)
	}
	for name, pcm := range vectors() {
		ours, _ := NewEncoder().Encode(nil, pcm)
		if theirs := ffmpegEncode(t, pcm); !bytes.Equal(ours, theirs) {
			t.Errorf("%s: we encode other bytes than FFmpeg", name)
		}
	}
	ours, _ := NewDecoder().Decode(nil, codes)
	if at := firstDifference(ours, ffmpegDecode(t, codes)); at >= 0 {
		t.Errorf("random codes: sample %d is decoded in another way than by FFmpeg", at)
	}
}

func TestToneKeepsItsQuality(t *testing.T) {
	for _, freq := range []float64{300, 1004, 3000, 6000} {
		tone := mediatest.Samples(mediatest.NewTone(Rate, freq, 0.5), Rate)
		code, _ := NewEncoder().Encode(nil, tone)
		back, _ := NewDecoder().Decode(nil, code)
		if share := mediatest.ToneShare(back[1000:], Rate, freq); share < 0.995 {
			t.Errorf("%v Hz: %.4f of what is heard is the tone", freq, share)
		}
	}
}

func TestSilenceIsOneCode(t *testing.T) {
	enc, dec := NewEncoder(), NewDecoder()
	code, _ := enc.Encode(nil, make([]int16, Rate))
	checkSilence(t, code[12:])
	back, _ := dec.Decode(nil, bytes.Repeat([]byte{Silence}, Rate))
	if slices.ContainsFunc(back, func(s int16) bool { return s != 0 }) {
		t.Error("a decoder at rest makes sound of silence")
	}
	// After sound the one code begins as soon as encoder and decoder have come to rest.
	sound, _ := enc.Encode(nil, mediatest.Samples(mediatest.NewTone(Rate, 700, 0.9), Rate))
	code, _ = enc.Encode(nil, make([]int16, Rate))
	checkSilence(t, code[Rate/20:])
	_, _ = dec.Decode(nil, sound)
	back, _ = dec.Decode(nil, code)
	for i, s := range back[Rate/4:] {
		if s < -4 || s > 4 {
			t.Fatalf("sample %d of silence after sound is %d", i, s)
		}
	}
}

func checkSilence(t *testing.T, code []byte) {
	t.Helper()
	for i, c := range code {
		if c != Silence {
			t.Fatalf("byte %d of silence is %#02x", i, c)
		}
	}
}

func TestOddNumberOfSamples(t *testing.T) {
	if _, err := NewEncoder().Encode(nil, make([]int16, 5)); !errors.Is(err, audio.ErrSamples) {
		t.Fatalf("error %v, want ErrSamples", err)
	}
}

func TestNoMemoryPerPacket(t *testing.T) {
	enc, dec := NewEncoder(), NewDecoder()
	pcm, code := make([]int16, 0, 320), make([]byte, 0, 160)
	tone := mediatest.Samples(mediatest.NewTone(Rate, 400, 0.5), 320)
	n := testing.AllocsPerRun(100, func() {
		out, _ := enc.Encode(code[:0], tone)
		_, _ = dec.Decode(pcm[:0], out)
		_, _ = dec.Conceal(pcm[:0], 320)
	})
	if n != 0 {
		t.Fatalf("%v allocations a packet", n)
	}
}

func BenchmarkEncode20ms(b *testing.B) {
	enc, code := NewEncoder(), make([]byte, 0, 160)
	pcm := vectors()["noise"]
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		at := i % 20 * 320
		code, _ = enc.Encode(code[:0], pcm[at:at+320])
	}
}

func BenchmarkDecode20ms(b *testing.B) {
	dec, pcm := NewDecoder(), make([]int16, 0, 320)
	code, _ := NewEncoder().Encode(nil, vectors()["noise"])
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		at := i % 20 * 160
		pcm, _ = dec.Decode(pcm[:0], code[at:at+160])
	}
}

func golden(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func writeGolden(t *testing.T) {
	t.Helper()
	for name, pcm := range vectors() {
		code := ffmpegEncode(t, pcm)
		for file, b := range map[string][]byte{
			name + ".g722": code, name + ".s16": bytesOf(ffmpegDecode(t, code)),
		} {
			if err := os.WriteFile(filepath.Join("testdata", file), b, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func ffmpegEncode(t *testing.T, pcm []int16) []byte {
	t.Helper()
	return ffmpeg(t, bytesOf(pcm), "-f", "s16le", "-ar", "16000", "-ac", "1", "-i", "-", "-c:a", "g722", "-f", "g722", "-")
}

func ffmpegDecode(t *testing.T, code []byte) []int16 {
	t.Helper()
	return samplesOf(ffmpeg(t, code, "-f", "g722", "-i", "-", "-f", "s16le", "-c:a", "pcm_s16le", "-"))
}

func ffmpeg(t *testing.T, in []byte, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "ffmpeg", append([]string{"-v", "error"}, args...)...)
	cmd.Stdin = bytes.NewReader(in)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("ffmpeg: %v", err)
	}
	return out
}

func bytesOf(pcm []int16) []byte {
	out := make([]byte, 0, 2*len(pcm))
	for _, s := range pcm {
		out = binary.LittleEndian.AppendUint16(out, uint16(s))
	}
	return out
}

func samplesOf(b []byte) []int16 {
	out := make([]int16, 0, len(b)/2)
	for c := range slices.Chunk(b, 2) {
		out = append(out, int16(binary.LittleEndian.Uint16(c)))
	}
	return out
}

// firstDifference is the first place at which a and b differ, their lengths included; -1 if they do not.
func firstDifference[T comparable](a, b []T) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	if len(a) != len(b) {
		return min(len(a), len(b))
	}
	return -1
}
