//go:build e2e

// Package wave reads and writes the sound files that the test phones speak from and record to.
package wave

import (
	"encoding/binary"
	"errors"
	"math"
	"os"
)

// Tone makes a mono 16-bit WAV file of a sine; frequency 0 is silence.
func Tone(freq, dbfs float64, rate, seconds int) []byte {
	n := rate * seconds
	b := make([]byte, HeaderBytes, HeaderBytes+2*n)
	copy(b, "RIFF\x00\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00")
	binary.LittleEndian.PutUint32(b[4:], uint32(36+2*n))
	binary.LittleEndian.PutUint32(b[24:], uint32(rate))
	binary.LittleEndian.PutUint32(b[28:], uint32(2*rate))
	copy(b[32:], "\x02\x00\x10\x00data")
	binary.LittleEndian.PutUint32(b[40:], uint32(2*n))
	amplitude := 32767 * math.Pow(10, dbfs/20)
	for i := range n {
		v := 0.0
		if freq > 0 {
			v = amplitude * math.Sin(2*math.Pi*freq*float64(i)/float64(rate))
		}
		b = binary.LittleEndian.AppendUint16(b, uint16(int16(math.Round(v))))
	}
	return b
}

// Read reads a 16-bit file that may still be written to, so the sizes in its header are not believed.
func Read(name string) ([]int16, int, error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, 0, err
	}
	if len(b) < HeaderBytes || string(b[:4]) != "RIFF" {
		return nil, 0, errors.New("wave: not a WAV file: " + name)
	}
	channels := int(binary.LittleEndian.Uint16(b[22:]))
	rate := int(binary.LittleEndian.Uint32(b[24:]))
	at := 12
	for at+8 <= len(b) && string(b[at:at+4]) != "data" {
		at += 8 + int(binary.LittleEndian.Uint32(b[at+4:]))
	}
	return Samples(b[min(at+8, len(b)):], channels), rate, nil
}

// HeaderBytes is the length of the plain header that Tone and most recorders write.
const HeaderBytes = 44

// Samples reads 16-bit little-endian samples; of more channels than one the first is taken.
func Samples(data []byte, channels int) []int16 {
	samples := make([]int16, 0, len(data)/(2*channels))
	for i := 0; i+2*channels <= len(data); i += 2 * channels {
		samples = append(samples, int16(binary.LittleEndian.Uint16(data[i:])))
	}
	return samples
}
