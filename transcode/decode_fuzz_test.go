package transcode_test

import (
	"testing"
	"time"

	"legroom/audio/opus"
	"legroom/media"
	"legroom/transcode"
)

// FuzzDecode: whatever comes in whatever order, the stage stands, and its sound is bounded by what a packet can hold.
func FuzzDecode(f *testing.F) {
	f.Add(uint8(0), uint16(1), uint32(160), []byte{0xff, 0x00})
	f.Add(uint8(3), uint16(65535), uint32(1<<31), []byte{0x78, 1, 2, 3})
	f.Add(uint8(2), uint16(3), uint32(0), []byte{})
	f.Fuzz(func(t *testing.T, which uint8, seq uint16, stamp uint32, payload []byte) {
		if len(payload) > 1500 {
			payload = payload[:1500]
		}
		c, heard := codec(names[int(which)%len(names)], 20), &sound{}
		d, err := transcode.NewDecode(c, heard)
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		for i := range uint16(6) {
			p := &media.Packet{}
			p.SequenceNumber, p.Timestamp, p.Payload = i*seq, uint32(i)*stamp, payload
			_ = d.Write(p)
		}
		if limit := 6 * 2 * (len(payload)*2 + c.SampleRate()*12/100); len(heard.samples) > limit {
			t.Errorf("%d samples of %d bytes", len(heard.samples), len(payload))
		}
	})
}

// TestTimeline: a pause of the source is one of the packets, a source that begins anew follows on.
func TestTimeline(t *testing.T) {
	c := codec(media.PCMU, 20)
	for name, jump := range map[string]struct {
		source uint32
		packet uint32
	}{
		"no pause":         {0, 160},
		"a pause":          {4000, 4160},
		"beginning anew":   {1 << 30, 160},
		"jumping backward": {^uint32(0) - 7999, 160},
	} {
		t.Run(name, func(t *testing.T) {
			out := &tape{}
			e, err := transcode.NewEncode(transcode.EncodeConfig{Codec: c, Opus: opus.DefaultConfig()}, out)
			if err != nil {
				t.Fatal(err)
			}
			defer e.Close()
			for i := range uint32(4) {
				at := i*160 + 8000
				if i >= 2 {
					at += jump.source
				}
				_ = e.Write(&media.PCM{Samples: make([]int16, 160), Rate: 8000, Timestamp: at, Level: 30})
			}
			for i, want := range []uint32{160, jump.packet, 160} {
				if got := out.packets[i+1].Timestamp - out.packets[i].Timestamp; got != want {
					t.Errorf("packet %d is %d ticks behind the last, want %d", i+1, got, want)
				}
			}
			if d := transcode.PacketTime(c); d != 20*time.Millisecond {
				t.Errorf("packet time %v", d)
			}
		})
	}
}
