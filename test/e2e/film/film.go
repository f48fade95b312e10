//go:build e2e

// Package film makes pictures that carry their number, as files and as packets, and reads the number back: what is lost, held
// or mixed up on the way is then known, picture by picture.
package film

import (
	"bufio"
	"fmt"
	"os"
	"testing"

	"legroom/hwaccel"
	"legroom/media"
	"legroom/media/payload"
)

const (
	// Blocks beside each other on the upper edge: white, black, and the number in Gray code, so that a picture between two
	// numbers has one of them.
	Blocks = 16
	bits   = Blocks - 2
	// Strip is which part of the height the blocks take.
	Strip = 12
)

// Picture is number n of a film: a moving gradient below the strip.
func Picture(width, height, n int) *media.Picture {
	p := hwaccel.NewPicture(width, height)
	for y := range height {
		row := p.Planes[0][y*p.Stride[0]:][:width]
		for x := range row {
			row[x] = byte(60 + (x+y+3*n)%128)
		}
	}
	for _, plane := range p.Planes[1:] {
		for i := range plane {
			plane[i] = 128
		}
	}
	gray := n ^ n>>1
	for block := range Blocks {
		luma := byte(16)
		if block == 0 || block > 1 && gray>>(bits-1-(block-2))&1 == 1 {
			luma = 235
		}
		for y := range height / Strip {
			row := p.Planes[0][y*p.Stride[0]:]
			for x := block * width / Blocks; x < (block+1)*width/Blocks; x++ {
				row[x] = luma
			}
		}
	}
	return p
}

// Number reads the strip of a picture that lies at x, y in the size of width and height; false where there is none.
func Number(p *media.Picture, x, y, width, height int) (n int, ok bool) {
	gray := 0
	for block := range Blocks {
		cx, cy := x+(2*block+1)*width/(2*Blocks), y+height/Strip/2
		sum := 0
		for dy := -2; dy <= 2; dy++ {
			for dx := -2; dx <= 2; dx++ {
				sum += int(p.Planes[0][(cy+dy)*p.Stride[0]+cx+dx])
			}
		}
		white := sum/25 > 125
		switch block {
		case 0:
			ok = white
		case 1:
			ok = ok && !white
		default:
			gray <<= 1
			if white {
				gray |= 1
			}
		}
	}
	for g := gray; g > 0; g >>= 1 {
		n ^= g
	}
	return n, ok
}

// Y4M writes a film for Chromium's fake camera, which plays it over and over.
func Y4M(t *testing.T, name string, width, height, rate, frames int) {
	t.Helper()
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	fmt.Fprintf(w, "YUV4MPEG2 W%d H%d F%d:1 Ip A1:1 C420mpeg2\n", width, height, rate)
	for n := range frames {
		p := Picture(width, height, n)
		fmt.Fprintln(w, "FRAME")
		for i, plane := range p.Planes {
			cw, ch := width, height
			if i > 0 {
				cw, ch = width/2, height/2
			}
			for y := range ch {
				_, _ = w.Write(plane[y*p.Stride[i]:][:cw])
			}
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
}

// Packets encodes a film in H.264 of packetization mode 1, a key frame every second, and cuts it: the packets of each picture.
func Packets(t *testing.T, device hwaccel.Device, width, height, rate, frames, bitrate int) [][]*media.Packet {
	t.Helper()
	enc, err := device.OpenEncoder(hwaccel.EncoderConfig{
		Codec: media.Codec{Name: media.H264, ClockRate: 90000}, Width: width, Height: height, FrameRate: rate, Bitrate: bitrate, KeyInterval: rate,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer enc.Close()
	var all [][]*media.Packet
	cut := payload.NewH264Packetizer(payload.H264PacketizerConfig{MTU: 1200, Mode: 1}, media.SinkFunc[*media.Packet](func(p *media.Packet) error {
		all[len(all)-1] = append(all[len(all)-1], p.Clone())
		return nil
	}))
	for n := range frames {
		p := Picture(width, height, n)
		p.Timestamp = uint32(n * 90000 / rate)
		all = append(all, nil)
		if err := enc.Encode(p, media.SinkFunc[*media.Frame](cut.Write)); err != nil {
			t.Fatal(err)
		}
	}
	return all
}
